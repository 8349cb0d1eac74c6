"""CSV tables read where they lie: a record is parsed when it is asked for."""

import hashlib
import mmap
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from features.store.manifest import DIGEST_SIZE, SegmentFile

_SMALL = 1 << 16
_PIECE = 1 << 20
_CHUNK = 4_096
_QUOTE, _COMMA, _FEED, _RETURN = b'",\n\r'
_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^,]*))(?:,|\Z)')

_Bytes = NDArray[np.uint8]
_Places = NDArray[np.int64]


class Table:
    """A CSV table as the store writes it. Of a large one only the places of its records are kept.

    The file stays mapped: it can be read to its end, even after it was deleted.
    """

    def __init__(
        self,
        folder: Path,
        file: SegmentFile,
        columns: Sequence[str],
        optional: Sequence[str] = (),
    ) -> None:
        """Read the file once, to know that it is whole and where its records are.

        Args:
            optional: what all of its records may have behind the other columns.

        Raises:
            OSError: it cannot be read.
            ValueError: it is not as it was written, or has other columns.
        """
        with (folder / file.name).open("rb") as opened:
            self._ends = _scanned(opened, file)
            self._content = _mapped(opened)
        header = _fields(self._content[: self._start(0)])
        if header not in ([*columns], [*columns, *optional]):
            raise ValueError(f"{file.name} has the columns {header}")
        self._columns = header

    def __len__(self) -> int:
        """The number of records, the header apart."""
        return len(self._ends) - 1

    def record(self, number: int) -> list[str]:
        """The fields of a record, 0 <= number < len(self)."""
        return _fields(self._content[self._start(number) : self._start(number + 1)])

    def records(self) -> Iterator[tuple[str, ...]]:
        """The fields of all records."""
        for first in range(0, len(self), _CHUNK):
            columns = self._texts(first, range(len(self._columns)))
            yield from zip(*columns, strict=True)

    def column(self, name: str) -> Iterator[str]:
        """One field of all records, without the work of reading the others."""
        place = self._columns.index(name)
        chunks = range(0, len(self), _CHUNK)
        return chain.from_iterable(chain(*self._texts(first, [place])) for first in chunks)

    def _start(self, number: int) -> int:
        return int(self._ends[number]) + 1

    def _texts(self, first: int, places: Iterable[int]) -> list[list[str]]:
        """Some columns of the records from `first` on."""
        start, end = self._start(first), self._start(min(first + _CHUNK, len(self)))
        chunk = np.frombuffer(self._content, np.uint8)[start:end]
        begins, ends = _cuts(chunk, len(self._columns))
        return [
            [
                _unquoted(self._content[begin:end].decode())
                for begin, end in zip(
                    (begins[:, n] + start).tolist(), (ends[:, n] + start).tolist(), strict=True
                )
            ]
            for n in places
        ]


def _scanned(opened: BinaryIO, file: SegmentFile) -> NDArray[np.unsignedinteger]:
    """The places of the line feeds that end a record; the header's is the first."""
    size, quotes, digest = 0, 0, hashlib.blake2b(digest_size=DIGEST_SIZE)
    ends: list[NDArray[np.unsignedinteger]] = []
    form = np.uint32 if file.bytes <= np.iinfo(np.uint32).max else np.uint64
    while piece := opened.read(_PIECE):
        digest.update(piece)
        content = np.frombuffer(piece, np.uint8)
        marks = np.flatnonzero(content == _QUOTE)
        feeds = np.flatnonzero(content == _FEED)
        ends.append((_outside(feeds, marks, quotes) + size).astype(form))
        size, quotes = size + len(piece), quotes + len(marks)
    if size != file.bytes:
        raise ValueError(f"{file.name} has {size} bytes, not {file.bytes}")
    if digest.hexdigest() != file.blake2b:
        raise ValueError(f"the bytes of {file.name} have changed")
    if not ends or not len(ends[-1]) or ends[-1][-1] != size - 1:
        raise ValueError(f"{file.name} ends within a record")
    return np.concatenate(ends)


def _mapped(opened: BinaryIO) -> bytes | mmap.mmap:
    """The bytes of a file; a small one is not worth a file descriptor."""
    if os.fstat(opened.fileno()).st_size > _SMALL:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    opened.seek(0)
    return opened.read()


def _outside(places: _Places, quotes: _Places, before: int = 0) -> _Places:
    """The places outside quotes: with an even number of these before them."""
    outside: _Places = places[(np.searchsorted(quotes, places) + before) % 2 == 0]
    return outside


def _cuts(content: _Bytes, columns: int) -> tuple[_Places, _Places]:
    """Where the fields of whole records begin and end: shapes (records, columns)."""
    marks = np.flatnonzero((content == _COMMA) | (content == _FEED))
    cuts = _outside(marks, np.flatnonzero(content == _QUOTE))
    begins = np.concatenate([[0], cuts[:-1] + 1]).reshape(-1, columns)
    ends = cuts.reshape(-1, columns)
    ends[:, -1] -= content[ends[:, -1] - 1] == _RETURN
    return begins, ends


def _fields(line: bytes) -> list[str]:
    text = line.decode().removesuffix("\n").removesuffix("\r")
    if '"' not in text:
        return text.split(",")
    fields = [quoted.replace('""', '"') or plain for quoted, plain in _FIELD.findall(text)]
    return fields if text.endswith(",") else fields[:-1]


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text
