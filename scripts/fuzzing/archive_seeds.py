"""ZIP archives: sound ones, and such as only an attacker packs."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

from scripts.fuzzing.feed_seeds import feed_seeds
from scripts.fuzzing.picture_seeds import picture_seeds

_FEED = b"id,title,image\n1,Mug,pictures/1.png\n2,Kettle,pictures/2.png\n"
_BOMB_BYTES = 60_000_000
_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def archive_seeds() -> dict[str, bytes]:
    """The bytes of each by what it is."""
    pictures = picture_seeds()
    files = {
        "catalog.csv": _FEED,
        "pictures/1.png": pictures["PNG"],
        "pictures/2.png": pictures["PNG alpha"],
    }
    whole = _packed(files)
    return {
        "a feed with pictures": whole,
        "stored": _packed(files, zipfile.ZIP_STORED),
        "pictures alone": _packed({"Mugs/a.jpg": pictures["JPEG"], "Mugs/b.gif": pictures["GIF"]}),
        "a feed in XML": _packed({"shop/feed.xml": feed_seeds()["google-xml"]}),
        "nested": _packed({**files, "more.zip": whole, "deep/most.zip": _packed({"a.zip": whole})}),
        "a bomb": _packed({**files, "pictures/2.png": bytes(_BOMB_BYTES)}),
        "a feed that is a bomb": _packed({"catalog.csv": _FEED + b"1,x,y\n" * 300_000}),
        "one level up": _packed({**files, "../../outside.png": b"x"}),
        "absolute": _packed({**files, "/etc/passwd": b"x", "C:\\x.png": b"x"}),
        "a link": _with_link(files),
        "encrypted": _flagged(whole, 0x1),
        "strongly encrypted": _flagged(whole, 0x41),
        "sizes that lie": _resized(whole, 5_000_000),
        "sizes that promise little": _resized(whole, 3),
        "the same name twice": _packed_twice(files),
        "many files": _packed({f"{n}.png": b"" for n in range(500)}, zipfile.ZIP_STORED),
        "a spreadsheet": _packed({"[Content_Types].xml": b"<Types/>", "xl/a.xml": b"<a/>"}),
    }


def _packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def _with_link(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        link = zipfile.ZipInfo("pictures/3.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def _packed_twice(files: Mapping[str, bytes]) -> bytes:
    """Under the same names, the second time with other content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    once = buffer.getvalue()
    return once.replace(b"pictures/2.png", b"pictures/1.png")


def _flagged(data: bytes, flags: int) -> bytes:
    """With bits set in the flags of every header."""
    changed = bytearray(data)
    for mark, offset in ((_LOCAL, 6), (_CENTRAL, 8)):
        at = data.find(mark)
        while at >= 0:
            old = struct.unpack_from("<H", changed, at + offset)[0]
            struct.pack_into("<H", changed, at + offset, old | flags)
            at = data.find(mark, at + 4)
    return bytes(changed)


def _resized(data: bytes, size: int) -> bytes:
    """With another unpacked size in every entry of the directory."""
    changed = bytearray(data)
    at = data.find(_CENTRAL)
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, size)
        at = data.find(_CENTRAL, at + 4)
    return bytes(changed)
