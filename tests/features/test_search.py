"""Photo to products."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from features.catalog import read_catalog
from features.errors import (
    FingerprintMismatchError,
    InvalidPictureError,
    InvalidQueryError,
    PictureNotFoundError,
    StoreEmptyError,
    StoreNotFoundError,
    UnknownExtractorError,
    UnknownProductError,
)
from features.extractors import Extractor
from features.filters import parse_filters
from features.index import index_names
from features.pipeline import build_store
from features.search import MAX_LIMIT, SearchService, open_service
from features.store import StoreSet, StoreWriter
from features.types import Fallback, GalleryPicture, Product, Query, SearchResult, Wanted
from tests.helpers import drawing, picture, pictures_in, shop, write_catalog


def built(catalog: Path, extractor: Extractor) -> Path:
    store = catalog.parent / "store"
    build_store(read_catalog(catalog), pictures_in(catalog.parent), store, extractor)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> Path:
    return built(shop(tmp_path_factory.mktemp("shop"), 12), extractor)


@pytest.fixture(scope="module")
def service(store: Path, extractor: Extractor) -> SearchService:
    return SearchService(store, extractor)


def ids(result: SearchResult) -> list[str]:
    return [hit.product.id for hit in result.hits]


@pytest.mark.parametrize("index", index_names())
def test_the_identical_picture_comes_first_at_distance_zero(
    store: Path, extractor: Extractor, index: str
) -> None:
    service = SearchService(store, extractor, index=index)
    for number in (0, 5, 11):
        result = service.search(Query(picture(number)), Wanted(limit=3))
        assert ids(result)[0] == f"p{number:02}"
        assert result.hits[0].distance == 0.0
        assert result.hits[0].picture.location == f"{number:02}.png"
        distances = [hit.distance for hit in result.hits]
        assert distances == sorted(distances)
        assert result.extractor == extractor.spec.name
        assert result.took_ms.total >= result.took_ms.embed > 0


def test_a_product_is_found_once_by_its_nearest_picture(
    tmp_path: Path, extractor: Extractor
) -> None:
    shop(tmp_path, 6)
    owners = {"a": (0, 1, 2), "b": (3, 4), "c": (5,)}
    rows = [{"id": key, "image": f"0{n}.png"} for key, own in owners.items() for n in own]
    service = SearchService(built(write_catalog(tmp_path, rows), extractor), extractor)
    for number, owner in ((1, "a"), (2, "a"), (4, "b")):
        result = service.search(Query(picture(number)))
        assert sorted(ids(result)) == ["a", "b", "c"]
        assert (result.hits[0].product.id, result.hits[0].distance) == (owner, 0.0)
        assert result.hits[0].picture.location == f"0{number}.png"


def test_many_pictures_of_one_product_do_not_crowd_out_the_others(
    tmp_path: Path, extractor: Extractor
) -> None:
    query = extractor.embed([drawing(1)])
    count = 60
    rows = [GalleryPicture("crowd", f"{n}.jpg", f"{n:032x}") for n in range(count)]
    rows += [GalleryPicture(name, "x.jpg", "f" * 32) for name in ("other", "third")]
    vectors = np.repeat(query, count + 2, axis=0)
    vectors[:, 0] += np.linspace(0.01, 0.02, count + 2, dtype=np.float32)
    with StoreWriter(tmp_path / "store", extractor.spec, tmp_path) as writer:
        writer.append(rows, vectors, [Product("crowd"), Product("other"), Product("third")])
    service = SearchService(tmp_path / "store", extractor)
    assert ids(service.search(Query(picture(1)), Wanted(limit=2))) == ["crowd", "other"]
    assert ids(service.search(Query(picture(1)), Wanted(limit=5))) == ["crowd", "other", "third"]


def test_ties_are_broken_by_id_however_many_there_are(tmp_path: Path, extractor: Extractor) -> None:
    shop(tmp_path, 2)
    names = [f"n{number:02}" for number in range(30)]
    rows = [{"id": name, "image": "00.png"} for name in names[::-1]]
    rows.insert(4, {"id": "far", "image": "01.png"})
    service = SearchService(built(write_catalog(tmp_path, rows), extractor), extractor)
    for limit in (1, 2, 7, 30):
        assert ids(service.search(Query(picture(0)), Wanted(limit=limit))) == names[:limit]
    assert ids(service.search(Query(picture(0)), Wanted(limit=100))) == [*names, "far"]


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_range_is_refused(service: SearchService, limit: int) -> None:
    with pytest.raises(InvalidQueryError, match=str(MAX_LIMIT)):
        service.search(Query(picture(0)), Wanted(limit=limit))


def test_no_more_products_are_found_than_there_are(service: SearchService) -> None:
    assert len(service.search(Query(picture(0)), Wanted(limit=MAX_LIMIT)).hits) == 12
    assert len(service.search(Query(picture(0)), Wanted(limit=1)).hits) == 1


def test_a_photo_that_is_no_picture_is_refused(service: SearchService) -> None:
    with pytest.raises(InvalidPictureError):
        service.search(Query(b"no picture"))


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path, extractor: Extractor) -> None:
    with StoreWriter(tmp_path / "store", extractor.spec, tmp_path):
        pass
    service = SearchService(tmp_path / "store", extractor)
    with pytest.raises(StoreEmptyError, match=r"extract_features\.py"):
        service.search(Query(picture(0)))


def test_a_store_that_is_not_there_is_an_error_of_its_own(
    tmp_path: Path, extractor: Extractor
) -> None:
    with pytest.raises(StoreNotFoundError):
        SearchService(tmp_path / "none", extractor)
    with pytest.raises(StoreNotFoundError):
        open_service(tmp_path / "none")


def test_a_store_that_vanishes_under_the_service_is_missed(
    tmp_path: Path, extractor: Extractor
) -> None:
    store = built(shop(tmp_path, 1), extractor)
    service = SearchService(store, extractor)
    shutil.rmtree(store)
    with pytest.raises(StoreNotFoundError):
        service.search(Query(picture(0)))


def test_an_open_service_sees_every_committed_change(tmp_path: Path, extractor: Extractor) -> None:
    store = built(shop(tmp_path, 3), extractor)
    service = SearchService(store, extractor)
    before = service.search(Query(picture(0)))
    built(shop(tmp_path, 5), extractor)
    after = service.search(Query(picture(4)))
    assert (ids(after)[0], after.hits[0].distance, len(after.hits)) == ("p04", 0.0, 5)
    assert after.index_version > before.index_version
    built(shop(tmp_path, 2), extractor)
    assert sorted(ids(service.search(Query(picture(4))))) == ["p00", "p01"]
    with StoreWriter(store, extractor.spec, tmp_path) as writer:
        writer.compact()
    assert sorted(ids(service.search(Query(picture(4))))) == ["p00", "p01"]


@pytest.mark.parametrize("index", index_names())
def test_deleted_rows_are_never_found(tmp_path: Path, extractor: Extractor, index: str) -> None:
    store = built(shop(tmp_path, 8), extractor)
    service = SearchService(store, extractor, index=index)
    with StoreWriter(store, extractor.spec, tmp_path) as writer:
        left = {f"p0{number}" for number in range(8)}
        for row in (3, 0, 7, 1):
            gone = writer.view().pictures[row].product_id
            writer.delete([row])
            left.discard(gone)
            for limit in (1, 3, 50):
                found = ids(service.search(Query(picture(row)), Wanted(limit=limit)))
                assert set(found) <= left
                assert len(found) == min(limit, len(left))


def random_rows(random: np.random.Generator, near: NDArray[np.float32]) -> NDArray[np.float32]:
    noise = random.normal(size=(150, near.shape[1])).astype(np.float32) / 30
    rows = near + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def test_products_are_those_of_brute_force(tmp_path: Path, extractor: Extractor) -> None:
    random = np.random.default_rng(5)
    query = extractor.embed([drawing(3)])
    blocks, owners = [], []
    with StoreWriter(tmp_path / "store", extractor.spec, tmp_path) as writer:
        for segment in range(4):
            block = random_rows(random, query)
            names = [f"p{n:02}" for n in random.integers(0, 40, len(block))]
            pictures = [
                GalleryPicture(name, f"{segment}-{n}.jpg", "0" * 32) for n, name in enumerate(names)
            ]
            writer.append(pictures, block, [Product(name) for name in set(names)])
            blocks.append(block)
            owners += names
        gone = random.permutation(len(owners))[:50]
        writer.delete(gone.tolist())
    distances = np.linalg.norm(np.concatenate(blocks).astype(np.float64) - query, axis=1)
    distances[gone] = np.inf
    best: dict[str, float] = {}
    for name, distance in zip(owners, distances.tolist(), strict=True):
        best[name] = min(distance, best.get(name, np.inf))
    expected = sorted(best, key=lambda name: (best[name], name))
    service = SearchService(tmp_path / "store", extractor)
    for limit in (1, 5, 20, 100):
        hits = service.search(Query(picture(3)), Wanted(limit=limit)).hits
        assert [hit.product.id for hit in hits] == expected[:limit]
        np.testing.assert_allclose(
            [hit.distance for hit in hits], [best[name] for name in expected[:limit]], rtol=1e-6
        )


def test_several_threads_search_while_the_store_changes(
    tmp_path: Path, extractor: Extractor
) -> None:
    store = built(shop(tmp_path, 4), extractor)
    service = SearchService(store, extractor)

    def search() -> None:
        for _ in range(12):
            hits = service.search(Query(picture(0)), Wanted(limit=2)).hits
            assert (hits[0].product.id, hits[0].distance) == ("p00", 0.0)

    with ThreadPoolExecutor(3) as pool:
        searches = [pool.submit(search) for _ in range(3)]
        for count in (6, 2, 5):
            built(shop(tmp_path, count), extractor)
        for done in searches:
            done.result()


def test_a_picture_of_the_store_is_given_by_its_hash(service: SearchService) -> None:
    hit = service.search(Query(picture(2)), Wanted(limit=1)).hits[0]
    assert service.picture(hit.picture.content_hash) == picture(2)
    for unknown in ("0" * 32, "", "../secret"):
        with pytest.raises(PictureNotFoundError):
            service.picture(unknown)


def test_pictures_may_have_moved_elsewhere(tmp_path: Path, extractor: Extractor) -> None:
    store = built(shop(tmp_path / "shop", 1), extractor)
    (tmp_path / "moved").mkdir()
    (tmp_path / "shop" / "00.png").rename(tmp_path / "moved" / "00.png")
    digest = SearchService(store, extractor).view.pictures[0].content_hash
    with pytest.raises(PictureNotFoundError):
        SearchService(store, extractor).picture(digest)
    moved = SearchService(store, extractor, pictures_root=tmp_path / "moved")
    assert moved.picture(digest) == picture(0)


def test_a_service_takes_the_extractor_that_made_the_store(
    store: Path, extractor: Extractor
) -> None:
    service = open_service(store)
    assert service.extractor.spec == extractor.spec
    with pytest.raises(FingerprintMismatchError, match="efficientnet_lite0"):
        open_service(store, extractor="efficientnet_lite0")
    with pytest.raises(InvalidQueryError):
        open_service(store, index="none")


def test_a_service_opens_the_default_of_several_stores_or_the_named_one(
    tmp_path: Path, extractor: Extractor
) -> None:
    stores = StoreSet(tmp_path)
    with pytest.raises(StoreNotFoundError, match=r"extract_features\.py"):
        open_service(tmp_path)
    stores.add(extractor.spec.name, built(shop(tmp_path, 2), extractor))
    with StoreWriter(stores.place_for("other"), replace(extractor.spec, name="other")):
        stores.add("other", stores.place_for("other"))
    for name in (None, extractor.spec.name):
        service = open_service(tmp_path, extractor=name)
        assert ids(service.search(Query(picture(1))))[0] == "p01"
    with pytest.raises(StoreNotFoundError, match="vgg16"):
        open_service(tmp_path, extractor="vgg16")
    stores.swap_in("other", stores.place_for("other"))
    with pytest.raises(UnknownExtractorError, match="other"):
        open_service(tmp_path)


def described(folder: Path, store: Path, extractor: Extractor) -> SearchService:
    """Eight products: even ones are blue and in stock, the category and the price grow."""
    rows = []
    for number in range(8):
        (folder / f"{number}.png").write_bytes(picture(number))
        rows.append(
            {
                "id": f"p{number}",
                "image": f"{number}.png",
                "category": "Chairs" if number < 4 else "Chairs > Stools",
                "price": f"{10 * number + 5} EUR",
                "availability": "out_of_stock" if number % 2 else "in_stock",
                "colour": "red" if number % 2 else "blue",
            }
        )
    columns = ("id", "image", "category", "price", "availability", "colour")
    catalog = write_catalog(folder, rows, columns)
    build_store(read_catalog(catalog), pictures_in(folder), store, extractor)
    return SearchService(store, extractor)


def test_filters_leave_the_nearest_of_those_that_meet_them(
    tmp_path: Path, extractor: Extractor
) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    everything = service.search(Query(picture(3))).hits
    blue = service.search(Query(picture(3)), Wanted(filters=parse_filters(["colour:blue"])))
    assert ids(blue) == [hit.product.id for hit in everything if int(hit.product.id[1]) % 2 == 0]
    cheap = parse_filters(["price:,30", "availability:in_stock"])
    assert sorted(ids(service.search(Query(picture(3)), Wanted(filters=cheap)))) == ["p0", "p2"]
    nothing = Wanted(filters=parse_filters(["brand:nobody"]), facets=("colour",))
    none = service.search(Query(picture(3)), nothing)
    assert (none.hits, none.no_confident_match, none.facets) == ((), True, {"colour": {}})


def test_pages_of_an_answer_follow_each_other(tmp_path: Path, extractor: Extractor) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    whole = ids(service.search(Query(picture(3))))
    pages = [ids(service.search(Query(picture(3)), Wanted(3, offset))) for offset in (0, 3, 6, 9)]
    assert [name for page in pages for name in page] == whole
    assert [len(page) for page in pages] == [3, 3, 2, 0]


def test_a_threshold_cuts_and_a_fallback_fills_up(tmp_path: Path, extractor: Extractor) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    only = service.search(Query(picture(6)), Wanted(threshold=99.95))
    assert ids(only) == ["p6"]
    filled = service.search(
        Query(picture(6)), Wanted(3, threshold=99.95, fallback=Fallback.CATEGORY)
    )
    assert ids(filled)[0] == "p6"
    assert len(filled.hits) == 3
    assert {hit.product.category for hit in filled.hits} == {"Chairs > Stools"}
    assert [hit.fallback for hit in filled.hits] == [False, True, True]


def test_similar_products_leave_out_the_one_itself(tmp_path: Path, extractor: Extractor) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    by_photo = [hit for hit in service.search(Query(picture(2))).hits if hit.product.id != "p2"]
    similar = service.similar("p2", Wanted(exclude=frozenset({"p5"}), facets=("availability",)))
    assert ids(similar) == [hit.product.id for hit in by_photo if hit.product.id != "p5"]
    assert similar.facets == {"availability": {"in_stock": 3, "out_of_stock": 3}}
    with pytest.raises(UnknownProductError):
        service.similar("nobody")


def test_several_seeds_are_searched_by_their_mean(tmp_path: Path, extractor: Extractor) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    mean = extractor.embed([drawing(1), drawing(4)]).mean(axis=0)
    mean /= np.linalg.norm(mean)
    blended = service.blend([Query(picture(1))], ["p4"])
    assert "p4" not in ids(blended)
    nearest = blended.hits[0]
    vector = extractor.embed([drawing(int(nearest.product.id[1]))])[0]
    assert nearest.distance == pytest.approx(float(np.linalg.norm(vector - mean)), abs=1e-5)
    with pytest.raises(InvalidQueryError, match="1 to 10"):
        service.blend([], [])


def test_two_pictures_are_compared(tmp_path: Path, extractor: Extractor) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    same = service.compare(Query(picture(1)), Query(picture(1)))
    assert (same.distance, same.similarity, same.same_thing) == (0, 100, True)
    other = service.compare(Query(picture(1)), Query(picture(2)))
    assert other.distance > 0
    assert other.similarity < 100


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(offset=-1),
        Wanted(offset=1001),
        Wanted(threshold=101),
        Wanted(threshold=-1),
        Wanted(facets=tuple(map(str, range(21)))),
        Wanted(exclude=frozenset(map(str, range(1001)))),
    ],
)
def test_what_no_answer_could_hold_is_refused(
    tmp_path: Path, extractor: Extractor, wanted: Wanted
) -> None:
    service = described(tmp_path, tmp_path / "store", extractor)
    with pytest.raises(InvalidQueryError):
        service.search(Query(picture(1)), wanted)
