"""A network on the CPU that takes its inputs one by one, on several streams."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.telemetry import keep_openvino_quiet
from features.types import Vectors

_SETTINGS = {
    # bfloat16, some processors' default, moves the vectors.
    "INFERENCE_PRECISION_HINT": "f32",
    "PERFORMANCE_HINT": "THROUGHPUT",
    # Pinned, the streams of several processes wait for each other on the same cores.
    "ENABLE_CPU_PINNING": False,
}
Inputs = Sequence[NDArray[Any]]
"""The arrays of one picture or text, in the order of the network's inputs, batches of one."""


class Streams:
    """A compiled OpenVINO network. Safe to use from several threads.

    One by one is measured faster on a CPU than in batches, and what comes out is the same to the
    last bit whatever runs beside it.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - openvino has no types
        """Compile a model of one output, of the shape (1, dim), in float32."""
        keep_openvino_quiet()
        import openvino

        self._compiled = openvino.Core().compile_model(model, "CPU", _SETTINGS)
        self._count = int(self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self.dim = int(self._compiled.output(0).partial_shape[1].get_length())

    def run(self, batch: Sequence[Inputs]) -> Vectors:
        """The outputs: shape (len(batch), dim)."""
        outputs = np.empty((len(batch), self.dim), dtype=np.float32)
        # Requests of its own for each call: calls from several threads do not wait for each other.
        # No callbacks, as in AsyncInferQueue: one that still ends when the network is freed waits
        # for the interpreter, which waits for it.
        count = min(len(batch), self._count)
        requests = [self._compiled.create_infer_request() for _ in range(count)]

        def collect(row: int) -> None:
            request = requests[row % count]
            request.wait()
            outputs[row] = request.get_output_tensor(0).data[0]

        for row, inputs in enumerate(batch):
            if row >= count:
                collect(row - count)
            requests[row % count].start_async(dict(enumerate(inputs)))
        for row in range(len(batch) - count, len(batch)):
            collect(row)
        return outputs
