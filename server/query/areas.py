"""An area of a photo as a form has it: left, top, right and bottom in per cent."""

from collections.abc import Mapping

from features.errors import InvalidQueryError
from features.types import Box
from server.query.uploads import box_of

SIDES = ("left", "top", "right", "bottom")
_STEP = 5.0  # per cent of the photo
_SMALLEST = 5.0

# How each button moves left, top, right and bottom, in steps.
_NUDGES = {
    "left": (-1, 0, -1, 0),
    "right": (1, 0, 1, 0),
    "up": (0, -1, 0, -1),
    "down": (0, 1, 0, 1),
    "larger": (-1, -1, 1, 1),
    "smaller": (1, 1, -1, -1),
}
NUDGES = tuple(_NUDGES)


def area_in_per_cent(form: Mapping[str, str]) -> dict[str, float]:
    """The four sides.

    Raises:
        InvalidQueryError: one is missing, out of range, or the area is empty.
    """
    shown = ", ".join(f"{side} {form.get(side, '')[:20]!r}" for side in SIDES)
    return box_in_per_cent(box_of([form.get(side, "") for side in SIDES], 100.0, shown))


def box_in_per_cent(box: Box) -> dict[str, float]:
    """A box as a form shows it, to a tenth of a per cent."""
    values = (box.x1, box.y1, box.x2, box.y2)
    return {side: round(100 * value, 1) for side, value in zip(SIDES, values, strict=True)}


def nudged(area: Mapping[str, float], direction: str) -> dict[str, float]:
    """The area a step further, larger or smaller; it stays within the photo.

    Raises:
        InvalidQueryError: no such direction.
    """
    if direction not in _NUDGES:
        raise InvalidQueryError(
            f"nudge is {direction[:20]!r}; it must be one of {', '.join(_NUDGES)}."
        )
    steps = _NUDGES[direction]
    moved = [area[side] + _STEP * step for side, step in zip(SIDES, steps, strict=True)]
    fits = all(0 <= value <= 100 for value in moved)
    if direction in ("left", "right", "up", "down") and not fits:
        return dict(area)  # pushing against the edge must not squeeze the area
    moved = [min(100.0, max(0.0, value)) for value in moved]
    if moved[2] - moved[0] < _SMALLEST or moved[3] - moved[1] < _SMALLEST:
        return dict(area)
    return {side: round(value, 1) for side, value in zip(SIDES, moved, strict=True)}
