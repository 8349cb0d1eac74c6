"""A server whose store has outgrown exact search builds the index beside its answers."""

import json
import logging
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest
from flask import Flask

from features.extractors import load_extractor
from features.search import SearchService
from scripts.asking import SEARCH_PATH, answer_to, ask
from scripts.benchmarks.similar import write_clustered_store
from scripts.live_server import live_server
from server.services import indexing
from tests.server.test_search_api import post

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


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_a_build_that_cannot_be_started_fails_no_search_and_is_tried_again(
    own_app: Flask,
    mug_photo: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(SearchService, "lacks_index", True)
    monkeypatch.setattr(indexing, "_PAUSE_S", 0.0)
    python, started = tmp_path / "python", tmp_path / "started"
    monkeypatch.setattr(sys, "executable", str(python))  # which is not there yet
    with caplog.at_level(logging.WARNING, "server.services.indexing"):
        assert post(own_app.test_client(), mug_photo).status_code == 200
    assert "no index is built for now" in caplog.text
    python.write_text(f"#!/bin/sh\necho $1 > {started}.draft\nmv {started}.draft {started}\n")
    python.chmod(0o755)
    assert post(own_app.test_client(), mug_photo).status_code == 200
    until = time.monotonic() + 10
    while not started.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert started.read_text().endswith("build_index.py\n")
