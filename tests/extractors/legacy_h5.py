"""Weights files in the layout of Keras's official ones, written without Keras."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

Shapes = dict[str, dict[str, tuple[int, ...]]]
"""Layer name -> weight name in the file -> shape, in the order of the official file."""
Values = Mapping[str, list[NDArray[np.float32]]]


def vgg16_shapes(top: bool = True) -> Shapes:
    """Of `vgg16_weights_tf_dim_ordering_tf_kernels(_notop).h5`; names as Keras 1 wrote them."""
    plain: dict[str, tuple[int, ...]] = {}
    channels = 3
    for block, (convolutions, filters) in enumerate(
        [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1
    ):
        for number in range(1, convolutions + 1):
            plain[f"block{block}_conv{number}"] = (3, 3, channels, filters)
            channels = filters
    if top:
        plain |= {"fc1": (25088, 4096), "fc2": (4096, 4096), "predictions": (4096, 1000)}
    return {
        layer: {f"{layer}_W_1:0": kernel, f"{layer}_b_1:0": kernel[-1:]}
        for layer, kernel in plain.items()
    }


def resnet50_shapes(top: bool = True) -> Shapes:
    """Of `resnet50_weights_tf_dim_ordering_tf_kernels(_notop).h5`; the top is called `probs`."""
    shapes = _convolution("conv1_conv", (7, 7, 3, 64)) | _normalisation("conv1_bn", 64)
    channels = 64
    for stack, (blocks, filters) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], start=2):
        for number in range(1, blocks + 1):
            shapes |= _block(f"conv{stack}_block{number}", channels, filters, number == 1)
            channels = 4 * filters
    if top:
        shapes |= _convolution("probs", (2048, 1000))
    return shapes


def _block(name: str, channels: int, filters: int, shortcut: bool) -> Shapes:
    wide = 4 * filters
    shapes = _convolution(f"{name}_1_conv", (1, 1, channels, filters))
    shapes |= _normalisation(f"{name}_1_bn", filters)
    shapes |= _convolution(f"{name}_2_conv", (3, 3, filters, filters))
    shapes |= _normalisation(f"{name}_2_bn", filters)
    if shortcut:
        shapes |= _convolution(f"{name}_0_conv", (1, 1, channels, wide))
    shapes |= _convolution(f"{name}_3_conv", (1, 1, filters, wide))
    if shortcut:
        shapes |= _normalisation(f"{name}_0_bn", wide)
    return shapes | _normalisation(f"{name}_3_bn", wide)


def _convolution(name: str, kernel: tuple[int, ...]) -> Shapes:
    return {name: {f"{name}/kernel:0": kernel, f"{name}/bias:0": kernel[-1:]}}


def _normalisation(name: str, channels: int) -> Shapes:
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    return {name: {f"{name}/{weight}:0": (channels,) for weight in names}}


def seeded_values(shapes: Shapes, seed: int) -> dict[str, list[NDArray[np.float32]]]:
    """Random weights after He et al. (2015): activations neither vanish nor explode."""
    random = np.random.default_rng(seed)
    return {
        layer: [_draw(random, name, shape) for name, shape in weights.items()]
        for layer, weights in shapes.items()
    }


def _draw(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if name.endswith("gamma:0"):
        return random.uniform(0.3, 0.6, shape).astype(np.float32)
    if name.endswith("variance:0"):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    scale = math.sqrt(2 / math.prod(shape[:-1])) if len(shape) > 1 else 0.1
    return random.standard_normal(shape, dtype=np.float32) * np.float32(scale)


def write_legacy(
    path: Path, shapes: Shapes, values: Values | None = None, group: str = "/", dtype: str = "f4"
) -> Path:
    """Write a file of these layers; without values the arrays take no room and read as zeros."""
    with h5py.File(path, "w") as file:
        root = file.require_group(group)
        root.attrs["layer_names"] = [layer.encode() for layer in ["input_1", *shapes]]
        root.create_group("input_1").attrs["weight_names"] = []
        for layer, name, shape, index in _weights(shapes):
            dataset = root.require_group(layer).create_dataset(name, shape, dtype)
            if values is not None:
                dataset[...] = values[layer][index]
        for layer, weights in shapes.items():
            root[layer].attrs["weight_names"] = [name.encode() for name in weights]
    return path


def _weights(shapes: Shapes) -> Iterator[tuple[str, str, tuple[int, ...], int]]:
    for layer, weights in shapes.items():
        for index, (name, shape) in enumerate(weights.items()):
            yield layer, name, shape, index
