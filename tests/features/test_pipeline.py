"""Catalogue to store: only what is missing is done, and nothing that was done is lost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.catalog import read_catalog
from features.errors import CatalogError, FingerprintMismatchError
from features.extractors import Extractor, load_extractor
from features.images import PictureLimits
from features.pipeline import BuildSummary, Progress, build_store
from features.store import StoreView, open_store
from tests.helpers import (
    CountingExtractor,
    Interrupting,
    drawing,
    encoded,
    picture,
    pictures_in,
    shop,
    write_catalog,
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def build(catalog: Path, store: Path, extractor: Extractor, **options: object) -> BuildSummary:
    root = catalog if catalog.is_dir() else catalog.parent
    return build_store(read_catalog(catalog), pictures_in(root), store, extractor, **options)  # type: ignore[arg-type]


def counts(summary: BuildSummary) -> tuple[int, int, int, int]:
    return summary.new, summary.reused, summary.removed, len(summary.failed)


def vectors(view: StoreView) -> dict[tuple[str, str], tuple[float, ...]]:
    """By product and location."""
    return {
        (view.pictures[row].product_id, view.pictures[row].location): tuple(view.vector(row))
        for row in np.flatnonzero(view.live).tolist()
    }


def test_a_catalogue_becomes_a_store(tmp_path: Path, store: Path, extractor: Extractor) -> None:
    summary = build(shop(tmp_path / "shop", 5), store, extractor)
    assert (summary.products, summary.pictures) == (5, 5)
    assert counts(summary) == (5, 0, 0, 0)
    view = open_store(store, extractor.spec)
    assert view.picture_count == 5
    expected = extractor.embed([drawing(3)])[0]
    np.testing.assert_array_equal(vectors(view)["p03", "03.png"], expected)


def test_a_second_run_embeds_nothing(
    tmp_path: Path, store: Path, counting: CountingExtractor
) -> None:
    catalog = shop(tmp_path / "shop", 5)
    build(catalog, store, counting)
    version = open_store(store).version
    assert counts(build(catalog, store, counting)) == (0, 5, 0, 0)
    assert counting.embedded == 5
    assert open_store(store).version == version


def test_a_changed_picture_replaces_the_earlier(
    tmp_path: Path, store: Path, counting: CountingExtractor
) -> None:
    catalog = shop(tmp_path / "shop", 4)
    build(catalog, store, counting)
    (tmp_path / "shop" / "01.png").write_bytes(picture(77))
    assert counts(build(catalog, store, counting)) == (1, 3, 1, 0)
    expected = counting.embed([drawing(77)])[0]
    view = open_store(store)
    np.testing.assert_array_equal(vectors(view)["p01", "01.png"], expected)
    assert view.picture_count == 4


def test_a_changed_price_costs_no_embedding(
    tmp_path: Path, store: Path, counting: CountingExtractor
) -> None:
    columns = ("id", "image", "price")
    shop(tmp_path / "shop", 2)
    rows = [{"id": f"p{n}", "image": f"0{n}.png", "price": "10.00 EUR"} for n in range(2)]
    build(write_catalog(tmp_path / "shop", rows, columns), store, counting)
    rows[1]["price"] = "8.00 EUR"
    catalog = write_catalog(tmp_path / "shop", rows, columns)
    assert counts(build(catalog, store, counting)) == (0, 2, 0, 0)
    assert counting.embedded == 2
    products = open_store(store).products
    assert [str(products[key].price) for key in ("p0", "p1")] == ["10.00", "8.00"]


def test_odd_texts_do_not_count_as_changed(
    tmp_path: Path, store: Path, extractor: Extractor
) -> None:
    shop(tmp_path / "shop", 1)
    odd = 'a "quote"\rand\nlines, NA \u2028'
    rows = [{"id": odd, "title": odd, "category": "null", "image": "00.png"}]
    catalog = write_catalog(tmp_path / "shop", rows)
    build(catalog, store, extractor)
    version = open_store(store).version
    build(catalog, store, extractor)
    assert open_store(store).version == version


def test_a_vanished_product_is_removed(tmp_path: Path, store: Path, extractor: Extractor) -> None:
    build(shop(tmp_path / "shop", 5), store, extractor)
    assert counts(build(shop(tmp_path / "shop", 3), store, extractor)) == (0, 3, 2, 0)
    view = open_store(store)
    assert set(view.products) == {"p00", "p01", "p02"}
    assert view.picture_count == 3


def test_a_moved_picture_keeps_its_vector(
    tmp_path: Path, store: Path, counting: CountingExtractor
) -> None:
    shop(tmp_path / "shop", 2)
    rows = [{"id": "p00", "image": "00.png"}, {"id": "p01", "image": "01.png"}]
    build(write_catalog(tmp_path / "shop", rows), store, counting)
    before = vectors(open_store(store))
    (tmp_path / "shop" / "new").mkdir()
    (tmp_path / "shop" / "00.png").rename(tmp_path / "shop" / "new" / "zero.png")
    rows[0]["image"] = "new/zero.png"
    summary = build(write_catalog(tmp_path / "shop", rows), store, counting)
    assert counts(summary) == (0, 2, 1, 0)
    assert counting.embedded == 2
    after = vectors(open_store(store))
    assert after == {
        ("p00", "new/zero.png"): before["p00", "00.png"],
        ("p01", "01.png"): before["p01", "01.png"],
    }


def test_one_picture_may_show_two_products(
    tmp_path: Path, store: Path, counting: CountingExtractor
) -> None:
    shop(tmp_path / "shop", 1)
    rows = [{"id": name, "image": "00.png"} for name in ("a", "b")]
    catalog = write_catalog(tmp_path / "shop", rows)
    build(catalog, store, counting)
    stored = vectors(open_store(store))
    assert stored["a", "00.png"] == stored["b", "00.png"]
    assert counts(build(catalog, store, counting)) == (0, 2, 0, 0)
    rows.append({"id": "c", "image": "00.png"})
    already = counting.embedded
    catalog = write_catalog(tmp_path / "shop", rows)
    assert counts(build(catalog, store, counting)) == (0, 3, 0, 0)
    assert counting.embedded == already
    assert open_store(store).picture_count == 3


def test_a_picture_that_cannot_be_read_now_keeps_its_vector(
    tmp_path: Path, store: Path, extractor: Extractor
) -> None:
    catalog = shop(tmp_path / "shop", 3)
    build(catalog, store, extractor)
    before = vectors(open_store(store))
    (tmp_path / "shop" / "00.png").unlink()
    (tmp_path / "shop" / "01.png").write_bytes(picture(1)[:200])
    assert counts(build(catalog, store, extractor)) == (0, 1, 0, 2)
    assert vectors(open_store(store)) == before
    (tmp_path / "shop" / "00.png").write_bytes(picture(0))
    (tmp_path / "shop" / "01.png").write_bytes(picture(9))
    assert counts(build(catalog, store, extractor)) == (1, 2, 1, 0)


def test_every_bad_picture_is_reported_and_the_rest_goes_on(
    tmp_path: Path, store: Path, extractor: Extractor
) -> None:
    folder = tmp_path / "shop"
    shop(folder, 2)
    bad = {
        "empty.jpg": (b"", "empty_picture"),
        "text.jpg": (b"not a picture at all", "not_a_picture"),
        "cut.png": (picture(1)[:200], "broken_picture"),
        "dot.png": (encoded(drawing(1).resize((3, 3))), "picture_too_small"),
        "wide.png": (encoded(drawing(1).resize((900, 9))), "too_many_pixels"),
        "heavy.bmp": (encoded(drawing(1, (400, 300)), "BMP"), "picture_too_large"),
    }
    for name, (data, _) in bad.items():
        (folder / name).write_bytes(data)
    codes = {name: code for name, (_, code) in bad.items()} | {
        "none.jpg": "picture_not_found",
        ".": "picture_not_found",
        "../outside.jpg": "picture_outside_catalog",
        "https://shop.example/a.jpg": "remote_picture",
    }
    rows = [{"id": f"bad{line}", "image": name} for line, name in enumerate(codes)]
    rows.insert(3, {"id": "p00", "image": "00.png"})
    rows.append({"id": "p01", "image": "01.png"})
    lines = {row["image"]: line for line, row in enumerate(rows, start=2)}
    limits = PictureLimits(max_side=800, max_bytes=200_000)
    summary = build(write_catalog(folder, rows), store, extractor, limits=limits)
    found = {(error.line, error.row_code) for error in summary.failed}
    assert found == {(lines[name], code) for name, code in codes.items()}
    assert all(any(name in str(error) for error in summary.failed) for name in codes)
    assert set(open_store(store).products) == {"p00", "p01"}


def test_after_an_interruption_only_the_rest_is_done(
    tmp_path: Path, store: Path, counting: CountingExtractor
) -> None:
    catalog = shop(tmp_path / "shop", 90)
    with pytest.raises(KeyboardInterrupt):
        build(catalog, store, counting, progress=Interrupting(at=70))
    done = open_store(store).picture_count
    assert done >= 64
    assert counting.embedded == done
    assert counts(build(catalog, store, counting)) == (90 - done, done, 0, 0)
    assert counting.embedded == 90
    assert open_store(store).picture_count == 90


def test_an_interruption_removes_nothing(tmp_path: Path, store: Path, extractor: Extractor) -> None:
    build(shop(tmp_path / "shop", 6), store, extractor)
    catalog = shop(tmp_path / "shop", 3, first=4)
    with pytest.raises(KeyboardInterrupt):
        build(catalog, store, extractor, progress=Interrupting(at=1))
    assert set(open_store(store).products) >= {f"p0{number}" for number in range(6)}


def test_progress_hears_of_every_picture(tmp_path: Path, store: Path, extractor: Extractor) -> None:
    heard: list[int] = []

    class Listening(Progress):
        def start(self, total: int) -> None:
            heard.append(total)

        def advance(self) -> None:
            heard.append(1)

    catalog = shop(tmp_path / "shop", 4)
    (tmp_path / "shop" / "02.png").write_bytes(b"")
    build(catalog, store, extractor, progress=Listening())
    assert heard == [4, 1, 1, 1, 1]


@pytest.mark.parametrize("text", ["id,title,image\n", "id,title,image\n,x,a.png\n1,x,\n"])
def test_a_catalogue_without_products_leaves_the_store_alone(
    tmp_path: Path, store: Path, extractor: Extractor, text: str
) -> None:
    catalog = shop(tmp_path / "shop", 3)
    build(catalog, store, extractor)
    before = vectors(open_store(store))
    catalog.write_text(text)
    with pytest.raises(CatalogError, match="no usable product"):
        build(catalog, store, extractor)
    assert vectors(open_store(store)) == before
    with pytest.raises(CatalogError):
        build(catalog, tmp_path / "other", extractor)
    assert not (tmp_path / "other").exists()


def test_another_extractor_does_not_touch_the_store(
    tmp_path: Path, store: Path, extractor: Extractor
) -> None:
    catalog = shop(tmp_path / "shop", 2)
    build(catalog, store, extractor)
    version = open_store(store).version
    with pytest.raises(FingerprintMismatchError):
        build(catalog, store, load_extractor("efficientnet_lite0"))
    assert open_store(store).version == version


def test_vectors_do_not_depend_on_what_came_together(tmp_path: Path, extractor: Extractor) -> None:
    build(shop(tmp_path / "shop", 7), tmp_path / "one", extractor)
    for count in (2, 3, 7):
        build(shop(tmp_path / "shop", count), tmp_path / "grown", extractor)
    assert vectors(open_store(tmp_path / "grown")) == vectors(open_store(tmp_path / "one"))


def test_many_small_changes_keep_the_store_small(
    tmp_path: Path, store: Path, extractor: Extractor
) -> None:
    for count in range(1, 13):
        build(shop(tmp_path / "shop", count), store, extractor)
    assert len(open_store(store).manifest.segments) < 10
    assert open_store(store).picture_count == 12


def test_speed_counts_new_pictures(tmp_path: Path, store: Path, extractor: Extractor) -> None:
    summary = build(shop(tmp_path / "shop", 2), store, extractor)
    assert replace(summary, seconds=4.0).pictures_per_second == 0.5
    assert replace(summary, seconds=0.0).pictures_per_second == 0.0
