"""Ultralytics YOLO: any of its weights or exports (.pt, OpenVINO folder, .onnx)."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from features.detection.weights import find_weights
from features.errors import DetectorUnavailableError
from features.telemetry import keep_ultralytics_quiet
from features.types import Box, Detection, Image

_FILES = (".pt", ".onnx")
_GIVE = "give .pt weights, an OpenVINO export's folder, or an .onnx file"
_SIDE = 640  # the side that the default weights and their exports were made for


class YoloDetector:
    """Objects by YOLO. The network is loaded here; the first call pays for nothing."""

    def __init__(self, weights: Path, confidence: float, classes: Sequence[str]) -> None:
        """Load the weights, which Ultralytics may download once by their well-known name.

        Raises:
            DetectorUnavailableError: no package, no weights, an unknown class.
        """
        keep_ultralytics_quiet()
        found = find_weights(weights)
        _check_kind(found)
        try:
            from ultralytics.models import YOLO
            from ultralytics.utils.events import events
        except ImportError as error:
            raise DetectorUnavailableError(
                "finding items needs the package ultralytics: pip install "
                "ultralytics-opencv-headless, or set VISUAL_SEARCH_DETECTOR=regions"
            ) from error
        events.enabled = False  # its analytics; a shop's photos are nobody else's business
        self.name = f"yolo {found.name}"
        self._confidence = confidence
        self._predicting = threading.Lock()  # Ultralytics' predictor keeps state
        try:
            self._network: Any = YOLO(found, task="detect")
            self._predict(_warm_up_picture())
            self._classes = _class_numbers(self._network.names, classes)
        except DetectorUnavailableError:
            raise
        except Exception as error:  # its loaders raise anything on a file of another kind
            reason = str(error).partition("\n")[0]  # below it, hints for Ultralytics' own users
            raise DetectorUnavailableError(
                f"{found} cannot be used as YOLO weights ({type(error).__name__}: {reason}); "
                f"{_GIVE}"
            ) from error

    def detect(self, image: Image) -> list[Detection]:
        """See `Detector.detect`."""
        boxes = self._predict(image, classes=self._classes).boxes
        return [
            Detection(Box(*box).clipped(), self._network.names[int(kind)], float(confidence))
            for box, kind, confidence in zip(
                boxes.xyxyn.tolist(), boxes.cls.tolist(), boxes.conf.tolist(), strict=True
            )
        ]

    def _predict(self, image: Image, **options: object) -> Any:  # noqa: ANN401 - untyped library
        with self._predicting:
            return self._network.predict(
                image, imgsz=_SIDE, conf=self._confidence, device="cpu", verbose=False, **options
            )[0]


def _check_kind(found: Path) -> None:
    """Ultralytics reads many more kinds; some of them are programs."""
    is_export = found.is_dir() and any(found.glob("*.xml"))
    if not is_export and found.suffix.lower() not in _FILES:
        raise DetectorUnavailableError(f"{found} cannot be used as YOLO weights; {_GIVE}")


def _warm_up_picture() -> Image:
    from PIL import Image as Pillow

    return Pillow.new("RGB", (_SIDE, _SIDE))


def _class_numbers(names: dict[int, str], wanted: Sequence[str]) -> list[int] | None:
    unknown = sorted(set(wanted) - set(names.values()))
    if unknown:
        raise DetectorUnavailableError(
            f"the detector knows no class {unknown[0]!r}; it knows {', '.join(names.values())}"
        )
    return [number for number, name in names.items() if name in wanted] or None
