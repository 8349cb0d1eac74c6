from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.sample.canvas import SIZE  # noqa: E402
from scripts.sample.catalog import (  # noqa: E402
    PRODUCT_COLUMNS,
    draw_view,
    product_rows,
    write_table,
)
from scripts.sample.photos import PHOTOS  # noqa: E402
from scripts.sample.products import Product, all_products  # noqa: E402

SAMPLE = ROOT / "static" / "sample"
SMALL_ENOUGH = 4_000_000
FRACTIONS = ("x1", "y1", "x2", "y2")


def read_table(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def catalog() -> list[dict[str, str]]:
    return read_table("catalog.csv")


@pytest.fixture(scope="module")
def photos() -> list[dict[str, str]]:
    return read_table("photos.csv")


def product(product_id: str) -> Product:
    return next(item for item in all_products() if item.id == product_id)


def test_the_catalogue_has_many_products_in_many_categories(catalog: list[dict[str, str]]) -> None:
    assert len({row["id"] for row in catalog}) >= 240
    assert len({row["category"] for row in catalog}) == 12


def test_about_forty_products_have_a_second_picture(catalog: list[dict[str, str]]) -> None:
    assert 35 <= len(catalog) - len({row["id"] for row in catalog}) <= 50


def test_every_picture_opens_at_its_size(
    catalog: list[dict[str, str]], photos: list[dict[str, str]]
) -> None:
    for row in catalog:
        with Image.open(SAMPLE / row["image"]) as picture:
            assert (picture.format, picture.size) == ("WEBP", (SIZE, SIZE))
    for row in photos:
        with Image.open(SAMPLE / row["image"]) as picture:
            assert picture.format == "WEBP"
            assert min(picture.size) >= 600


def test_no_picture_lies_about_without_a_row(
    catalog: list[dict[str, str]], photos: list[dict[str, str]]
) -> None:
    listed = {row["image"] for row in catalog + photos}
    assert {str(path.relative_to(SAMPLE)) for path in SAMPLE.glob("*/*")} == listed


def test_all_pictures_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.glob("*/*.webp")) < SMALL_ENOUGH


def test_rows_of_one_product_differ_only_in_their_picture(catalog: list[dict[str, str]]) -> None:
    seen: dict[str, dict[str, str]] = {}
    for row in catalog:
        rest = {key: value for key, value in row.items() if key != "image"}
        assert seen.setdefault(row["id"], rest) == rest
    assert len({row["image"] for row in catalog}) == len(catalog)
    assert len({rest["title"] for rest in seen.values()}) == len(seen)


def test_every_row_has_a_price_and_a_known_availability(catalog: list[dict[str, str]]) -> None:
    for row in catalog:
        assert all(row.values())
        assert float(row["price"]) > 0
        assert row["availability"] in {"in_stock", "out_of_stock", "preorder"}
        assert row["url"] == f"https://shop.example/p/{row['id']}"


def test_photos_show_products_of_the_catalogue_inside_their_frame(
    catalog: list[dict[str, str]], photos: list[dict[str, str]]
) -> None:
    categories = {row["id"]: row["category"] for row in catalog}
    for row in photos:
        assert categories[row["product_id"]] == row["category"]
        x1, y1, x2, y2 = (float(row[name]) for name in FRACTIONS)
        assert 0 <= x1 < x2 <= 1
        assert 0 <= y1 < y2 <= 1


def test_there_are_single_item_photos_and_scenes_with_several_items() -> None:
    counts = [len(photo.items) for photo in PHOTOS]
    assert counts.count(1) >= 12
    assert sum(count >= 4 for count in counts) == 3


def test_drawing_a_product_twice_gives_the_same_pixels() -> None:
    first, second = (draw_view(product("mug-005"), "") for _ in range(2))
    assert np.array_equal(np.asarray(first), np.asarray(second))


@pytest.mark.parametrize("product_id", ["tee-002", "lamp-001", "sneaker-007"])
def test_a_committed_picture_shows_what_is_drawn_now(product_id: str) -> None:
    drawn = np.asarray(draw_view(product(product_id), ""), dtype=np.float32)
    with Image.open(SAMPLE / "products" / f"{product_id}.webp") as picture:
        stored = np.asarray(picture.convert("RGB"), dtype=np.float32)
    # WebP loses a little, and other versions of Pillow may round another way.
    assert float(np.abs(drawn - stored).mean()) < 6


def test_redrawn_rows_equal_the_committed_table(tmp_path: Path) -> None:
    path = tmp_path / "catalog.csv"
    write_table(path, PRODUCT_COLUMNS, product_rows(all_products()))
    assert path.read_bytes() == (SAMPLE / "catalog.csv").read_bytes()


def test_no_two_products_look_nearly_the_same(catalog: list[dict[str, str]]) -> None:
    fronts: dict[str, str] = {}
    for row in catalog:
        fronts.setdefault(row["id"], row["image"])
    small = []
    for image in fronts.values():
        picture = Image.open(io.BytesIO((SAMPLE / image).read_bytes())).convert("RGB")
        small.append(np.asarray(picture.reduce(10), dtype=np.float32).reshape(-1))
    pixels = np.stack(small)
    squares = (pixels**2).sum(axis=1)
    apart = squares[:, None] + squares[None, :] - 2 * pixels @ pixels.T
    np.fill_diagonal(apart, np.inf)
    assert float(np.sqrt(apart.min() / pixels.shape[1])) > 8
