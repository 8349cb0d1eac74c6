"""`manifest.json`: the only truth about a store. A file that it does not name does not exist."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from features.errors import StoreCorruptError, StoreNotFoundError
from features.json_text import read_json
from features.store.passing import is_passing, not_now
from features.types import ExtractorSpec, Metric

MANIFEST = "manifest.json"
FORMAT = 1
DIGEST_SIZE = 16


def blake2b(content: bytes | memoryview) -> str:
    """The digest that tells whether a file is as it was written."""
    return hashlib.blake2b(content, digest_size=DIGEST_SIZE).hexdigest()


@dataclass(frozen=True)
class SegmentFile:
    """A file with the size and BLAKE2b digest that it was written with."""

    name: str
    bytes: int
    blake2b: str


@dataclass(frozen=True)
class Segment:
    """Some rows: their vectors, which picture each shows, and the products they belong to."""

    number: int
    count: int
    vectors: SegmentFile
    rows: SegmentFile
    products: SegmentFile

    @property
    def files(self) -> tuple[SegmentFile, ...]:
        """Every file of the segment."""
        return (self.vectors, self.rows, self.products)


@dataclass(frozen=True)
class Manifest:
    """One version of a store.

    `numbered` is the highest number that a segment ever had: no file name is given twice, so that
    a reader of an older version never meets a newer file in the place of its own.
    """

    extractor: ExtractorSpec
    pictures_root: str
    version: int = 0
    numbered: int = 0
    metric: Metric = Metric.EUCLIDEAN
    segments: tuple[Segment, ...] = ()
    deleted: SegmentFile | None = None
    format: int = field(default=FORMAT)

    @property
    def rows(self) -> int:
        """Rows in all segments, deleted ones included."""
        return sum(segment.count for segment in self.segments)

    @property
    def files(self) -> tuple[SegmentFile, ...]:
        """Every file that this version is made of."""
        named = tuple(file for segment in self.segments for file in segment.files)
        return named if self.deleted is None else (*named, self.deleted)

    def to_json(self) -> str:
        """Indented, for people to read."""
        return json.dumps(asdict(self), indent=1) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The current version of a store.

    Raises:
        StoreNotFoundError: the folder holds no store.
        StoreCorruptError: the manifest cannot be read, or is of a newer format.
        StoreError: it cannot be read for now.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_store(folder) from error
    except (OSError, UnicodeDecodeError) as error:
        if is_passing(error):
            raise not_now(folder, error) from error
        raise StoreCorruptError(f"{folder / MANIFEST} cannot be read: {error}") from error
    try:
        return _parse(read_json(text))
    except StoreCorruptError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreCorruptError(
            f"{folder / MANIFEST} is damaged ({error}); restore it, or delete the folder and "
            "extract again"
        ) from error


def no_store(folder: Path) -> StoreNotFoundError:
    """The error for a folder without a manifest."""
    return StoreNotFoundError(
        f"there is no feature store in {folder}; make one with "
        f"scripts/extract_features.py CATALOG --store {folder}"
    )


def _parse(data: Mapping[str, Any]) -> Manifest:
    if data["format"] != FORMAT:
        raise StoreCorruptError(
            f"the store has format {data['format']}, this program reads format {FORMAT}; "
            "extract it again with this version"
        )
    segments = tuple(_segment(entry) for entry in data["segments"])
    return Manifest(
        extractor=ExtractorSpec(**data["extractor"]),
        pictures_root=data["pictures_root"],
        version=int(data["version"]),
        # Earlier versions of this program did not keep it.
        numbered=max([int(data.get("numbered", 0)), *(segment.number for segment in segments)]),
        metric=Metric(data["metric"]),
        segments=segments,
        deleted=None if data["deleted"] is None else SegmentFile(**data["deleted"]),
    )


def _segment(data: Mapping[str, Any]) -> Segment:
    files = {name: SegmentFile(**data[name]) for name in ("vectors", "rows", "products")}
    return Segment(number=int(data["number"]), count=int(data["count"]), **files)
