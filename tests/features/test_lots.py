"""Lots of pictures: embedded where they were decoded, each content once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from features.errors import BrokenPictureError, RowError
from features.images import content_hash
from features.pipeline import lots as module
from features.pipeline.lots import Lots
from features.pipeline.tasks import Fresh, Outcome, Read, Task
from features.types import GalleryPicture, PictureRef, Prepared, Product, Vectors

PATIENCE_S = 20


class Kitchen:
    """Prepares bytes and embeds them as their sum, and knows which thread did what."""

    def __init__(self) -> None:
        self.prepared: dict[bytes, int] = {}
        self.lots: list[tuple[int, int]] = []
        self.embedding = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self._lock = threading.Lock()

    def prepare(self, data: bytes) -> Prepared:
        if data.startswith(b"bad"):
            raise BrokenPictureError("it is damaged")
        with self._lock:
            assert data not in self.prepared, "a content is prepared twice"
            self.prepared[data] = threading.get_ident()
        return (np.frombuffer(data, np.uint8),)

    def embed(self, batch: Sequence[Prepared]) -> Vectors:
        self.embedding.set()
        assert self.go_on.wait(PATIENCE_S)
        with self._lock:
            self.lots.append((threading.get_ident(), len(batch)))
        return np.array([[views[0].sum()] for views in batch], dtype=np.float32)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


def task(number: int) -> Task:
    return Task(Product(f"p{number}"), PictureRef(f"{number}.png", number), None)


def ask(lots: Lots, number: int, data: bytes) -> Future[Outcome]:
    row = GalleryPicture(f"p{number}", f"{number}.png", content_hash(data))
    return lots.add(task(number), lambda: Fresh(row, data))


def vector_of(answer: Future[Outcome]) -> float:
    outcome = answer.result(PATIENCE_S)
    assert isinstance(outcome, Read)
    assert outcome.vector is not None
    return float(outcome.vector[0])


def test_every_picture_is_embedded_by_the_thread_that_prepared_it(kitchen: Kitchen) -> None:
    with Lots(kitchen.prepare, kitchen.embed, 8) as lots:
        answers = [ask(lots, number, bytes([number, 1])) for number in range(100)]
        assert [vector_of(answer) for answer in answers] == [number + 1 for number in range(100)]
    assert {thread for thread, _ in kitchen.lots} == set(kitchen.prepared.values())
    assert sum(count for _, count in kitchen.lots) == 100
    assert max(count for _, count in kitchen.lots) <= 8


def test_pictures_of_one_content_wait_for_the_one_that_is_embedded(kitchen: Kitchen) -> None:
    kitchen.go_on.clear()
    with Lots(kitchen.prepare, kitchen.embed, 4) as lots:
        answers = [ask(lots, number, b"same") for number in range(30)]
        assert kitchen.embedding.wait(PATIENCE_S)
        kitchen.go_on.set()
        assert {vector_of(answer) for answer in answers} == {float(sum(b"same"))}
        assert sum(count for _, count in kitchen.lots) == 1


def test_a_content_that_was_forgotten_is_embedded_again(kitchen: Kitchen) -> None:
    with Lots(kitchen.prepare, kitchen.embed, 4) as lots:
        assert vector_of(ask(lots, 1, b"a")) == ord("a")
        assert vector_of(ask(lots, 2, b"a")) == ord("a")  # still known
        lots.forget(content_hash(b"a"))
        kitchen.prepared.clear()
        assert vector_of(ask(lots, 3, b"a")) == ord("a")
    assert [count for _, count in kitchen.lots] == [1, 1]


def test_a_damaged_picture_is_a_row_error_of_each_product_and_of_no_other(
    kitchen: Kitchen,
) -> None:
    with Lots(kitchen.prepare, kitchen.embed, 8) as lots:
        data = [b"bad" if number % 3 == 0 else bytes([number]) for number in range(30)]
        answers = [ask(lots, number, one) for number, one in enumerate(data)]
        for number, answer in enumerate(answers):
            outcome = answer.result(PATIENCE_S)
            if number % 3:
                assert isinstance(outcome, Read)
            else:
                assert isinstance(outcome, RowError)
                assert (outcome.line, outcome.row_code) == (number, "broken_picture")
                assert str(number) in str(outcome)


def test_an_error_of_the_network_reaches_whoever_waits_and_the_next_lot_goes_on() -> None:
    def embed(batch: Sequence[Prepared]) -> Vectors:
        if any(views[0][0] == 0 for views in batch):
            raise MemoryError("too much")
        return np.ones((len(batch), 1), dtype=np.float32)

    kitchen = Kitchen()
    with Lots(kitchen.prepare, embed, 1) as lots:
        answers = [ask(lots, number, bytes([number, 7])) for number in range(4)]
        assert isinstance(answers[0].exception(PATIENCE_S), MemoryError)
        assert [vector_of(answer) for answer in answers[1:]] == [1, 1, 1]


def test_the_rest_is_what_was_begun(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: 1)
    kitchen.go_on.clear()
    with Lots(kitchen.prepare, kitchen.embed, 1) as lots:
        first = ask(lots, 0, b"a")
        assert kitchen.embedding.wait(PATIENCE_S)
        others = [ask(lots, number, bytes([number])) for number in range(1, 9)]
        threading.Timer(0.05, kitchen.go_on.set).start()
        rest = [(task.product.id, outcome) for task, outcome in lots.rest()]
    assert [name for name, _ in rest] == ["p0"]
    assert first.done()
    assert all(answer.cancelled() for answer in others)


def test_the_rest_of_what_was_taken_is_nothing(kitchen: Kitchen) -> None:
    with Lots(kitchen.prepare, kitchen.embed, 4) as lots:
        for answer in [ask(lots, number, bytes([number])) for number in range(9)]:
            lots.take(answer)
        assert list(lots.rest()) == []


def test_a_few_pictures_are_shared_by_all_cores(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: 4)
    together = threading.Barrier(4)

    def reading(number: int) -> Callable[[], Read]:
        def read() -> Read:
            together.wait(PATIENCE_S)
            return Read(GalleryPicture(f"p{number}", f"{number}.png", "0" * 32))

        return read

    with Lots(kitchen.prepare, kitchen.embed, 8) as lots:
        answers = [lots.add(task(number), reading(number)) for number in range(4)]
        assert all(isinstance(answer.result(PATIENCE_S), Read) for answer in answers)
