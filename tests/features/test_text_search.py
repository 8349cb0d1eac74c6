"""Words that find pictures, alone and beside a photo, with a tiny model of colours."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from features.catalog import read_catalog
from features.errors import InvalidQueryError, NoTextSideError
from features.extractors import Extractor, TextExtractor, load_extractor
from features.filters import parse_filters
from features.pipeline import build_store
from features.search import SearchService, words
from features.text import LONGEST_QUERY
from features.types import Filter, Query, SearchResult, TextQuery, Wanted
from tests.helpers import encoded, pictures_in
from tests.tiny_models import COLOURS, uform_folder, write_colours

USUAL = Wanted()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    """A store of a product in each colour."""
    folder = tmp_path_factory.mktemp("colours")
    extractor = load_extractor("uform3_english_small", uform_folder(folder / "model"))
    feed = read_catalog(write_colours(folder / "shop"))
    build_store(feed, pictures_in(folder / "shop"), folder / "store", extractor)
    return SearchService(folder / "store", extractor)


def found(result: SearchResult) -> list[str]:
    return [hit.product.id for hit in result.hits]


def photo(left: str, right: str) -> bytes:
    """A picture of one colour beside another."""
    image = Pillow.new("RGB", (64, 64), left)
    image.paste(right, (32, 0, 64, 64))
    return encoded(image)


def ask(service: SearchService, text: str, wanted: Wanted = USUAL) -> SearchResult:
    return service.blend((), (), wanted, TextQuery(text))


@pytest.mark.parametrize("colour", list(COLOURS))
def test_a_word_finds_the_picture_that_shows_it(service: SearchService, colour: str) -> None:
    assert service.knows_words
    assert found(ask(service, f"something {colour.upper()}"))[0] == colour


def test_words_of_every_language_that_the_model_knows_find_the_same(service: SearchService) -> None:
    assert found(ask(service, "rouge")) == found(ask(service, "red"))


def test_distances_are_true_and_similarities_are_not_claimed(service: SearchService) -> None:
    result = ask(service, "green")
    assert isinstance(service.extractor, TextExtractor)
    (vector,) = service.extractor.embed_texts(["green"])
    for hit in result.hits:
        row = service.view.rows_of(hit.product.id)[0]
        true = np.linalg.norm(service.view.vectors(np.array([row]))[0] - vector)
        assert hit.distance == pytest.approx(true, abs=1e-5)
    assert [hit.distance for hit in result.hits] == sorted(hit.distance for hit in result.hits)
    assert not result.has_similarities
    assert not result.no_confident_match
    assert result.took_ms.embed > 0


def test_filters_facets_pages_and_exclusions_hold_for_words(service: SearchService) -> None:
    everything = found(ask(service, "blue"))
    assert len(everything) == len(COLOURS)
    assert found(ask(service, "blue", Wanted(limit=2, offset=1))) == everything[1:3]
    assert found(ask(service, "blue", Wanted(exclude=frozenset(["blue"])))) == everything[1:]
    filters = parse_filters(["category:Warm"])
    warm = ask(service, "blue", Wanted(filters=filters, facets=("category",)))
    assert sorted(found(warm)) == ["red", "yellow"]
    assert warm.facets["category"] == {"Warm": 2}


def test_words_beside_a_photo_move_the_search_towards_them(service: SearchService) -> None:
    query = Query(photo("red", "red"))
    assert found(service.search(query))[0] == "red"
    in_blue = service.search(query, text=TextQuery("but in blue", weight=0.7))
    assert found(in_blue)[0] == "blue"
    assert not in_blue.has_similarities


def test_the_weight_decides_between_photo_and_words(service: SearchService) -> None:
    query = Query(photo("red", "red"))
    plain = service.search(query)
    unheard = service.search(query, text=TextQuery("blue", weight=0.0))
    assert [(hit.product.id, hit.distance) for hit in unheard.hits] == [
        (hit.product.id, pytest.approx(hit.distance, abs=1e-6)) for hit in plain.hits
    ]
    alone = service.search(query, text=TextQuery("blue", weight=1.0))
    assert found(alone) == found(ask(service, "blue"))


def test_words_go_with_products_and_several_photos_too(service: SearchService) -> None:
    queries = [Query(photo("white", "white")), Query(photo("yellow", "yellow"))]
    result = service.blend(queries, ["red"], text=TextQuery("blue", weight=0.9))
    assert found(result)[0] == "blue"
    assert "red" not in found(result)


@pytest.mark.parametrize(
    ("text", "wanted", "problem"),
    [
        (TextQuery(""), Wanted(), "some words"),
        (TextQuery(" \n"), Wanted(), "some words"),
        (TextQuery("x" * (LONGEST_QUERY + 1)), Wanted(), "201 characters"),
        (TextQuery("red", weight=1.1), Wanted(), "weight"),
        (TextQuery("red", weight=float("nan")), Wanted(), "weight"),
        (TextQuery("red"), Wanted(threshold=50), "no similarity"),
        (TextQuery("red"), Wanted(limit=0), "limit"),
    ],
)
def test_what_no_answer_could_hold_is_refused(
    service: SearchService, text: TextQuery, wanted: Wanted, problem: str
) -> None:
    with pytest.raises(InvalidQueryError, match=problem):
        service.blend((), (), wanted, text)


def test_nothing_at_all_to_search_with_is_refused(service: SearchService) -> None:
    with pytest.raises(InvalidQueryError, match="or a text"):
        service.blend((), ())


@pytest.fixture
def plain(tmp_path: Path, extractor: Extractor) -> SearchService:
    """The same shop for an extractor that knows no words."""
    feed = read_catalog(write_colours(tmp_path / "shop"))
    build_store(feed, pictures_in(tmp_path / "shop"), tmp_path / "store", extractor)
    return SearchService(tmp_path / "store", extractor)


def test_without_a_text_side_words_beside_a_photo_are_filters(plain: SearchService) -> None:
    assert not plain.knows_words
    query = Query(photo("blue", "blue"))
    result = plain.search(query, Wanted(threshold=1), text=TextQuery("but something WARM"))
    assert sorted(found(result)) == ["red", "yellow"]
    assert result.understood == (Filter("category", frozenset({"warm"})),)
    assert result.has_similarities
    unfiltered = {hit.product.id: hit.distance for hit in plain.search(query).hits}
    assert [hit.distance for hit in result.hits] == [unfiltered[one] for one in found(result)]
    similar = plain.blend((), ["blue"], text=TextQuery("cold"))
    assert sorted(found(similar)) == ["green", "white"]


def test_words_beside_filters_must_both_be_met(plain: SearchService) -> None:
    wanted = Wanted(filters=parse_filters(["category:Cold"]))
    assert not plain.search(Query(photo("red", "red")), wanted, text=TextQuery("warm")).hits


def test_words_that_name_nothing_are_refused_where_no_network_knows_them(
    plain: SearchService,
) -> None:
    query = Query(photo("red", "red"))
    with pytest.raises(NoTextSideError, match="'marvellous' names no category"):
        plain.search(query, text=TextQuery("marvellous"))
    with pytest.raises(NoTextSideError, match="efficientnet_lite2 knows pictures only"):
        plain.blend((), (), text=TextQuery("warm"))


def test_searches_by_words_find_what_is_said_and_what_is_seen(service: SearchService) -> None:
    said = service.words("thing")
    assert said.total == len(COLOURS)
    both = service.words("yellow thing")
    # All titles say "thing" and none "yellow": the picture decides.
    assert both.hits[0].product.id == "yellow"
    assert both.total == len(COLOURS)
    assert [hit.score for hit in both.hits] == sorted(
        (hit.score for hit in both.hits), reverse=True
    )
    filtered = service.words("blue", Wanted(filters=parse_filters(["category:Warm"])))
    assert sorted(hit.product.id for hit in filtered.hits) == ["red", "yellow"]


def test_words_that_no_product_has_are_found_by_pictures_alone(service: SearchService) -> None:
    assert service.words("rouge").hits[0].product.id == "red"
    assert service.words("rouge", Wanted(limit=1, offset=4)).total == len(COLOURS)


def test_an_id_that_is_typed_comes_first_whatever_pictures_show(service: SearchService) -> None:
    assert service.words("green").hits[0].product.id == "green"


def test_products_far_down_by_words_stay_below_each_of_them_once(
    service: SearchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = service.blend((), (), text=TextQuery("white")).hits[:1]
    monkeypatch.setattr(words, "_FUSED", 2)
    monkeypatch.setattr(service, "_look_for", lambda *_: lambda _: last)
    hits = service.words("thing").hits
    assert sorted(hit.product.id for hit in hits) == sorted(COLOURS)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[-1].score == pytest.approx(1 / 64)
