"""From picture locations to vectors: fetched, read and embedded ahead, in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from features.errors import PictureTooLargeError, RowError, VisualSearchError
from features.images import PictureLimits, content_hash
from features.pictures import PictureSource, StampBook, is_url
from features.pipeline.known import Known, nothing_known
from features.pipeline.lots import Lots
from features.pipeline.tasks import Fresh, Outcome, Read, Task, failed
from features.types import GalleryPicture
from features.videos import VideoFile, WatchedVideo, is_video, is_video_file, video_suffix

_T = TypeVar("_T")
_FETCHERS = 16
_FETCHED_AHEAD = 256
_VIDEO_BYTES = 500_000_000  # of one that is not a file, and so is read whole
_Waiting = deque[tuple[Task, Future[Outcome]]]


@dataclass(frozen=True)
class PictureReader:
    """Reads pictures, and fetches them from the web before their turn comes.

    `lots` embeds them; `has_vector` says of a content hash whether that is needless, and `known`
    gives its vector where another store has it. `watch` makes a vector and a still of a video.
    """

    source: PictureSource
    stamps: StampBook
    limits: PictureLimits
    lots: Lots
    watch: Callable[[VideoFile], WatchedVideo]
    has_vector: Callable[[str], bool]
    known: Known = nothing_known

    def read_all(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Outcome]]:
        """Every task with its outcome, in the order of the tasks."""
        waiting: _Waiting = deque()
        for task, fetched in self._fetch_ahead(tasks):
            waiting.append((task, self._reading(task, fetched)))
            while waiting and (len(waiting) > self.lots.ahead or waiting[0][1].done()):
                yield from self._next(waiting)
        while waiting:
            yield from self._next(waiting)

    def _next(self, waiting: _Waiting) -> Iterator[tuple[Task, Outcome]]:
        task, answer = waiting.popleft()
        outcome = self.lots.take(answer)
        yield task, outcome
        if isinstance(outcome, Read):  # who asked for it has it by now
            self.lots.forget(outcome.row.content_hash)

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
            return failed(task, error)

    def _reading(self, task: Task, fetched: str | RowError) -> "Future[Outcome]":
        """What needs no reading costs less than another thread would."""
        if isinstance(fetched, RowError):
            return _settled(fetched)
        if fetched:
            return self.lots.add(task, partial(self._fetched, task, fetched))
        stamp = self.source.stamp(task.picture.location)
        unread = self._unread(task, stamp)
        if unread is not None:
            return _settled(unread)
        return self.lots.add(task, partial(self._local, task, stamp))

    def _unread(self, task: Task, stamp: str | None) -> Read | None:
        """A picture below the root whose content is known by its stamp, and has a vector."""
        location = task.picture.location
        digest = self.stamps.digest(location, stamp)
        if digest is None:
            return None
        if digest == task.known:
            return Read(GalleryPicture(task.product.id, location, digest))
        return self._with_vector(task, digest)

    def _with_vector(self, task: Task, digest: str) -> Read | None:
        """A picture whose vector is there, in this store or in another; else None."""
        row = GalleryPicture(task.product.id, task.picture.location, digest)
        if self.has_vector(digest):
            return Read(row)
        known = self.known(digest)
        if known is None:
            return None
        return Read(replace(row, time_s=known.time_s), known.vector)

    def _limits(self, location: str) -> PictureLimits:
        """A video may be larger than a picture."""
        if not video_suffix(location):
            return self.limits
        return replace(self.limits, max_bytes=max(self.limits.max_bytes, _VIDEO_BYTES))

    def _fetched(self, task: Task, digest: str) -> Read | Fresh:
        # A video is known by its still, whose digest the stamps tell.
        unread = self._with_vector(task, digest) or self._unread(task, digest)
        if unread is not None:
            return unread
        location = task.picture.location
        data = self.source.stored(location, digest, self._limits(location))
        if is_video(data):
            return self._watched(task, data, digest)
        return Fresh(GalleryPicture(task.product.id, location, digest), data)

    def _local(self, task: Task, stamp: str | None) -> Read | Fresh:
        """`stamp` was taken before: a picture that changes meanwhile is read again next time."""
        location = task.picture.location
        file = self.source.file(location) if video_suffix(location) else None
        if file is not None and is_video_file(file):
            return self._watched(task, file, stamp)
        try:
            data = self.source.read(location, self._limits(location))
        except PictureTooLargeError:
            file = self.source.file(location)
            if file is None or not is_video_file(file):
                raise
            return self._watched(task, file, stamp)
        if is_video(data):
            return self._watched(task, data, stamp)
        row = GalleryPicture(task.product.id, location, content_hash(data))
        note = partial(self.stamps.note, location, stamp, row.content_hash)
        read = self._with_vector(task, row.content_hash)
        if read is None:
            return Fresh(row, data, note)
        note()
        return read

    def _watched(self, task: Task, video: VideoFile, stamp: str | None) -> Read:
        """The still is kept first: a row without it would show nothing."""
        watched = self.watch(video)
        self.source.keep(watched.still)
        location, digest = task.picture.location, content_hash(watched.still)
        row = GalleryPicture(task.product.id, location, digest, round(watched.time_s, 3))
        self.stamps.note(location, stamp, digest)
        return Read(row, watched.vector)


def _settled(value: _T) -> "Future[_T]":
    future: Future[_T] = Future()
    future.set_result(value)
    return future
