"""Serving: how soon a server is ready, what HTTP adds to a search, and the search stage alone."""

import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from features.catalog import read_catalog
from features.extractors import Extractor, load_extractor
from features.images import content_hash, decode
from features.pictures import PictureFolder, PictureSource
from features.pipeline import build_store
from features.search import SearchService, open_service
from features.store import StoreWriter
from features.types import GalleryPicture, Product, Query, Wanted
from scripts.asking import SEARCH_PATH, ask, multipart
from scripts.benchmarks.table import as_table
from scripts.live_server import live_server

STAGE_ROWS = 10_000
_LIMIT = 20
_WANTED = Wanted(limit=_LIMIT)


@dataclass(frozen=True)
class ServeFigures:
    """Milliseconds, except `ready_s`."""

    pictures: int
    requests: int
    ready_s: float
    http_p50_ms: float
    http_p95_ms: float
    in_process_p50_ms: float
    in_process_p95_ms: float
    decode_and_embed_p50_ms: float
    decode_and_embed_p95_ms: float
    stage_rows: int
    stage_p50_ms: float
    stage_p95_ms: float

    def as_json(self) -> dict[str, float]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """What one search costs, from the outside in."""
        rows = [
            (f"search over HTTP, {self.pictures} pictures", self.http_p50_ms, self.http_p95_ms),
            ("the same search in process", self.in_process_p50_ms, self.in_process_p95_ms),
            (
                "decoding and embedding alone",
                self.decode_and_embed_p50_ms,
                self.decode_and_embed_p95_ms,
            ),
            (f"search stage, {self.stage_rows} vectors", self.stage_p50_ms, self.stage_p95_ms),
        ]
        cells = [(name, f"{p50:.2f}", f"{p95:.2f}") for name, p50, p95 in rows]
        table = as_table((f"{self.requests} of each, by turns", "p50 ms", "p95 ms"), cells)
        return f"{table}\n\nready after {self.ready_s:.1f} s"


def measure_serving(store: Path, requests: int = 50) -> ServeFigures:
    """Start the real server on a store and ask it, the service and the extractor by turns."""
    service = open_service(store)
    photo = service.picture(next(iter(service.view.by_content)))

    def embed() -> None:
        service.extractor.embed([decode(photo, detail=service.extractor.detail)])

    with live_server(threads=1, STORE=str(store.resolve())) as server:
        by_http, in_process, embedding = measure_by_turns(
            [
                lambda: post_photo(server.address, photo),
                lambda: service.search(Query(photo), _WANTED),
                embed,
            ],
            requests,
        )
    stage = measure_search_stage(service.extractor, photo, requests)
    return ServeFigures(
        service.view.picture_count,
        requests,
        server.ready_s,
        *middle_and_tail(by_http),
        *middle_and_tail(in_process),
        *middle_and_tail(embedding),
        STAGE_ROWS,
        *middle_and_tail(stage),
    )


def measure_search_stage(
    extractor: Extractor, photo: bytes, requests: int, rows: int = STAGE_ROWS
) -> list[float]:
    """Milliseconds from vector to products in a store of random vectors."""
    with tempfile.TemporaryDirectory() as folder:
        write_random_store(Path(folder), extractor, rows)
        service = SearchService(Path(folder), extractor)
        service.search(Query(photo), _WANTED)
        return [service.search(Query(photo), _WANTED).took_ms.search for _ in range(requests)]


def measure_by_turns(actions: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Milliseconds of each action in each round; one round before is not counted."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds + 1):
        for action, mine in zip(actions, times, strict=True):
            started = time.perf_counter()
            action()
            mine.append((time.perf_counter() - started) * 1000)
    return [mine[1:] for mine in times]


@contextmanager
def sample_store(catalog: Path) -> Iterator[Path]:
    """A temporary store of a catalogue, made by the default extractor."""
    with tempfile.TemporaryDirectory() as folder:
        build_store(
            read_catalog(catalog),
            PictureSource(PictureFolder(catalog.parent)),
            Path(folder),
            load_extractor(),
        )
        yield Path(folder)


def post_photo(address: str, photo: bytes) -> bytes:
    """Search over HTTP as a browser's form does; the body of the answer."""
    kind, body = multipart({"limit": str(_LIMIT)}, {"image": photo})
    request = urllib.request.Request(
        address + SEARCH_PATH, body, {"Content-Type": kind, "Accept": "application/json"}
    )
    return ask(request)


def write_random_store(folder: Path, extractor: Extractor, rows: int) -> None:
    """A store of random vectors of length 1, a product each."""
    random = np.random.default_rng(0)
    vectors = random.standard_normal((rows, extractor.spec.dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = [str(number) for number in range(rows)]
    pictures = [GalleryPicture(name, f"{name}.jpg", content_hash(name.encode())) for name in names]
    with StoreWriter(folder, extractor.spec, folder) as writer:
        writer.append(pictures, vectors, [Product(name) for name in names])


def middle_and_tail(milliseconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return float(np.median(milliseconds)), float(np.percentile(milliseconds, 95))
