"""Bringing a collection to a version of the store: only what changed, and again after any end.

Rows are upserted by keys that never change their meaning, and a segment's record gets its stamp
once its rows are complete: whatever a killed run left is compared row by row and completed.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from features.index.milvus.client import Collection
from features.index.milvus.keys import key_of
from features.index.milvus.records import Records, SegmentRecord, read_records
from features.index.milvus.schema import DESCRIBED, KEY, TERMS, Member, Row
from features.index.milvus.terms import EDITION
from features.store import SegmentData, StoreView, naming_write_errors, read_manifest
from features.store.lock import WriteLock
from features.types import Product

LOCK = ".milvus.lock"
_EDITION = f" {EDITION}"  # the end of a segment's stamp
_INSERTED = 256  # rows at once: Milvus takes 64 MB, and a row may have a hundred kB of texts
_COMPARED = 8_192
_COMPARED_WITH_TERMS = 1_024
_LONGEST_WAIT = 3_600.0


@dataclass(frozen=True)
class SyncReport:
    """Rows that were added, described anew and deleted."""

    added: int = 0
    changed: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class _Target:
    """What a segment's rows have to be: shapes (rows,).

    `places` are those of their products among the view's descriptions, -1 for none; `described`
    the numbers of the segments that these are in, 0 for none.
    """

    part: SegmentData
    live: NDArray[np.bool_]
    places: NDArray[np.int32]
    described: NDArray[np.int64]

    @property
    def number(self) -> int:
        return self.part.segment.number

    @property
    def stamp(self) -> str:
        digest = hashlib.blake2b(self.live.tobytes(), digest_size=16)
        digest.update(self.described.tobytes())
        return f"{digest.hexdigest()}{_EDITION}"

    def members(self, rows: Iterable[int], descriptions: Sequence[Product]) -> Iterator[Member]:
        for row in rows:
            place = int(self.places[row])
            yield Member(
                key_of(self.number, row),
                self.part.vectors[row],
                self.part.pictures[row],
                descriptions[place] if place >= 0 else None,
                int(self.described[row]),
            )


@dataclass
class _Changes:
    """Rows of one segment, by what is to be done with them."""

    target: _Target
    added: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)


def sync(view: StoreView, collection: Collection) -> SyncReport:
    """Bring a collection to a version of the store; nothing where the store has a newer one.

    Raises:
        IndexEngineError: the engine is away or refuses, or the collection is another store's.
        StoreLockedError: another process brings it up to date and does not come to an end.
    """
    with (
        naming_write_errors(view.folder),
        WriteLock(view.folder / LOCK, wait=_LONGEST_WAIT, purpose="bringing Milvus up to date"),
    ):
        records = read_records(collection, view)
        current = all(_is_of_this_edition(it) for it in records.segments.values())
        if (records.store.version == view.version and current) or _is_superseded(view):
            return SyncReport()
        return _Sync(view, collection, records).run()


def _is_of_this_edition(segment: SegmentRecord) -> bool:
    """Whether its terms are spelt as filters ask now; a program of before knew no editions."""
    return segment.stamp.endswith(_EDITION)


def _is_superseded(view: StoreView) -> bool:
    """A collection never goes back from a version that the store has by now."""
    return read_manifest(view.folder).version != view.version


class _Sync:
    """One run: first what disturbs nobody, then what earlier versions must not be asked during."""

    def __init__(self, view: StoreView, collection: Collection, records: Records) -> None:
        self._view = view
        self._collection = collection
        self._records = records

    def run(self) -> SyncReport:
        due = [t for t in _targets(self._view) if self._stamp_of(t.number) != t.stamp]
        present = {part.segment.number for part in self._view.parts}
        vanished = [number for number in self._records.store.segments if number not in present]
        self._announce(present)
        plans = [self._add(target) for target in due]
        if vanished or any(plan.changed or plan.deleted for plan in plans):
            self._records.write_store(self._records.store.while_changing(self._view.version))
        for plan in plans:
            self._change(plan)
        gone = sum(self._drop(number) for number in vanished)
        self._finish(present)
        return SyncReport(
            sum(len(plan.added) for plan in plans),
            sum(len(plan.changed) for plan in plans),
            gone + sum(len(plan.deleted) for plan in plans),
        )

    def _stamp_of(self, number: int) -> str:
        record = self._records.segments.get(number)
        return "" if record is None else record.stamp

    def _announce(self, present: set[int]) -> None:
        """Record which segments there will be rows of, before there are any."""
        store = self._records.store
        named = tuple(sorted({*store.segments, *present}))
        root = str(self._view.pictures_root)
        if named != store.segments or store.pictures_root != root:
            self._records.write_store(replace(store, segments=named, pictures_root=root))

    def _add(self, target: _Target) -> _Changes:
        plan = self._compared(target)
        segment = target.part.segment
        if segment.number not in self._records.segments:
            begun = SegmentRecord(segment.vectors.blake2b, segment.count)
            self._records.write_segment(segment.number, begun)
        self._upsert(target, plan.added)
        return plan

    def _compared(self, target: _Target) -> _Changes:
        """What a segment's rows are in the collection against what they have to be."""
        plan = _Changes(target)
        wanted = dict(zip(*(a.tolist() for a in _wanted(target)), strict=True))
        if target.number in self._records.segments:
            first = key_of(target.number, 0)
            for found in self._rows_of(target):
                row = int(found[KEY]) - first
                described = wanted.pop(row, None)
                if described is None:
                    plan.deleted.append(row)
                elif described != found[DESCRIBED] or self._is_spelt_otherwise(target, row, found):
                    plan.changed.append(row)
        plan.added = list(wanted)
        return plan

    def _rows_of(self, target: _Target) -> Iterator[Row]:
        """A segment's rows in the collection, with their terms where these may be old."""
        first = key_of(target.number, 0)
        last = first + target.part.segment.count - 1
        if _is_of_this_edition(self._records.segments[target.number]):
            return self._collection.rows(first, last, [KEY, DESCRIBED], _COMPARED)
        fields = [KEY, DESCRIBED, TERMS]
        return self._collection.rows(first, last, fields, _COMPARED_WITH_TERMS)

    def _is_spelt_otherwise(self, target: _Target, row: int, found: Row) -> bool:
        if TERMS not in found:
            return False
        (member,) = target.members([row], self._view.descriptions)
        return sorted(found[TERMS]) != member.terms

    def _change(self, plan: _Changes) -> None:
        target = plan.target
        self._upsert(target, plan.changed)
        rows = iter(plan.deleted)
        while chunk := list(islice(rows, _COMPARED)):
            keys = ", ".join(str(key_of(target.number, row)) for row in chunk)
            self._collection.delete(f"{KEY} in [{keys}]")
        done = replace(self._records.segments[target.number], stamp=target.stamp)
        self._records.write_segment(target.number, done)

    def _upsert(self, target: _Target, rows: list[int]) -> None:
        members = target.members(rows, self._view.descriptions)
        while chunk := [member.as_row() for member in islice(members, _INSERTED)]:
            self._collection.upsert(chunk)

    def _drop(self, number: int) -> int:
        expression = f"{KEY} >= {key_of(number, 0)} and {KEY} < {key_of(number + 1, 0)}"
        count = self._collection.count(expression)
        if count:
            self._collection.delete(expression)
        self._records.forget(number)
        return count

    def _finish(self, present: set[int]) -> None:
        store = self._records.store
        floor = min(store.floor, self._view.version) if store.version >= 0 else self._view.version
        self._records.write_store(
            replace(store, segments=tuple(sorted(present)), floor=floor, version=self._view.version)
        )


def _wanted(target: _Target) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The live rows, and which segments describe them."""
    rows = np.flatnonzero(target.live).astype(np.int64)
    return rows, target.described[rows]


def _targets(view: StoreView) -> Iterator[_Target]:
    numbers = [part.segment.number for part in view.parts]
    describing = np.repeat(numbers, [len(part.products) for part in view.parts])
    start = 0
    for part in view.parts:
        rows = slice(start, start + part.segment.count)
        places = view.description_of[rows]
        described = np.zeros(len(places), np.int64)
        described[places >= 0] = describing[places[places >= 0]]
        yield _Target(part, view.live[rows], places, described)
        start = rows.stop
