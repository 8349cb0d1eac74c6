"""Changes over HTTP: from sending a new product to searches that find it, in every worker."""

import io
import json
import secrets
import statistics
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from features.extractors import Extractor, load_extractor
from features.images import decode
from scripts.asking import SEARCH_PATH, ask, multipart
from scripts.benchmarks.serve import write_random_store
from scripts.benchmarks.table import as_table
from scripts.live_server import live_server

_WORKERS = 3
_SEARCHES = 12  # over connections of their own: each worker answers some
_SIDE = 240


@dataclass(frozen=True)
class ChangeFigures:
    """Milliseconds, medians over the changes. `worst_search_ms` is over all of them."""

    rows: int
    changes: int
    answered_ms: float
    found_ms: float
    worst_search_ms: float
    embed_ms: float
    missed: int
    """Searches after the answer that did not find the product."""

    def as_json(self) -> dict[str, float]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """What a change costs, embedding apart."""
        rows = [
            ("PUT answered, embedding included", f"{self.answered_ms:.1f}"),
            ("one picture embedded", f"{self.embed_ms:.1f}"),
            ("found by the next search", f"{self.found_ms:.1f}"),
            ("the slowest search after it", f"{self.worst_search_ms:.1f}"),
        ]
        head = (f"{self.changes} changes, {self.rows} vectors, {_WORKERS} workers", "ms")
        return f"{as_table(head, rows)}\n\nsearches that missed a change: {self.missed}"


def measure_changes(rows: int = 10_000, changes: int = 10) -> ChangeFigures:
    """Put products into a store of random vectors on the real server, and search for each."""
    extractor, key = load_extractor(), secrets.token_urlsafe(24)
    answered, found, worst, embedding, missed = [], [], 0.0, [], 0
    with tempfile.TemporaryDirectory() as folder:
        write_random_store(Path(folder) / "store", extractor, rows)
        with live_server(
            workers=_WORKERS,
            STORE=f"{folder}/store",
            PHOTOS=f"{folder}/photos",
            DETECTOR="none",
            ADMIN_KEY=key,
        ) as server:
            for number in range(-_WORKERS, changes):  # the first ones warm the workers up
                photo = _drawn(number)
                took = _put(server.address, f"new-{number}", photo, key)
                searches = [
                    _search(server.address, f"new-{number}", photo) for _ in range(_SEARCHES)
                ]
                if number < 0:
                    continue
                answered.append(took)
                found.append(took + searches[0][0])
                worst = max(worst, *(ms for ms, _ in searches))
                missed += sum(not hit for _, hit in searches)
                embedding.append(_embed_ms(extractor, photo))
    return ChangeFigures(
        rows,
        changes,
        statistics.median(answered),
        statistics.median(found),
        worst,
        statistics.median(embedding),
        missed,
    )


def _put(address: str, product_id: str, photo: bytes, key: str) -> float:
    kind, body = multipart({"product": json.dumps({"title": product_id})}, {"image": photo})
    headers = {"Content-Type": kind, "Authorization": f"Bearer {key}", "Connection": "close"}
    url = f"{address}/api/v1/products/{product_id}"
    return _timed(urllib.request.Request(url, body, headers, method="PUT"))[0]


def _search(address: str, product_id: str, photo: bytes) -> tuple[float, bool]:
    """Milliseconds, and whether the product came first."""
    kind, body = multipart({"limit": "1", "box": "0,0,1,1"}, {"image": photo})
    headers = {"Content-Type": kind, "Connection": "close"}
    took, answer = _timed(urllib.request.Request(address + SEARCH_PATH, body, headers))
    return took, json.loads(answer)["results"][0]["product"]["id"] == product_id


def _timed(request: urllib.request.Request) -> tuple[float, bytes]:
    started = time.perf_counter()
    content = ask(request)
    return (time.perf_counter() - started) * 1000, content


def _drawn(number: int) -> bytes:
    coarse = np.random.default_rng(number + 100).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(coarse).resize((_SIDE, _SIDE)).save(buffer, "PNG")
    return buffer.getvalue()


def _embed_ms(extractor: Extractor, photo: bytes) -> float:
    started = time.perf_counter()
    extractor.embed([decode(photo, detail=extractor.detail)])
    return (time.perf_counter() - started) * 1000
