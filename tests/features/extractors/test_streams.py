"""Networks in OpenVINO: copies side by side, all of which give the same numbers."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from features.extractors import streams
from features.extractors.streams import Streams
from features.types import Vectors

SIDE = 24


@pytest.fixture
def network() -> Any:
    """A small convolution with its mean: 8 numbers of a picture."""
    import openvino
    import openvino.opset13 as operations

    random = np.random.default_rng(1)
    picture = operations.parameter([1, 3, SIDE, SIDE], np.float32)
    kernels = random.standard_normal((8, 3, 3, 3), dtype=np.float32)
    seen = operations.convolution(picture, kernels, [1, 1], [0, 0], [0, 0], [1, 1])
    mean = operations.reduce_mean(seen, np.array([2, 3]), keep_dims=False)
    return openvino.Model([operations.result(mean)], [picture])


@pytest.fixture
def pictures() -> list[tuple[Vectors]]:
    random = np.random.default_rng(2)
    return [(random.random((1, 3, SIDE, SIDE), dtype=np.float32),) for _ in range(50)]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads of each copy that is made."""
    made: list[int] = []
    copy = streams._Copy

    def counted(model: Any, threads: int) -> Any:
        made.append(threads)
        return copy(model, threads)

    monkeypatch.setattr(streams, "_Copy", counted)
    return made


def with_cores(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "usable_cores", lambda: count)


def test_a_picture_has_the_same_vector_alone_in_a_batch_and_beside_others(
    network: Any, pictures: list[tuple[Vectors]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cores(4, monkeypatch)
    seen = Streams(network)
    alone = np.concatenate([seen.run([picture]) for picture in pictures])
    np.testing.assert_array_equal(seen.run(pictures), alone)
    with ThreadPoolExecutor(8) as pool:
        beside = list(pool.map(seen.run, [pictures] * 16))
    for vectors in beside:
        np.testing.assert_array_equal(vectors, alone)


def test_pictures_one_by_one_need_one_copy(
    network: Any,
    pictures: list[tuple[Vectors]],
    compiled: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_cores(4, monkeypatch)
    seen = Streams(network)
    for picture in pictures:
        seen.run([picture])
    assert compiled == [1]


def test_copies_can_be_there_from_the_start(
    network: Any, compiled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cores(2, monkeypatch)
    for wanted, made in ((2, 2), (5, 2)):
        compiled.clear()
        Streams(network, copies=wanted)
        assert compiled == [1] * made


def test_there_are_no_more_copies_than_cores_however_many_call(
    network: Any,
    pictures: list[tuple[Vectors]],
    compiled: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_cores(2, monkeypatch)
    seen = Streams(network)
    start = threading.Barrier(6)

    def call() -> Vectors:
        start.wait()
        return seen.run(pictures)

    with ThreadPoolExecutor(6) as pool:
        calls = [pool.submit(call) for _ in range(6)]
    assert all(done.result().shape == (50, 8) for done in calls)
    assert compiled == [1, 1]


def test_a_large_network_has_few_copies_and_each_of_them_more_cores(
    network: Any,
    pictures: list[tuple[Vectors]],
    compiled: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_cores(8, monkeypatch)
    monkeypatch.setattr(streams, "_MOST_BYTES", 2 * 8 * 3 * 3 * 3 * 4 + 200)
    seen = Streams(network)
    whole = seen.run(pictures)
    assert set(compiled) == {4}
    assert len(compiled) <= 2
    np.testing.assert_allclose(whole[:1], seen.run(pictures[:1]), rtol=1e-6)


def test_what_cannot_be_computed_is_an_error_and_the_next_picture_is_not(
    network: Any, pictures: list[tuple[Vectors]]
) -> None:
    seen = Streams(network)
    wrong: Callable[[], Vectors] = lambda: seen.run([(np.zeros((1, 3, 5, 5), np.float32),)])  # noqa: E731
    for _ in range(10):  # every copy is given back
        with pytest.raises(ValueError, match="shape"):
            wrong()
    assert seen.run(pictures).shape == (50, 8)
