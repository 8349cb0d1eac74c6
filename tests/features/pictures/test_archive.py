"""ZIP archives as places of pictures: read in place, and no trick of their makers works."""

import stat
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from features.errors import (
    ArchiveEncryptedError,
    ArchiveError,
    ArchiveTooLargeError,
    PictureNotFoundError,
    PictureOutsideCatalogError,
    PictureTooLargeError,
    RemotePictureError,
)
from features.images import PictureLimits
from features.pictures import Archive, ArchiveLimits, is_archive, open_archive
from tests.helpers import picture

Member = tuple[str | zipfile.ZipInfo, bytes]


def packed(path: Path, *members: Member, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of names that are there twice
        for name, data in members:
            archive.writestr(name, data)
    return path


def opened(folder: Path, *members: Member, limits: ArchiveLimits | None = None) -> Archive:
    return open_archive(packed(folder / "shop.zip", *members), limits or ArchiveLimits())


def patched(path: Path, change: Callable[[bytearray], None]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def in_directory(field: int, form: str, value: int) -> Callable[[bytearray], None]:
    """Changes a field of the first entry in the archive's directory."""
    return lambda data: struct.pack_into(form, data, data.index(b"PK\x01\x02") + field, value)


def test_pictures_are_read_where_they_lie(tmp_path: Path) -> None:
    pictures = {"a.png": picture(1), "Shoes/b.png": picture(2)}
    archive = opened(tmp_path, *pictures.items())
    assert archive.names == list(pictures)
    assert archive.permanent is False
    assert {name: archive.read(name) for name in archive.names} == pictures
    assert list(tmp_path.iterdir()) == [tmp_path / "shop.zip"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_files_are_read(tmp_path: Path, method: int) -> None:
    data = b"word " * 100_000
    archive = open_archive(packed(tmp_path / "a.zip", ("a.txt", data), method=method))
    with archive.open("a.txt") as file:
        assert file.read(7) == data[:7]
        assert file.read() == data[7:]


def test_paths_start_in_a_folder_and_stay_there(tmp_path: Path) -> None:
    archive = opened(tmp_path, ("x.png", b"x"), ("shop/a.png", b"a"), ("shop/b/c.png", b"c"))
    shop = archive.at("shop")
    assert shop.names == ["a.png", "b/c.png"]
    for location in ("b/c.png", "./b//c.png", "b\\c.png", "b/../b/c.png"):
        assert shop.read(location) == b"c"
    for location in ("../x.png", "..", "b/../../x.png", "/x.png", "..\\x.png", "//h/x.png"):
        with pytest.raises(PictureOutsideCatalogError, match="outside"):
            shop.read(location)
        assert shop.stamp(location) is None
    assert shop.at("b").read("c.png") == b"c"


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    archive = opened(tmp_path, ("a.png", b"a"))
    with pytest.raises(PictureNotFoundError, match=r"'b\.png'"):
        archive.read("b.png")
    with pytest.raises(RemotePictureError, match="on the web"):
        archive.read("https://shop.example/a.png")
    with pytest.raises(ArchiveError, match=r"b\.csv"):
        archive.open("b.csv")


def test_a_suffix_may_be_in_the_other_case(tmp_path: Path) -> None:
    archive = opened(tmp_path, ("a.JPG", b"a"))
    assert archive.read("a.jpg") == b"a"
    assert archive.stamp("a.jpg") == archive.stamp("a.JPG")


def test_a_stamp_tells_other_bytes(tmp_path: Path) -> None:
    first = opened(tmp_path, ("a.png", b"one"), ("b.png", b"two"), ("c.png", b"one"))
    assert first.stamp("a.png") == first.stamp("c.png") != first.stamp("b.png")
    assert first.stamp("d.png") is None


def test_a_picture_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    archive = opened(tmp_path, ("a.png", bytes(2000)))
    with pytest.raises(PictureTooLargeError, match="MB"):
        archive.read("a.png", PictureLimits(max_bytes=1999))
    assert archive.read("a.png", PictureLimits(max_bytes=2000)) == bytes(2000)


def test_many_threads_read_at_once(tmp_path: Path) -> None:
    pictures = {f"{number}.png": picture(number) for number in range(8)}
    archive = opened(tmp_path, *pictures.items())
    names = list(pictures) * 25
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(archive.read, names)) == [pictures[name] for name in names]


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    lines = "".join(f"{number},Shoe\n" for number in range(400_000)).encode()
    archive = opened(tmp_path, ("feed.csv", lines))
    tracemalloc.start()
    try:
        with archive.open("feed.csv") as file:
            assert sum(1 for _ in file) == 400_000
        assert tracemalloc.get_traced_memory()[1] < len(lines) / 4
    finally:
        tracemalloc.stop()


def test_names_of_every_alphabet_are_found(tmp_path: Path) -> None:
    names = ["Größe.png", "鞋.png", "cafe\u0301.png"]
    archive = opened(tmp_path, *((name, name.encode()) for name in names))
    assert archive.read("鞋.png") == "鞋.png".encode()
    assert archive.read("caf\u00e9.png") == archive.read("cafe\u0301.png")


@pytest.mark.parametrize("encoding", ["cp437", "utf-8"])
def test_names_without_a_mark_are_read_as_what_they_are(tmp_path: Path, encoding: str) -> None:
    name = "Größe.png".encode(encoding)
    stand_in = "x" * len(name)
    path = packed(tmp_path / "a.zip", (stand_in, b"a"))
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), name))
    assert open_archive(path).names == ["Größe.png"]


