"""A large store under a real server, beside what decoding and the bare network alone cost.

The limit is what the cores would do with nothing but these two: cores / (processor seconds of
decoding + processor seconds of the network) photos a second, both measured with all cores busy, as
the server's requests find them.
"""

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from features.cores import usable_cores
from features.extractors import Extractor, load_extractor
from features.images import decode
from features.store import open_store, read_manifest
from scripts.asking import SEARCH_PATH, multipart
from scripts.benchmarks.clients import NUMBER, Client, search_together
from scripts.benchmarks.like_real import write_large_store
from scripts.benchmarks.limit_figures import LimitFigures
from scripts.benchmarks.processes import Memory, cpu_seconds, memory_of, workers_of
from scripts.benchmarks.serve import measure_by_turns, middle_and_tail
from scripts.live_server import live_server

_BUSY_S = 1.5


@dataclass(frozen=True)
class Work:
    """What a measurement asks for; the server's own number of workers and threads if None."""

    requests: int = 50
    clients: int = 8
    seconds: float = 10.0
    workers: int | None = None
    threads: int | None = None


def measure_limit(store: Path, photo: bytes, extractor: Extractor, work: Work) -> LimitFigures:
    """Ask a real server with one photo, one client at a time and then several at once."""
    bench = _Bench(photo, extractor)
    with live_server(
        workers=work.workers, threads=work.threads, STORE=str(store), DETECTOR="none", WAITING="64"
    ) as server:
        url = server.address + SEARCH_PATH
        kind, form = multipart({"limit": "20"}, {"image": photo + NUMBER})
        stages: list[float] = []
        with closing(Client(url, kind, form)) as shopper:

            def search() -> None:
                stages.append(json.loads(shopper.search())["took_ms"]["search"])

            by_http, decoding, prepare, network = measure_by_turns(
                [search, bench.decode, bench.prepare, bench.embed], work.requests
            )
        decode_cpu, network_cpu, prepare_cpu = bench.busy_cpu_ms()
        pids = workers_of(server.pid)
        before = cpu_seconds(pids)
        load = search_together(url, kind, form, clients=work.clients, seconds=work.seconds)
        used = cpu_seconds(pids) - before
        memory = [memory_of(pid, store) for pid in pids]
    return LimitFigures(
        rows=open_store(store).picture_count,
        photo_bytes=len(photo),
        cores=usable_cores(),
        workers=len(pids),
        ready_s=server.ready_s,
        decode_ms=median(decoding),
        network_ms=median(network),
        prepare_ms=median(prepare),
        stage_ms=median(stages),
        decode_cpu_ms=decode_cpu,
        network_cpu_ms=network_cpu,
        prepare_cpu_ms=prepare_cpu,
        **dict(zip(("http_p50_ms", "http_p95_ms"), middle_and_tail(by_http), strict=True)),
        clients=work.clients,
        per_second=load.answered / load.seconds,
        busy_p50_ms=load.p50_ms,
        busy_p95_ms=load.p95_ms,
        server_cpu_ms=used * 1000 / load.answered,
        client_cpu_ms=load.client_cpu_s * 1000 / load.answered,
        **_largest(memory),
    )


class _Bench:
    """A photo in memory as each stage wants it."""

    def __init__(self, photo: bytes, extractor: Extractor) -> None:
        self._photo = photo
        self._extractor = extractor
        self._image = decode(photo, detail=extractor.detail)
        self._views = extractor.prepare_query(self._image)

    def decode(self) -> None:
        """As the server decodes it: reduced to the detail that the extractor needs."""
        decode(self._photo, detail=self._extractor.detail)

    def prepare(self) -> None:
        """Resize and crop."""
        self._extractor.prepare_query(self._image)

    def embed(self) -> None:
        """The bare network, with what the extractor does once per photo, as the server does."""
        self._extractor.embed_prepared([self._views])

    def busy_cpu_ms(self) -> tuple[float, ...]:
        """Processor milliseconds of decoding, the network and resizing, with all cores at each."""
        return tuple(_busy_cpu_ms(work) for work in (self.decode, self.embed, self.prepare))


def _busy_cpu_ms(work: Callable[[], None]) -> float:
    def repeat(end: float) -> int:
        count = 0
        while time.perf_counter() < end:
            work()
            count += 1
        return count

    work()
    used = time.process_time()
    with ThreadPoolExecutor(usable_cores()) as pool:
        done = sum(pool.map(repeat, [time.perf_counter() + _BUSY_S] * usable_cores()))
    return (time.process_time() - used) * 1000 / done


def _largest(memory: list[Memory]) -> dict[str, float]:
    return {
        "worker_mb": max(one.own_mb for one in memory),
        "worker_anonymous_mb": max(one.anonymous_mb for one in memory),
        "store_mb": max(one.store_mb for one in memory),
    }


def measure_large(seed: Path, photo: bytes, rows: int, work: Work) -> LimitFigures:
    """The figures of a temporary store of so many products, made of another store's vectors."""
    extractor = load_extractor(read_manifest(seed).extractor.name)
    with tempfile.TemporaryDirectory() as folder:
        write_large_store(Path(folder), seed, rows)
        return measure_limit(Path(folder), photo, extractor, work)
