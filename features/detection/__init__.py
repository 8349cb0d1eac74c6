"""Pictures to the items in them."""

from features.detection.base import Detector
from features.detection.finder import DETAIL, FoundItems, ItemFinder
from features.detection.items import find_items, main_item
from features.detection.registry import (
    DEFAULT_DETECTOR,
    STAND_IN,
    DetectorOptions,
    detector_names,
    load_detector,
)

__all__ = [
    "DEFAULT_DETECTOR",
    "DETAIL",
    "STAND_IN",
    "Detector",
    "DetectorOptions",
    "FoundItems",
    "ItemFinder",
    "detector_names",
    "find_items",
    "load_detector",
    "main_item",
]
