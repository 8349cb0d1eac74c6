"""What there is to search, and the imports that wait: read when the metrics are asked for."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from features.jobs import JobShelf, JobState
from server.telemetry.store_sizes import StoreSizes

_WAITING = (JobState.QUEUED, JobState.RUNNING)


class StoreMetrics(Collector):
    """The same in every worker."""

    def __init__(self, sizes: StoreSizes, imports: JobShelf) -> None:
        self._sizes = sizes
        self._shelf = imports

    def describe(self) -> list[Metric]:
        """Nothing is read when it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Gauges by extractor, and of jobs by state."""
        sizes = self._sizes.readable()
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
