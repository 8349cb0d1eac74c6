"""The products like another one in a large store: over HTTP, and from an answer kept before."""

import http.client
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import numpy as np

from features.extractors import load_extractor
from features.images import content_hash
from features.search import index_store
from features.store import StoreWriter
from features.types import ExtractorSpec, Filter, GalleryPicture, Product, Vectors
from scripts.benchmarks.clustered import clustered
from scripts.benchmarks.table import as_table
from scripts.live_server import ServerFailedError, live_server

_SEGMENT = 10_000  # rows, about as an extraction writes them
_TIMEOUT_S = 60.0

SELECTIVITIES: Mapping[float, tuple[Filter, ...]] = MappingProxyType(
    {
        1.0: (),
        0.1: (Filter("colour", frozenset(["colour 7"])),),
        0.01: (Filter("category", frozenset(["things > kind 7"])),),
        0.001: (Filter("brand", frozenset(["brand 7"])),),
    }
)
"""Filters by the share of a clustered store that they leave."""


@dataclass(frozen=True)
class SimilarFigures:
    """Milliseconds, except `ready_s`."""

    rows: int
    requests: int
    ready_s: float
    http_p50_ms: float
    http_p95_ms: float
    not_modified_p50_ms: float
    not_modified_p95_ms: float
    stage_p50_ms: float
    stage_p95_ms: float

    def as_json(self) -> dict[str, float]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """From the outside in."""
        rows = [
            ("similar products over HTTP", self.http_p50_ms, self.http_p95_ms),
            ("the same, not modified (304)", self.not_modified_p50_ms, self.not_modified_p95_ms),
            ("search stage", self.stage_p50_ms, self.stage_p95_ms),
        ]
        cells = [(name, f"{p50:.2f}", f"{p95:.2f}") for name, p50, p95 in rows]
        head = (f"{self.requests} products of {self.rows}", "p50 ms", "p95 ms")
        return f"{as_table(head, cells)}\n\nready after {self.ready_s:.1f} s"


@dataclass(frozen=True)
class _Answer:
    status: int
    etag: str
    body: bytes
    took_ms: float


def measure_similar(rows: int = 100_000, requests: int = 200) -> SimilarFigures:
    """Ask the real server, one worker, for the products like each of many different ones.

    Every product is asked for twice: anew, and with the `ETag` of that answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_clustered_store(Path(folder), load_extractor().spec, rows)
        index_store(Path(folder))
        with live_server(STORE=folder, DETECTOR="none") as server:
            products = np.random.default_rng(1).permutation(rows)[:requests].tolist()
            connection = http.client.HTTPConnection(
                urlsplit(server.address).netloc, timeout=_TIMEOUT_S
            )
            try:
                _ask(connection, products[-1])  # the first search maps pages
                asked = [_ask_twice(connection, product) for product in products]
            finally:
                connection.close()
    anew = [first.took_ms for first, _ in asked]
    again = [second.took_ms for _, second in asked]
    stage = [json.loads(first.body)["took_ms"]["search"] for first, _ in asked]
    return SimilarFigures(
        rows,
        len(asked),
        server.ready_s,
        *(float(np.percentile(ms, share)) for ms in (anew, again, stage) for share in (50, 95)),
    )


def write_clustered_store(
    folder: Path,
    spec: ExtractorSpec,
    rows: int,
    *,
    queries: int = 0,
    centres: int | None = None,
) -> Vectors:
    """A store of products with a picture each, near common centres as pictures of products are.

    Returns vectors from the same clusters that are not in it: shape (queries, dim).
    """
    left = np.empty((0, spec.dim), dtype=np.float32)
    asked = [left]
    first = 0
    with StoreWriter(folder, spec, folder) as writer:
        for lot in clustered(np.random.default_rng(0), rows + queries, spec.dim, centres):
            kept = lot[: rows - first]
            for start in range(0, len(kept), _SEGMENT):
                part = kept[start : start + _SEGMENT]
                _append(writer, first, part)
                first += len(part)
            asked.append(lot[len(kept) :])
        if writer.needs_compaction:
            writer.compact()
    return np.concatenate(asked)


def _append(writer: StoreWriter, first: int, vectors: Vectors) -> None:
    numbers = range(first, first + len(vectors))
    pictures = [GalleryPicture(f"{n}", f"{n}.jpg", content_hash(str(n).encode())) for n in numbers]
    writer.append(pictures, vectors, [_product(n) for n in numbers])


def _product(number: int) -> Product:
    """A product that filters tell from others, see `SELECTIVITIES`."""
    return Product(
        f"{number}",
        title=f"Product {number}",
        category=f"Things > Kind {number % 100}",
        brand=f"Brand {number % 1000}",
        attributes={"colour": f"Colour {number % 10}"},
    )


def _ask_twice(connection: http.client.HTTPConnection, product: int) -> tuple[_Answer, _Answer]:
    first = _ask(connection, product)
    second = _ask(connection, product, first.etag)
    wanted = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
    if (first.status, second.status) != wanted:
        raise ServerFailedError(
            f"the server answered {first.status} and {second.status}, not 200 and 304: "
            f"{first.body[:500].decode(errors='replace')}"
        )
    return first, second


def _ask(connection: http.client.HTTPConnection, product: int, etag: str = "") -> _Answer:
    headers = {"If-None-Match": etag} if etag else {}
    started = time.perf_counter()
    try:
        connection.request("GET", f"/api/v1/products/{product}/similar", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise ServerFailedError(f"the server did not answer: {error}") from error
    took = (time.perf_counter() - started) * 1000
    return _Answer(answer.status, answer.headers.get("ETag", ""), body, took)
