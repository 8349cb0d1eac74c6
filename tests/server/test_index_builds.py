"""A server whose store has outgrown exact search builds the index beside its answers."""

import json
import time
import urllib.parse
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from features.extractors import load_extractor
from scripts.asking import SEARCH_PATH, answer_to, ask
from scripts.benchmarks.similar import write_clustered_store
from scripts.live_server import live_server

pytestmark = pytest.mark.slow

ROWS = 20_000
PRODUCTS = 6_000
PATIENCE_S = 90.0


def similar(address: str, product: int) -> list[str]:
    answer = json.loads(ask(Request(f"{address}/api/v1/products/{product}/similar")))
    return [hit["product"]["id"] for hit in answer["results"]]


def by_words(address: str, words: str) -> tuple[int, dict[str, Any]]:
    query = urllib.parse.urlencode({"q": words})
    answer = answer_to(Request(f"{address}{SEARCH_PATH}?{query}"))
    return answer.status, answer.json


def test_words_of_a_large_store_are_indexed_while_the_server_answers(tmp_path: Path) -> None:
    write_clustered_store(tmp_path, load_extractor().spec, PRODUCTS)
    with live_server(STORE=str(tmp_path), DETECTOR="none", workers=2) as server:
        status, said = by_words(server.address, "product 1234")
        assert (status, said["code"]) == (503, "text_index_building")
        assert similar(server.address, 17)
        until = time.monotonic() + PATIENCE_S
        while status == 503 and time.monotonic() < until:
            time.sleep(0.5)
            status, said = by_words(server.address, "product 1234")
        assert said["results"][0]["product"]["id"] == "1234"
        assert said["total"] == 1


def test_a_large_store_gets_its_index_while_the_server_answers(tmp_path: Path) -> None:
    write_clustered_store(tmp_path, load_extractor().spec, ROWS)
    with live_server(STORE=str(tmp_path), DETECTOR="none") as server:
        before = similar(server.address, 17)
        until = time.monotonic() + PATIENCE_S
        while not list(tmp_path.glob("**/index/saved")) and time.monotonic() < until:
            assert similar(server.address, 17) == before
            time.sleep(0.5)
        assert list(tmp_path.glob("**/index/saved"))
        after = similar(server.address, 17)
    assert len(set(before) & set(after)) >= 0.9 * len(before)
