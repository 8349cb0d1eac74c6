"""A network on the CPU, in as many copies as pictures are to be seen at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.cores import usable_cores
from features.telemetry import keep_openvino_quiet
from features.types import Vectors

_SETTINGS = {
    # bfloat16, some processors' default, moves the vectors.
    "INFERENCE_PRECISION_HINT": "f32",
    "NUM_STREAMS": 1,
    # Pinned, the copies of several processes wait for each other on the same cores.
    "ENABLE_CPU_PINNING": False,
}
_MOST_BYTES = 2_000_000_000
"""Of all copies' weights: each has its own."""
Inputs = Sequence[NDArray[Any]]
"""The arrays of one picture or text, in the order of the network's inputs, batches of one."""


class Streams:
    """A network of OpenVINO. Safe to use from several threads.

    Every copy computes in the thread that calls it: what this thread has just decoded is still in
    its core's cache, and no other one has to be woken. OpenVINO's own streams, which are handed
    what they work on, were measured up to a tenth slower. Copies are made once they are needed: as
    many as threads that call at once, at most one a core; fewer of a large network, which then have
    more cores each.

    One by one is measured faster on a CPU than in batches, and what comes out is the same to the
    last bit whatever runs beside it.
    """

    def __init__(self, model: Any, *, copies: int = 1) -> None:  # noqa: ANN401 - openvino has no types
        """Compile a model of one output, of the shape (1, dim), in float32.

        Args:
            copies: so many at once, where there may be as many: nobody waits for them later.
        """
        keep_openvino_quiet()
        self._model = model
        self._most = _most_copies(model, usable_cores())
        self._count, self._counting = min(copies, self._most), Lock()
        self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="stream")
        self._idle: LifoQueue[_Copy] = LifoQueue()  # the last one used is still in a cache
        for copy in self._pool.map(lambda _: _Copy(model, self._threads), range(self._count)):
            self._idle.put(copy)
            self.dim = copy.dim

    def run(self, batch: Sequence[Inputs]) -> Vectors:
        """The outputs: shape (len(batch), dim)."""
        outputs = np.empty((len(batch), self.dim), dtype=np.float32)
        rows = iter(range(len(batch)))  # each of them is given to one thread

        def work(copy: _Copy) -> None:
            try:
                for row in rows:
                    outputs[row] = copy.output(batch[row])
            finally:
                self._idle.put(copy)

        def help_out() -> None:
            if copy := self._idle_copy():
                work(copy)

        helpers = [self._pool.submit(help_out) for _ in range(min(len(batch), self._most) - 1)]
        work(self._idle_copy() or self._idle.get())
        for helper in helpers:
            if not helper.cancel():
                helper.result()
        return outputs

    @property
    def _threads(self) -> int:
        return usable_cores() // self._most

    def _idle_copy(self) -> "_Copy | None":
        """One that nobody uses, if need be a new one; None if all that may be are in use."""
        with suppress(Empty):
            return self._idle.get_nowait()
        with self._counting:
            if self._count == self._most:
                return None
            self._count += 1
        return _Copy(self._model, self._threads)


class _Copy:
    """The network with memory of its own, for one thread at a time."""

    def __init__(self, model: Any, threads: int) -> None:  # noqa: ANN401
        import openvino

        settings = {**_SETTINGS, "INFERENCE_NUM_THREADS": threads}
        compiled = openvino.Core().compile_model(model, "CPU", settings)
        self._request = compiled.create_infer_request()
        self._inputs = [tensor.data for tensor in self._request.input_tensors]
        self._output = self._request.get_output_tensor(0).data
        self.dim = self._output.shape[1]

    def output(self, inputs: Inputs) -> Vectors:
        """What comes of one picture or text: shape (dim,), to be copied before the next."""
        for memory, array in zip(self._inputs, inputs, strict=True):
            memory[:] = array
        self._request.infer()
        vector: Vectors = self._output[0]
        return vector


def _most_copies(model: Any, cores: int) -> int:  # noqa: ANN401
    weights: int = sum(
        node.get_byte_size() for node in model.get_ops() if node.get_type_name() == "Constant"
    )
    return max(1, min(cores, _MOST_BYTES // max(1, weights)))
