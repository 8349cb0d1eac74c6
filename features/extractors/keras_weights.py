"""Keras's legacy .h5 weights files: checked against a network layer by layer, then loaded."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from features.errors import InvalidWeightsError

if TYPE_CHECKING:
    from h5py import Dataset, Group


class Weight(Protocol):
    """One array of a Keras layer."""

    name: str
    shape: tuple[int, ...]


class Layer(Protocol):
    """A layer, as far as loading concerns it."""

    name: str
    weights: Sequence[Weight]

    def set_weights(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Take new values for all arrays, in their order."""


class Network(Protocol):
    """A Keras network, as far as it is used here."""

    name: str
    layers: Sequence[Layer]

    def __call__(self, inputs: object, *, training: bool) -> object:
        """Outputs of a batch, as tensors."""


class _MisfitError(Exception):
    """What in a file does not fit the network; becomes part of the message with the file's name."""


def load_weights(network: Network, file: Path, official_name: str) -> None:
    """Set all weights of a Keras network from a file, or none of them.

    Layers are found by name, so the file may hold more of them than the network. Within a layer
    the order counts, as in Keras: official VGG16 files name a kernel `fc1_W_1:0`.

    Raises:
        InvalidWeightsError: not such a file, or a layer of the network is missing or of another
            shape.
    """
    import h5py

    layers = [layer for layer in network.layers if layer.weights]
    try:
        with h5py.File(file, "r") as opened:
            root = opened.get("model_weights", opened)
            _require_legacy_layout(root)
            # All checks come before the first change: no layer is left with random values.
            stored = [_fitting_datasets(root, layer) for layer in layers]
            for layer, datasets in zip(layers, stored, strict=True):
                layer.set_weights([np.asarray(values[()], dtype=np.float32) for values in datasets])
    except (_MisfitError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise InvalidWeightsError(
            f"the weights file {file} does not fit {network.name}: {_first_line(error)}; "
            f"use an undamaged copy of Keras's official {official_name}"
        ) from error


def _require_legacy_layout(root: "Group") -> None:
    if "layer_names" not in root.attrs:
        raise _MisfitError("it has no list of layers, so it is not in Keras's legacy .h5 format")


def _fitting_datasets(root: "Group", layer: Layer) -> list["Dataset"]:
    """The datasets with a layer's weights, in the layer's order."""
    if layer.name not in _names(root.attrs["layer_names"]):
        raise _MisfitError(f"layer {layer.name!r} is missing")
    group = root[layer.name]
    names = _names(group.attrs["weight_names"])
    if len(names) != len(layer.weights):
        expected = ", ".join(weight.name for weight in layer.weights)
        raise _MisfitError(
            f"layer {layer.name!r} has {len(names)} weights instead of "
            f"{len(layer.weights)} ({expected})"
        )
    datasets = [group[name] for name in names]
    for dataset, weight in zip(datasets, layer.weights, strict=True):
        _require_fit(dataset, weight, layer.name)
    return datasets


def _require_fit(dataset: "Dataset", weight: Weight, layer_name: str) -> None:
    where = f"layer {layer_name!r}, {weight.name}"
    shape = getattr(dataset, "shape", None)  # a group in its place has none
    if shape != tuple(weight.shape):
        raise _MisfitError(f"{where}: expected shape {tuple(weight.shape)}, found {shape}")
    if dataset.dtype.kind != "f":
        raise _MisfitError(f"{where}: expected floating-point numbers, found {dataset.dtype}")


def _names(attribute: Iterable[bytes | str]) -> list[str]:
    """Names as text: files of different ages hold bytes or strings."""
    return [name.decode() if isinstance(name, bytes) else str(name) for name in attribute]


def _first_line(error: Exception) -> str:
    """The message of an error; h5py's may go on over several lines."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.strip().splitlines()[0]
