"""What a collection says of itself: whose it is, and which versions of the store it answers for."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from features.errors import IndexMismatchError
from features.index.milvus.client import Collection
from features.index.milvus.keys import STORE_KEY, record_key
from features.index.milvus.schema import KEY, RECORD, record_row
from features.store import StoreView
from features.types import ExtractorSpec, Metric

CHANGING = -1


@dataclass(frozen=True)
class StoreRecord:
    """The collection answers exactly for the versions from `floor` to `version`, both included.

    Rows that are added are unknown to earlier versions and do not disturb them. Before rows are
    deleted or described anew, `version` becomes `CHANGING` and `floor` the version to come.
    """

    extractor: ExtractorSpec
    pictures_root: str
    segments: tuple[int, ...] = ()
    """Every segment that rows may be of."""
    floor: int = 0
    version: int = CHANGING
    metric: Metric = Metric.EUCLIDEAN

    def answers(self, version: int) -> bool:
        """Whether a search of this version of the store finds what it should."""
        return self.floor <= version <= self.version

    def while_changing(self, version: int) -> "StoreRecord":
        """The record of a collection that is on its way to a version."""
        return replace(self, floor=version, version=CHANGING)


@dataclass(frozen=True)
class SegmentRecord:
    """What a segment's rows were when they were complete; no `stamp` until they are."""

    vectors: str
    """The digest of the segment's vectors: another store's segment has another."""
    count: int
    stamp: str = ""


@dataclass
class Records:
    """The records of one collection, read once and written through."""

    collection: Collection
    store: StoreRecord
    segments: dict[int, SegmentRecord] = field(default_factory=dict)

    def write_store(self, record: StoreRecord) -> None:
        """Keep what is said of the whole."""
        self._write(STORE_KEY, asdict(record))
        self.store = record

    def write_segment(self, number: int, record: SegmentRecord) -> None:
        """Keep what is said of a segment."""
        self._write(record_key(number), asdict(record))
        self.segments[number] = record

    def forget(self, number: int) -> None:
        """Delete what was said of a segment that is gone."""
        self.collection.delete(f"{KEY} in [{record_key(number)}]")
        self.segments.pop(number, None)

    def _write(self, key: int, content: Mapping[str, Any]) -> None:
        text = json.dumps(content)
        self.collection.upsert([record_row(key, text, self.store.extractor.dim)])


def read_store_record(collection: Collection) -> StoreRecord | None:
    """What a collection says of itself; None where it says nothing yet.

    Raises:
        IndexMismatchError: the record is not one of this program.
    """
    for row in collection.get([STORE_KEY], [KEY, RECORD]):
        try:
            content = json.loads(row[RECORD])
            extractor = ExtractorSpec(**content.pop("extractor"))
            segments = tuple(content.pop("segments"))
            metric = Metric(content.pop("metric", Metric.EUCLIDEAN))
            return StoreRecord(extractor, segments=segments, metric=metric, **content)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _foreign(collection) from error
    return None


def read_records(collection: Collection, view: StoreView) -> Records:
    """The records of a store's collection, which is made if there is none.

    Raises:
        IndexMismatchError: the collection belongs to another store.
    """
    dim = collection.dim()
    if dim is None:
        collection.create(view.spec.dim)
    elif dim != view.spec.dim:
        raise _foreign(collection)
    store = read_store_record(collection)
    if store is None:
        store = StoreRecord(view.spec, str(view.pictures_root), metric=view.metric)
    if store.extractor.fingerprint != view.spec.fingerprint:
        raise _foreign(collection)
    records = Records(collection, store, dict(read_segment_records(collection, store.segments)))
    for part in view.parts:
        known = records.segments.get(part.segment.number)
        if known is not None and known.vectors != part.segment.vectors.blake2b:
            raise _foreign(collection)
    return records


def read_segment_records(
    collection: Collection, numbers: tuple[int, ...]
) -> Iterator[tuple[int, SegmentRecord]]:
    """What a collection says of some segments; nothing of those that it does not know."""
    for start in range(0, len(numbers), 1_000):
        keys = {record_key(number): number for number in numbers[start : start + 1_000]}
        for row in collection.get(list(keys), [KEY, RECORD]):
            yield keys[row[KEY]], SegmentRecord(**json.loads(row[RECORD]))


def _foreign(collection: Collection) -> IndexMismatchError:
    return IndexMismatchError(
        f"the collection {collection.name} of Milvus at {collection.address} belongs to another "
        "store; choose another name with --milvus-prefix (VISUAL_SEARCH_MILVUS_PREFIX), or drop it "
        "with scripts/migrate_index.py drop"
    )
