"""Pictures to the items in them."""

from features.detection.base import Detector
from features.detection.finder import FoundItems, ItemFinder
from features.detection.items import find_items, whole_picture
from features.detection.registry import (
    DEFAULT_DETECTOR,
    STAND_IN,
    DetectorOptions,
    detector_names,
    load_detector,
)

__all__ = [
    "DEFAULT_DETECTOR",
    "STAND_IN",
    "Detector",
    "DetectorOptions",
    "FoundItems",
    "ItemFinder",
    "detector_names",
    "find_items",
    "load_detector",
    "whole_picture",
]
