"""Rows that share an id are one product with several pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

from features.errors import RowError
from features.types import CatalogEntry, Product


def group_by_product(
    rows: Iterable[CatalogEntry | RowError],
) -> Iterator[CatalogEntry | RowError]:
    """Merge rows by id: the first row's words count, later ones fill blanks and add pictures.

    A row that gives a known id another title, or repeats a picture, is an error of that row.
    """
    merged: dict[str, CatalogEntry] = {}
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        known = merged.get(row.product.id)
        try:
            merged[row.product.id] = row if known is None else _merge(known, row)
        except RowError as error:
            yield error
    yield from merged.values()


def _merge(first: CatalogEntry, later: CatalogEntry) -> CatalogEntry:
    identity, line = first.product.id, later.pictures[0].line
    if later.product.title and later.product.title != first.product.title and first.product.title:
        raise RowError(
            f"the id {identity!r} stands for {first.product.title!r} (line "
            f"{first.pictures[0].line}) and here for {later.product.title!r}; give each its own id",
            line=line,
            code="duplicate_id",
        )
    have = {picture.location for picture in first.pictures}
    added = tuple(picture for picture in later.pictures if picture.location not in have)
    if not added:
        raise RowError(
            f"the picture {later.pictures[0].location!r} of {identity!r} was given before",
            line=line,
            code="duplicate_row",
        )
    return CatalogEntry(_filled(first.product, later.product), (*first.pictures, *added))


def _filled(first: Product, later: Product) -> Product:
    blanks = {
        field.name: getattr(later, field.name)
        for field in fields(Product)
        if field.name != "attributes" and getattr(first, field.name) in ("", None)
    }
    return replace(first, **blanks, attributes={**later.attributes, **first.attributes})
