"""The list of shopper photos: what lies where, in which light."""

from __future__ import annotations

from dataclasses import dataclass

from .colors import Color


@dataclass(frozen=True)
class Item:
    """Where a product sits in a photo; lengths are fractions of the photo's width."""

    product_id: str
    x: float
    y: float
    size: float
    degrees: float = 0
    tilt: float = 0
    standing: bool = True


@dataclass(frozen=True)
class Photo:
    """A shopper photo: its items, surroundings and light."""

    name: str
    title: str
    background: str
    items: tuple[Item, ...]
    size: tuple[int, int] = (600, 800)
    tint: Color = (1.0, 1.0, 1.0)
    side_light: float = 0.18
    blur: float = 0.7
    noise: float = 0.018
    jpeg: int = 58


WARM: Color = (1.04, 0.99, 0.90)
EVENING: Color = (1.03, 0.95, 0.82)
COOL: Color = (0.96, 1.0, 1.04)

PHOTOS = (
    Photo(
        "tee-on-bed",
        "A tee on the bed",
        "bed sheet",
        (Item("tee-002", 0.5, 0.5, 0.80, -9, 0.05, False),),
        tint=WARM,
    ),
    Photo(
        "mug-on-counter",
        "A mug in the kitchen",
        "counter",
        (Item("mug-005", 0.5, 0.66, 0.52, -2, 0.03),),
        tint=WARM,
        side_light=0.25,
    ),
    Photo(
        "sneaker-on-pavement",
        "A sneaker in the street",
        "pavement",
        (Item("sneaker-003", 0.5, 0.5, 0.62, 7, 0.05, False),),
        (800, 600),
        COOL,
    ),
    Photo(
        "bag-on-floor",
        "A backpack by the wall",
        "room",
        (Item("bag-002", 0.47, 0.86, 0.58, 3, 0.03),),
        tint=COOL,
    ),
    Photo(
        "lamp-in-room",
        "A lamp in the corner",
        "warm room",
        (Item("lamp-001", 0.52, 0.84, 0.52, 0, 0.02),),
        tint=EVENING,
        side_light=-0.2,
    ),
    Photo(
        "chair-in-room",
        "An armchair at home",
        "room",
        (Item("chair-005", 0.5, 0.90, 0.72, 0, 0.04),),
        side_light=-0.22,
    ),
    Photo(
        "bottle-on-grass",
        "A bottle on the lawn",
        "grass",
        (Item("bottle-003", 0.5, 0.5, 0.30, 58, 0.04, False),),
        tint=WARM,
    ),
    Photo(
        "watch-on-table",
        "A watch on the desk",
        "dark table",
        (Item("watch-001", 0.52, 0.5, 0.36, 24, 0.04, False),),
        tint=WARM,
    ),
    Photo(
        "hat-on-blanket",
        "A sun hat on the blanket",
        "blanket",
        (Item("hat-004", 0.5, 0.5, 0.74, -14, 0.05, False),),
        (800, 600),
        WARM,
    ),
    Photo(
        "cushion-in-room",
        "A cushion on the floor",
        "warm room",
        (Item("cushion-004", 0.5, 0.88, 0.62, 4, 0.05),),
        tint=EVENING,
    ),
    Photo(
        "sunglasses-on-table",
        "Sunglasses on the table",
        "wooden table",
        (Item("sunglasses-003", 0.48, 0.5, 0.66, -18, 0.05, False),),
        (800, 600),
        COOL,
    ),
    Photo(
        "vase-on-counter",
        "A vase by the sink",
        "counter",
        (Item("vase-002", 0.5, 0.76, 0.30, 1, 0.03),),
        tint=COOL,
        side_light=-0.2,
    ),
    Photo(
        "high-top-on-grass",
        "A high-top in the park",
        "grass",
        (Item("sneaker-007", 0.5, 0.54, 0.66, -8, 0.05, False),),
        (800, 600),
    ),
    Photo(
        "beanie-on-table",
        "A beanie on the table",
        "wooden table",
        (Item("hat-002", 0.5, 0.5, 0.60, 12, 0.04, False),),
        tint=EVENING,
    ),
    Photo(
        "scene-living-room",
        "A corner of the living room",
        "room with table",
        (
            Item("chair-009", 0.25, 0.93, 0.36),
            Item("bag-004", 0.59, 0.80, 0.19),
            Item("cushion-003", 0.465, 0.96, 0.155, 5),
            Item("lamp-005", 0.835, 0.635, 0.25),
        ),
        (1000, 750),
        WARM,
    ),
    Photo(
        "scene-table",
        "Things on the table",
        "counter",
        (
            Item("bottle-007", 0.17, 0.80, 0.125),
            Item("mug-007", 0.43, 0.80, 0.23),
            Item("watch-013", 0.66, 0.76, 0.115, 58, 0.03, False),
            Item("sunglasses-001", 0.82, 0.86, 0.25, -6, 0.03, False),
            Item("vase-001", 0.82, 0.66, 0.19),
        ),
        (1000, 750),
        side_light=0.22,
    ),
    Photo(
        "scene-packing",
        "Packing for the weekend",
        "blanket",
        (
            Item("tee-004", 0.26, 0.38, 0.42, -10, 0.02, False),
            Item("hat-003", 0.72, 0.24, 0.31, 9, 0.02, False),
            Item("sneaker-009", 0.73, 0.68, 0.36, -7, 0.02, False),
            Item("sunglasses-006", 0.25, 0.84, 0.28, 8, 0.02, False),
        ),
        (1000, 750),
        COOL,
    ),
)