def test_backslashes_are_slashes(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("a.png")
    member.filename = "Shoes\\a.png"  # as old Windows programs write it
    assert opened(tmp_path, (member, b"a")).read("Shoes/a.png") == b"a"


def test_what_systems_add_is_not_there(tmp_path: Path) -> None:
    junk = ["__MACOSX/._a.png", ".DS_Store", "b/Thumbs.db", ".git/a.png", "b/.a.png", "Desktop.ini"]
    archive = opened(tmp_path, *((name, b"x") for name in [*junk, "b/", "./a.png"]))
    assert (archive.names, archive.skipped) == (["a.png"], {})


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "b/../../a.png",
        "b/../a.png",
        "/a.png",
        "C:\\a.png",
        "..\\a.png",
        "\\\\host\\a.png",
        "a.png\x00.txt",
    ],
)
def test_a_name_that_leads_out_betrays_the_archive(tmp_path: Path, name: str) -> None:
    member = zipfile.ZipInfo("x")
    member.filename = name
    with pytest.raises(ArchiveError, match="leads out"):
        opened(tmp_path, ("good.png", b"x"), (member, b"x"))


def of_kind(name: str, mode: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    return member


def test_a_file_that_cannot_be_used_is_left_out_with_its_reason(tmp_path: Path) -> None:
    archive = opened(
        tmp_path,
        ("good.png", b"good"),
        (of_kind("link.png", stat.S_IFLNK | 0o777), b"/etc/passwd"),
        (of_kind("pipe.png", stat.S_IFIFO | 0o644), b""),
        ("more.ZIP", b"PK\x03\x04"),
        ("more.tar.gz", b"\x1f\x8b"),
        ("twice.png", b"one"),
        ("twice.png", b"two"),
        ("twice.png", b"three"),
        ("bomb.png", bytes(3_000_000)),
        ("large.bmp", bytes(range(256)) * 16_000),
        limits=ArchiveLimits(max_member_bytes=4_000_000),
    )
    assert archive.names == ["good.png"]
    reasons = {name: reason.split(";")[0] for name, reason in archive.skipped.items()}
    assert reasons == {
        "link.png": "it is a link or a special file",
        "pipe.png": "it is a link or a special file",
        "more.ZIP": "it is an archive within the archive",
        "more.tar.gz": "it is an archive within the archive",
        "twice.png": "the archive holds several files of this name",
        "bomb.png": "it unpacks to more than 200 times its size",
        "large.bmp": "it has more than the 4 MB allowed",
    }
    with pytest.raises(PictureNotFoundError, match="200 times"):
        archive.read("bomb.png")


def test_a_small_file_may_pack_well(tmp_path: Path) -> None:
    assert len(opened(tmp_path, ("white.bmp", bytes(900_000))).read("white.bmp")) == 900_000


@pytest.mark.parametrize(
    "limits",
    [
        ArchiveLimits(max_members=2),
        ArchiveLimits(max_members=0),
        ArchiveLimits(max_total_bytes=29),
    ],
)
def test_an_archive_beyond_its_limits_is_refused(tmp_path: Path, limits: ArchiveLimits) -> None:
    with pytest.raises(ArchiveTooLargeError, match=r"[Mm]ake several archives"):
        opened(tmp_path, *((f"{number}.png", bytes(10)) for number in range(3)), limits=limits)


def test_a_directory_of_many_entries_takes_no_memory(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.png", b"a"))
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = data[start:end] * 300_000
    tail = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), start, 0)
    path.write_bytes(data[:start] + directory + tail)
    with pytest.raises(ArchiveTooLargeError, match="200000 files"):
        open_archive(path)


def test_an_archive_with_a_password_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.png", b"secret"))
    with pytest.raises(ArchiveEncryptedError, match="password"):
        open_archive(patched(path, in_directory(8, "<H", 0x1)))


