"""The two encoders of an image-text model, ONNX files that OpenVINO reads and runs.

Many are published with 8-bit weights whose inputs are scaled by what a batch holds (ONNX's
DynamicQuantizeLinear): another reason, beside `Streams`, for batches of one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import InvalidWeightsError
from features.extractors.published_settings import PictureSettings
from features.extractors.streams import Streams
from features.telemetry import keep_openvino_quiet
from features.types import Pixels, Vectors

_LFS_POINTER = b"version https://git-lfs"
_IDS, _MASK = "input_ids", "attention_mask"
Tokens = NDArray[np.int64]
"""Shape (n, tokens)."""


class ImageEncoder:
    """Prepared pictures to vectors. Normalising is a part of the network."""

    def __init__(self, file: Path, output: str, settings: PictureSettings) -> None:
        """Load the network.

        Raises:
            InvalidWeightsError: not an ONNX network that takes a picture, or without the output.
        """
        model = _read(file, output)
        if len(model.inputs) != 1:
            raise _misfit(file, f"it has {len(model.inputs)} inputs instead of one, a picture")
        side = settings.side
        _reshape(file, model, {model.inputs[0].get_any_name(): [1, 3, side, side]})
        self._network = Streams(_checked(file, _of_pixels(model, settings)))
        self.dim = self._network.dim

    def run(self, batch: Sequence[Pixels]) -> Vectors:
        """Vectors of pictures of `side` pixels: shape (len(batch), dim)."""
        return self._network.run([(pixels[None],) for pixels in batch])


class TextEncoder:
    """Tokens to vectors."""

    def __init__(self, file: Path, output: str, tokens: int) -> None:
        """Load the network.

        Raises:
            InvalidWeightsError: not an ONNX network that takes so many tokens, or without the
                output.
        """
        model = _read(file, output)
        names = [port.get_any_name() for port in model.inputs]
        if _IDS not in names or not {_IDS, _MASK} >= set(names):
            raise _misfit(file, f"its inputs are {', '.join(names)}, not {_IDS} (and {_MASK})")
        _reshape(file, model, {name: [1, tokens] for name in names})
        self._inputs = [(name, model.input(name).get_element_type().to_dtype()) for name in names]
        self._network = Streams(_checked(file, _as_float32(model)))
        self.dim = self._network.dim

    def run(self, ids: Tokens, mask: Tokens) -> Vectors:
        """Vectors of texts, by their tokens and by which of these are text: shape (n, dim)."""
        given = {_IDS: ids, _MASK: mask}
        arrays = [given[name].astype(kind) for name, kind in self._inputs]
        return self._network.run(
            [[array[row : row + 1] for array in arrays] for row in range(len(ids))]
        )


def _read(file: Path, output: str) -> Any:  # noqa: ANN401 - openvino has no types
    """The network up to one of its outputs, by that output's name."""
    if file.stat().st_size == 0 or _starts_with(file, _LFS_POINTER):
        raise _misfit(file, "it holds no network, only a pointer to one in Git LFS, or nothing")
    keep_openvino_quiet()
    import openvino
    from openvino.frontend import FrontEndManager

    # Of its own accord, OpenVINO tries the readers of other formats on what is not ONNX.
    reader = FrontEndManager().load_by_framework("onnx")
    try:
        model = reader.convert(reader.load(str(file)))
    except Exception as error:  # whatever its reader raises on damaged data
        raise _misfit(file, "OpenVINO cannot read it as an ONNX network") from error
    found = {name: port for port in model.outputs for name in port.get_names()}
    if output not in found:
        raise _misfit(file, f"it has no output {output!r}, only {', '.join(sorted(found))}")
    return openvino.Model([found[output].get_node().input_value(0)], model.get_parameters())


def _reshape(file: Path, model: Any, shapes: Mapping[str, list[int]]) -> None:  # noqa: ANN401
    """Settle the inputs' shapes, in place, where the network leaves them open."""
    import openvino

    for name, shape in shapes.items():
        taken = model.input(name).partial_shape
        if not taken.compatible(openvino.PartialShape(shape)):
            raise _misfit(file, f"its input {name} has the shape {taken}, not {shape}")
    try:
        model.reshape(dict(shapes))
    except RuntimeError as error:
        raise _misfit(file, f"it does not take the inputs {dict(shapes)}") from error


def _of_pixels(model: Any, settings: PictureSettings) -> Any:  # noqa: ANN401
    """The network with 8-bit NHWC pictures as its input."""
    import openvino
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    scaled = steps.input().preprocess().convert_element_type(openvino.Type.f32)
    scaled.mean([255 * mean for mean in settings.mean])
    scaled.scale([255 * deviation for deviation in settings.deviation])
    steps.output().tensor().set_element_type(openvino.Type.f32)
    return steps.build()


def _as_float32(model: Any) -> Any:  # noqa: ANN401
    import openvino
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(model)
    steps.output().tensor().set_element_type(openvino.Type.f32)
    return steps.build()


def _checked(file: Path, model: Any) -> Any:  # noqa: ANN401
    """The network, if a vector comes out of it."""
    shape = model.output(0).partial_shape
    if shape.rank.is_dynamic or len(shape) != 2 or shape[1].is_dynamic:
        raise _misfit(file, f"its output has the shape {shape}, not that of one vector")
    return model


def _starts_with(file: Path, prefix: bytes) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(prefix)) == prefix


def _misfit(file: Path, problem: str) -> InvalidWeightsError:
    return InvalidWeightsError(
        f"{file} is not the encoder it should be: {problem}; use an undamaged copy of the whole "
        "folder, as it is published"
    )
