"""`/metrics` for Prometheus: what this server does, summed over its worker processes."""

import os
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from features.jobs import JobShelf
from server.services.loading import current_settings
from server.telemetry.exchange import Exchange
from server.telemetry.store_metrics import StoreMetrics
from server.telemetry.store_sizes import StoreSizes

blueprint = Blueprint("metrics", __name__)

_PATH = "/metrics"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STAGE_SECONDS = (0.001, 0.0025, *_SECONDS[:-2])
_BYTES = (1e4, 1e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 1e8, 1e9)
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


class Metrics:
    """What one process counts. With `PROMETHEUS_MULTIPROC_DIR`, processes meet in that folder."""

    def __init__(self, sizes: StoreSizes, imports: JobShelf) -> None:
        self._shared = os.environ.get(_FOLDER)
        self._own = own = CollectorRegistry()
        self._stores = CollectorRegistry()
        self._stores.register(StoreMetrics(sizes, imports))
        self._requests = Counter(
            "visual_search_requests",
            "Requests that were answered.",
            ["route", "method", "status"],
            registry=own,
        )
        self._seconds = Histogram(
            "visual_search_request_seconds",
            "From a request's headers to its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=own,
        )
        self._stages = Histogram(
            "visual_search_stage_seconds",
            "The stages of searches.",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=own,
        )
        self._problems = Counter(
            "visual_search_problems",
            "Requests that were answered with a problem, by its code.",
            ["code"],
            registry=own,
        )
        self._received = Histogram(
            "visual_search_upload_bytes",
            "Bodies of requests.",
            buckets=_BYTES,
            registry=own,
        )
        self.in_flight = Gauge(
            "visual_search_requests_in_flight",
            "Requests that are being answered.",
            multiprocess_mode="livesum",
            registry=own,
        )
        Gauge(
            "visual_search_worker_start_time_seconds",
            "When each worker process started, in seconds since 1970.",
            multiprocess_mode="liveall",
            registry=own,
        ).set_to_current_time()

    def count(self, exchange: Exchange) -> None:
        """Count a request; those for the metrics themselves do not matter."""
        if exchange.route == _PATH:
            return
        self._requests.labels(exchange.route, exchange.method, str(exchange.status)).inc()
        self._seconds.labels(exchange.route).observe(exchange.ms / 1000)
        for stage, took in exchange.stages.items():
            self._stages.labels(stage).observe(took / 1000)
        if exchange.code:
            self._problems.labels(exchange.code).inc()
        if exchange.received:
            self._received.observe(exchange.received)

    def exposition(self) -> bytes:
        """The metrics of all processes as text."""
        text: bytes = generate_latest(self._all()) + generate_latest(self._stores)
        return text

    def samples(self, name: str) -> list[tuple[Mapping[str, str], float]]:
        """The values of one metric of all processes, each with its labels."""
        return [
            (sample.labels, sample.value)
            for family in self._all().collect()
            for sample in family.samples
            if sample.name == name
        ]

    def _all(self) -> CollectorRegistry:
        if not self._shared:
            return self._own
        registry = CollectorRegistry()
        registry.register(_Workers(Path(self._shared)))
        return registry


class _Workers(Collector):
    """The metrics of all processes that meet in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Without the files of a worker that has only begun them: nothing can be read there."""
        files = [str(path) for path in self._folder.glob("*.db") if _has_begun(path)]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return merged


def _has_begun(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:  # a worker has ended
        return False


def register(app: Flask) -> Metrics:
    """Count the application's requests in flight, and serve its metrics; tell it of the others."""
    metrics = Metrics(app.extensions["store_sizes"], app.extensions["imports"].shelf)
    app.extensions["metrics"] = metrics
    app.before_request(_begin)
    app.teardown_request(_end)
    app.register_blueprint(blueprint)
    return metrics


@blueprint.get(_PATH)
def show() -> Response:
    """The metrics, for whom the settings allow; for others there is no such page."""
    allowed = current_settings().metrics
    if allowed == "off" or (allowed == "local" and not _is_local()):
        abort(404)
    return Response(current_metrics().exposition(), content_type=CONTENT_TYPE_LATEST)


def _is_local() -> bool:
    """From this very machine: a proxy's own address says nothing of who asks through it."""
    if any(name in request.headers for name in _PROXIED):
        return False
    try:
        address = ip_address((request.remote_addr or "").removeprefix("::ffff:"))
    except ValueError:  # a socket file, which only proxies use
        return False
    return address.is_loopback


def current_metrics() -> Metrics:
    """The running application's metrics."""
    metrics: Metrics = current_app.extensions["metrics"]
    return metrics


def _begin() -> None:
    if request.path != _PATH:
        g.in_flight = current_metrics().in_flight
        g.in_flight.inc()


def _end(_: BaseException | None) -> None:
    if "in_flight" in g:
        g.pop("in_flight").dec()
