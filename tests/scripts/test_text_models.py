"""A store of an image-text model by the real commands, from a folder of weights."""

import json
from pathlib import Path

from features.catalog import read_catalog
from features.extractors import Weights, extractor_of
from features.search import open_service
from features.store import StoreSet
from features.sync import SyncOptions, sync_stores
from features.types import TextQuery
from tests.helpers import run_python
from tests.tiny_models import COLOURS, clip_folder, uform_folder, write_colours

NAME = "uform3_multilingual_base"


def test_a_catalogue_becomes_a_store_that_words_search(tmp_path: Path) -> None:
    weights = uform_folder(tmp_path / "model")
    feed = write_colours(tmp_path / "shop")
    options = ["--store", tmp_path / "stores", "--extractor", NAME, "--json"]
    done = run_python("scripts/extract_features.py", feed, *options, "--weights", weights)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    store = StoreSet(tmp_path / "stores").folder_of(NAME)
    assert extractor_of(store, Weights(weights)).spec.name == NAME
    service = open_service(tmp_path / "stores", weights=Weights(weights))
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


def test_the_models_of_a_set_have_weights_of_their_own(tmp_path: Path) -> None:
    feed = write_colours(tmp_path / "shop")
    text = (
        f"{NAME}={uform_folder(tmp_path / 'uform')},clip_vit_b32={clip_folder(tmp_path / 'clip')}"
    )
    stores, weights = StoreSet(tmp_path / "stores"), Weights.parse(text)
    names = (NAME, "clip_vit_b32")
    sync_stores(stores, read_catalog(feed), SyncOptions(extractors=names, weights=weights))
    options = ["--store", stores.folder, "--json", "--weights", text]
    done = run_python("scripts/extract_features.py", feed, *options)
    assert done.returncode == 0, done.stderr
    for name in names:
        service = open_service(stores.folder, extractor=name, weights=weights)
        assert service.blend((), (), text=TextQuery("blue")).hits[0].product.id == "blue"


def test_weights_for_an_extractor_that_is_none_are_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    options = ["--store", tmp_path / "stores", "--weights", "uform=models/uform"]
    done = run_python("scripts/extract_features.py", tmp_path / "none.csv", *options)
    assert done.returncode == 2
    assert "no extractor of that name takes any; choose of vgg16" in done.stderr
