"""Regions that differ from the picture's border: the fallback when YOLO is not to be had.

What touches the border is taken for background: a few colours, each with the spread that a pattern
or a texture gives it. Pixels far from all of them form regions, and a region is offered as an item.
Chosen by measuring, see `scripts/benchmark.py regions`.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.types import Box, Detection, Image

Floats = NDArray[np.float32]

MAX_REGIONS = 12

_LABEL = "item"
_SIDE = 224  # pixels of the longer side of the picture that is looked at
_LEAST_SIDE = 8  # pixels of its shorter side; what is thinner has no room for a region
_SMOOTH = 5  # pixels of the median that removes texture

_BAND = 0.05  # the border's width, as a share of the shorter side
_SAMPLES = 600  # border pixels that are clustered, about
_COLOURS = 8
_RARE = 0.02  # a cluster with a smaller share of the border is an item that is cut off
_NOISE = 4.0  # variance of Lab values, 0 to 255, that any colour has

_LEAST_DISTANCE = 3.0  # in standard deviations: what is nearer is background, whatever Otsu says
_MOST_DISTANCE = 16.0
_THRESHOLDS = (0.7, 1.0, 1.4)  # of Otsu's: low ones keep pale items whole, high ones part items
_OPENING, _CLOSING = 3, 3  # pixels

_LEAST_SHARE, _MOST_SHARE = 0.004, 0.9  # of the picture's area
_LEAST_EXTENT = 0.03  # of the picture's width and height
_SAME = 0.6  # overlap (intersection over union) from which two boxes are one
_PART = 0.3  # a box so much smaller than the one that holds it is a part of its item
_HELD = 0.9  # the share of a box within another from which that one holds it
_SURE = 8.0  # standard deviations of distance that make a region fairly sure


class RegionDetector:
    """Proposes regions that probably hold one item each, labelled "item"."""

    name = "regions"

    def detect(self, image: Image) -> list[Detection]:
        """See `Detector.detect`. At most `MAX_REGIONS`; none in a picture without contrast."""
        distance = _distance_from_border(image)
        if distance is None:
            return []
        found = [region for mask in _masks(distance) for region in _regions(mask, distance)]
        return _merged(found)[:MAX_REGIONS]


def _distance_from_border(image: Image) -> Floats | None:
    """How far each pixel is from the nearest border colour, in that colour's deviations."""
    import cv2

    scale = _SIDE / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    if min(width, height) < _LEAST_SIDE:
        return None
    small = np.asarray(image.resize((width, height), reducing_gap=2.0))
    lab = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), _SMOOTH).astype(np.float32)
    nearest = np.full((height, width), _MOST_DISTANCE**2, np.float32)
    for colour in _border_colours(lab):
        scaled = cv2.transform(lab, _whitening(colour))
        nearest = np.minimum(nearest, (scaled * scaled).sum(axis=2))
    distance: Floats = np.sqrt(nearest)
    return distance


