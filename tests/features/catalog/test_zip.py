"""ZIP archives as catalogues: a feed with its pictures, or pictures alone."""

import random
import stat
import time
import zipfile
from pathlib import Path

import pytest

from features.catalog import Catalog, read_catalog
from features.errors import (
    ArchiveEncryptedError,
    ArchiveError,
    CatalogColumnsError,
    CatalogError,
    RowError,
    VisualSearchError,
)
from features.types import CatalogEntry, PictureRef
from tests.helpers import picture

FEED = "id,title,image\n1,Shoe,images/1.png\n2,Hat,images/2.png\n1,Shoe,images/3.png\n"
PICTURES = {f"images/{number}.png": picture(number) for number in (1, 2, 3)}


def packed(folder: Path, files: dict[str, bytes | str], name: str = "shop.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in files.items():
            archive.writestr(member, data)
    return path


def entries(catalog: Catalog) -> list[CatalogEntry]:
    return [entry for entry in catalog if isinstance(entry, CatalogEntry)]


def errors(catalog: Catalog) -> list[RowError]:
    return [entry for entry in catalog if isinstance(entry, RowError)]


@pytest.mark.parametrize("folder", ["", "my shop/"])
@pytest.mark.parametrize("feed", ["catalog.csv", "FEED.CSV", "products.tsv", "export.txt"])
def test_a_feed_is_read_with_its_pictures(tmp_path: Path, folder: str, feed: str) -> None:
    files = {feed: FEED.replace(",", "\t") if feed.endswith("tsv") else FEED, **PICTURES}
    catalog = read_catalog(packed(tmp_path, {folder + name: files[name] for name in files}))
    assert catalog.format == "csv"
    shoe, hat = entries(catalog)
    assert errors(catalog) == []
    assert shoe.pictures == (PictureRef("images/1.png", 2), PictureRef("images/3.png", 4))
    assert catalog.pictures.read(hat.pictures[0].location) == PICTURES["images/2.png"]
    assert list(tmp_path.iterdir()) == [tmp_path / "shop.zip"]


def test_a_feed_in_an_archive_is_recognised_like_a_file(tmp_path: Path) -> None:
    feed = 'uniq_id,product_name,product_category_tree,image\n1,Shoe,"[""Shoes >> Shoe""]",'
    catalog = read_catalog(packed(tmp_path, {"a.csv": feed + '"[""https://x.example/1.jpg""]"\n'}))
    assert catalog.format == "flipkart"
    assert [entry.product.category for entry in catalog if isinstance(entry, CatalogEntry)] == [
        "Shoes"
    ]


def test_a_feed_that_cannot_be_used_is_named_within_its_archive(tmp_path: Path) -> None:
    path = packed(tmp_path, {"shop/feed.csv": "sku,picture\n1,a.jpg\n", "shop/a.jpg": b""})
    with pytest.raises(CatalogColumnsError, match=r"shop\.zip/shop/feed\.csv lacks"):
        read_catalog(path)


def test_several_feeds_are_named(tmp_path: Path) -> None:
    path = packed(tmp_path, {"b.csv": FEED, "a.xml": "<rss/>", **PICTURES})
    with pytest.raises(CatalogError, match=r"several feeds: a\.xml, b\.csv; pack one"):
        read_catalog(path)


def test_pictures_alone_are_a_catalogue_as_in_a_folder(tmp_path: Path) -> None:
    names = ["hat.png", "Shoes/Running/blue_trail-shoe.JPG", "Shoes/boot.webp", "hat.jpg"]
    unpacked = tmp_path / "unpacked"
    for name in names:
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_bytes(b"")
    catalog = read_catalog(packed(tmp_path, dict.fromkeys([*names, "sound.mp3"], b"")))
    assert catalog.format == "folder"
    assert list(catalog) == list(read_catalog(unpacked))
    assert [entry.product.category for entry in entries(catalog)] == [
        "",
        "Shoes",
        "Shoes > Running",
    ]


def test_a_folder_around_everything_is_no_category(tmp_path: Path) -> None:
    files = {"All my pictures/Shoes/boot.png": b"boot", "__MACOSX/Shoes/._boot.png": b"x"}
    catalog = read_catalog(packed(tmp_path, {**files, "All my pictures/.DS_Store": b"x"}))
    (boot,) = entries(catalog)
    assert (boot.product.id, boot.product.category) == ("Shoes/boot", "Shoes")
    assert catalog.pictures.read(boot.pictures[0].location) == b"boot"


def test_a_feed_deep_inside_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    catalog = read_catalog(packed(tmp_path, {"feeds/catalog.csv": FEED, "pictures/a.png": b"a"}))
    (error,) = errors(catalog)
    assert "'feeds/catalog.csv' is left out: a feed is read only where" in str(error)
    assert len(entries(catalog)) == 1


def test_files_that_cannot_be_used_are_named_before_the_rows(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("images/2.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("catalog.csv", FEED)
        archive.writestr("more.zip", b"PK")
        archive.writestr(link, "1.png")
    nested, linked, *rows = read_catalog(path)
    assert [str(nested), str(linked)] == [
        "the file 'more.zip' is left out: it is an archive within the archive; "
        "pack its files directly",
        "the file 'images/2.png' is left out: it is a link or a special file; pack the file itself",
    ]
    assert [entry.product.id for entry in rows if isinstance(entry, CatalogEntry)] == ["1", "2"]


def test_a_feed_that_is_a_bomb_is_not_read(tmp_path: Path) -> None:
    path = packed(tmp_path, {"catalog.csv": FEED + " " * 3_000_000, **PICTURES})
    with pytest.raises(ArchiveError, match=r"'catalog\.csv' .* 200 times"):
        read_catalog(path)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}, "feed.xlsx"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}, "feed.csv"),
        ({"mimetype": "x", "META-INF/manifest.xml": "<x/>", "content.xml": "<x/>"}, "feed.ods"),
    ],
)
def test_a_spreadsheet_is_to_be_exported(
    tmp_path: Path, files: dict[str, bytes | str], name: str
) -> None:
    with pytest.raises(CatalogError, match=r"Excel file .* export the sheet as CSV"):
        read_catalog(packed(tmp_path, files, name))


