"""A store of an image-text model by the real commands, from a folder of weights."""

import json
from pathlib import Path

from features.extractors import extractor_of
from features.search import open_service
from features.store import StoreSet
from features.types import TextQuery
from tests.helpers import run_python
from tests.tiny_models import COLOURS, uform_folder, write_colours

NAME = "uform3_multilingual_base"


def test_a_catalogue_becomes_a_store_that_words_search(tmp_path: Path) -> None:
    weights = uform_folder(tmp_path / "model")
    feed = write_colours(tmp_path / "shop")
    options = ["--store", tmp_path / "stores", "--extractor", NAME, "--json"]
    done = run_python("scripts/extract_features.py", feed, *options, "--weights", weights)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    store = StoreSet(tmp_path / "stores").folder_of(NAME)
    assert extractor_of(store, weights).spec.name == NAME
    service = open_service(tmp_path / "stores", weights=weights)
    for colour in COLOURS:
        result = service.blend((), (), text=TextQuery(f"a {colour} thing"))
        assert result.hits[0].product.id == colour


def test_weights_that_are_no_model_end_the_command_with_the_way_out(tmp_path: Path) -> None:
    feed = write_colours(tmp_path / "shop")
    options = ["--store", tmp_path / "stores", "--extractor", NAME, "--weights", tmp_path]
    done = run_python("scripts/extract_features.py", feed, *options)
    assert done.returncode != 0
    assert "image_encoder.onnx" in done.stderr
    assert "Traceback" not in done.stderr