def _border_colours(lab: Floats) -> Iterator[Floats]:
    """The border's pixels, shape (n, 3) each, in groups of like colour."""
    import cv2

    band = max(1, round(_BAND * min(lab.shape[:2])))
    border = np.ones(lab.shape[:2], np.bool_)
    border[band:-band, band:-band] = False
    pixels = lab[border]
    pixels = np.ascontiguousarray(pixels[:: max(1, len(pixels) // _SAMPLES)])
    # Given first labels, k-means draws no random numbers: the same picture, the same regions.
    first = _nearest_of(_far_apart(pixels, _COLOURS), pixels)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 1.0)
    labels: Any = cv2.kmeans(
        pixels, _COLOURS, first[:, None], stop, 1, cv2.KMEANS_USE_INITIAL_LABELS
    )[1]
    for number in range(_COLOURS):
        members = pixels[labels[:, 0] == number]
        if len(members) >= max(4, _RARE * len(pixels)):
            yield members


def _far_apart(pixels: Floats, count: int) -> Floats:
    """The most ordinary pixel, then always the one farthest from all before it."""
    far = ((pixels - pixels.mean(axis=0)) ** 2).sum(axis=1)
    chosen = [int(far.argmin())]
    far = np.full(len(pixels), np.inf, np.float32)
    while len(chosen) < count:
        far = np.minimum(far, ((pixels - pixels[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(far.argmax()))
    return pixels[chosen]


def _nearest_of(centres: Floats, pixels: Floats) -> NDArray[np.int32]:
    apart = ((pixels[:, None] - centres[None]) ** 2).sum(axis=2)
    nearest: NDArray[np.int32] = apart.argmin(axis=1).astype(np.int32)
    return nearest


def _whitening(pixels: Floats) -> NDArray[np.float64]:
    """The matrix, shape (3, 4), after which a distance counts deviations of these pixels."""
    spread = np.cov(pixels.T.astype(np.float64)) + np.eye(3) * _NOISE
    matrix = np.linalg.cholesky(np.linalg.inv(spread)).T
    return np.column_stack([matrix, -matrix @ pixels.mean(axis=0)])


def _masks(distance: Floats) -> Iterator[NDArray[np.uint8]]:
    """Where items are, 1 or 0, by several thresholds around Otsu's."""
    import cv2

    steps = 255 / _MOST_DISTANCE
    otsu = cv2.threshold((distance * steps).astype(np.uint8), 0, 1, cv2.THRESH_OTSU)[0] / steps
    opening, closing = (
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)) for side in (_OPENING, _CLOSING)
    )
    for share in _THRESHOLDS:
        far = (distance > max(_LEAST_DISTANCE, share * otsu)).astype(np.uint8)
        mask = cv2.morphologyEx(far, cv2.MORPH_OPEN, opening)
        yield cv2.morphologyEx(mask, cv2.MORPH_CLOSE, closing).astype(np.uint8)


def _regions(mask: NDArray[np.uint8], distance: Floats) -> Iterator[Detection]:
    """Connected parts of the mask that are neither slivers nor nearly the whole picture."""
    import cv2

    height, width = mask.shape
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for number, (x, y, w, h, pixels) in enumerate(statistics.tolist()):
        box = Box(x / width, y / height, (x + w) / width, (y + h) / height)
        # Number 0 is what the mask leaves out.
        if number and _is_an_item(box):
            part = np.s_[y : y + h, x : x + w]
            contrast = float(distance[part][labels[part] == number].mean())
            yield Detection(box, _LABEL, _confidence(box, contrast, pixels / (w * h)))


def _is_an_item(box: Box) -> bool:
    extent = min(box.x2 - box.x1, box.y2 - box.y1)
    return extent >= _LEAST_EXTENT and _LEAST_SHARE <= box.area <= _MOST_SHARE


def _confidence(box: Box, contrast: float, filled: float) -> float:
    """0 to 1: surer with more contrast, a fuller box, and fewer sides cut by the picture's edge."""
    cut = sum((box.x1 <= 0, box.y1 <= 0, box.x2 >= 1, box.y2 >= 1))
    return (1 - math.exp(-contrast / _SURE)) * (0.3 + 0.7 * filled) * (1 - 0.2 * cut)


def _merged(found: Sequence[Detection]) -> list[Detection]:
    """The surest of those that are the same, and no small parts of others; the surest first."""
    kept: list[Detection] = []
    for region in sorted(found, key=lambda region: -region.confidence):
        if all(region.box.overlap(other.box) < _SAME for other in kept):
            kept.append(region)
    return [region for region in kept if not any(_is_part(region.box, other.box) for other in kept)]


def _is_part(box: Box, whole: Box) -> bool:
    """Nearly all of the box lies in a much larger one."""
    if box.area >= _PART * whole.area:
        return False
    within = Box(
        max(box.x1, whole.x1),
        max(box.y1, whole.y1),
        min(box.x2, whole.x2),
        min(box.y2, whole.y2),
    )
    return within.area >= _HELD * box.area
