"""What a shape needs to know about the product that it draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .canvas import Canvas
from .colors import Color
from .forms import Lathe
from .geometry import curve
from .patterns import Pattern


@dataclass(frozen=True)
class Look:
    """The surface and the detail colours of one product; `back` asks for its other side."""

    pattern: Pattern
    accent: Color
    trim: Color
    back: bool = False

    @property
    def base(self) -> Color:
        """Return the main colour."""
        return self.pattern.base


Drawer: TypeAlias = Callable[[Canvas, Look], None]


def turned(
    *profile: tuple[float, float], axis: float = 200, tilt: float = 0.12, gloss: float = 0.5
) -> Lathe:
    """Return a body turned from (height, half width) points joined by a smooth line."""
    line = curve(*((width, y) for y, width in profile))
    order = np.argsort(line[:, 1], kind="stable")
    ys = np.linspace(profile[0][0], profile[-1][0], 160)
    return Lathe(ys, np.interp(ys, line[order, 1], line[order, 0]), axis, tilt, gloss)


def straight(
    *profile: tuple[float, float], axis: float = 200, tilt: float = 0.12, gloss: float = 0.5
) -> Lathe:
    """Return a body turned from (height, half width) points joined by straight lines."""
    ys = np.linspace(profile[0][0], profile[-1][0], 160)
    widths = np.interp(ys, [y for y, _ in profile], [w for _, w in profile])
    return Lathe(ys, widths, axis, tilt, gloss)
