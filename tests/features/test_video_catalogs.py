"""Catalogues with videos: each is a picture of its product, found by its frames' mean."""

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest

from features.catalog import read_catalog
from features.extractors import Extractor
from features.images import content_hash, decode
from features.index.milvus.schema import Member, picture_of
from features.pictures import PictureSource, Vault
from features.pipeline import BuildSummary, build_store
from features.reembedding import _KeptPictures
from features.search import SearchService
from features.store import StoreWriter, open_store
from features.types import GalleryPicture, Product, Query
from scripts.clips import AVI, MOV, WEBM, clip, cuts, pan, write_clip
from tests.helpers import CountingExtractor, drawing, encoded, picture, write_catalog

SIZE = (160, 96)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Clips in sub-folders, and a photo."""
    root = tmp_path / "shop"
    write_clip(root / "hats" / "red_hat.mp4", pan(drawing(1, SIZE), SIZE, 25), MOV)
    write_clip(root / "shoes" / "boot.avi", pan(drawing(2, SIZE), SIZE, 25), AVI)
    (root / "shoes" / "sneaker.png").write_bytes(encoded(drawing(3, SIZE)))
    return root


def build(root: Path, extractor: Extractor, catalog: Path | None = None) -> BuildSummary:
    """The store beside the catalogue, with its vault and stamps."""
    entries = read_catalog(catalog or root)
    return build_store(
        entries,
        PictureSource(entries.pictures, Vault(root.parent / "vault")),
        root.parent / "store",
        extractor,
        stamps=root.parent / "stamps.sqlite",
    )


def service(root: Path, extractor: Extractor) -> SearchService:
    return SearchService(root.parent / "store", extractor, vault=Vault(root.parent / "vault"))


def rows(root: Path) -> dict[str, GalleryPicture]:
    return {row.location: row for row in open_store(root.parent / "store").live_pictures}


def test_a_folder_of_clips_is_a_catalogue(folder: Path, extractor: Extractor) -> None:
    summary = build(folder, extractor)
    assert (summary.products, summary.new, summary.failed) == (3, 3, ())
    view = open_store(folder.parent / "store")
    assert view.products["hats/red_hat"].title == "Red hat"
    assert view.products["shoes/boot"].category == "shoes"
    assert rows(folder)["shoes/sneaker.png"].time_s is None
    assert 0 <= rows(folder)["shoes/boot.avi"].time_s < 1  # type: ignore[operator]


def test_a_picture_finds_its_video_and_shows_the_best_frame(
    folder: Path, extractor: Extractor
) -> None:
    build(folder, extractor)
    search = service(folder, extractor)
    hit = search.search(Query(encoded(drawing(2, SIZE)))).hits[0]
    assert hit.product.id == "shoes/boot"
    assert hit.picture.time_s is not None
    still = search.picture(hit.picture.content_hash)
    assert content_hash(still) == hit.picture.content_hash
    assert decode(still).size == SIZE


def test_a_second_run_looks_at_no_video_again(folder: Path, counting: CountingExtractor) -> None:
    build(folder, counting)
    done, before = counting.embedded, rows(folder)
    summary = build(folder, counting)
    assert (summary.new, summary.reused) == (0, 3)
    assert counting.embedded == done
    assert rows(folder) == before


def test_a_run_without_notes_keeps_every_row(folder: Path, extractor: Extractor) -> None:
    build(folder, extractor)
    before = open_store(folder.parent / "store").version
    (folder.parent / "stamps.sqlite").unlink()
    assert build(folder, extractor).reused == 3
    assert open_store(folder.parent / "store").version == before


def test_another_video_at_the_same_place_is_watched(folder: Path, extractor: Extractor) -> None:
    build(folder, extractor)
    before = rows(folder)["hats/red_hat.mp4"]
    write_clip(folder / "hats" / "red_hat.mp4", pan(drawing(7, SIZE), SIZE, 20), MOV)
    assert build(folder, extractor).updated == 1
    assert rows(folder)["hats/red_hat.mp4"].content_hash != before.content_hash


def test_the_same_video_elsewhere_has_the_same_time(
    folder: Path, counting: CountingExtractor
) -> None:
    build(folder, counting)
    (folder / "copy.mp4").write_bytes((folder / "hats" / "red_hat.mp4").read_bytes())
    build(folder, counting)
    one, other = rows(folder)["hats/red_hat.mp4"], rows(folder)["copy.mp4"]
    assert (one.content_hash, one.time_s) == (other.content_hash, other.time_s)


def test_a_broken_and_an_empty_video_are_named_and_the_rest_goes_on(
    folder: Path, extractor: Extractor
) -> None:
    whole = (folder / "hats" / "red_hat.mp4").read_bytes()
    (folder / "broken.mp4").write_bytes(whole[: len(whole) // 4])
    (folder / "empty.webm").write_bytes(b"")
    (folder / "words.mov").write_bytes(b"not a video at all")
    summary = build(folder, extractor)
    assert sorted(error.row_code for error in summary.failed) == [
        "broken_video",
        "empty_picture",
        "not_a_picture",
    ]
    assert summary.new == 3


def test_a_feed_names_videos_and_pictures_of_one_product(
    tmp_path: Path, extractor: Extractor
) -> None:
    root = tmp_path / "shop"
    write_clip(root / "turn.webm", pan(drawing(5, SIZE), SIZE, 10), WEBM)
    (root / "front.png").write_bytes(picture(5))
    catalog = write_catalog(
        root, [{"id": "a", "image": "turn.webm"}, {"id": "a", "image": "front.png"}]
    )
    summary = build(root, extractor, catalog)
    assert (summary.products, summary.pictures, summary.failed) == (1, 2, ())


def test_a_zip_of_clips_is_a_catalogue(folder: Path, extractor: Extractor) -> None:
    path = folder.parent / "clips.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder).as_posix())
    summary = build(folder, extractor, path)
    assert (summary.products, summary.failed) == (3, ())
    search = service(folder, extractor)
    assert search.picture(rows(folder)["shoes/boot.avi"].content_hash)


def test_times_outlive_compaction_and_the_next_version(folder: Path, extractor: Extractor) -> None:
    build(folder, extractor)
    before = rows(folder)
    with StoreWriter(folder.parent / "store", extractor.spec) as writer:
        writer.compact(everything=True)
    assert rows(folder) == before


def test_times_come_back_from_milvus() -> None:
    for time_s in (None, 0.0, 2.48):
        shown = GalleryPicture("a", "clip.mp4", "f" * 32, time_s)
        row = Member(1, np.zeros(4, np.float32), shown, Product("a"), 1).as_row()
        assert picture_of(row) == shown


def test_a_store_without_videos_is_written_as_before(tmp_path: Path, extractor: Extractor) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "a.png").write_bytes(picture(1))
    build(root, extractor)
    (table,) = (tmp_path / "store").glob("rows-*.csv")
    with table.open(newline="") as file:
        assert next(csv.reader(file)) == ["product_id", "image", "content_hash"]


def test_another_extractor_embeds_the_whole_video_again(folder: Path, extractor: Extractor) -> None:
    build(folder, extractor)
    view = open_store(folder.parent / "store")
    kept = _KeptPictures(view, Vault(folder.parent / "vault"))
    build_store(read_catalog(folder), kept, folder.parent / "other", extractor)
    again = {row.location: row for row in open_store(folder.parent / "other").live_pictures}
    assert again == rows(folder)


def test_a_video_finds_the_product_of_another_video(folder: Path, extractor: Extractor) -> None:
    build(folder, extractor)
    video = clip(cuts([drawing(1, SIZE), drawing(1, SIZE)], SIZE, 10), AVI)
    result = service(folder, extractor).search(Query(video))
    assert result.hits[0].product.id == "hats/red_hat"


def test_a_video_and_a_product_are_blended(folder: Path, extractor: Extractor) -> None:
    build(folder, extractor)
    search = service(folder, extractor)
    video = (folder / "hats" / "red_hat.mp4").read_bytes()
    vector = search.watch(video).vector
    row = rows(folder)["hats/red_hat.mp4"]
    view = open_store(folder.parent / "store")
    assert np.allclose(vector, view.vector(view.rows_with(row.content_hash)[0]))
    hits = search.blend([Query(video)], ["shoes/boot"]).hits
    assert hits[0].product.id == "hats/red_hat"
