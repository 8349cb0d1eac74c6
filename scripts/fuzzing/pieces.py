"""Files cut where their formats have seams: chunks, segments, boxes, lines."""

import struct
import zlib
from collections.abc import Iterator, Sequence

_PNG = b"\x89PNG\r\n\x1a\n"
_EQUAL_PARTS = 24
_BOXES_OF_BOXES = {
    b"moov": 8, b"trak": 8, b"mdia": 8, b"minf": 8, b"stbl": 8, b"meta": 12, b"iprp": 8, b"ipco": 8
}  # fmt: skip
"""With the bytes that come before the first box within."""


def pieces(data: bytes) -> list[bytes]:
    """The parts of a file; joined they are the file again. Equal parts where no seam is known."""
    if data.startswith(_PNG):
        return list(_sized(data, len(_PNG), ">I", 0, 12))
    if data.startswith(b"\xff\xd8"):
        return list(_jpeg_segments(data))
    if data.startswith(b"RIFF"):
        return list(_sized(data, 12, "<I", 4, 8))
    if data[4:8] == b"ftyp":
        return list(_boxes(data))
    if data.startswith(b"PK"):
        return [data[:0], *_cut_before(data, b"PK")]
    if b"\x00" not in data[:4096] and data.count(b"\n") > 2:
        return data.splitlines(keepends=True)
    size = max(1, len(data) // _EQUAL_PARTS)
    return [data[at : at + size] for at in range(0, len(data), size)]


def repaired(data: bytes) -> bytes:
    """A PNG with right checksums, so that what was done to it is not refused by these alone."""
    if not data.startswith(_PNG):
        return data
    return b"".join(_with_checksum(piece) for piece in pieces(data))


def _with_checksum(chunk: bytes) -> bytes:
    if chunk == _PNG or len(chunk) < 12:
        return chunk
    return chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4]))


def _sized(data: bytes, start: int, form: str, where: int, around: int) -> Iterator[bytes]:
    """Parts that tell their own size: at `where`, without the `around` bytes of their frame."""
    if start:
        yield data[:start]
    while start + where + 4 <= len(data):
        size = struct.unpack_from(form, data, start + where)[0] + around
        end = min(start + max(size + (size & (form == "<I")), 8), len(data))
        yield data[start:end]
        start = end
    if start < len(data):
        yield data[start:]


def _boxes(data: bytes) -> Iterator[bytes]:
    for box in _sized(data, 0, ">I", 0, 0):
        before = _BOXES_OF_BOXES.get(box[4:8])
        if before is None or len(box) <= before:
            yield box
        else:
            yield box[:before]
            yield from _boxes(box[before:])


def _jpeg_segments(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = min(at + 2 + struct.unpack_from(">H", data, at + 2)[0], len(data))
        yield data[at:end]
        at = end
    yield data[at:]


def _cut_before(data: bytes, mark: bytes) -> Sequence[bytes]:
    return [mark + part for part in data.split(mark)[1:]]
