"""Detectors by name. Ultralytics is imported only when it is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.detection.base import Detector
from features.errors import UnknownDetectorError

DEFAULT_DETECTOR = "yolo+regions"
STAND_IN = "regions"
"""What finds items where YOLO's weights are not to be had."""


@dataclass(frozen=True)
class DetectorOptions:
    """What a shop may set: weights, the least confidence, and the classes that count (or all)."""

    weights: Path = Path("yolo26n.pt")
    confidence: float = 0.25
    classes: Sequence[str] = ()


def _yolo(options: DetectorOptions) -> Detector:
    from features.detection.yolo import YoloDetector

    return YoloDetector(options.weights, options.confidence, options.classes)


def _regions(_: DetectorOptions) -> Detector:
    """The fallback without weights: it has nothing to set."""
    from features.detection.regions import RegionDetector

    return RegionDetector()


def _yolo_and_regions(options: DetectorOptions) -> Detector:
    from features.detection.completed import CompletedDetector

    return CompletedDetector(_yolo(options), _regions(options))


_LOADERS: dict[str, Callable[[DetectorOptions], Detector]] = {
    "yolo+regions": _yolo_and_regions,
    "yolo": _yolo,
    "regions": _regions,
}


def detector_names() -> list[str]:
    """All known detectors."""
    return list(_LOADERS)


def load_detector(name: str = DEFAULT_DETECTOR, options: DetectorOptions | None = None) -> Detector:
    """Load a detector.

    Raises:
        UnknownDetectorError: no detector of that name.
        DetectorUnavailableError: its package or its weights are not to be had.
    """
    if name not in _LOADERS:
        raise UnknownDetectorError(
            f"unknown detector {name!r}; choose one of {', '.join(_LOADERS)}"
        )
    return _LOADERS[name](options or DetectorOptions())