@pytest.mark.parametrize("content", [b"", b"id,image\n1,a.jpg\n", b"PK\x03\x04 and no more"])
def test_what_is_only_called_an_archive_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "shop.zip").write_bytes(content)
    with pytest.raises(ArchiveError, match="cut short or damaged"):
        read_catalog(tmp_path / "shop.zip")


def test_a_locked_archive_has_its_own_error(tmp_path: Path) -> None:
    path = packed(tmp_path, {"catalog.csv": FEED})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveEncryptedError, match="password"):
        read_catalog(path)


def test_an_empty_archive_has_no_products(tmp_path: Path) -> None:
    assert list(read_catalog(packed(tmp_path, {}))) == []


def test_a_feed_that_is_damaged_ends_with_an_error(tmp_path: Path) -> None:
    feed = "id,title,image\n" + "".join(
        f"{number},Thing {number * number % 7919},{number}.png\n" for number in range(5000)
    )
    path = packed(tmp_path, {"catalog.csv": feed})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(CatalogError):
        list(read_catalog(path))


def used(path: Path) -> None:
    """Everything that is ever done with a catalogue."""
    catalog = read_catalog(path)
    for entry in catalog:
        if isinstance(entry, RowError):
            str(entry).encode()
            continue
        for shown in entry.pictures:
            catalog.pictures.stamp(shown.location)
            try:
                catalog.pictures.read(shown.location)
            except VisualSearchError as error:
                str(error).encode()


def test_no_damage_leads_to_more_than_an_error(tmp_path: Path) -> None:
    chance = random.Random(20)
    sound = packed(tmp_path, {"catalog.csv": FEED, **PICTURES}).read_bytes()
    directory = sound.index(b"PK\x01\x02")
    path = tmp_path / "damaged.zip"
    refused = 0
    for _ in range(200):
        data = bytearray(sound)
        first = chance.choice([0, directory])  # half of the damage hits the directory
        for _ in range(chance.choice([1, 2, 8])):
            data[chance.randrange(first, len(data))] = chance.choice([0, 1, 0x7F, 0xFF])
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        path.write_bytes(data)
        started = time.perf_counter()
        try:
            used(path)
        except VisualSearchError as error:
            str(error).encode()
            refused += 1
        assert time.perf_counter() - started < 1
    assert 50 < refused < 200