@pytest.mark.parametrize(
    ("method", "name"), [(9, "Deflate64"), (12, "BZIP2"), (14, "LZMA"), (77, "method 77")]
)
def test_an_unusual_packing_is_named(tmp_path: Path, method: int, name: str) -> None:
    path = packed(tmp_path / "a.zip", ("a.png", b"a"))
    with pytest.raises(ArchiveError, match=name):
        open_archive(patched(path, in_directory(10, "<H", method)))


def zip_with_shared_bytes(path: Path, offsets: Iterable[int]) -> Path:
    """Several entries of the directory that begin at given places of one packed file."""
    packed(path, ("a.png", bytes(50_000)))
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = []
    for number, offset in enumerate(offsets):
        entry = bytearray(data[start:end].replace(b"a.png", b"%05d" % number))
        struct.pack_into("<L", entry, 42, offset)
        entries.append(bytes(entry))
    directory = b"".join(entries)
    count = len(entries)
    tail = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    path.write_bytes(data[:start] + directory + tail)
    return path


@pytest.mark.parametrize("offsets", [[0, 0, 0], [0, 31], [0, 20, 40]])
def test_files_that_share_bytes_betray_the_archive(tmp_path: Path, offsets: list[int]) -> None:
    with pytest.raises(ArchiveError, match="same place"):
        open_archive(zip_with_shared_bytes(tmp_path / "a.zip", offsets))


def test_a_file_past_the_end_is_damage(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="past its end"):
        open_archive(zip_with_shared_bytes(tmp_path / "a.zip", [60]))


@pytest.mark.parametrize(
    "change",
    [
        in_directory(16, "<L", 12345),  # the checksum
        in_directory(24, "<L", 400),  # a smaller size than there is
        in_directory(24, "<L", 90_000),  # a larger one
        in_directory(20, "<L", 9),  # fewer packed bytes
        lambda data: struct.pack_into("<L", data, 0, 0),  # the header
        lambda data: data.__setitem__(slice(60, 64), b"\xff\xff\xff\xff"),  # the packed bytes
    ],
)
def test_a_damaged_file_is_found_when_it_is_read(
    tmp_path: Path, change: Callable[[bytearray], None]
) -> None:
    data = b"".join(b"%d," % (number * number) for number in range(2000))
    path = packed(tmp_path / "a.zip", ("a.png", data))
    archive = open_archive(patched(path, change))
    with pytest.raises(PictureNotFoundError, match=r"'a\.png' in .* is damaged"):
        archive.read("a.png")
    with pytest.raises(ArchiveError, match="damaged"), archive.open("a.png") as file:
        file.read()


@pytest.mark.parametrize("keep", [0, 3, 40, 0.5, -1, -20])
def test_an_archive_that_is_cut_short_says_so(tmp_path: Path, keep: float) -> None:
    path = packed(tmp_path / "a.zip", *((f"{number}.png", picture(number)) for number in range(3)))
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])
    with pytest.raises(ArchiveError, match="cut short or damaged"):
        open_archive(path)


def test_an_archive_that_has_gone_says_so(tmp_path: Path) -> None:
    archive = opened(tmp_path, ("a.png", b"a"))
    archive.path.unlink()
    with pytest.raises(PictureNotFoundError, match="cannot be read"):
        archive.read("a.png")
    with pytest.raises(ArchiveError, match="cannot be read"):
        open_archive(archive.path)


def test_archives_beyond_four_gigabytes_have_larger_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.png", "w", force_zip64=True) as out:
        out.write(b"large")
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = bytearray(data[start:end])
    size = struct.unpack_from("<L", entry, 24)[0]
    struct.pack_into("<L", entry, 24, 0xFFFFFFFF)
    struct.pack_into("<H", entry, 30, 12)
    directory = bytes(entry) + struct.pack("<HHQ", 1, 8, size)
    tail = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(directory), start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
    last = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    path.write_bytes(data[:start] + directory + tail + locator + last)
    assert open_archive(path).read("a.png") == b"large"


def test_bytes_before_the_archive_do_no_harm(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.png", b"a"))
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert open_archive(path).read("a.png") == b"a"


def test_an_archive_is_known_by_its_name_or_its_bytes(tmp_path: Path) -> None:
    zipped = packed(tmp_path / "noname", ("a", b"a"))
    empty = packed(tmp_path / "empty")
    wrong = tmp_path / "a.ZIP"
    wrong.write_bytes(b"id,image\n")
    feed = tmp_path / "a.csv"
    feed.write_bytes(b"id,image\n")
    assert [is_archive(path) for path in (zipped, empty, wrong, feed)] == [True, True, True, False]
