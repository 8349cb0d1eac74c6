"""From raw detections to what a shopper may tap, the most likely first."""

import math
from collections.abc import Iterable
from dataclasses import replace

from features.types import Box, Detection

PERSON = "person"
WHOLE = Detection(Box(0.0, 0.0, 1.0, 1.0), "whole picture", 0.0)

MAX_ITEMS = 24  # a street with four people, their halves, and what they carry
_MARGIN = 0.04  # of the box's own size, on each side
_SMALLEST = 0.03  # of the picture's side
_SAME = 0.8  # overlap (intersection over union) from which two boxes are one

# Where garments are on a standing person, as shares of the person's height.
_UPPER_BODY = (0.12, 0.55)
_LOWER_BODY = (0.48, 0.98)

# What a product picture's main item must be, for its surroundings to be cut away.
_CONFIDENT = 0.5
_SMALLEST_AREA, _LARGEST_AREA = 0.05, 0.95  # shares of the picture


def find_items(detections: Iterable[Detection]) -> list[Detection]:
    """The items of a picture, ready to show: at least one, the whole picture last.

    People are not products: each adds its upper and its lower half, where the clothes are.
    Boxes get a small margin, slivers and duplicates go, at most `MAX_ITEMS` stay. They are sorted
    by size x confidence x centrality (see `likelihood`), people behind everything else.
    """
    found = [part for detection in detections for part in _parts(detection)]
    found.sort(key=lambda item: (item.label == PERSON, -likelihood(item)))
    items: list[Detection] = []
    for item in found:
        if _is_big_enough(item.box) and not any(_same(item, other) for other in items):
            items.append(item)
    items = [replace(item, box=item.box.grown(_MARGIN)) for item in items[:MAX_ITEMS]]
    return [*items, WHOLE]


def main_item(detections: Iterable[Detection]) -> Detection | None:
    """What a product picture is of, with a small margin; None where that is not clear.

    It is the likeliest of the confident detections. A person shows what they wear, which has no
    box of its own; an item that fills the picture, or hardly shows in it, is no reason to crop.
    """
    sure = [detection for detection in detections if detection.confidence >= _CONFIDENT]
    best = max(sure, key=likelihood, default=None)
    if best is None or best.label == PERSON:
        return None
    if not _SMALLEST_AREA <= best.box.area <= _LARGEST_AREA:
        return None
    return replace(best, box=best.box.grown(_MARGIN))


def whole_picture() -> list[Detection]:
    """The items of a picture in which nothing was looked for."""
    return [WHOLE]


def likelihood(item: Detection) -> float:
    """How likely a shopper means this item: the root of its area, surer and more central first.

    The corner of a picture counts half as much as its centre.
    """
    x, y = item.box.centre
    off_centre = math.hypot(x - 0.5, y - 0.5) / math.hypot(0.5, 0.5)
    return math.sqrt(item.box.area) * item.confidence * (1 - 0.5 * off_centre)


def _parts(detection: Detection) -> list[Detection]:
    if detection.label != PERSON:
        return [detection]
    halves = (("upper body", *_UPPER_BODY), ("lower body", *_LOWER_BODY))
    return [
        detection,
        *(
            replace(detection, label=label, box=_band(detection.box, top, bottom))
            for label, top, bottom in halves
        ),
    ]


def _band(box: Box, top: float, bottom: float) -> Box:
    height = box.y2 - box.y1
    return Box(box.x1, box.y1 + top * height, box.x2, box.y1 + bottom * height)


def _is_big_enough(box: Box) -> bool:
    return box.shorter_side >= _SMALLEST


def _same(item: Detection, other: Detection) -> bool:
    """A person's own halves are no duplicates of it, whatever they overlap."""
    if PERSON in (item.label, other.label) and item.label != other.label:
        return False
    return item.box.overlap(other.box) >= _SAME
