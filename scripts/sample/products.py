"""The list of products: which shapes, colours and patterns, under which names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .assortment import Assortment, Category, Style, read_assortment
from .colors import COLORS, rgb
from .look import Look
from .patterns import Pattern

PER_CATEGORY = 21
SECOND_VIEW_EVERY = 6
METALS = {"steel": rgb("b9bfc6"), "gold": rgb("d0a95a"), "rose gold": rgb("d79a86")}


@dataclass(frozen=True)
class Product:
    """One article of the sample store, and all that is needed to draw it."""

    id: str
    title: str
    description: str
    category: str
    price: str
    brand: str
    availability: str
    color: str
    pattern: str
    style: Style
    look: Look
    seed: int
    standing: bool
    second_view: str


def all_products() -> tuple[Product, ...]:
    """Return every product, in the order of the catalogue."""
    store = read_assortment()
    return tuple(
        product
        for number, category in enumerate(store.categories)
        for product in _products_of(store, category, number)
    )


def with_back(product: Product) -> Product:
    """Return the product seen from behind."""
    return replace(product, look=replace(product.look, back=True))


def _products_of(store: Assortment, category: Category, number: int) -> Iterator[Product]:
    count = len(category.styles)
    for index in range(PER_CATEGORY):
        style_number, turn = index % count, index // count
        style = category.styles[style_number]
        # Steps that differ for pattern and colour keep any two products of a style apart.
        design = style.designs[(turn + style_number * 2) % len(style.designs)]
        palette = category.palettes[(turn * count + style_number * 3) % len(category.palettes)]
        base, accent, trim = palette
        name = store.names[(index * 5 + number * 7) % len(store.names)]
        pattern_name = design.label
        wording = f"{base} {pattern_name}" if pattern_name else base
        pattern = Pattern(design.kind, COLORS[base], COLORS[accent], _color(trim), design.pitch)
        yield Product(
            id=f"{category.prefix}-{index + 1:03d}",
            title=f"{name} {style.noun}, {wording.title()}",
            description=style.description.format(wording=wording, accent=accent),
            category=category.name,
            price=f"{style.price + (index * 7 % 5) * style.step - 0.1:.2f}",
            brand=store.brands[number % 4 * 3 + index * 2 % 3],
            availability=_availability(index + number),
            color=base,
            pattern=design.kind,
            style=style,
            look=Look(pattern, COLORS[accent], _color(trim)),
            seed=number * 100 + index,
            standing=category.standing,
            second_view=_second_view(category, index, number, design.kind == "plain"),
        )


def _color(name: str) -> tuple[float, float, float]:
    return METALS[name] if name in METALS else COLORS[name]


def _availability(index: int) -> str:
    if index % 11 == 7:
        return "out_of_stock"
    return "preorder" if index % 17 == 5 else "in_stock"


def _second_view(category: Category, index: int, number: int, plain: bool) -> str:
    if index % SECOND_VIEW_EVERY != number % SECOND_VIEW_EVERY:
        return ""
    if category.has_back:
        return "back"
    # A close-up needs something to see up close.
    busy = not plain and category.prefix != "lamp"
    return "detail" if busy and (index // SECOND_VIEW_EVERY + number) % 2 else "angle"
