"""Surroundings for the shopper photos: tables, floors, fabrics and ground."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .colors import COLORS, Color, darker, lighter, mix, rgb
from .forms import enlarge, lambert, soften
from .geometry import Array
from .patterns import Pattern
from .warp import homography

Rng: TypeAlias = np.random.Generator
Background: TypeAlias = Callable[[int, int, Rng], Array]


def wooden_table(width: int, height: int, rng: Rng) -> Array:
    """Return oak planks seen from above."""
    return _planks(width, height, rng, rgb("b07f4d"), width // 5)


def dark_table(width: int, height: int, rng: Rng) -> Array:
    """Return walnut planks seen from above."""
    return _planks(width, height, rng, rgb("6a4630"), width // 4)


def blanket(width: int, height: int, rng: Rng) -> Array:
    """Return a rumpled plaid blanket."""
    x, y = _grid(width, height)
    bend = 14 * _cloud(width, height, rng, 170)
    tartan = Pattern("tartan", COLORS["sand"], COLORS["rust"], COLORS["cream"], 120, 17)
    weave = 1 + 0.10 * np.sin(x * 2.1 + y * 2.1) * np.sin(x * 2.1 - y * 2.1)
    color = tartan(x + bend, y + bend * 0.7) * weave[..., None]
    wool = 1 + 0.09 * _cloud(width, height, rng, 2)
    return color * (wool * _rumple(width, height, rng, 95, 17))[..., None]


def bed_sheet(width: int, height: int, rng: Rng) -> Array:
    """Return a creased linen sheet."""
    color = np.asarray(rgb("d3d5d6"), dtype=np.float32)
    x, y = _grid(width, height)
    relief = np.zeros((height, width), dtype=np.float32)
    for cell, depth in ((230, 15), (120, 7), (60, 2.5)):
        swell = soften(_cloud(width, height, rng, cell), cell // 8)
        # The absolute value turns the swell's zero lines into sharp, wandering creases.
        relief += (np.sqrt(swell * swell + 0.01) - 0.25 * swell) * np.float32(depth)
    dy, dx = np.gradient(soften(relief, 2))
    length = np.sqrt(dx * dx + dy * dy + 1)
    thread = 1 + 0.02 * np.sin(x * 2.4) * np.sin(y * 2.4) + 0.02 * _cloud(width, height, rng, 2)
    light = lambert(-dx / length, -dy / length, 1 / length).astype(np.float32)
    sheet: Array = color * (thread * light)[..., None]
    return sheet


def grass(width: int, height: int, rng: Rng) -> Array:
    """Return a lawn of many single blades."""
    image = Image.new("RGB", (width, height), (44, 66, 30))
    draw = ImageDraw.Draw(image)
    greens = [rgb(code) for code in ("3f6a2a", "557f33", "6d9440", "7ba24a", "4a7430", "94a955")]
    count = width * height // 38
    xs, ys = rng.uniform(0, width, count), np.sort(rng.uniform(-10, height + 20, count))
    leans, lengths = rng.normal(0, 9, count), rng.uniform(10, 26, count)
    picks, lights = rng.integers(0, len(greens), count), rng.uniform(-0.3, 0.25, count)
    for x, y, lean, length, pick, light in zip(xs, ys, leans, lengths, picks, lights, strict=True):
        color = greens[int(pick)]
        color = darker(color, -light) if light < 0 else lighter(color, light)
        tint = tuple(int(c * 255) for c in color)
        middle = (x + lean * 0.3, y - length * 0.6)
        draw.line([(x, y), middle, (x + lean, y - length)], fill=tint, width=2)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32) / 255
    return soft * (1 + 0.16 * _cloud(width, height, rng, 110))[..., None]


def pavement(width: int, height: int, rng: Rng) -> Array:
    """Return grey paving slabs in running bond."""
    x, y = _grid(width, height)
    row = np.floor(y / 190)
    across = x / 280 + 0.5 * (row % 2) + 0.3
    gap_x = np.abs(across - np.round(across)) * 280
    gap_y = np.abs(y / 190 - np.round(y / 190)) * 190
    tone = 0.07 * np.sin(np.floor(across) * 12.9 + row * 7.1)
    stone = 0.60 + tone + 0.05 * _cloud(width, height, rng, 60)
    stone += 0.05 * _cloud(width, height, rng, 2) + 0.03 * _cloud(width, height, rng, 5)
    joint = np.exp(-((np.minimum(gap_x, gap_y) / 3.4) ** 2))
    tint = np.array([1.0, 0.985, 0.95], dtype=np.float32)
    slabs: Array = (stone * (1 - 0.55 * joint))[..., None] * tint
    return slabs


def room(width: int, height: int, rng: Rng) -> Array:
    """Return a painted wall above a wooden floor."""
    return _room(width, height, rng, rgb("a9b8b4"), rgb("a97c50"))


def warm_room(width: int, height: int, rng: Rng) -> Array:
    """Return a sand-coloured wall above a dark floor."""
    return _room(width, height, rng, rgb("d3bda0"), rgb("7a5537"))


def room_with_table(width: int, height: int, rng: Rng) -> Array:
    """Return a room with a small side table at the right."""
    color = _room(width, height, rng, rgb("b9c4c9"), rgb("a5764a")).copy()
    top, left, right = int(height * 0.60), int(width * 0.70), int(width * 0.97)
    x, y = _grid(width, height)
    middle, half = (left + right) / 2, (right - left) / 2
    under = np.exp(-(((x - middle) / half) ** 6) - ((y / height - 0.93) / 0.03) ** 2)
    color *= (1 - 0.32 * under)[..., None]
    wood = _planks(right - left, 60, rng, rgb("8b5d39"), 400)
    for side in (left + 22, right - 36):
        leg = slice(top + 20, int(height * 0.93)), slice(side, side + 14)
        shade = np.linspace(1.1, 0.6, 14, dtype=np.float32)[None, :, None]
        color[leg] = np.asarray(rgb("7d5233"), dtype=np.float32) * shade
    color[top : top + 22, left:right] = wood[:22]
    color[top + 14 : top + 22, left:right] *= 0.62
    return color


def counter(width: int, height: int, rng: Rng) -> Array:
    """Return a wooden counter in front of white wall tiles."""
    edge = int(height * 0.56)
    x, y = _grid(width, edge)
    gap_x = (
        np.abs(
            x / 150
            + 0.5 * (np.floor(y / 76) % 2)
            - np.round(x / 150 + 0.5 * (np.floor(y / 76) % 2))
        )
        * 150
    )
    gap_y = np.abs(y / 76 - np.round(y / 76)) * 76
    gap = np.minimum(gap_x, gap_y)
    tiles = 0.80 + 0.03 * _cloud(width, edge, rng, 70) - 0.20 * np.exp(-((gap / 2.4) ** 2))
    tiles += 0.07 * np.exp(-(((gap - 7) / 3) ** 2))
    wall = tiles[..., None] * np.array([0.97, 1.0, 1.0], dtype=np.float32)
    wall = np.asarray(_blurred(wall, 2.2))
    wood = _perspective(_planks(width * 2, height, rng, rgb("b78650"), 900), width, height - edge)
    return _joined(wall, wood)


def _joined(upper: Array, lower: Array) -> Array:
    """Stack two surfaces, with the dark line where they meet."""
    lower = lower.copy()
    depth = np.exp(-np.arange(lower.shape[0], dtype=np.float32) / 14)
    lower *= (1 - 0.38 * depth)[:, None, None]
    return np.vstack([upper, lower])


def _room(width: int, height: int, rng: Rng, wall: Color, floor: Color) -> Array:
    edge = int(height * 0.66)
    x, y = _grid(width, edge)
    light = 1.06 - 0.24 * np.abs(x / width - 0.32) - 0.10 * y / edge
    light += 0.012 * _cloud(width, edge, rng, 3) + 0.02 * _cloud(width, edge, rng, 90)
    upper = np.asarray(wall, dtype=np.float32) * light[..., None]
    board = int(height * 0.055)
    upper[edge - board :] = np.asarray(mix(wall, (0.95, 0.94, 0.92), 0.75), dtype=np.float32)
    upper[edge - board : edge - board + 3] *= 0.8
    upper[edge - board + 3 : edge - board + 6] *= 1.05
    planks = _planks(width * 2, height, rng, floor, 190, upright=True)
    return _joined(upper, _perspective(planks, width, height - edge))


def _perspective(texture: Array, width: int, height: int) -> Array:
    """Return a texture as a floor that recedes upwards."""
    rows, columns = texture.shape[:2]
    image = Image.fromarray((np.clip(texture, 0, 1) * 255).astype(np.uint8))
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    # The far edge shows more of the floor than the near one.
    near, far = columns * 0.27, columns * 0.73
    source = np.array([(0, 0), (columns, 0), (far, rows), (near, rows)])
    numbers = homography(corners, source)
    size = (width, height)
    moved = image.transform(size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC)
    return np.asarray(moved, dtype=np.float32) / 255


def _planks(
    width: int, height: int, rng: Rng, color: Color, plank: int, upright: bool = True
) -> Array:
    x, y = _grid(width, height)
    across, along = (x, y) if upright else (y, x)
    number = np.floor(across / plank)
    fine = _streaks(width, height, rng, 2, 90)
    broad = _streaks(width, height, rng, 9, 260)
    warp = across * 0.06 + 2.6 * broad + number * 5.7 + along * 0.002
    rings = np.sin(warp * 2.4) * 0.5 + np.sin(warp * 5.3 + 1.0) * 0.25
    tone = 1 + 0.075 * rings + 0.075 * fine + 0.08 * np.sin(number * 9.1 + 0.7)
    gap = np.abs(across / plank - np.round(across / plank)) * plank
    tone = tone * (1 - 0.6 * np.exp(-((gap / 1.8) ** 2)))
    return np.asarray(color, dtype=np.float32) * tone[..., None]


def _streaks(width: int, height: int, rng: Rng, thin: int, long: int) -> Array:
    noise = rng.normal(0, 1, (height // long + 2, width // thin + 2))
    return enlarge(noise, width, height)


def _cloud(width: int, height: int, rng: Rng, cell: int) -> Array:
    noise = rng.normal(0, 1, (height // cell + 3, width // cell + 3))
    return enlarge(noise, width, height)


def _rumple(width: int, height: int, rng: Rng, cell: int, depth: float) -> Array:
    relief = soften(_cloud(width, height, rng, cell), cell // 4) * depth
    dy, dx = np.gradient(relief)
    length = np.sqrt(dx * dx + dy * dy + 1)
    return lambert(-dx / length, -dy / length, 1 / length).astype(np.float32)


def _blurred(color: Array, radius: float) -> Array:
    image = Image.fromarray((np.clip(color, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def _grid(width: int, height: int) -> tuple[Array, Array]:
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


BACKGROUNDS: MappingProxyType[str, Background] = MappingProxyType(
    {
        "wooden table": wooden_table,
        "dark table": dark_table,
        "blanket": blanket,
        "bed sheet": bed_sheet,
        "grass": grass,
        "pavement": pavement,
        "room": room,
        "warm room": warm_room,
        "room with table": room_with_table,
        "counter": counter,
    }
)
