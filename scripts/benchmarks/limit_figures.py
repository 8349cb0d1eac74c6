"""The figures of a server beside what decoding and the bare network alone cost."""

from dataclasses import asdict, dataclass

from scripts.benchmarks.table import as_table


@dataclass(frozen=True)
class LimitFigures:
    """Milliseconds but where a name says otherwise; `cpu` is processor time, of one photo."""

    rows: int
    photo_bytes: int
    cores: int
    workers: int
    ready_s: float
    decode_ms: float
    network_ms: float
    prepare_ms: float
    stage_ms: float
    """The search stage: from the vector to the products."""
    decode_cpu_ms: float
    network_cpu_ms: float
    prepare_cpu_ms: float
    http_p50_ms: float
    http_p95_ms: float
    clients: int
    per_second: float
    busy_p50_ms: float
    busy_p95_ms: float
    server_cpu_ms: float
    client_cpu_ms: float
    worker_mb: float
    worker_anonymous_mb: float
    store_mb: float

    @property
    def latency_ratio(self) -> float:
        """One search over HTTP, in terms of decoding and the bare network."""
        return self.http_p50_ms / (self.decode_ms + self.network_ms)

    @property
    def embed_latency_ratio(self) -> float:
        """The same in terms of decoding and embedding, which resizes before the network."""
        return self.http_p50_ms / (self.decode_ms + self.prepare_ms + self.network_ms)

    @property
    def cpu_latency_ratio(self) -> float:
        """The same in terms of their processor time: one photo is embedded on several cores."""
        return self.http_p50_ms / (self.decode_cpu_ms + self.network_cpu_ms)

    @property
    def limit_per_second(self) -> float:
        """Photos a second if there were nothing but decoding and the network."""
        return self.cores * 1000 / (self.decode_cpu_ms + self.network_cpu_ms)

    @property
    def ratio_percent(self) -> float:
        """The share of the limit that the server reached beside its clients."""
        return 100 * self.per_second / self.limit_per_second

    @property
    def embed_ratio_percent(self) -> float:
        """The share of the limit of decoding and embedding, which resizes before the network."""
        cpu_ms = self.decode_cpu_ms + self.prepare_cpu_ms + self.network_cpu_ms
        return self.per_second * cpu_ms / (10 * self.cores)

    @property
    def server_ratio_percent(self) -> float:
        """The same, had the clients run on another machine: of what they left of the cores."""
        left = self.cores - self.per_second * self.client_cpu_ms / 1000
        return self.ratio_percent * self.cores / left

    def as_json(self) -> dict[str, float]:
        """All figures by name."""
        return {
            **asdict(self),
            "latency_ratio": self.latency_ratio,
            "embed_latency_ratio": self.embed_latency_ratio,
            "cpu_latency_ratio": self.cpu_latency_ratio,
            "limit_per_second": self.limit_per_second,
            "ratio_percent": self.ratio_percent,
            "embed_ratio_percent": self.embed_ratio_percent,
            "server_ratio_percent": self.server_ratio_percent,
        }

    def as_text(self) -> str:
        """The limit, one search at a time, many at once, and what the workers hold."""
        head = f"{self.rows} products, a photo of {self.photo_bytes / 1e6:.2f} MB"
        return as_table(
            (head, ""), [*self._idle(), ("", ""), *self._busy(), ("", ""), *self._size()]
        )

    def _idle(self) -> list[tuple[str, str]]:
        return [
            ("idle, ms: decoding + bare network", _both(self.decode_ms, self.network_ms)),
            ("search over HTTP, p50 / p95", f"{self.http_p50_ms:.1f} / {self.http_p95_ms:.1f}"),
            ("  of it resizing + search stage", _both(self.prepare_ms, self.stage_ms)),
            ("  in terms of decoding and bare network", f"{self.latency_ratio:.2f}"),
            ("  in terms of decoding, resizing and network", f"{self.embed_latency_ratio:.2f}"),
            ("  in terms of decoding and network, busy CPU ms", f"{self.cpu_latency_ratio:.2f}"),
        ]

    def _busy(self) -> list[tuple[str, str]]:
        bare = _both(self.decode_cpu_ms, self.network_cpu_ms)
        return [
            ("busy, CPU ms: decoding + bare network", bare),
            ("  resizing", f"{self.prepare_cpu_ms:.1f}"),
            (f"limit of {self.cores} cores, photos/s", f"{self.limit_per_second:.1f}"),
            (f"{self.clients} clients, photos/s", f"{self.per_second:.1f}"),
            ("  p50 / p95 ms", f"{self.busy_p50_ms:.0f} / {self.busy_p95_ms:.0f}"),
            ("  server + clients, CPU ms a photo", _both(self.server_cpu_ms, self.client_cpu_ms)),
            ("  % of the limit", f"{self.ratio_percent:.1f}"),
            ("  % of it, of the cores less the clients", f"{self.server_ratio_percent:.1f}"),
            ("  % of the limit with resizing", f"{self.embed_ratio_percent:.1f}"),
        ]

    def _size(self) -> list[tuple[str, str]]:
        return [
            ("ready after, s", f"{self.ready_s:.1f}"),
            (f"largest of {self.workers} workers, MB", f"{self.worker_mb:.0f}"),
            ("  anonymous, MB", f"{self.worker_anonymous_mb:.0f}"),
            ("the store's map, shared by all, MB", f"{self.store_mb:.0f}"),
        ]


def _both(one: float, other: float) -> str:
    return f"{one:.1f} + {other:.1f}"
