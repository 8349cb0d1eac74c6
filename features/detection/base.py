"""The contract that every detector keeps."""

from typing import Protocol

from features.types import Detection, Image


class Detector(Protocol):
    """Finds things in a picture. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """What answers and messages call it."""

    def detect(self, image: Image) -> list[Detection]:
        """Everything found in an RGB picture, boxes within it, in no particular order."""
