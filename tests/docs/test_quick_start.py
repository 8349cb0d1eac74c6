"""docs/quick-start.md, followed with a small export of each platform; pictures are on the web."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from features.extractors import DEFAULT_EXTRACTOR
from features.store import open_store
from tests.docs.pages import Block, blocks, page
from tests.docs.workspace import Workspace
from tests.features.catalog.test_woocommerce import HEADER as WOOCOMMERCE
from tests.helpers import picture
from tests.loopback import served

SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
    "Variant Inventory Qty,Variant Price,Image Src,Image Position,Status\n"
    "blue-mug,Blue Mug,<p>Holds tea.</p>,Lumo,Mugs,,TRUE,Size,S,M-S,3,12.50,{web}/1.png,1,active\n"
    "blue-mug,,,,,,,,L,M-L,0,14.50,{web}/2.png,2,\n"
    "draft,Draft,,,,,FALSE,,,D,1,1.00,{web}/3.png,1,draft\n"
)
GOOGLE = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>blue-mug</g:id><title>Blue Mug</title><link>https://shop.example/blue-mug</link>
<g:image_link>{web}/1.png</g:image_link>
<g:additional_image_link>{web}/2.png</g:additional_image_link>
<g:price>12.50 EUR</g:price><g:availability>in_stock</g:availability></item>
</channel></rss>
"""
EXPORTS = {
    "Shopify": ("products_export_1.csv", SHOPIFY),
    "WooCommerce": (
        "wc-product-export.csv",
        WOOCOMMERCE + "7,simple,blue-mug,Blue Mug,1,,<p>Holds tea.</p>,1,3,0,,12.50,Mugs,,"
        '"{web}/1.png, {web}/2.png",,,,,,\n'
        "8,simple,draft,Draft,0,,,1,3,0,,1.00,Mugs,,{web}/3.png,,,,,,\n",
    ),
    "Google Merchant Center": ("google.xml", GOOGLE),
}
PAGE = "docs/quick-start.md"


@pytest.fixture
def web() -> Iterator[str]:
    """A server with pictures, as a shop's CDN."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start("200 OK", [("Content-Type", "image/png")])
        return [picture(int(environ["PATH_INFO"][1]))]

    with served(answer) as address:
        yield address


def shell_in(section: str) -> list[Block]:
    return [block for block in blocks(page(PAGE)) if block.section == section and block.is_shell]


@pytest.mark.slow
@pytest.mark.parametrize("platform", EXPORTS)
def test_the_export_of_a_platform_becomes_a_store(platform: str, web: str, tmp_path: Path) -> None:
    name, export = EXPORTS[platform]
    with Workspace(tmp_path / "clone") as workspace:
        (workspace.folder / name).write_text(export.format(web=web), encoding="utf-8")
        (command,) = [command for block in shell_in(platform) for command in block.commands]
        said = workspace.run(f"{command} --allow-host 127.0.0.1")
        assert re.search(r"\b1 products?\b", said)
        store = open_store(workspace.folder / "store" / DEFAULT_EXTRACTOR)
        (mug,) = store.products.values()
        assert store.picture_count == 2
    assert (mug.id, mug.title, mug.price, mug.currency) == (
        "blue-mug",
        "Blue Mug",
        Decimal("12.50"),
        "EUR",
    )
    assert mug.url.startswith("https://shop.example/")
    assert mug.availability == "in_stock"


@pytest.mark.slow
def test_a_csv_is_imported_served_searched_measured_and_kept_in_step(
    web: str, tmp_path: Path
) -> None:
    (feed,) = [block for block in blocks(page(PAGE)) if block.language == "csv"]
    with Workspace(tmp_path / "clone") as workspace:
        folder = workspace.folder
        (folder / "catalog.csv").write_text(feed.text, encoding="utf-8")
        (folder / "photos").mkdir()
        for number, name in enumerate(re.findall(r"photos/[\w.-]+", feed.text)):
            (folder / name).write_bytes(picture(number))
        (folder / "photo.jpg").write_bytes(picture(2, "JPEG"))
        (folder / "google.xml").write_text(GOOGLE.format(web=web), encoding="utf-8")
        for block in shell_in("A CSV of your own"):
            for command in block.commands:
                workspace.run(command)
        serve, look = shell_in("Serve")
        for command in serve.commands:
            workspace.run(f"VISUAL_SEARCH_ALLOWED_HOSTS=127.0.0.1 {command}")
        ready, found = [json.loads(workspace.run(command)) for command in look.commands]
        assert (ready["products"], ready["pictures"]) == (2, 3)
        assert found["results"][0]["product"]["id"] == "mug-2"
        (measure,) = shell_in("Look how good it is")[0].commands
        workspace.run(measure)
        assert (folder / "report.html").is_file()
        (send,) = shell_in("Keep it in step")[0].commands
        assert json.loads(workspace.run(send))["job"]
        (again,) = [command for command in look.commands if "search" in command]
        after = json.loads(workspace.run(again))
    assert {hit["product"]["id"] for hit in after["results"]} == {"blue-mug"}


def test_every_platform_of_the_page_is_followed() -> None:
    headings = [block.section for block in blocks(page(PAGE)) if block.is_shell]
    assert {*EXPORTS, "A CSV of your own"} <= set(headings)
    imports = [block for block in blocks(page(PAGE)) if "extract_features.py" in block.text]
    assert len([block for block in imports if block.is_shell]) == len(EXPORTS) + 1
