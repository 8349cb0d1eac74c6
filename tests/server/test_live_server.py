"""The real server with several worker processes."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from scripts.benchmarks.serve import multipart
from scripts.live_server import HTTP, live_server
from tests.shop import PRODUCTS


def search(address: str, fields: dict[str, str], photo: bytes | None = None) -> Any:
    """The answer over a connection of its own: any worker may give it."""
    kind, body = multipart(fields, {} if photo is None else {"image": photo})
    headers = {"Content-Type": kind, "Connection": "close"}
    request = urllib.request.Request(f"{address}/api/v1/search", body, headers)
    with HTTP.open(request, timeout=60) as answer:
        return json.load(answer)


def test_a_token_is_good_in_every_worker(
    shop_store: Path, mug_photo: bytes, tmp_path: Path
) -> None:
    with live_server(
        workers=3, STORE=str(shop_store), PHOTOS=str(tmp_path / "photos"), DETECTOR="none"
    ) as server:
        first = search(server.address, {"limit": "100"}, mug_photo)
        assert len(first["results"]) == PRODUCTS
        token = first["image_token"]
        for _ in range(30):
            again = search(server.address, {"limit": "100", "image_token": token})
            assert again["results"] == first["results"]
