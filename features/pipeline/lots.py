"""Lots of pictures: each is read, prepared and embedded by one thread."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock

from features.closing import Closing
from features.cores import usable_cores
from features.errors import VisualSearchError
from features.pipeline.tasks import Fresh, Outcome, Read, Task, failed
from features.types import Prepared, Vectors

_AHEAD = 4


@dataclass(frozen=True)
class _Job:
    task: Task
    read: Callable[[], Read | Fresh]
    answer: Future[Outcome] = field(default_factory=Future)

    def tell(self, fresh: Fresh, vector: Vectors) -> None:
        """What was asked for."""
        fresh.note()
        self.answer.set_result(Read(fresh.row, vector))

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """An error is the answer: of a row that cannot be used, or one that ends the run."""
        try:
            yield
        except VisualSearchError as error:
            self.answer.set_result(failed(self.task, error))
        except BaseException as error:  # noqa: BLE001 - it is told to who waits for the answer
            self.answer.set_exception(error)


@dataclass(frozen=True)
class _Seen:
    """A picture that was read. It is prepared where its thread is the first with this content."""

    job: _Job
    fresh: Fresh
    coming: Future[Vectors]
    prepared: Prepared = ()


class Lots(Closing):
    """Embeds pictures on all cores, those of a lot by the thread that has decoded them.

    So decoder and network take turns in a core's cache once a lot instead of once a picture, and
    nothing is handed from thread to thread: measured some 5 % faster than stages of their own. A
    thread that is free takes its share of what waits, at most a lot: no core is idle at the end.
    """

    def __init__(
        self,
        prepare: Callable[[bytes], Prepared],
        embed: Callable[[Sequence[Prepared]], Vectors],
        size: int,
    ) -> None:
        """`prepare` makes of bytes what the network wants to see; `embed` takes `size` at most."""
        self._prepare, self._embed, self._size = prepare, embed, size
        self._cores = usable_cores()
        self._pool = ThreadPoolExecutor(self._cores, thread_name_prefix="lot")
        self._waiting: deque[_Job] = deque()
        self._asked: dict[Future[Outcome], Task] = {}
        self._coming: dict[str, Future[Vectors]] = {}
        self._claiming = Lock()
        self.ahead = _AHEAD * size * self._cores
        """How many may wait: enough for all cores while one of the first is waited for."""

    def close(self) -> None:
        """End the threads, once they are done with the lots that they have."""
        self._waiting.clear()
        self._pool.shutdown(cancel_futures=True)

    def add(self, task: Task, read: Callable[[], Read | Fresh]) -> Future[Outcome]:
        """Have a picture read, and embedded where it is `Fresh`."""
        job = _Job(task, read)
        self._asked[job.answer] = task
        self._waiting.append(job)
        self._pool.submit(self._work)
        return job.answer

    def take(self, answer: Future[Outcome]) -> Outcome:
        """What came of a picture, once it is there."""
        outcome = answer.result()
        self._asked.pop(answer, None)
        return outcome

    def forget(self, digest: str) -> None:
        """The vector of this content is where the next picture of the same content finds it."""
        with self._claiming:
            self._coming.pop(digest, None)

    def rest(self) -> Iterator[tuple[Task, Outcome]]:
        """What nobody has taken though threads are at it; what they have not begun is left."""
        self._waiting.clear()
        for answer, task in self._asked.items():
            if not answer.cancel() and answer.exception() is None:
                yield task, answer.result()

    def _work(self) -> None:
        lot: list[_Seen] = []
        for job in self._taken():
            with job.refusing():
                found = job.read()
                if isinstance(found, Read):
                    job.answer.set_result(found)
                else:
                    lot.append(self._seen(job, found))
        self._embed_all([one for one in lot if one.prepared])
        # Last: whoever is waited for waits for nobody before its own are embedded.
        for one in lot:
            with one.job.refusing():
                one.job.tell(one.fresh, one.coming.result())

    def _taken(self) -> list[_Job]:
        share = min(self._size, max(1, len(self._waiting) // self._cores))
        taken: list[_Job] = []
        with suppress(IndexError):  # other threads took the rest
            while len(taken) < share:
                job = self._waiting.popleft()
                if job.answer.set_running_or_notify_cancel():
                    taken.append(job)
        return taken

    def _seen(self, job: _Job, fresh: Fresh) -> _Seen:
        digest = fresh.row.content_hash
        with self._claiming:
            coming = self._coming.get(digest)
            if coming is not None:
                return _Seen(job, fresh, coming)
            coming = self._coming[digest] = Future()
        try:
            return _Seen(job, fresh, coming, self._prepare(fresh.data))
        except BaseException as error:
            self._fail(digest, coming, error)
            raise

    def _embed_all(self, lot: Sequence[_Seen]) -> None:
        if not lot:
            return
        try:
            vectors = self._embed([one.prepared for one in lot])
        except BaseException as error:  # noqa: BLE001 - told to all who wait
            for one in lot:
                self._fail(one.fresh.row.content_hash, one.coming, error)
        else:
            for one, vector in zip(lot, vectors, strict=True):
                one.coming.set_result(vector)

    def _fail(self, digest: str, coming: Future[Vectors], error: BaseException) -> None:
        self.forget(digest)
        coming.set_exception(error)
