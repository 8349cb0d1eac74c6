"""Moving a store out of Milvus, and comparing the two row by row."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from features.errors import IndexMismatchError, StoreError
from features.index.milvus.client import Collection
from features.index.milvus.keys import KeyTable, key_of
from features.index.milvus.records import StoreRecord, read_segment_records, read_store_record
from features.index.milvus.schema import FIELDS, KEY, VECTOR, Row, picture_of, product_of
from features.store import StoreView, StoreWriter, naming_write_errors
from features.types import GalleryPicture, Product, Vectors

_READ = 1_024  # keys at once
_WRITTEN = 8_192  # rows of a segment
_TOLD = 20


@dataclass(frozen=True)
class Comparison:
    """What a store and a collection have in common, row by row."""

    rows: int
    """Rows that are the same: vector bits, picture and product."""
    missing: int
    """Rows of the store that the collection lacks."""
    extra: int
    """Rows of the collection that the store lacks."""
    different: int
    first: tuple[str, ...]
    """What the first of the others are."""

    @property
    def same(self) -> bool:
        """Whether there is nothing but rows that are the same."""
        return not (self.missing or self.extra or self.different)


@dataclass(frozen=True)
class _Entry:
    label: int
    vector: Vectors
    picture: GalleryPicture
    product: Product | None

    def differs(self, other: "_Entry") -> str:
        """Which part of the row is another one; empty for none."""
        if self.vector.tobytes() != other.vector.tobytes():
            return "vector"
        if self.picture != other.picture:
            return "picture"
        return "" if self.product == other.product else "product"


def read_into_store(
    collection: Collection, folder: Path, pictures_root: Path | None = None
) -> StoreRecord:
    """Make a store of a collection's rows, complete or not at all.

    Args:
        pictures_root: where the catalogue's pictures are; None is where they were.

    Raises:
        IndexMismatchError: the collection is not there, or is half way to another version.
        StoreError: the folder holds something already, or cannot be written.
    """
    record = complete_record(collection)
    with naming_write_errors(folder):
        if folder.exists() and any(folder.iterdir()):
            raise StoreError(f"the folder {folder} is not empty; name another, or a new one")
    draft = folder.parent / f"{folder.name}.incomplete"
    with naming_write_errors(draft):
        shutil.rmtree(draft, ignore_errors=True)
        draft.parent.mkdir(parents=True, exist_ok=True)
        _fill(collection, record, draft, (pictures_root or Path(record.pictures_root)).resolve())
        if folder.is_dir():
            folder.rmdir()  # an empty one
        draft.rename(folder)
    # Where the pictures are is told relative to the folder, which is another one now.
    root = pictures_root or Path(record.pictures_root)
    StoreWriter(folder, record.extractor, root).close()
    return record


def compare(view: StoreView, collection: Collection) -> Comparison:
    """A store and a collection, row by row.

    Rows are matched by their keys where the collection was made of this store, else by their
    order: a store that was moved out has other segments.

    Raises:
        IndexMismatchError: the collection is not there, or is half way to another version.
    """
    record = complete_record(collection)
    by_key = set(record.segments) == {part.segment.number for part in view.parts}
    return _joined(_of_store(view, by_key), _of_collection(collection, record, by_key))


def complete_record(collection: Collection) -> StoreRecord:
    """What a whole collection says of itself.

    Raises:
        IndexMismatchError: it is not there, or is half way to another version.
    """
    record = None if collection.dim() is None else read_store_record(collection)
    if record is None or record.version < 0:
        raise IndexMismatchError(
            f"Milvus at {collection.address} has no complete collection {collection.name}; "
            "move the store in with scripts/migrate_index.py to-milvus, or look at the prefix"
        )
    return record


def _fill(collection: Collection, record: StoreRecord, folder: Path, root: Path) -> None:
    described: set[str] = set()
    rows = _rows(collection, record)
    with StoreWriter(
        folder,
        record.extractor,
        root,
        purpose="reading Milvus",
        first_version=record.version,
        metric=record.metric,
    ) as writer:
        while chunk := list(islice(rows, _WRITTEN)):
            products = {row["product_id"]: row for row in chunk if _is_described(row)}
            new = [product_of(row) for key, row in products.items() if key not in described]
            described.update(products)
            vectors = np.array([row[VECTOR] for row in chunk], dtype=np.float32)
            writer.append([picture_of(row) for row in chunk], vectors, new)


def _rows(collection: Collection, record: StoreRecord) -> Iterator[Row]:
    """Every row of a collection, by key."""
    segments = dict(read_segment_records(collection, record.segments))
    for number in sorted(segments):
        first = key_of(number, 0)
        last = first + segments[number].count - 1
        yield from collection.rows(first, last, list(FIELDS), _READ)


def _is_described(row: Row) -> bool:
    return bool(row["described"])


def _of_collection(collection: Collection, record: StoreRecord, by_key: bool) -> Iterator[_Entry]:
    for number, row in enumerate(_rows(collection, record)):
        yield _Entry(
            int(row[KEY]) if by_key else number,
            np.array(row[VECTOR], dtype=np.float32),
            picture_of(row),
            product_of(row) if _is_described(row) else None,
        )


def _of_store(view: StoreView, by_key: bool) -> Iterator[_Entry]:
    rows = np.flatnonzero(view.live).astype(np.int64)
    labels = KeyTable(view).of(rows) if by_key else np.arange(len(rows))
    for row, label in zip(rows.tolist(), labels.tolist(), strict=True):
        picture = view.pictures[row]
        product = view.products.get(picture.product_id)
        yield _Entry(label, np.array(view.vector(row)), picture, product)


def _joined(store: Iterator[_Entry], collection: Iterator[_Entry]) -> Comparison:
    """Both come by their labels, ascending."""
    counts = {"same": 0, "missing": 0, "extra": 0, "different": 0}
    first: list[str] = []
    one, other = next(store, None), next(collection, None)
    while one is not None or other is not None:
        kind, told = _verdict(one, other)
        counts[kind] += 1
        if told and len(first) < _TOLD:
            first.append(told)
        one, other = (
            next(store, None) if kind != "extra" else one,
            next(collection, None) if kind != "missing" else other,
        )
    return Comparison(
        counts["same"], counts["missing"], counts["extra"], counts["different"], tuple(first)
    )


def _verdict(one: _Entry | None, other: _Entry | None) -> tuple[str, str]:
    if other is None or (one is not None and one.label < other.label):
        named = one.picture if one is not None else None
        return "missing", f"missing: {named}"
    if one is None or other.label < one.label:
        return "extra", f"extra: {other.picture}"
    part = one.differs(other)
    return ("different", f"another {part}: {one.picture}") if part else ("same", "")
