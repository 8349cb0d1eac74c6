"""Surface patterns, worked out point by point so that they stay sharp at any scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from .colors import Color
from .geometry import Array

Weights: TypeAlias = tuple[Array, Array]


@dataclass(frozen=True)
class Pattern:
    """A repeating design in up to three colours; call it with coordinates to get colours."""

    kind: str
    base: Color
    accent: Color
    third: Color
    pitch: float = 24
    angle: float = 0

    def __call__(self, x: Array, y: Array) -> Array:
        """Return the colour at every point."""
        base = np.asarray(self.base, dtype=np.float32)
        if self.kind == "plain":
            return np.broadcast_to(base, (*np.shape(x), 3))
        a = np.radians(self.angle)
        u = (x * np.float32(np.cos(a)) + y * np.float32(np.sin(a))) / np.float32(self.pitch)
        v = (y * np.float32(np.cos(a)) - x * np.float32(np.sin(a))) / np.float32(self.pitch)
        first, second = DESIGNS[self.kind](u, v)
        color = base + (np.asarray(self.accent, dtype=np.float32) - base) * first[..., None]
        third = np.asarray(self.third, dtype=np.float32)
        return color + (third - color) * second[..., None]


def _on(test: Array) -> Array:
    return test.astype(np.float32)


def _none(u: Array) -> Array:
    return np.zeros_like(u)


def _noise(i: Array, j: Array, salt: float) -> Array:
    value = np.sin(i * np.float32(12.99) + j * np.float32(78.23) + np.float32(salt)) * 437.58
    return value - np.floor(value)


def _cells(u: Array, v: Array, jitter: float) -> tuple[Array, Array, Array, Array]:
    """Return the cell of each point and its offset from the cell's jittered centre."""
    row = np.floor(v)
    shifted = u + 0.5 * (row % 2)
    column = np.floor(shifted)
    du = shifted - column - 0.5 - jitter * (_noise(column, row, 1.0) - 0.5)
    dv = v - row - 0.5 - jitter * (_noise(column, row, 2.0) - 0.5)
    return column, row, du, dv


def _stripes(u: Array, v: Array) -> Weights:
    return _on(v % 1 < 0.5), _none(u)


def _breton(u: Array, v: Array) -> Weights:
    return _on(v % 1 < 0.28), _none(u)


def _duo(u: Array, v: Array) -> Weights:
    return _on(v % 1 < 0.42), _on((v % 1 > 0.56) & (v % 1 < 0.72))


def _pinstripes(u: Array, v: Array) -> Weights:
    return _on(u % 1 < 0.16), _none(u)


def _awning(u: Array, v: Array) -> Weights:
    return _on(u % 1 < 0.5), _none(u)


def _dots(u: Array, v: Array) -> Weights:
    _, _, du, dv = _cells(u, v, 0)
    return _on(du * du + dv * dv < 0.075), _none(u)


def _confetti(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u, v, 0.5)
    size = 0.16 + 0.16 * _noise(i, j, 3.0)
    spot = du * du + dv * dv < size * size
    other = _noise(i, j, 4.0) > 0.5
    return _on(spot & ~other), _on(spot & other)


def _gingham(u: Array, v: Array) -> Weights:
    return 0.5 * (_on(u % 1 < 0.5) + _on(v % 1 < 0.5)), _none(u)


def _tartan(u: Array, v: Array) -> Weights:
    bands = 0.5 * (_on(u % 1 < 0.45) + _on(v % 1 < 0.45))
    lines = _on(np.abs(u % 1 - 0.72) < 0.035) + _on(np.abs(v % 1 - 0.72) < 0.035)
    return bands, 0.8 * np.clip(lines, 0, 1)


def _floral(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u, v, 0.35)
    radius = np.sqrt(du * du + dv * dv)
    angle = np.arctan2(dv, du) + 6.28 * _noise(i, j, 5.0)
    size = 0.27 + 0.12 * _noise(i, j, 6.0)
    petals = radius < size * (0.68 + 0.32 * np.abs(np.cos(2.5 * angle)) * 1.3)
    return _on(petals), _on(radius < size * 0.3)


def _leaves(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u, v, 0.2)
    turn = 3.14 * _noise(i, j, 7.0)
    along = du * np.cos(turn) + dv * np.sin(turn)
    across = np.abs(dv * np.cos(turn) - du * np.sin(turn))
    leaf = across < 0.2 * (1 - (along / 0.46) ** 2)
    return _on(leaf), _on(leaf & (across < 0.022))


