"""The sample catalogue as the demo shop sells it."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "static" / "sample"

_STOCK = {"in_stock": "In stock", "out_of_stock": "Sold out", "preorder": "Pre-order"}


@dataclass(frozen=True)
class ShopProduct:
    """A product with the names of its picture files."""

    id: str
    title: str
    description: str
    category: str
    brand: str
    price: Decimal
    availability: str
    color: str
    pattern: str
    pictures: tuple[str, ...]

    @property
    def is_sold_out(self) -> bool:
        """Whether it cannot be bought."""
        return self.availability == "out_of_stock"

    @property
    def stock(self) -> str:
        """Its availability in words."""
        return _STOCK[self.availability]


def read_products() -> dict[str, ShopProduct]:
    """The catalogue by id; rows of one product are its pictures."""
    rows: dict[str, list[dict[str, str]]] = {}
    with (SAMPLE / "catalog.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["id"], []).append(row)
    return {product_id: _product(same) for product_id, same in rows.items()}


def categories(products: dict[str, ShopProduct]) -> dict[str, list[ShopProduct]]:
    """The products of each category, in the catalogue's order."""
    found: dict[str, list[ShopProduct]] = {}
    for product in products.values():
        found.setdefault(product.category, []).append(product)
    return found


def _product(rows: list[dict[str, str]]) -> ShopProduct:
    first = rows[0]
    return ShopProduct(
        **{name: first[name] for name in ("id", "title", "description", "category", "brand")},
        price=Decimal(first["price"]),
        **{name: first[name] for name in ("availability", "color", "pattern")},
        pictures=tuple(Path(row["image"]).name for row in rows),
    )
