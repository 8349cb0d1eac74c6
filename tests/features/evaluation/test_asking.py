"""A real store that is asked for its own pictures."""

from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.errors import TooFewPicturesError
from features.evaluation import Kind, Probe, ask, measure, own_probes, photo_probes, probe_image
from features.evaluation.queries import LabelledQuery
from features.extractors import Extractor
from features.pipeline import build_store
from features.search import SearchService
from features.types import Box
from tests.helpers import (
    CountingExtractor,
    drawing,
    encoded,
    picture,
    pictures_in,
    write_catalog,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> Path:
    """A store of two products with two pictures that are alike, and four with one."""
    folder = tmp_path_factory.mktemp("own")
    rows = []
    for number in range(8):
        product = number if number < 6 else number - 6
        small = drawing(product, (96, 72) if number < 6 else (80, 64))
        (folder / f"{number}.png").write_bytes(encoded(small))
        rows.append({"id": f"p{product}", "image": f"{number}.png"})
    build_store(
        read_catalog(write_catalog(folder, rows)), pictures_in(folder), folder / "store", extractor
    )
    return folder


@pytest.fixture
def service(folder: Path, extractor: Extractor) -> SearchService:
    return SearchService(folder / "store", extractor)


def test_pictures_find_their_products_without_themselves(service: SearchService) -> None:
    heard: list[None] = []
    probes = own_probes(service.view)
    answers = ask(service, probes, on_probe=lambda: heard.append(None))
    assert len(heard) == len(answers.outcomes) == len(probes) == 8
    assert answers.unreadable == 0
    recall = measure(answers.outcomes).metrics["recall@1"]
    assert recall is not None
    assert recall.value >= 7 / 8
    own = [one for one in answers.outcomes if one.probe.kind is Kind.TAKEN_OUT]
    assert len(own) == 4
    for outcome in own:
        assert outcome.probe.content_hash not in {found.content_hash for found in outcome.found}


def test_only_altered_pictures_are_embedded(folder: Path, counting: CountingExtractor) -> None:
    service = SearchService(folder / "store", counting)
    ask(service, own_probes(service.view))
    assert counting.embedded == 4


def test_a_seed_asks_the_same_again_and_another_something_else(service: SearchService) -> None:
    probes = [probe for probe in own_probes(service.view) if probe.kind is Kind.ALTERED]
    assert ask(service, probes) == ask(service, probes)
    assert ask(service, probes) != ask(service, probes, seed=1)


def test_pictures_that_are_gone_are_counted_and_the_rest_goes_on(
    tmp_path: Path, extractor: Extractor
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(picture(number))
    rows = [{"id": f"p{n}", "image": f"{n}.png"} for n in range(3)]
    store = tmp_path / "store"
    catalog = read_catalog(write_catalog(tmp_path, rows))
    build_store(catalog, pictures_in(tmp_path), store, extractor)
    (tmp_path / "0.png").unlink()
    (tmp_path / "1.png").write_bytes(b"no picture any more")
    service = SearchService(store, extractor)
    answers = ask(service, own_probes(service.view))
    assert (len(answers.outcomes), answers.unreadable) == (1, 2)
    (tmp_path / "2.png").unlink()
    with pytest.raises(TooFewPicturesError, match="extract"):
        ask(service, own_probes(service.view))


def test_a_picture_that_left_the_store_meanwhile_is_counted(service: SearchService) -> None:
    probes = own_probes(service.view)
    left = Probe("p0", "0" * 32, Kind.TAKEN_OUT)
    answers = ask(service, [left, *probes])
    assert (len(answers.outcomes), answers.unreadable) == (len(probes), 1)


def test_photos_are_asked_for_with_their_boxes(folder: Path, service: SearchService) -> None:
    half = Box(0, 0, 0.5, 1)
    queries = [LabelledQuery(folder / "2.png", "p2", "", box) for box in (None, half)]
    whole, part = ask(service, photo_probes(queries)).outcomes
    assert whole.rank == 1
    assert whole.found[0].distance == pytest.approx(0, abs=1e-6)
    assert part.found[0].distance > 0.01
    assert probe_image(service, part.probe).size == (48, 72)
