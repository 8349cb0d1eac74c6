"""The fields of a product as filters and facets see them."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from features.filters.spelling import as_compared
from features.types import Product

PRICE = "price"
CATEGORY = "category"
AVAILABILITY = "availability"
COLOURS = ("color", "colour", "farbe", "couleur", "kleur", "colore", "kolor", "cor")
"""What the attribute is called in the languages of feeds."""
_MATERIALS = ("material", "fabric", "matière", "materiaal", "materiale", "materiał")
_SIZES = ("size", "größe", "taille", "talla", "maat", "taglia", "rozmiar", "tamanho")
NAMED = (
    CATEGORY,
    "brand",
    *COLOURS,
    *_MATERIALS,
    "pattern",
    "style",
    "finish",
    "shape",
    "gender",
    *map(as_compared, _SIZES),
)
"""Fields whose values people name, in the order in which a value is looked for."""
_COMMA = re.compile(r"(?<![0-9]),|,(?![0-9])")
_NUMBERS = re.compile(r"[0-9]{2},[0-9]{2}|[0-9]+(?:,[0-9]+){2,}")  # sizes: 36,37 or 1,2,3
_WITH_SLASHES = frozenset((*COLOURS, *_MATERIALS))
"""Fields that list their values as Google's feeds do: `Red/Blue`."""
_SPACING = re.compile(r"[\s_-]+")
# Stores hold these; shops write what their feed or their software says: `in stock`, `instock`.
_AVAILABILITIES = {
    _SPACING.sub("", word): word for word in ("in_stock", "out_of_stock", "preorder", "backorder")
}
_TEXTS: Mapping[str, Callable[[Product], str]] = {
    "id": lambda product: product.id,
    "brand": lambda product: product.brand,
    "currency": lambda product: product.currency,
    AVAILABILITY: lambda product: product.availability,
}


def field_named(text: str) -> str:
    """The name of a field, as all are compared."""
    return as_compared(text)


@lru_cache(maxsize=1_024)
def attribute_named(text: str) -> str:
    """The same of a catalogue's attribute, kept: thousands of products have it."""
    return field_named(text)


def as_asked(field: str, text: str) -> str:
    """A value that somebody names, as `values_of` has it."""
    if field == CATEGORY:
        return _path(category_steps(text))
    compared = as_compared(text)
    if field == AVAILABILITY:
        return _AVAILABILITIES.get(_SPACING.sub("", compared), compared)
    return compared


def column_of(field: str) -> str:
    """The column of a store's products that alone tells the values of a field."""
    return field if field in {PRICE, CATEGORY, *_TEXTS} else "attributes"


def values_of(product: Product, field: str) -> set[str]:
    """The values of a field, as filters compare them.

    A category gives its whole path, every part from the top, and every step of it.
    """
    if field == CATEGORY:
        return _category_values(product.category)
    if field in _TEXTS:
        return single_values(product, field)
    text = attribute(product, field)
    parts = map(str.strip, text.split(","))  # whatever else its commas may mean
    every = {text, *listed(text), *_listed(field, text), *parts}
    return {as_asked(field, value) for value in every if value}


def single_values(product: Product, field: str) -> set[str]:
    """The values of a field, as filters compare them, without lists and paths of several."""
    if field == CATEGORY:
        return set(map(as_compared, category_steps(product.category)))
    return {as_asked(field, value) for value in shown_values(product, field)}


def shown_values(product: Product, field: str) -> list[str]:
    """The values of a field, as people read them; a category's first step stands for it."""
    if field == CATEGORY:
        return category_steps(product.category)[:1]
    if field in _TEXTS:
        text = _TEXTS[field](product)
        return [text] if text else []
    return _listed(field, attribute(product, field))


def attribute(product: Product, field: str) -> str:
    """An attribute by its name, as these are compared; empty where there is none."""
    if field in product.attributes:
        return product.attributes[field]
    wanted = field_named(field)
    for name, value in product.attributes.items():
        if attribute_named(name) == wanted:
            return value
    return ""


def listed(text: str) -> list[str]:
    """The values in a text such as `Blue, Green`; the commas in `38,5, 39,5` are two kinds."""
    parts = [
        part.strip()
        for some in _COMMA.split(text)
        for part in (some.split(",") if _NUMBERS.fullmatch(some.strip()) else [some])
    ]
    return [part for part in dict.fromkeys(parts) if part]


def _listed(field: str, text: str) -> list[str]:
    parts = listed(text)
    if field not in _WITH_SLASHES or "/" not in text:
        return parts
    return list(dict.fromkeys(value for part in parts for value in _between_slashes(part)))


def _between_slashes(text: str) -> list[str]:
    """The values in `Red/Blue`; `N/A`, `50/50 Cotton` and `Black w/ White` are one."""
    parts = [part.strip() for part in text.split("/")]
    return parts if all(_is_a_value(part) for part in parts) else [text]


def _is_a_value(text: str) -> bool:
    """Whether it has letters, and does not end with one that stands alone."""
    last = text.rpartition(" ")[2]
    return any(map(str.isalpha, text)) and (len(last) > 1 or not last.isascii())


def category_steps(category: str) -> list[str]:
    """The steps of a category's path, from the top."""
    return [step.strip() for step in category.split(">") if step.strip()]


def _category_values(category: str) -> set[str]:
    steps = category_steps(category)
    paths = {_path(steps[:depth]) for depth in range(1, len(steps) + 1)}
    return paths | set(map(as_compared, steps))


def _path(steps: Sequence[str]) -> str:
    return " > ".join(map(as_compared, steps))
