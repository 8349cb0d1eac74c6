"""Eight-bit arithmetic for a converted EfficientNet-Lite, by openvino alone and without pictures.

Weights are scaled per output channel. What ReLU6 gives lies in 0 to 6; of the linear layers, whose
outputs nothing bounds, the greatest magnitudes were measured once (`LINEAR_RANGES`).

Weights keep 7 of the 8 bits: the products of two neighbours then fit into 16 bits, where processors
without VNNI add them, and a picture has the same vector to the last bit on each of them.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import ExtractorError

_RELU6 = 6.0
_LEVELS = 256
_WEIGHT_LEVELS = 255
_HEADROOM = 127 / 64
"""How much further than the greatest weight the scale of the weights goes: the bit left free."""

LINEAR_RANGES = {
    "efficientnet_lite2": (
        *(53.57, 66.1, 69.16, 62.33, 40.78, 95.16, 52.72, 51.3, 59.12, 31.22, 62.62, 46.56),
        *(24.53, 47.68, 19.61, 48.13, 18.04, 51.09, 46.65, 23.86, 46.51, 18.74, 46.33, 19.1),
        *(46.41, 40.81, 20.78, 41.07, 17.64, 44.83, 17.69, 50.45, 19.51, 55.94, 19.2),
    ),
}
"""Greatest magnitudes of the linear layers, first to last, over 200 photos of 81 groceries."""


def ranges_digest(name: str) -> str:
    """A few letters that change with the ranges of this network, for its vectors' fingerprint."""
    return hashlib.sha256(repr(LINEAR_RANGES[name]).encode()).hexdigest()[:8]


def quantise(model: Any, ranges: Sequence[float]) -> None:  # noqa: ANN401 - openvino has no types
    """Put the rounding before every convolution and sum of an openvino model, in place.

    Raises:
        ExtractorError: the network has other linear layers than the ranges are for.
    """
    operations = model.get_ordered_ops()
    linear = [one for one in operations if _is_linear(one)]
    if len(linear) != len(ranges):
        raise ExtractorError(
            f"the network has {len(linear)} linear layers, its 8-bit ranges are for {len(ranges)}; "
            "delete the cache folder of converted networks, they are made anew on the next start"
        )
    limits = {one.get_friendly_name(): limit for one, limit in zip(linear, ranges, strict=True)}
    rounding = _Rounding(limits)
    for operation in operations:
        if "Convolution" in operation.get_type_name():
            rounding.before(operation, 0)
            _round_weights(operation)
        elif _is_residual(operation):
            rounding.before(operation, 0)
            rounding.before(operation, 1)
    model.validate_nodes_and_infer_types()


class _Rounding:
    """The rounded output of each layer, made once however many layers read it."""

    def __init__(self, limits: dict[str, float]) -> None:
        self._limits = limits
        self._made: dict[str, Any] = {}

    def before(self, reader: Any, position: int) -> None:  # noqa: ANN401
        source = reader.input_value(position)
        name = source.get_node().get_friendly_name()
        if name not in self._made:
            self._made[name] = _rounded(source, *self._ends(source.get_node()), _LEVELS)
        reader.input(position).replace_source_output(self._made[name])

    def _ends(self, node: Any) -> tuple[float, float]:  # noqa: ANN401
        """ReLU6 starts at 0; a linear layer lies around it; the picture itself is -1 to 1."""
        if node.get_type_name() == "Clamp":
            return 0.0, _RELU6
        high = self._limits.get(node.get_friendly_name(), 127 / 128)
        return -high * 128 / 127, high


def _round_weights(convolution: Any) -> None:  # noqa: ANN401
    constant = convolution.input_value(1)
    weights = constant.get_node().data
    per_channel = tuple(range(weights.ndim - 3, weights.ndim))
    limit = np.abs(weights).max(axis=per_channel, keepdims=True) * _HEADROOM
    rounded = _rounded(constant, -limit, limit, _WEIGHT_LEVELS)
    convolution.input(1).replace_source_output(rounded)


def _rounded(
    source: Any,  # noqa: ANN401
    low: float | NDArray[np.float32],
    high: float | NDArray[np.float32],
    levels: int,
) -> Any:  # noqa: ANN401
    import openvino.opset13 as operations

    ends = [operations.constant(np.asarray(end, dtype=np.float32)) for end in (low, high)]
    return operations.fake_quantize(source, *ends, *ends, levels).output(0)


def _is_linear(operation: Any) -> bool:  # noqa: ANN401
    """A sum that no ReLU6 follows."""
    readers = operation.output(0).get_target_inputs() if operation.get_output_size() else ()
    names = {reader.get_node().get_type_name() for reader in readers}
    return operation.get_type_name() == "Add" and "Clamp" not in names


def _is_residual(operation: Any) -> bool:  # noqa: ANN401
    """A sum of two layers, not of a layer and its bias."""
    return operation.get_type_name() == "Add" and all(
        value.get_node().get_type_name() in {"Add", "FakeQuantize"}
        for value in operation.input_values()
    )
