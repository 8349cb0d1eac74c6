"""Feeds packed with gzip are read as if they were not, and bombs are stopped."""

import gzip
import os
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.catalog.feed import FeedFile
from features.catalog.gzipped import unpacked
from features.errors import ArchiveError, ArchiveTooLargeError, CatalogError
from features.pictures import ArchiveLimits
from features.types import CatalogEntry
from tests.features.catalog.test_google_xml import RSS

FEED = b"id,title,image\n1,Cup,a.jpg\n2,Mug,b.jpg\n"


def packed(folder: Path, content: bytes, name: str = "feed.csv.gz") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content))
    return path


def products(path: Path) -> list[str]:
    return [row.product.title for row in read_catalog(path) if isinstance(row, CatalogEntry)]


@pytest.mark.parametrize("name", ["feed.csv.gz", "feed.csv", "export"])
def test_a_packed_table_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert products(packed(tmp_path, FEED, name)) == ["Cup", "Mug"]


def test_packed_utf_16_is_read(tmp_path: Path) -> None:
    assert products(packed(tmp_path, FEED.decode().encode("utf-16"))) == ["Cup", "Mug"]


def test_a_packed_xml_feed_is_recognised(tmp_path: Path) -> None:
    catalog = read_catalog(packed(tmp_path, RSS.encode(), "feed.xml.gz"))
    assert catalog.format == "google-xml"
    (tmp_path / "feed.xml").write_text(RSS)
    plain = read_catalog(tmp_path / "feed.xml")
    assert [str(row) for row in catalog] == [str(row) for row in plain] != []


def test_a_feed_that_was_packed_in_two_goes_is_read_to_its_end(tmp_path: Path) -> None:
    path = packed(tmp_path, FEED)
    path.write_bytes(path.read_bytes() + gzip.compress(b"3,Pot,c.jpg\n"))
    assert products(path) == ["Cup", "Mug", "Pot"]


@pytest.mark.parametrize("cut", [5, 40, -9, -4])
def test_a_feed_that_came_in_part_is_called_damaged(tmp_path: Path, cut: int) -> None:
    path = packed(tmp_path, FEED + os.urandom(2000).hex().encode())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ArchiveError, match=r"feed\.csv\.gz is damaged"):
        list(read_catalog(path))


def test_a_damaged_feed_is_not_read_as_a_shorter_one(tmp_path: Path) -> None:
    path = packed(tmp_path, FEED * 100)
    content = bytearray(path.read_bytes())
    content[-6] ^= 1  # in its checksum
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="damaged"):
        list(read_catalog(path))


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    with pytest.raises(ArchiveTooLargeError, match="200 times its size"):
        list(read_catalog(packed(tmp_path, b"id,image\n" + bytes(b"x" * 60_000_000))))


def test_no_feed_unpacks_to_more_than_is_allowed(tmp_path: Path) -> None:
    feed = FeedFile.at(packed(tmp_path, FEED * 10))
    with (
        unpacked(feed, ArchiveLimits(max_member_bytes=len(FEED) * 9)).open() as file,
        pytest.raises(ArchiveTooLargeError, match="parts"),
    ):
        file.read()


def test_what_is_packed_twice_or_is_no_feed_says_so(tmp_path: Path) -> None:
    for content in (gzip.compress(FEED), b"\x89PNG\r\n\x1a\n\x00\x00"):
        with pytest.raises(CatalogError, match="not a text file"):
            list(read_catalog(packed(tmp_path, content)))
