"""Searching with a part of a photo, and stores of parts of pictures."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from features.catalog import read_catalog
from features.detection import main_item
from features.errors import FingerprintMismatchError, InvalidQueryError, QueriesError
from features.evaluation import evaluate, found_item, known_box, read_queries, whole_photo
from features.extractors import Extractor
from features.images import crop, decode
from features.pipeline import build_store
from features.search import SearchService, open_service
from features.store import MANIFEST, StoreWriter, open_store
from features.types import Box, Detection, Image, Query, Wanted
from tests.helpers import TINY, drawing, encoded, picture, pictures_in, shop

WHOLE = Box(0, 0, 1, 1)
LEFT = Box(20 / 600, 40 / 400, 260 / 600, 220 / 400)
RIGHT = Box(340 / 600, 180 / 400, 580 / 600, 360 / 400)


class HalvesDetector:
    """Finds what is not white in the left and in the right half of a picture."""

    name = "halves"

    def detect(self, image: Image) -> list[Detection]:
        ink = (np.asarray(image) < 250).any(axis=2)
        middle = image.width // 2
        halves = [(0, ink[:, :middle]), (middle, ink[:, middle:])]
        return [_around(half, start, image) for start, half in halves if half.any()]


def _around(ink: np.ndarray, start: int, image: Image) -> Detection:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0)) + start
    x1, x2 = columns[0] / image.width, (columns[-1] + 1) / image.width
    y1, y2 = rows[0] / image.height, (rows[-1] + 1) / image.height
    return Detection(Box(x1, y1, x2, y2), "thing", 0.9)


def two_products() -> bytes:
    """The pictures of p01 and p04, two and a half times as large, on white."""
    photo = Pillow.new("RGB", (600, 400), "white")
    photo.paste(drawing(1).resize((240, 180)), (20, 40))
    photo.paste(drawing(4).resize((240, 180)), (340, 180))
    return encoded(photo)


@pytest.fixture
def service(tmp_path: Path, extractor: Extractor) -> SearchService:
    build_store(
        read_catalog(shop(tmp_path, 8)), pictures_in(tmp_path), tmp_path / "store", extractor
    )
    return SearchService(tmp_path / "store", extractor)


def test_the_whole_box_is_the_same_as_none(service: SearchService) -> None:
    photo = encoded(drawing(9, (2400, 1800)), "JPEG")
    without, whole = service.search(Query(photo)), service.search(Query(photo, box=WHOLE))
    assert whole.hits == without.hits
    assert (without.searched_box, whole.searched_box) == (None, WHOLE)


def test_each_box_finds_what_is_in_it(service: SearchService) -> None:
    for box, name in ((LEFT, "p01"), (RIGHT, "p04")):
        hit = service.search(Query(two_products(), box), Wanted(limit=1)).hits[0]
        assert hit.product.id == name
        assert hit.distance < 0.3


@pytest.mark.parametrize(
    "box",
    [
        (0.5, 0, 0.5, 1),
        (0.6, 0, 0.4, 1),
        (0, 0.7, 1, 0.2),
        (-0.1, 0, 1, 1),
        (0, 0, 1, 1.01),
        (float("nan"), 0, 1, 1),
        (0, 0, float("inf"), 1),
    ],
)
def test_a_box_that_is_no_part_is_refused(
    service: SearchService, box: tuple[float, float, float, float]
) -> None:
    with pytest.raises(InvalidQueryError, match="part of a picture"):
        service.search(Query(picture(0), box=Box(*box)))


def test_a_box_of_a_few_pixels_is_refused(service: SearchService) -> None:
    with pytest.raises(InvalidQueryError, match=r"covers 5 x 72 pixels.* 8 "):
        service.search(Query(picture(0), box=Box(0, 0, 5 / 96, 1)))
    service.search(Query(picture(0), box=Box(0, 0, 8 / 96, 8 / 72)))


def test_a_crop_takes_every_pixel_that_the_box_touches() -> None:
    image = drawing(0, (100, 50))
    assert crop(image, Box(0.101, 0.1, 0.499, 0.9)).size == (40, 40)
    assert crop(image, Box(0.1, 0.1, 0.5, 0.9)).size == (40, 40)
    assert crop(image, WHOLE).tobytes() == image.tobytes()


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_small_part_of_a_large_jpeg_keeps_its_detail(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = encoded(drawing(2, (4800, 3600)), "JPEG", exif=exif.tobytes())
    for part in (Box(0.4, 0.4, 0.6, 0.65), Box(0, 0.4, 1, 0.5), Box(0.8, 0, 1, 1)):
        seen = crop(decode(data, detail=300, part=part), part)
        assert min(seen.size) >= 300
    assert decode(data, detail=300, part=WHOLE).size == decode(data, detail=300).size


def labelled(folder: Path) -> Path:
    (folder / "two.png").write_bytes(two_products())
    rows = [("p01", LEFT), ("p04", RIGHT)]
    lines = [f"two.png,{name},{b.x1},{b.y1},{b.x2},{b.y2}" for name, b in rows]
    path = folder / "queries.csv"
    path.write_text("\n".join(["image,product_id,x1,y1,x2,y2", *lines, ""]))
    return path


def test_known_boxes_and_found_items_find_more_than_whole_photos(
    tmp_path: Path, service: SearchService
) -> None:
    queries = read_queries(labelled(tmp_path))
    assert [query.box for query in queries] == [LEFT, RIGHT]
    assert evaluate(service, queries).recall_at_1 == 1
    assert evaluate(service, queries, choose=known_box).recall_at_1 == 1
    assert evaluate(service, queries, choose=found_item(service, HalvesDetector())).recall_at_1 == 1
    assert evaluate(service, queries, choose=whole_photo).recall_at_1 <= 0.5


def test_without_a_known_box_the_part_that_the_catalogue_matches_best_is_searched(
    tmp_path: Path, service: SearchService
) -> None:
    """One photo of two products, asked for each: one of them is the answer both times."""
    queries = [replace(query, box=None) for query in read_queries(labelled(tmp_path))]
    assert (
        evaluate(service, queries, choose=found_item(service, HalvesDetector())).recall_at_1 == 0.5
    )


def test_the_whole_picture_stays_where_no_item_is_clearly_nearer(service: SearchService) -> None:
    whole = Detection(WHOLE, "whole picture", 0.0)
    product = encoded(drawing(1))
    trimmed = Detection(Box(0.02, 0.02, 0.98, 0.98), "item", 0.9)
    assert service.most_promising(product, [trimmed, whole]).item == 1
    assert service.most_promising(product, [whole]).item == 0
    left, right = Detection(LEFT, "item", 0.9), Detection(RIGHT, "item", 0.5)
    assert service.most_promising(two_products(), [left, right, whole]).item in (0, 1)


def test_the_part_that_was_chosen_is_not_embedded_again(service: SearchService) -> None:
    photo = two_products()
    items = [Detection(LEFT, "item", 0.9), Detection(WHOLE, "whole picture", 0.0)]
    chosen = service.most_promising(photo, items)
    assert chosen.item == 0
    query = Query(photo, LEFT)
    at_once, anew = service.search(query, chosen=chosen), service.search(query)
    assert at_once.hits == anew.hits  # no PNG is decoded in less detail
    assert at_once.searched_box == LEFT
    assert (at_once.took_ms.decode, at_once.took_ms.embed) == (
        chosen.times.decode,
        chosen.times.embed,
    )


def test_a_choice_that_needed_no_comparison_is_searched_as_any_part(
    service: SearchService,
) -> None:
    chosen = service.most_promising(picture(1), [Detection(WHOLE, "whole picture", 0.0)])
    assert (chosen.item, chosen.vector) == (0, None)
    found = service.search(Query(picture(1), WHOLE), chosen=chosen)
    assert (found.hits[0].product.id, found.hits[0].distance) == ("p01", 0.0)


@pytest.mark.parametrize(
    ("sides", "words"),
    [("0.1,0.1,0.5,", "line 2.*all of"), ("0,0,2,1", "line 2"), ("a,0,1,1", "line 2")],
)
def test_a_bad_box_of_a_query_is_named_by_its_line(tmp_path: Path, sides: str, words: str) -> None:
    path = tmp_path / "queries.csv"
    path.write_text(f"image,product_id,x1,y1,x2,y2\n00.png,p0,{sides}\n")
    with pytest.raises(QueriesError, match=words):
        read_queries(path)


def test_a_query_without_sides_has_no_box(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("image,product_id,x1,y1,x2,y2\n00.png,p0,,,,\n")
    assert read_queries(path)[0].box is None


def test_the_main_item_is_sure_no_person_and_of_a_middling_size() -> None:
    bag = Detection(Box(0.3, 0.3, 0.6, 0.6), "handbag", 0.8)
    found = main_item([bag, Detection(Box(0, 0, 0.1, 0.1), "cup", 0.9)])
    assert found is not None
    assert found.label == "handbag"
    assert main_item([]) is None
    assert main_item([replace(bag, confidence=0.4)]) is None
    assert main_item([replace(bag, box=WHOLE)]) is None
    assert main_item([replace(bag, box=Box(0.4, 0.4, 0.6, 0.6))]) is None
    assert main_item([bag, Detection(Box(0.2, 0, 0.8, 0.9), "person", 0.9)]) is None


def test_a_store_of_whole_pictures_keeps_its_fingerprint(tmp_path: Path) -> None:
    assert TINY.fingerprint == "4bd94c36c50553a4"
    assert replace(TINY, crop="auto:halves").fingerprint != TINY.fingerprint
    StoreWriter(tmp_path, TINY, tmp_path).close()
    older = json.loads((tmp_path / MANIFEST).read_text())
    del older["extractor"]["crop"]
    (tmp_path / MANIFEST).write_text(json.dumps(older))
    assert open_store(tmp_path, TINY).spec == TINY
    StoreWriter(tmp_path, TINY, tmp_path).close()


def test_a_store_of_crops_is_searched_but_never_mixed_with_whole_pictures(
    tmp_path: Path, extractor: Extractor
) -> None:
    catalog, store = shop(tmp_path, 3), tmp_path / "store"
    surrounded = Pillow.new("RGB", (600, 400), "white")
    surrounded.paste(drawing(1).resize((240, 180)), (20, 40))
    (tmp_path / "01.png").write_bytes(encoded(surrounded))
    build_store(
        read_catalog(catalog), pictures_in(tmp_path), store, extractor, cropper=HalvesDetector()
    )
    service = open_service(store)
    assert service.view.spec.crop == "auto:halves"
    hit = service.search(Query(picture(1)), Wanted(limit=1)).hits[0]
    whole, asked = extractor.embed([surrounded, drawing(1)])
    assert hit.product.id == "p01"
    assert hit.distance < 0.8 * float(np.linalg.norm(whole - asked))
    with pytest.raises(FingerprintMismatchError) as caught:
        build_store(read_catalog(catalog), pictures_in(tmp_path), store, extractor)
    assert "auto:halves" in str(caught.value)
    assert extractor.spec.fingerprint in str(caught.value)
    again = build_store(
        read_catalog(catalog), pictures_in(tmp_path), store, extractor, cropper=HalvesDetector()
    )
    assert again.reused == 3
