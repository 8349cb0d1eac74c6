"""Runs the jobs of a shelf, one by one; at most one process does so at a time."""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from features.collections import CollectionShelf
from features.errors import (
    JobCancelledError,
    PictureWriteError,
    StoreError,
    StoreLockedError,
    VisualSearchError,
)
from features.jobs.feed import named_as_sent, open_feed
from features.jobs.job import Job, JobState
from features.jobs.shelf import JobShelf
from features.jobs.tidying import discard_unused
from features.pictures import PictureFolder
from features.pipeline import Progress
from features.store import StoreSet, read_manifest
from features.sync import StoreUpdate, SyncOptions, sync_stores
from features.synced import counts_of, row_failures

_log = logging.getLogger(__name__)
_ATTEMPTS = 3
_SAVE_EVERY_S = 0.5
_LOCKED_WAIT_S = 1.0
_SHOWN_FAILURES = 1_000
_CANCELLED = "the import was cancelled; what it had stored by then stays"


def run_jobs(shelf: JobShelf, stores: StoreSet, options: SyncOptions) -> int:
    """Run what is queued, or was interrupted, until nothing is left; how many jobs that were.

    Where another process does so already, it does these too, and this one has nothing to do.
    """
    count = 0
    while _next(shelf) is not None:
        with _sole_runner(shelf) as alone:
            if not alone:  # it looks for jobs once more after it has let the others in
                break
            while (job := _next(shelf)) is not None:
                _run(job, shelf, stores, options)
                CollectionShelf(stores).clear(job.collection)
                count += 1
            if count:
                _tidy_up(stores)
                CollectionShelf(stores).sweep()
    return count


def _next(shelf: JobShelf) -> Job | None:
    return next((job for job in shelf.jobs() if not job.is_final), None)


def _run(job: Job, shelf: JobShelf, stores: StoreSet, options: SyncOptions) -> None:
    job = replace(
        job,
        attempts=job.attempts + 1,
        started=job.started or time.time(),
        state=JobState.RUNNING,
    )
    watch = _Watch(job, shelf)
    if job.attempts > _ATTEMPTS:
        detail = f"the import ended its process {_ATTEMPTS} times; see the server's log"
        watch.end(JobState.FAILED, code="import_crashed", detail=detail)
        return
    try:
        watch.start(0)
        updates = watch.until_unlocked(lambda: _import(job, shelf, stores, options, watch))
        watch.done(updates)
    except JobCancelledError:
        watch.end_cancelled()
    except VisualSearchError as error:
        watch.fail(error.code, str(error))
    except Exception:  # noqa: BLE001 - one broken import must not stand in the way of the next
        _log.exception("the import %s failed", job.id)
        watch.fail("internal_error", "see the server's log")
    except BaseException:  # this process was asked to end; the next one goes on
        shelf.save(replace(job, state=JobState.QUEUED, attempts=job.attempts - 1))
        raise


def _import(
    job: Job, shelf: JobShelf, stores: StoreSet, options: SyncOptions, progress: Progress
) -> list[StoreUpdate]:
    if job.collection:
        stores = CollectionShelf(stores).stores_of(job.collection)
    catalog = open_feed(job, shelf.feed_of(job))
    if isinstance(catalog.pictures, PictureFolder):  # the job's folder holds no pictures
        catalog = replace(catalog, pictures=_known_pictures(stores, options))
    options = replace(
        options,
        pictures=None,
        keep_missing=bool(job.options.get("keep_missing")),
        purpose=f"importing {job.name} (job {job.id})",
    )
    with named_as_sent(job, shelf.feed_of(job)):
        updates = sync_stores(stores, catalog, options, progress)
    if job.collection:
        _tidy_up(stores)
    return updates


def _known_pictures(stores: StoreSet, options: SyncOptions) -> PictureFolder | None:
    """A feed that comes alone names pictures where the shop's earlier feed had them."""
    if options.pictures is not None:
        return PictureFolder(options.pictures)
    if not stores.names():
        return None
    folder = stores.folder_of()
    return PictureFolder((folder / read_manifest(folder).pictures_root).resolve())


def _tidy_up(stores: StoreSet) -> None:
    try:
        discarded = discard_unused(stores)
        _log.info("deleted %d pictures that no store has any more", discarded)
    except (StoreError, PictureWriteError) as error:  # the next import tries again
        _log.info("kept all pictures for now: %s", error)


class _Watch(Progress):
    """Writes down how far a job is, and notices when it is cancelled."""

    def __init__(self, job: Job, shelf: JobShelf) -> None:
        self._job = job
        self._shelf = shelf
        self._saved = time.monotonic()

    def start(self, total: int) -> None:
        """See `Progress.start`."""
        self._job = replace(self._job, done=0, total=total, detail="")
        self._save()

    def advance(self) -> None:
        """See `Progress.advance`.

        Raises:
            JobCancelledError: somebody asked for the end.
        """
        self._job = replace(self._job, done=self._job.done + 1)
        if time.monotonic() - self._saved > _SAVE_EVERY_S:
            self._save()

    def until_unlocked(self, work: Callable[[], list[StoreUpdate]]) -> list[StoreUpdate]:
        """Try again for as long as another writer is at work."""
        while True:
            try:
                return work()
            except StoreLockedError as error:
                self._job = replace(self._job, detail=str(error))
                self._save()
                time.sleep(_LOCKED_WAIT_S)

    def end(self, state: JobState, code: str = "", detail: str = "") -> None:
        """The job is over."""
        self._finish(state=state, code=code, detail=detail)

    def end_cancelled(self) -> None:
        """The job is over, as somebody asked."""
        self.end(JobState.CANCELLED, JobCancelledError.code, _CANCELLED)

    def fail(self, code: str, detail: str) -> None:
        """The job is over; one that was cancelled may have lost its feed or collection by that."""
        if self._shelf.is_cancelled(self._job):
            self.end_cancelled()
        else:
            self.end(JobState.FAILED, code, detail)

    def done(self, updates: Sequence[StoreUpdate]) -> None:
        """The job is over, and all went as it should."""
        failed = updates[0].summary.failed if updates else ()
        self._finish(
            state=JobState.DONE,
            detail="",
            result={update.extractor: counts_of(update.summary) for update in updates},
            failures=len(failed),
            failed=row_failures(failed, _SHOWN_FAILURES),
        )

    def _finish(self, **outcome: object) -> None:
        self._shelf.save(replace(self._job, finished=time.time(), **outcome))  # type: ignore[arg-type]

    def _save(self) -> None:
        self._saved = time.monotonic()
        self._shelf.save(self._job)
        if self._shelf.is_cancelled(self._job):
            raise JobCancelledError(_CANCELLED)


@contextmanager
def _sole_runner(shelf: JobShelf) -> Iterator[bool]:
    """Whether this is the one process that runs jobs. The file says for people which one is."""
    with shelf.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield True
