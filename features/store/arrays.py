"""The store's numpy files, as they are written."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from features.store.disk import write_file
from features.store.manifest import SegmentFile
from features.store.segments import RowNumbers
from features.types import Vectors


def vectors_npy(shape: tuple[int, int], pieces: Iterable[Vectors]) -> Iterator[bytes | memoryview]:
    """The bytes of a .npy file, whose rows come in pieces."""
    header = io.BytesIO()
    form = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, form)
    yield header.getvalue()
    for piece in pieces:
        if piece.size:
            yield np.ascontiguousarray(piece, dtype="<f4").data.cast("B")


def write_deleted(folder: Path, version: int, rows: RowNumbers) -> SegmentFile | None:
    """The list of deleted rows of a version; none where there are none."""
    if not len(rows):
        return None
    buffer = io.BytesIO()
    np.save(buffer, rows, allow_pickle=False)
    return write_file(folder, f"deleted-{version:04}.npy", [buffer.getbuffer()])