def _chevron(u: Array, v: Array) -> Weights:
    wave = (v + np.abs(u % 1 - 0.5)) % 1
    return _on(wave < 0.5), _none(u)


def _waves(u: Array, v: Array) -> Weights:
    wave = (v + 0.22 * np.sin(6.2832 * u)) % 1
    return _on(wave < 0.38), _on((wave > 0.6) & (wave < 0.72))


def _terrazzo(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u, v, 0.55)
    turn = 6.28 * _noise(i, j, 8.0)
    a = du * np.cos(turn) + dv * np.sin(turn)
    b = dv * np.cos(turn) - du * np.sin(turn)
    chip = (np.abs(a) + 0.6 * np.abs(b) < 0.14 + 0.2 * _noise(i, j, 9.0)) & (b < 0.17)
    other = _noise(i, j, 4.0) > 0.55
    return _on(chip & ~other), _on(chip & other)


def _triangles(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u, v, 0)
    inside = (dv < 0.3) & (dv > -0.34 + 2 * np.abs(du))
    other = _noise(i, j, 4.0) > 0.6
    return _on(inside & ~other), _on(inside & other)


def _argyle(u: Array, v: Array) -> Weights:
    a, b = u + v * 0.62, u - v * 0.62
    diamond = _on((np.floor(a) + np.floor(b)) % 2 == 0)
    lines = (np.abs(a % 1 - 0.5) < 0.03) | (np.abs(b % 1 - 0.5) < 0.03)
    return diamond, _on(lines)


def _checker(u: Array, v: Array) -> Weights:
    return _on((np.floor(u) + np.floor(v)) % 2 == 0), _none(u)


def _stars(u: Array, v: Array) -> Weights:
    _, _, du, dv = _cells(u, v, 0)
    radius = np.sqrt(du * du + dv * dv)
    wedge = (np.arctan2(dv, du) + 1.5708) % 1.2566
    fold = np.abs(wedge - 0.6283)
    return _on(radius * np.cos(fold - 0.15) < 0.17 + 0.13 * fold / 0.6283), _none(u)


def _speckle(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u * 3, v * 3, 0.6)
    size = 0.05 + 0.3 * _noise(i, j, 3.0) ** 3
    return _on(du * du + dv * dv < size * size), _none(u)


def _leopard(u: Array, v: Array) -> Weights:
    i, j, du, dv = _cells(u, v, 0.4)
    angle = np.arctan2(dv, du) + 6.28 * _noise(i, j, 5.0)
    radius = np.sqrt(du * du + dv * dv) * (1 + 0.18 * np.sin(3 * angle))
    ring = (radius < 0.38) & (radius > 0.2) & (np.sin(angle) > -0.6)
    return _on(ring), _on(radius <= 0.2)


def _ombre(u: Array, v: Array) -> Weights:
    part = np.clip(v, 0, 1)
    return part * part * (3 - 2 * part), _none(u)


def _dipped(u: Array, v: Array) -> Weights:
    return _on(v + 0.015 * np.sin(u * 17) > 0.5), _none(u)


def _marble(u: Array, v: Array) -> Weights:
    warp = np.sin(u * 2.1 + 1.7 * np.sin(v * 1.3)) + 0.5 * np.sin(v * 3.7 + u * 1.1)
    vein = np.abs(np.sin(1.6 * u + 2.2 * v + 1.9 * warp))
    return np.exp(-vein * 9), 0.35 * np.exp(-np.abs(vein - 0.5) * 6)


DESIGNS: MappingProxyType[str, Callable[[Array, Array], Weights]] = MappingProxyType(
    {
        "stripes": _stripes,
        "breton": _breton,
        "duo stripes": _duo,
        "pinstripes": _pinstripes,
        "awning": _awning,
        "dots": _dots,
        "confetti": _confetti,
        "gingham": _gingham,
        "tartan": _tartan,
        "floral": _floral,
        "leaves": _leaves,
        "chevron": _chevron,
        "waves": _waves,
        "terrazzo": _terrazzo,
        "triangles": _triangles,
        "argyle": _argyle,
        "checker": _checker,
        "stars": _stars,
        "speckle": _speckle,
        "leopard": _leopard,
        "ombre": _ombre,
        "dipped": _dipped,
        "marble": _marble,
    }
)
