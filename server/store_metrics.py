"""What there is to search, and the imports that wait: read when the metrics are asked for."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from features.errors import VisualSearchError
from features.jobs import JobShelf, JobState
from features.store import StoreSet, open_store, store_version

_WAITING = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class _Size:
    version: int
    pictures: int
    products: int
    damaged_segments: int
    missing_pictures: int


class StoreMetrics(Collector):
    """The same in every worker: it looks at the stores, not at what a process has opened."""

    def __init__(self, store: Path, imports: JobShelf) -> None:
        self._stores = StoreSet(store)
        self._shelf = imports
        self._known: dict[str, tuple[object, _Size]] = {}
        self._lock = threading.Lock()

    def describe(self) -> list[Metric]:
        """Nothing is read when it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Gauges by extractor, and of jobs by state."""
        sizes = self._sizes()
        for name, meaning in (
            ("version", "The version of the index, which grows with every change."),
            ("pictures", "Pictures that can be found."),
            ("products", "Products that can be found."),
            ("damaged_segments", "Segments of the index whose files are damaged."),
            ("missing_pictures", "Pictures that cannot be found because of these."),
        ):
            family = GaugeMetricFamily(f"visual_search_index_{name}", meaning, labels=["extractor"])
            for extractor, size in sizes.items():
                family.add_metric([extractor], getattr(size, name))
            yield family
        yield self._jobs()

    def _jobs(self) -> Metric:
        count = Counter(job.state for job in self._shelf.jobs())
        family = GaugeMetricFamily(
            "visual_search_import_jobs", "Imports that wait or run.", labels=["state"]
        )
        for state in _WAITING:
            family.add_metric([state], count[state])
        return family

    def _sizes(self) -> dict[str, _Size]:
        """Of the stores that can be read; what is wrong with the others /readyz tells."""
        sizes = {}
        with self._lock:
            for extractor in self._names():
                try:
                    sizes[extractor] = self._size(extractor)
                except VisualSearchError:
                    continue
        return sizes

    def _names(self) -> list[str]:
        try:
            return self._stores.names()
        except VisualSearchError:
            return []

    def _size(self, extractor: str) -> _Size:
        """Counted once for each version."""
        folder = self._stores.folder_of(extractor)
        mark = (folder, store_version(folder))
        known = self._known.get(extractor)
        if known is not None and known[0] == mark:
            return known[1]
        view = open_store(folder, in_part=True)
        missing = (0, 0) if view.missing is None else (view.missing.segments, view.missing.pictures)
        size = _Size(view.version, view.picture_count, len(view.products), *missing)
        self._known[extractor] = (mark, size)
        return size
