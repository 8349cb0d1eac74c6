"""From picture locations to what is left to do: fetched, read and decoded ahead, in order."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from features.errors import RowError, VisualSearchError
from features.images import PictureLimits, content_hash
from features.pictures import PictureSource, StampBook, is_url, shown_address
from features.pipeline.known import Known, nothing_known
from features.types import GalleryPicture, PictureRef, Prepared, Product, Vectors
from features.videos import VideoFile, WatchedVideo, is_video, is_video_file, video_suffix

_T = TypeVar("_T")
_FETCHERS = 16
_FETCHED_AHEAD = 256
_READ_AHEAD = 64
_VIDEO_BYTES = 500_000_000  # of one that is not a file, and so is read whole
_SHOWN = 40  # letters of a location; some are whole pictures


@dataclass(frozen=True)
class Task:
    """A picture of a product; `known` is its content in the store, if the store has it."""

    product: Product
    picture: PictureRef
    known: str | None


@dataclass(frozen=True)
class Read:
    """A picture that was found. `views` is None where a vector of the same content is there.

    `vector`, shape (dim,), is there where another store has it, and of a video: to know its
    still, its frames were embedded.
    """

    row: GalleryPicture
    views: Prepared | None
    vector: Vectors | None = None


Outcome = Read | RowError


@dataclass(frozen=True)
class PictureReader:
    """Reads pictures on all cores, and fetches them from the web before their turn comes.

    `prepare` makes of a picture's bytes what the network wants to see; `has_vector` says of a
    content hash whether that is needless, and `known` gives its vector where another store has
    it. `watch` makes a vector and a still of a video.
    """

    source: PictureSource
    stamps: StampBook
    limits: PictureLimits
    prepare: Callable[[bytes], Prepared]
    watch: Callable[[VideoFile], WatchedVideo]
    has_vector: Callable[[str], bool]
    known: Known = nothing_known

    def read_all(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Outcome]]:
        """Every task with its outcome, in the order of the tasks."""
        with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="decode") as pool:
            waiting: deque[tuple[Task, Future[Outcome]]] = deque()
            try:
                for task, fetched in self._fetch_ahead(tasks):
                    waiting.append((task, self._reading(pool, task, fetched)))
                    while waiting and (len(waiting) > _READ_AHEAD or waiting[0][1].done()):
                        done, outcome = waiting.popleft()
                        yield done, outcome.result()
                while waiting:
                    done, outcome = waiting.popleft()
                    yield done, outcome.result()
            finally:
                for _, outcome in waiting:
                    outcome.cancel()

    def _fetch_ahead(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, str | RowError]]:
        """Every task with the content hash of its picture where that came from the web, else ""."""
        with ThreadPoolExecutor(_FETCHERS, thread_name_prefix="fetch") as pool:
            waiting: deque[tuple[Task, Future[str | RowError]]] = deque()
            try:
                for task in tasks:
                    waiting.append((task, self._fetching(pool, task)))
                    while waiting and (len(waiting) > _FETCHED_AHEAD or waiting[0][1].done()):
                        ready, fetched = waiting.popleft()
                        yield ready, fetched.result()
                while waiting:
                    ready, fetched = waiting.popleft()
                    yield ready, fetched.result()
            except BaseException:
                for _, fetched in waiting:
                    fetched.cancel()
                self.source.cancel()
                raise

    def _fetching(self, pool: ThreadPoolExecutor, task: Task) -> "Future[str | RowError]":
        if is_url(task.picture.location):
            return pool.submit(self._fetch, task)
        return _settled("")

    def _fetch(self, task: Task) -> str | RowError:
        """The content hash of a picture from the web; its bytes wait on the disk."""
        location = task.picture.location
        try:
            fresh = self.source.stamp(location)
            if fresh is not None and (self.has_vector(fresh) or self.known(fresh)):
                return fresh
            return content_hash(self.source.read(location, self._limits(location)))
        except VisualSearchError as error:
            return _failed(task, error)

    def _reading(
        self, pool: ThreadPoolExecutor, task: Task, fetched: str | RowError
    ) -> "Future[Outcome]":
        """What needs no reading costs less than another thread would."""
        if isinstance(fetched, RowError):
            return _settled(fetched)
        if fetched:
            return pool.submit(self._read, task, lambda: self._fetched(task, fetched))
        stamp = self.source.stamp(task.picture.location)
        unread = self._unread(task, stamp)
        if unread is not None:
            return _settled(unread)
        return pool.submit(self._read, task, lambda: self._local(task, stamp))

    def _unread(self, task: Task, stamp: str | None) -> Read | None:
        """A picture below the root whose content is known by its stamp, and has a vector."""
        location = task.picture.location
        digest = self.stamps.digest(location, stamp)
        if digest is None:
            return None
        if digest == task.known:
            return Read(GalleryPicture(task.product.id, location, digest), None)
        return self._with_vector(task, digest)

    def _with_vector(self, task: Task, digest: str) -> Read | None:
        """A picture whose vector is there, in this store or in another; else None."""
        row = GalleryPicture(task.product.id, task.picture.location, digest)
        if self.has_vector(digest):
            return Read(row, None)
        known = self.known(digest)
        if known is None:
            return None
        return Read(replace(row, time_s=known.time_s), None, known.vector)

    def _limits(self, location: str) -> PictureLimits:
        """A video may be larger than a picture."""
        if not video_suffix(location):
            return self.limits
        return replace(self.limits, max_bytes=max(self.limits.max_bytes, _VIDEO_BYTES))

    def _read(self, task: Task, read: Callable[[], Read]) -> Outcome:
        try:
            return read()
        except VisualSearchError as error:
            return _failed(task, error)

    def _fetched(self, task: Task, digest: str) -> Read:
        # A video is known by its still, whose digest the stamps tell.
        unread = self._with_vector(task, digest) or self._unread(task, digest)
        if unread is not None:
            return unread
        row = GalleryPicture(task.product.id, task.picture.location, digest)
        location = task.picture.location
        data = self.source.stored(location, digest, self._limits(location))
        return (
            self._watched(task, data, digest) if is_video(data) else Read(row, self.prepare(data))
        )

    def _local(self, task: Task, stamp: str | None) -> Read:
        """`stamp` was taken before: a picture that changes meanwhile is read again next time."""
        location = task.picture.location
        file = self.source.file(location)
        if file is not None and is_video_file(file):
            return self._watched(task, file, stamp)
        data = self.source.read(location, self._limits(location))
        if is_video(data):
            return self._watched(task, data, stamp)
        row = GalleryPicture(task.product.id, location, content_hash(data))
        read = self._with_vector(task, row.content_hash) or Read(row, self.prepare(data))
        self.stamps.note(location, stamp, row.content_hash)  # last: it says the picture is good
        return read

    def _watched(self, task: Task, video: VideoFile, stamp: str | None) -> Read:
        """The still is kept first: a row without it would show nothing."""
        watched = self.watch(video)
        self.source.keep(watched.still)
        location, digest = task.picture.location, content_hash(watched.still)
        row = GalleryPicture(task.product.id, location, digest, round(watched.time_s, 3))
        self.stamps.note(location, stamp, digest)
        return Read(row, None, watched.vector)


def _settled(value: _T) -> "Future[_T]":
    future: Future[_T] = Future()
    future.set_result(value)
    return future


def _failed(task: Task, error: VisualSearchError) -> RowError:
    location = task.picture.location
    if is_url(location):
        location = shown_address(location)  # what follows its question mark may be a secret
    location = location[:_SHOWN]
    message = str(error) if location in str(error) else f"{location}: {error}"
    return RowError(message, line=task.picture.line, code=error.code)
