"""Feeds that are not UTF-8: marked ones are recognised, of others a shop says what they are."""

from pathlib import Path

import pytest

from features.catalog import FeedOptions, read_catalog
from features.errors import CatalogError, RowError
from features.types import CatalogEntry

FEED = "id;title;image;price\n1;Grüße für 5 €;käse.jpg;4,99 €\n"


def titles(folder: Path, content: bytes, encoding: str = "") -> list[str]:
    path = folder / "feed.csv"
    path.write_bytes(content)
    rows = list(read_catalog(path, FeedOptions(encoding=encoding)))
    assert all(isinstance(row, CatalogEntry) for row in rows), rows
    return [row.product.title for row in rows if isinstance(row, CatalogEntry)]


@pytest.mark.parametrize(
    ("text", "codec", "encoding", "title"),
    [
        (FEED, "utf-16", "", "Grüße für 5 €"),
        ("\ufeff" + FEED.replace(";", "\t"), "utf-16-be", "", "Grüße für 5 €"),
        (FEED, "utf-16-le", "utf-16-le", "Grüße für 5 €"),
        (FEED, "cp1252", "windows-1252", "Grüße für 5 €"),
        (FEED, "cp1252", "Latin-1", "Grüße für 5 €"),
        (FEED, "iso8859-15", "iso-8859-15", "Grüße für 5 €"),
        ("id,title,image\n1,Żółty,a.jpg\n", "cp1250", "windows-1250", "Żółty"),
        ("id,title,image\n1,Кружка,a.jpg\n", "cp1251", "Windows-1251", "Кружка"),
        ("id,title,image\n1,青い①カップ,a.jpg\n", "cp932", "shift_jis", "青い①カップ"),
        ("id,title,image\n1,蓝色杯子,a.jpg\n", "gb18030", "gb2312", "蓝色杯子"),
        ("id,title,image\n1,파란 컵,a.jpg\n", "euc_kr", "euc-kr", "파란 컵"),
    ],
)
def test_a_feed_of_excel_is_read_in_its_own_letters(
    tmp_path: Path, text: str, codec: str, encoding: str, title: str
) -> None:
    assert titles(tmp_path, text.encode(codec), encoding) == [title]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_what_a_feed_says_itself_counts_more_than_what_is_told(tmp_path: Path, codec: str) -> None:
    assert titles(tmp_path, FEED.encode(codec), "windows-1252") == ["Grüße für 5 €"]


def test_other_letters_are_told_of_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_bytes(FEED.encode("cp1252"))
    (row,) = read_catalog(tmp_path / "feed.csv")
    assert isinstance(row, RowError)
    assert "--encoding windows-1252" in str(row)


def test_a_byte_that_is_no_letter_costs_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(FEED.encode("cp1252") + b"2;Caf\x81;b.jpg;1\n3;Tee;c.jpg;2\n")
    rows = list(read_catalog(path, FeedOptions(encoding="windows-1252")))
    (bad,) = [row for row in rows if isinstance(row, RowError)]
    assert len(rows) == 3
    assert (bad.line, bad.row_code) == (3, "not_utf8")
    assert "not cp1252 text" in str(bad)


@pytest.mark.parametrize("name", ["excel", "base64", "zlib", "idna", "utf-7", "a\x00b", "x" * 999])
def test_an_unknown_encoding_is_refused_with_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError, match="windows-1252"):
        titles(tmp_path, FEED.encode(), name)


def test_half_a_letter_at_the_end_of_utf_16_ends_no_reading(tmp_path: Path) -> None:
    text = "id,title,image\n1,Cup,a.jpg\n2,Mug,b.jpg"
    assert titles(tmp_path, text.encode("utf-16")[:-1]) == ["Cup", "Mug"]
