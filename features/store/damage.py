"""What is not as it was written: which files of a store, and what cannot be found meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.store.manifest import Manifest, SegmentFile, read_manifest
from features.store.passing import is_passing, not_now
from features.store.segments import check_digest

Check = Callable[[Path, SegmentFile], None]
"""Raises OSError or ValueError for a file that is not as it was written."""


@dataclass(frozen=True)
class DamagedSegment:
    """A segment, by its place in the manifest, and what is wrong with its files."""

    position: int
    vectors: str = ""
    rows: str = ""
    products: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence without its capital for each file."""
        return tuple(filter(None, (self.vectors, self.rows, self.products)))

    @property
    def can_be_embedded_again(self) -> bool:
        """What the vectors are of is still known."""
        return not (self.rows or self.products)


@dataclass(frozen=True)
class Damage:
    """All that is wrong with the files of a store; false where nothing is."""

    segments: tuple[DamagedSegment, ...] = ()
    deleted: str = ""
    """What is wrong with the list of deleted rows."""

    @property
    def problems(self) -> tuple[str, ...]:
        """One for each file, in the manifest's order."""
        named = tuple(problem for segment in self.segments for problem in segment.problems)
        return (*named, self.deleted) if self.deleted else named

    def __bool__(self) -> bool:
        return bool(self.segments or self.deleted)


@dataclass(frozen=True)
class Missing:
    """What a version that was opened in part lacks."""

    segments: int
    pictures: int
    """Pictures that would be found, were all files whole."""
    problems: tuple[str, ...]


def find_damage(folder: Path, *, check: Check = check_digest) -> Damage:
    """Compare every file of a store with what the manifest says of it; all are read whole.

    A store may be written meanwhile: files that a newer version replaced are no damage.

    Raises:
        StoreNotFoundError: the folder holds no store.
        StoreCorruptError: the manifest itself cannot be read.
        StoreError: a file cannot be read for now; nothing is known of it.
    """
    while True:
        manifest = read_manifest(folder)
        damage = damage_of(folder, manifest, check=check)
        if not damage or read_manifest(folder).version == manifest.version:
            return damage


def damage_of(folder: Path, manifest: Manifest, *, check: Check = check_digest) -> Damage:
    """The same for one version, which nobody may replace meanwhile."""
    segments = tuple(
        damaged
        for position, segment in enumerate(manifest.segments)
        if (damaged := DamagedSegment(position, *_problems(folder, segment.files, check))).problems
    )
    deleted = () if manifest.deleted is None else (manifest.deleted,)
    return Damage(segments, "".join(_problems(folder, deleted, check)))


def problem_of(error: Exception) -> str:
    """What is wrong with a file, without its folder: whoever asks for the health is told."""
    if not isinstance(error, OSError):
        return str(error)
    name = Path(error.filename or "a file").name
    if isinstance(error, FileNotFoundError):
        return f"{name} is missing"
    return f"{name} cannot be read: {error.strerror or error}"


def _problems(folder: Path, files: Sequence[SegmentFile], check: Check) -> list[str]:
    return [_problem(folder, file, check) for file in files]


def _problem(folder: Path, file: SegmentFile, check: Check) -> str:
    try:
        check(folder, file)
    except (OSError, ValueError, MemoryError) as error:
        if is_passing(error):
            raise not_now(folder, error) from error
        return problem_of(error)
    return ""
