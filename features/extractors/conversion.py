"""PyTorch weights to OpenVINO, once, in a process of its own: the caller never imports torch.

Run as `python -m features.extractors.conversion NAME WEIGHTS TARGET`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from features.errors import DependencyMissingError, ExtractorError
from features.telemetry import keep_openvino_quiet

# Part of the cached file's name: a new way of converting never meets an old file.
_CONVERTER = "1"
_SECONDS = 300


def converted_network(name: str, weights: Path, weights_sha256: str, cache: Path) -> Path:
    """The OpenVINO network (.xml beside .bin) of these weights, converted on first use."""
    folder = cache / f"{name}-{weights_sha256[:16]}-v{_CONVERTER}"
    network = folder / f"{name}.xml"
    if not network.exists():
        _convert_into(folder, name, weights)
    return network


def _convert_into(folder: Path, name: str, weights: Path) -> None:
    """Convert beside the target and move it there whole: two processes may do so at once."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
    except OSError as error:
        raise ExtractorError(
            f"the cache folder {folder.parent} cannot be written ({error.strerror}); "
            "set VISUAL_SEARCH_CACHE to one that can"
        ) from error
    made = draft / folder.name  # with the usual permissions; a temporary folder is its user's own
    try:
        made.mkdir()
        _run_conversion(name, weights, made / f"{name}.xml")
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was faster; both made the same
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _run_conversion(name: str, weights: Path, target: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(  # noqa: S603 - this module, with the names of two files
            [sys.executable, "-m", __name__, name, str(weights), str(target)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExtractorError(
            f"converting {name} took more than {_SECONDS} s; try again on a less busy machine"
        ) from error
    if done.returncode == 0:
        return
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    if "ModuleNotFoundError" in last:
        raise DependencyMissingError(
            f"converting {name} once needs torch and efficientnet-lite-pytorch ({last}): "
            "pip install -r requirements.txt"
        )
    raise ExtractorError(f"converting {name} failed: {last}")


def _convert(name: str, weights: Path, target: Path) -> None:
    """Batch of one, 8-bit NHWC pictures in, pooled features out; normalising is in the graph."""
    keep_openvino_quiet()
    import openvino
    import torch
    from efficientnet_lite_pytorch import EfficientNet
    from openvino.preprocess import PrePostProcessor

    network = EfficientNet.from_name(name.replace("_", "-"))
    network.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))
    network.eval()

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            features: torch.Tensor = self.network.extract_features(pixels)
            return features.mean((2, 3))

    side = network.input_image_size
    with torch.no_grad():
        model = openvino.convert_model(
            Pooled(), example_input=torch.zeros(1, 3, side, side), input=[1, 3, side, side]
        )
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(127.0).scale(128.0)
    openvino.save_model(steps.build(), target, compress_to_fp16=False)


if __name__ == "__main__":
    _convert(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
