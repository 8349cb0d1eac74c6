"""Names in ZIP archives, as programs of many countries write them without telling how."""

import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from features.catalog import read_catalog, read_pictures
from features.errors import RowError
from features.pictures import Archive, open_archive
from tests.helpers import picture

JAPANESE = ["表/ソファ.png", "表/赤いTシャツ.png", "能登/漆器 十枚.png", "靴A.png"]
KOREAN = ["신발/빨간 운동화.png", "신발/파란 구두.png", "머그컵.png"]
CHINESE = ["鞋子/红色运动鞋.png", "鞋子/蓝色皮鞋.png", "马克杯.png"]
TAIWANESE = ["功能/許願杯.png", "功能/紅色運動鞋.png", "馬克杯.png"]


def packed(path: Path, names: list[str], encoding: str, feed: str = "") -> Path:
    """An archive whose names are of an encoding that nothing tells."""
    stand_ins = {f"{number:04}": name.encode(encoding) for number, name in enumerate(names)}
    with zipfile.ZipFile(path, "w") as archive:
        for number, (stand_in, name) in enumerate(stand_ins.items()):
            archive.writestr(stand_in.ljust(len(name), "x"), picture(number))
        if feed:
            archive.writestr("shop/feed.csv", feed)
    data = path.read_bytes()
    for stand_in, name in stand_ins.items():
        data = data.replace(stand_in.ljust(len(name), "x").encode(), name)
    path.write_bytes(data)
    return path


def opened(folder: Path, names: list[str], encoding: str) -> Archive:
    return open_archive(packed(folder / "a.zip", names, encoding))


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (JAPANESE, "cp932"),
        (KOREAN, "cp949"),
        (CHINESE, "gbk"),
        (TAIWANESE, "big5"),
        (["Größe.png", "Äpfel/Übergröße.png"], "cp850"),
        (["château/à côté.png", "été/crème brûlée.png"], "cp850"),
        (["señor niño.png"], "cp437"),
        ([*JAPANESE, *KOREAN, *CHINESE, *TAIWANESE], "utf-8"),
    ],
)
def test_names_are_read_as_they_were_written(
    tmp_path: Path, names: list[str], encoding: str
) -> None:
    archive = opened(tmp_path, names, encoding)
    assert (archive.names, archive.skipped) == (names, {})
    assert [archive.read(name) for name in names] == [picture(n) for n in range(len(names))]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("表.png", "cp932"),
        ("鞋A/功A.png", "big5"),  # too little to tell, and a byte that looks like a backslash
        ("Größe.png", "cp1252"),
        ("Černý hrnek.png", "cp852"),
        ("Кружка/красная.png", "cp866"),
        ("Кружка/красная.png", "cp1251"),
        ("κούπα.png", "cp1253"),
        ("靴A.png", "cp932"),
        ("ФОТО1.png", "cp866"),  # what it is in Japanese is common, too
        ("ФОТО1.png", "cp1251"),
    ],
)
def test_a_feed_finds_its_pictures_however_their_names_were_written(
    tmp_path: Path, name: str, encoding: str
) -> None:
    feed = f"id,title,description,category,image\na,A,,B,{name}\n"
    catalog = read_catalog(packed(tmp_path / "a.zip", [f"shop/{name}"], encoding, feed))
    assert catalog.pictures is not None
    assert catalog.pictures.read(name) == picture(0)


def test_no_picture_of_a_folder_is_lost_for_a_byte_that_looks_like_a_backslash(
    tmp_path: Path,
) -> None:
    catalog = read_pictures(packed(tmp_path / "a.zip", JAPANESE, "cp932"))
    rows = list(catalog.read())
    assert len(rows) == len(JAPANESE)
    assert not any(isinstance(row, RowError) for row in rows)


def test_a_second_name_in_utf8_is_the_name(tmp_path: Path) -> None:
    raw, name = b"Gr\x81\xe1e.png", "Kružka.png"
    field = struct.pack("<BL", 1, zlib.crc32(b"0000xxxxx")) + name.encode()
    member = zipfile.ZipInfo("0000xxxxx")
    member.extra = struct.pack("<HH", 0x1234, 2) + b"ab"
    member.extra += struct.pack("<HH", 0x7075, len(field)) + field
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, b"a")
    assert open_archive(path).names == [name]
    path.write_bytes(path.read_bytes().replace(b"0000xxxxx", raw))  # another program renamed it
    assert open_archive(path).names == [raw.decode("cp437")]


@pytest.mark.parametrize("name", ["c:a.png", "T: shirt.png", "a/c:/b.png", "16:9.png"])
def test_a_colon_is_a_letter_of_a_name(tmp_path: Path, name: str) -> None:
    assert opened(tmp_path, [name], "ascii").read(name) == picture(0)
