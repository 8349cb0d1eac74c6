"""Named colours, as fractions of red, green and blue."""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

Color: TypeAlias = tuple[float, float, float]


def rgb(code: str) -> Color:
    """Return the colour of a hex code such as `c0ffee`."""
    return (int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255)


def mix(a: Color, b: Color, part: float) -> Color:
    """Return the colour that is `part` of the way from a to b."""
    return (
        a[0] + (b[0] - a[0]) * part,
        a[1] + (b[1] - a[1]) * part,
        a[2] + (b[2] - a[2]) * part,
    )


def darker(color: Color, part: float = 0.3) -> Color:
    """Return the colour moved towards black."""
    return mix(color, (0.04, 0.04, 0.06), part)


def lighter(color: Color, part: float = 0.3) -> Color:
    """Return the colour moved towards white."""
    return mix(color, (1.0, 1.0, 0.99), part)


COLORS = MappingProxyType(
    {
        name: rgb(code)
        for name, code in {
            "white": "f1f0ec",
            "cream": "efe3c8",
            "sand": "d9c4a0",
            "camel": "b98a56",
            "tan": "a8713f",
            "brown": "6f4a31",
            "oak": "c79a62",
            "walnut": "6e4a30",
            "black": "26272b",
            "charcoal": "44484f",
            "grey": "9499a0",
            "silver": "c6cace",
            "steel": "a9b0b8",
            "red": "c8323a",
            "burgundy": "74222f",
            "coral": "ef7460",
            "orange": "e67a2e",
            "rust": "b4532c",
            "terracotta": "c3694a",
            "mustard": "d9a52c",
            "yellow": "f2c93b",
            "gold": "cda349",
            "lime": "a9c84a",
            "olive": "757a3e",
            "green": "3e8b57",
            "forest": "24543f",
            "sage": "a3b59a",
            "mint": "a8dcc4",
            "teal": "1f7f86",
            "turquoise": "3fb8bd",
            "sky": "8cc3e6",
            "blue": "2f66b8",
            "cobalt": "2343a0",
            "navy": "22304f",
            "denim": "51729b",
            "lavender": "b7a6dc",
            "purple": "6c428f",
            "plum": "6a3457",
            "pink": "f0a9bd",
            "rose": "d5657f",
            "magenta": "c23a86",
        }.items()
    }
)
