"""Two detectors as one: what the first does not name, the second may still offer."""

from features.detection.base import Detector
from features.detection.items import PERSON
from features.types import Box, Detection, Image

_COVERED = 0.3  # overlap (intersection over union) from which a thing is named already


class CompletedDetector:
    """All that `named` finds, and what `unnamed` finds besides."""

    def __init__(self, named: Detector, unnamed: Detector) -> None:
        self._named = named
        self._unnamed = unnamed

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self._named.name} + {self._unnamed.name}"

    def detect(self, image: Image) -> list[Detection]:
        """See `Detector.detect`."""
        named = self._named.detect(image)
        # A person is no product: what lies before one is worth offering.
        taken = [detection.box for detection in named if detection.label != PERSON]
        return [*named, *(d for d in self._unnamed.detect(image) if _is_free(d.box, taken))]


def _is_free(box: Box, taken: list[Box]) -> bool:
    return all(box.overlap(other) < _COVERED for other in taken)
