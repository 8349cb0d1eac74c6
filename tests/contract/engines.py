"""Every engine behind one door: the indexes in this process, and Milvus with a store of its own."""

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from features.index import VectorIndex
from features.index import build_index as build_local
from features.index import index_names as local_names
from features.index.milvus import MILVUS, MilvusAddress, open_index
from features.store import StoreWriter, open_store
from features.types import GalleryPicture, Product, Vectors
from tests.helpers import TINY

_numbers = itertools.count()


def engine_names() -> list[object]:
    """The indexes of this process, and Milvus, which takes its time to make a collection."""
    return [*local_names(), pytest.param(MILVUS, marks=pytest.mark.slow)]


def build_index(blocks: Sequence[Vectors], name: str) -> VectorIndex:
    """An index over blocks; Milvus' is over a store with a segment for each of them."""
    if name != MILVUS:
        return build_local(blocks, name)
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
    folder = Path(tempfile.mkdtemp(dir=_shared_folder()))
    spec = replace(TINY, dim=blocks[0].shape[1] if len(blocks) else TINY.dim)
    with StoreWriter(folder, spec) as writer:
        for number, block in enumerate(blocks):
            names = [f"p{number}-{row}" for row in range(len(block))]
            pictures = [GalleryPicture(name, f"{name}.jpg", name) for name in names]
            writer.append(pictures, block, [Product(name) for name in names])
    prefix = f"contract_{next(_numbers)}"
    return open_index(
        open_store(folder), MilvusAddress(str(_shared_folder() / "lite.db"), "", prefix)
    )


_kept: list["tempfile.TemporaryDirectory[str]"] = []


def _shared_folder() -> Path:
    if not _kept:
        _kept.append(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
    return Path(_kept[0].name)
