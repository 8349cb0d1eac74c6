"""Jobs in a folder that all worker processes share: one sub-folder each."""

import contextlib
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from features.disk import flush_folder, sweep_drafts
from features.errors import InvalidChangeError, UnknownJobError
from features.jobs.feed import open_feed
from features.jobs.job import Job, JobState
from features.store import naming_write_errors
from features.store.disk import replace_file, write_file

_ID = re.compile(r"[0-9]{20}-[0-9a-f]{8}")
_JOB, _CANCEL, _LOCK = "job.json", "cancel", ".runner"
_KEPT = 100
_CHUNK = 1 << 20
_LONGEST_NAME = 200


class JobShelf:
    """Creates, finds, changes and cancels jobs. A job that is created survives any restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def lock(self) -> Path:
        """The file that the one process that runs jobs holds."""
        return self.folder / _LOCK

    def create(
        self, name: str, feed: IO[bytes], options: Mapping[str, Any], collection: str = ""
    ) -> Job:
        """Keep a feed with what is to be done with it.

        Args:
            collection: the id of the one whose pictures it is, as a ZIP; empty for the catalogue.

        Raises:
            CatalogError: it is no feed, or an option says what cannot be.
            StoreWriteError: the disk is full, or the folder may not be written.
        """
        now = datetime.now(UTC)
        job = Job(
            id=f"{now:%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}",
            name=_shown(name),
            feed=f"feed{_suffix(name)}",
            created=now.timestamp(),
            options=dict(options),
            collection=collection,
        )
        draft = self.folder / f".{job.id}"
        with naming_write_errors(self.folder):
            draft.mkdir(parents=True)
            try:
                write_file(draft, job.feed, _pieces(feed))
                open_feed(job, draft / job.feed)
                replace_file(draft, _JOB, job.to_json().encode())
                draft.replace(self.folder / job.id)
                flush_folder(self.folder)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
        self._forget_oldest()
        return job

    def get(self, job_id: str) -> Job:
        """The job as it stands.

        Raises:
            UnknownJobError: there is none of that id (any more).
        """
        if _ID.fullmatch(job_id):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                return Job.from_json((self.folder / job_id / _JOB).read_text(encoding="utf-8"))
        raise UnknownJobError(f"there is no job {job_id[:40]!r}")

    def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        return list(self._read(self._ids()))

    def latest(self, count: int) -> list[Job]:
        """So many of the latest jobs, the newest first; the others are not read."""
        return list(islice(self._read(reversed(self._ids())), count))

    def _ids(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*-*") if _ID.fullmatch(path.name))

    def _read(self, ids: Iterable[str]) -> Iterator[Job]:
        for job_id in ids:
            with contextlib.suppress(UnknownJobError):
                yield self.get(job_id)

    def feed_of(self, job: Job) -> Path:
        """The feed's file; it is deleted once the job is final."""
        return self.folder / job.id / job.feed

    def save(self, job: Job) -> None:
        """Write how the job stands, in one step."""
        folder = self.folder / job.id
        with naming_write_errors(self.folder):
            draft = folder / f".{_JOB}.{secrets.token_hex(4)}"
            draft.write_text(job.to_json(), encoding="utf-8")
            draft.replace(folder / _JOB)
        if job.is_final:
            self.feed_of(job).unlink(missing_ok=True)

    def cancel(self, job_id: str) -> Job:
        """End a job that waits, or ask a running one to; what it has stored by then stays.

        Raises:
            UnknownJobError: there is no such job.
            InvalidChangeError: it has ended already.
        """
        job = self.get(job_id)
        if job.is_final:
            raise InvalidChangeError(f"the job {job_id} has ended already: {job.state}")
        (self.folder / job_id / _CANCEL).touch()
        if job.state is JobState.QUEUED:  # should it begin just now, it finds the mark
            job = replace(job, state=JobState.CANCELLED, finished=time.time(), code="cancelled")
            self.save(job)
        return job

    def is_cancelled(self, job: Job) -> bool:
        """Whether somebody asked for its end."""
        return (self.folder / job.id / _CANCEL).exists()

    def sweep(self) -> int:
        """Delete what killed processes left of feeds and states; how many files and folders."""
        return sweep_drafts(self._drafts())

    def _drafts(self) -> Iterator[Path]:
        yield from self.folder.glob(".*-*")
        for job_id in self._ids():
            with contextlib.suppress(FileNotFoundError):  # forgotten by another process
                yield from (self.folder / job_id).glob(f".{_JOB}.*")

    def _forget_oldest(self) -> None:
        final = [job for job in self.jobs() if job.is_final]
        for job in final[: max(0, len(final) - _KEPT)]:
            shutil.rmtree(self.folder / job.id, ignore_errors=True)
        self.sweep()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece


def _shown(name: str) -> str:
    """The last part of a name that was sent: some clients send a whole path."""
    return name.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:]


def _suffix(name: str) -> str:
    """The ending that formats are recognised by, and nothing else of a name that was sent."""
    suffix = Path(name.replace("\\", "/")).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""
