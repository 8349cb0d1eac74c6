"""Searching with an emphasis on colour or on shape."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from features.catalog import read_catalog
from features.errors import InvalidQueryError, NoEmphasisError
from features.extractors import Extractor, load_extractor
from features.extractors.coloured import ColouredExtractor
from features.filters import parse_filters
from features.parts import weighted
from features.pipeline import build_store
from features.search import SearchService, open_service
from features.store import StoreSet, open_store
from features.types import Emphasis, Metric, Query, SearchResult, TextQuery, Wanted
from tests.adapted import add_adapted_store
from tests.helpers import drawing, encoded, picture, pictures_in, shop, write_catalog

COLOURS = {"red": "#c4302b", "green": "#2f8f46", "blue": "#2b56c4", "yellow": "#e2bf2a"}
SHAPES = ("disc", "cross", "bars")
OTHERS = (Emphasis.COLOUR, Emphasis.SHAPE)


def drawn(shape: str, colour: str, shift: int = 0) -> bytes:
    """A shape on white; somewhat smaller for another shift."""
    image = Pillow.new("RGB", (160, 160), "white")
    pen = ImageDraw.Draw(image)
    low, high = 20 + shift, 140 - shift
    boxes = {
        "disc": [],
        "cross": [(low, 66, high, 94), (66, low, 94, high)],
        "bars": [(low, at, high, at + 14) for at in (30, 60, 90, 120)],
    }[shape]
    for box in boxes:
        pen.rectangle(box, fill=COLOURS[colour])
    if shape == "disc":
        pen.ellipse((low, low, high, high), fill=COLOURS[colour])
    return encoded(image)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> Path:
    """A product of each shape in each colour."""
    folder = tmp_path_factory.mktemp("shapes")
    rows = []
    for shape in SHAPES:
        for colour in COLOURS:
            name = f"{shape}-{colour}"
            (folder / f"{name}.png").write_bytes(drawn(shape, colour))
            rows.append({"id": name, "category": shape, "image": f"{name}.png"})
    feed = write_catalog(folder, rows)
    build_store(read_catalog(feed), pictures_in(folder), folder / "store", extractor)
    return folder / "store"


@pytest.fixture(scope="module")
def service(store: Path, extractor: Extractor) -> SearchService:
    return SearchService(store, extractor)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> StoreSet:
    """A plain store, and an adapted one that is the default."""
    folder = tmp_path_factory.mktemp("adapted")
    stores = StoreSet(folder / "stores")
    plain = stores.place_for(extractor.spec.name)
    build_store(read_catalog(shop(folder, 6)), pictures_in(folder), plain, extractor)
    stores.add(extractor.spec.name, plain)
    add_adapted_store(stores)
    return stores


def ids(result: SearchResult) -> list[str]:
    return [hit.product.id for hit in result.hits]


def test_colour_finds_things_of_one_colour_and_shape_those_of_one_shape(
    service: SearchService,
) -> None:
    photo = Query(drawn("cross", "green", shift=8))
    colour = ids(service.search(photo, Wanted(limit=3, emphasis=Emphasis.COLOUR)))
    shape = ids(service.search(photo, Wanted(limit=4, emphasis=Emphasis.SHAPE)))
    assert sorted(colour) == sorted(f"{shape}-green" for shape in SHAPES)
    assert sorted(shape) == sorted(f"cross-{colour}" for colour in COLOURS)


def test_balanced_is_the_search_without_an_emphasis(service: SearchService) -> None:
    photo = Query(drawn("bars", "red", shift=8))
    usual = service.search(photo).hits
    for emphasis in Emphasis:
        service.search(photo, Wanted(emphasis=emphasis))
    assert service.search(photo, Wanted(emphasis=Emphasis.BALANCED)).hits == usual


@pytest.mark.parametrize("emphasis", OTHERS)
def test_distances_are_those_of_the_weighted_vectors(
    service: SearchService, extractor: Extractor, emphasis: Emphasis
) -> None:
    assert extractor.parts is not None
    weights = extractor.parts.weights(emphasis).astype(np.float64)
    found = service.similar("disc-red", Wanted(emphasis=emphasis))
    assert len(found.hits) == len(SHAPES) * len(COLOURS) - 1
    for hit in found.hits:
        one, other = (
            service.view.vector(service.view.rows_of(name)[0]) * weights
            for name in ("disc-red", hit.product.id)
        )
        apart = np.linalg.norm(one / np.linalg.norm(one) - other / np.linalg.norm(other))
        assert hit.distance == pytest.approx(apart, abs=1e-6)


def test_a_weighted_vector_is_the_one_of_an_extractor_that_weighs_so(extractor: Extractor) -> None:
    assert extractor.parts is not None
    plain = load_extractor("efficientnet_lite2_layers_int8")
    other = ColouredExtractor("other", plain, 1.5)
    images = [drawing(number) for number in range(3)]
    made = weighted(extractor.embed(images), extractor.parts.weights(Emphasis.COLOUR))
    np.testing.assert_allclose(made, other.embed(images), atol=1e-6)


@pytest.mark.parametrize("emphasis", OTHERS)
def test_the_identical_picture_is_first_and_similarities_fall(
    service: SearchService, emphasis: Emphasis
) -> None:
    hits = service.search(Query(drawn("bars", "blue")), Wanted(emphasis=emphasis)).hits
    assert (hits[0].product.id, hits[0].distance, hits[0].similarity) == ("bars-blue", 0.0, 100.0)
    similarities = [hit.similarity for hit in hits]
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[-1] < 60


@pytest.mark.parametrize("emphasis", OTHERS)
def test_filters_thresholds_and_pages_hold(service: SearchService, emphasis: Emphasis) -> None:
    wanted = Wanted(emphasis=emphasis, limit=100)
    every = service.similar("cross-red", wanted).hits
    crosses = parse_filters(["category:cross"])
    narrowed = service.similar("cross-red", replace(wanted, filters=crosses)).hits
    assert narrowed == tuple(hit for hit in every if hit.product.category == "cross")
    least = every[5].similarity
    similar = service.similar("cross-red", replace(wanted, threshold=least)).hits
    assert similar == tuple(hit for hit in every if hit.similarity >= least)
    pages = [service.similar("cross-red", replace(wanted, limit=4, offset=n)) for n in (0, 4, 8)]
    assert tuple(hit for page in pages for hit in page.hits) == every


def test_all_metrics_tell_the_same_order(service: SearchService) -> None:
    hits = service.similar("disc-blue", Wanted(emphasis=Emphasis.COLOUR)).hits
    for metric in Metric:
        told = [metric.of(hit.distance) for hit in hits]
        assert told == sorted(told)


@pytest.mark.parametrize("emphasis", OTHERS)
def test_a_change_of_the_store_is_seen(
    tmp_path: Path, extractor: Extractor, emphasis: Emphasis
) -> None:
    source, store = pictures_in(tmp_path), tmp_path / "store"
    wanted = Wanted(emphasis=emphasis)
    build_store(read_catalog(shop(tmp_path, 3)), source, store, extractor)
    service = SearchService(store, extractor)
    assert len(service.search(Query(picture(4)), wanted).hits) == 3
    build_store(read_catalog(shop(tmp_path, 5)), source, store, extractor)
    assert ids(service.search(Query(picture(4)), wanted))[0] == "p04"


def test_words_that_name_a_value_go_with_an_emphasis(service: SearchService) -> None:
    wanted = Wanted(limit=2, emphasis=Emphasis.COLOUR)
    result = service.search(Query(drawn("disc", "blue")), wanted, text=TextQuery("bars"))
    assert ids(result)[0] == "bars-blue"


def test_words_alone_have_no_emphasis(service: SearchService) -> None:
    with pytest.raises(InvalidQueryError, match="emphasis"):
        service.words("cross", Wanted(emphasis=Emphasis.SHAPE))


def test_an_extractor_without_colours_says_which_one_has_them(tmp_path: Path) -> None:
    plain = load_extractor("efficientnet_lite0")
    build_store(read_catalog(shop(tmp_path, 2)), pictures_in(tmp_path), tmp_path / "s", plain)
    service = SearchService(tmp_path / "s", plain)
    assert not service.emphasised_by
    assert service.search(Query(picture(1)), Wanted(emphasis=Emphasis.BALANCED)).hits
    with pytest.raises(NoEmphasisError, match="extract the catalogue with efficientnet_lite2_shop"):
        service.search(Query(picture(1)), Wanted(emphasis=Emphasis.COLOUR))


def test_an_adapted_store_names_the_plain_one_beside_it(
    stores: StoreSet, extractor: Extractor
) -> None:
    service = open_service(stores.folder, loaded=[extractor])
    assert service.emphasised_by == extractor.spec.name
    with pytest.raises(NoEmphasisError, match=f"extractor={extractor.spec.name}"):
        service.similar("p01", Wanted(emphasis=Emphasis.SHAPE))
    plain = open_service(stores.folder, extractor=service.emphasised_by, loaded=[extractor])
    assert ids(plain.search(Query(picture(1)), Wanted(emphasis=Emphasis.SHAPE)))[0] == "p01"


def test_pictures_that_are_all_alike_keep_the_store_s_similarities(
    tmp_path: Path, extractor: Extractor
) -> None:
    shop(tmp_path, 1)
    rows = [{"id": name, "image": "00.png"} for name in ("a", "b")]
    feed = write_catalog(tmp_path, rows)
    build_store(read_catalog(feed), pictures_in(tmp_path), tmp_path / "s", extractor)
    hits = (
        SearchService(tmp_path / "s", extractor)
        .search(Query(picture(0)), Wanted(emphasis=Emphasis.COLOUR))
        .hits
    )
    assert [(hit.product.id, hit.similarity) for hit in hits] == [("a", 100.0), ("b", 100.0)]
    assert open_store(tmp_path / "s").version == 1
