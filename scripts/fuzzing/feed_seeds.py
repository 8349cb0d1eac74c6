"""Small sound feeds in every format that is read."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

_PICTURE = "https://shop.example/{}.jpg"
_NAMES = ("Mug", "Blue mug, large", 'Mug "Anna"', "Tasse grün", "Kettle & lid", "茶壶")


def feed_seeds() -> dict[str, bytes]:
    """The bytes of each by the name of its format."""
    numbered = list(enumerate(_NAMES, start=1))
    return {
        "csv": _table(
            {
                "id": n,
                "title": name,
                "description": f"<p>{name}</p>",
                "category": "Home > Mugs",
                "image": _PICTURE.format(n),
                "price": f"{n}.50",
                "currency": "EUR",
                "Colour": "blue",
            }
            for n, name in numbered
        ),
        "google": _table(
            (
                {
                    "id": n,
                    "title": name,
                    "link": "https://shop.example/p",
                    "image_link": _PICTURE.format(n),
                    "additional_image_link": "https://shop.example/b.jpg,https://shop.example/c.jpg",
                    "price": f"{n}.50 EUR",
                    "sale_price": "1.00 EUR",
                    "availability": "in stock",
                    "item_group_id": n // 2,
                    "product_type": "Home > Mugs",
                }
                for n, name in numbered
            ),
            delimiter="\t",
        ),
        "google-xml": _rss(),
        "google-xml atom": _atom(),
        "shopify": _table(
            {
                "Handle": f"mug-{n // 2}",
                "Title": name,
                "Body (HTML)": f"<b>{name}</b><ul><li>x</ul>",
                "Option1 Name": "Size",
                "Option1 Value": "L",
                "Variant SKU": n,
                "Variant Price": f"{n}.50",
                "Image Src": _PICTURE.format(n),
                "Image Position": n,
                "Status": "active",
            }
            for n, name in numbered
        ),
        "shopify-new": _table(
            {
                "URL handle": f"mug-{n}",
                "Title": name,
                "Price": f"{n}.50",
                "Product image URL": _PICTURE.format(n),
                "Image position": 1,
            }
            for n, name in numbered
        ),
        "woocommerce": _table(
            {
                "ID": n,
                "Type": ("variable", "variation", "simple")[n % 3],
                "SKU": f"m{n}",
                "Name": name,
                "Published": 1,
                "Regular price": f"{n},50",
                "Parent": "id:3" if n % 3 == 1 else "",
                "Images": ", ".join(map(_PICTURE.format, (n, n + 1))),
                "Categories": "Home > Mugs",
            }
            for n, name in numbered
        ),
        "flipkart": _table(
            {
                "uniq_id": n,
                "product_name": name,
                "product_category_tree": f'["Mugs >> {name}"]',
                "retail_price": n,
                "image": json.dumps([_PICTURE.format(n)]),
                "product_specifications": '{"product_specification"=>[{"key"=>"Form"}]}',
            }
            for n, name in numbered
        ),
    }


def _rss() -> bytes:
    items = "".join(
        f"<item><g:id>{n}</g:id><title><![CDATA[{name}]]></title><g:price>{n}.5 EUR</g:price>"
        f"<g:image_link>{_PICTURE.format(n)}</g:image_link><description>a &amp; b</description>"
        "<g:additional_image_link>https://shop.example/b.jpg</g:additional_image_link></item>\n"
        for n, name in enumerate(_NAMES)
    )
    opening = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
    return f'<?xml version="1.0"?>\n{opening}\n{items}</channel></rss>'.encode()


def _atom() -> bytes:
    entries = "".join(
        f"<entry><g:id>{n}</g:id><title>Mug {n}</title><summary>words</summary>"
        f'<link href="https://shop.example/{n}"/><g:image_link>{_PICTURE.format(n)}</g:image_link>'
        "</entry>\n"
        for n in range(4)
    )
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<feed {spaces}>\n{entries}</feed>'.encode()


def _table(rows: Iterable[Mapping[str, object]], delimiter: str = ",") -> bytes:
    written: Sequence[Mapping[str, object]] = list(rows)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(written[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(written)
    return buffer.getvalue().encode()
