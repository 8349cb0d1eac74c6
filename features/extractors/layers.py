"""Vectors of several layers: what a thing is (the last) and how it looks (those before).

Each layer's channels are averaged over the picture and made a vector of one length; together they
are the picture's vector. The earliest layer, whose textures differ most between a shop's picture
and a shopper's photo, has half the length of the others. The last layer's average is a generalised
mean (Radenović et al., "Fine-tuning CNN Image Retrieval with No Human Annotation", TPAMI 2018): its
third power lets the parts of the picture that show the thing count more than the ground.
"""

from typing import Any

import numpy as np

from features.errors import ExtractorError

_LENGTHS = (0.5, 1.0, 1.0)  # earliest first
_POWER = 3.0
_LEAST = 1e-6  # the power's root has no slope at 0
_PLACES = np.array([2, 3])  # height and width, of NCHW


def with_layers(model: Any, channels: int, side: int) -> Any:  # noqa: ANN401 - openvino has no types
    """A network that gives one vector of three layers, for pictures of `side` pixels.

    They are the last residual sum with so many channels, what the last convolution is given, and
    what it gives.

    Raises:
        ExtractorError: the network has no such sum.
    """
    import openvino
    from openvino import opset8 as nodes

    model.reshape([1, side, side, 3])
    last = _before_pooling(model)
    pooled = [
        nodes.reduce_mean(_residual_sum(model, channels), _PLACES, keep_dims=False),
        nodes.reduce_mean(_given_to_convolution(last), _PLACES, keep_dims=False),
        _generalised_mean(last),
    ]
    parts = [_of_length(part, length) for part, length in zip(pooled, _LENGTHS, strict=True)]
    whole = nodes.result(nodes.concat(parts, axis=1))
    return openvino.Model([whole], model.get_parameters(), "layers")


def described(channels: int) -> str:
    """The layers as a part of `ExtractorSpec.preprocessing`."""
    return f"layers {channels} x{_LENGTHS[0]:g} + last block + last^{_POWER:g}"


def _of_length(part: Any, length: float) -> Any:  # noqa: ANN401
    from openvino import opset8 as nodes

    unit = nodes.normalize_l2(part, np.array([1]), 1e-12, "add")
    return nodes.multiply(unit, np.float32(length))


def _residual_sum(model: Any, channels: int) -> Any:  # noqa: ANN401
    """The last addition of two values, neither of them constant, with so many channels."""
    for node in reversed(model.get_ordered_ops()):
        if node.get_type_name() == "Add" and not _has_constant(node):
            value = node.output(0)
            if value.get_partial_shape()[1].get_length() == channels:
                return value
    raise ExtractorError(f"the network has no residual sum of {channels} channels")


def _has_constant(node: Any) -> bool:  # noqa: ANN401
    return any(value.get_node().get_type_name() == "Constant" for value in node.input_values())


def _before_pooling(model: Any) -> Any:  # noqa: ANN401
    """The last convolution's activation: shape (1, channels, height, width)."""
    (result,) = model.get_results()
    return result.input_value(0).get_node().input_value(0)


def _given_to_convolution(activation: Any) -> Any:  # noqa: ANN401
    """What the convolution works on that an activation belongs to."""
    node = activation.get_node()
    while node.get_type_name() != "Convolution":
        node = node.input_value(0).get_node()
    return node.input_value(0)


def _generalised_mean(activation: Any) -> Any:  # noqa: ANN401
    from openvino import opset8 as nodes

    power, least = np.float32(_POWER), np.float32(_LEAST)
    raised = nodes.power(nodes.maximum(activation, least), power)
    return nodes.power(nodes.reduce_mean(raised, _PLACES, keep_dims=False), 1 / power)
