"""What the sample store sells, read from `assortment.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from . import (
    bags,
    cushions,
    hats,
    lamps,
    seats,
    sneakers,
    sunglasses,
    tableware,
    tees,
    vases,
    watches,
)
from .look import Drawer

SHAPES = MappingProxyType(
    {
        module.__name__.rpartition(".")[2]: module
        for module in (
            bags,
            cushions,
            hats,
            lamps,
            seats,
            sneakers,
            sunglasses,
            tableware,
            tees,
            vases,
            watches,
        )
    }
)


@dataclass(frozen=True)
class Design:
    """A pattern as used in the store: its name in titles and the size of its repeat."""

    kind: str
    label: str
    pitch: float


@dataclass(frozen=True)
class Style:
    """One shape within a category, with its wording, its designs and its prices."""

    draw: Drawer
    noun: str
    description: str
    price: float
    step: float
    designs: tuple[Design, ...]


@dataclass(frozen=True)
class Category:
    """A department of the store; palettes are (base, accent, trim)."""

    name: str
    prefix: str
    styles: tuple[Style, ...]
    palettes: tuple[tuple[str, str, str], ...]
    standing: bool
    has_back: bool


@dataclass(frozen=True)
class Assortment:
    """Everything that the list of products is made from."""

    names: tuple[str, ...]
    brands: tuple[str, ...]
    categories: tuple[Category, ...]


def read_assortment() -> Assortment:
    """Return the assortment that lies next to this file."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    designs = {key: Design(**entry) for key, entry in data["designs"].items()}
    categories = tuple(_category(entry, designs) for entry in data["categories"])
    return Assortment(tuple(data["names"]), tuple(data["brands"]), categories)


def _category(entry: dict[str, Any], designs: dict[str, Design]) -> Category:
    return Category(
        name=entry["name"],
        prefix=entry["prefix"],
        styles=tuple(_style(style, entry["designs"], designs) for style in entry["styles"]),
        palettes=tuple((base, accent, trim) for base, accent, trim in entry["palettes"]),
        standing=entry["standing"],
        has_back=entry["has_back"],
    )


def _style(entry: dict[str, Any], usual: list[str], designs: dict[str, Design]) -> Style:
    module, _, function = entry["shape"].partition(".")
    return Style(
        draw=getattr(SHAPES[module], function),
        noun=entry["noun"],
        description=entry["description"],
        price=entry["price"],
        step=entry["step"],
        designs=tuple(designs[key] for key in entry.get("designs", usual)),
    )
