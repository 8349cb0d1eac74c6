"""One small shop, written as each of the feeds that shops export."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.helpers import picture


@dataclass(frozen=True)
class Ware:
    """A product of the shop; its pictures are paths or addresses."""

    id: str
    pictures: tuple[str, ...]
    price: str = "10.00"
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or f"Thing {self.id}"


def plain(wares: Iterable[Ware]) -> str:
    return _table(
        {"id": ware.id, "title": ware.name, "image": location, "price": ware.price}
        for ware in wares
        for location in ware.pictures
    )


def google(wares: Iterable[Ware]) -> str:
    return _table(
        (
            {
                "id": ware.id,
                "title": ware.name,
                "image_link": ware.pictures[0],
                "additional_image_link": ",".join(ware.pictures[1:]),
                "price": f"{ware.price} EUR",
                "availability": "in_stock",
            }
            for ware in wares
        ),
        delimiter="\t",
    )


def google_xml(wares: Iterable[Ware]) -> str:
    items = "".join(
        f"<item><g:id>{ware.id}</g:id><title>{ware.name}</title><g:price>{ware.price} EUR</g:price>"
        f"<g:image_link>{ware.pictures[0]}</g:image_link>"
        + "".join(
            f"<g:additional_image_link>{location}</g:additional_image_link>"
            for location in ware.pictures[1:]
        )
        + "</item>\n"
        for ware in wares
    )
    opening = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
    return f'<?xml version="1.0"?>\n{opening}\n{items}</channel></rss>'


def shopify(wares: Iterable[Ware]) -> str:
    return _shopify(wares, "Handle", "Variant Price", "Image Src", "Image Position")


def shopify_new(wares: Iterable[Ware]) -> str:
    return _shopify(wares, "URL handle", "Price", "Product image URL", "Image position")


def woocommerce(wares: Iterable[Ware]) -> str:
    return _table(
        {
            "ID": str(number),
            "Type": "simple",
            "SKU": ware.id,
            "Name": ware.name,
            "Published": "1",
            "Regular price": ware.price,
            "Images": ", ".join(ware.pictures),
        }
        for number, ware in enumerate(wares, start=1)
    )


def flipkart(wares: Iterable[Ware]) -> str:
    return _table(
        {
            "uniq_id": ware.id,
            "product_name": ware.name,
            "product_category_tree": f'["Things >> {ware.name}"]',
            "retail_price": ware.price,
            "image": json.dumps(ware.pictures),
        }
        for ware in wares
    )


WRITERS: Mapping[str, Callable[[Iterable[Ware]], str]] = {
    "csv": plain,
    "google": google,
    "google-xml": google_xml,
    "shopify": shopify,
    "shopify-new": shopify_new,
    "woocommerce": woocommerce,
    "flipkart": flipkart,
}


def drawn(folder: Path, count: int, first: int = 0) -> list[str]:
    """Draw pictures into a folder; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number}.png" for number in range(first, first + count)]
    for number, name in enumerate(names, start=first):
        (folder / name).write_bytes(picture(number))
    return names


def zipped(folder: Path) -> Path:
    """The folder in an archive beside it."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def _shopify(wares: Iterable[Ware], *columns: str) -> str:
    handle, price, source, position = columns
    return _table(
        {
            handle: ware.id,
            "Title": "" if number > 1 else ware.name,
            price: "" if number > 1 else ware.price,
            source: location,
            position: str(number),
        }
        for ware in wares
        for number, location in enumerate(ware.pictures, start=1)
    )


def _table(rows: Iterable[Mapping[str, str]], delimiter: str = ",") -> str:
    written: Sequence[Mapping[str, str]] = list(rows)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, written[0].keys(), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(written)
    return buffer.getvalue()
