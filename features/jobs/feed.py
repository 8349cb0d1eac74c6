"""The feed of a job, read with what was asked for; messages call it as the sender did."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.catalog import Catalog, FeedOptions, read_catalog, read_pictures
from features.errors import VisualSearchError
from features.jobs.job import Job


def open_feed(job: Job, path: Path) -> Catalog:
    """Recognise the feed.

    Raises:
        CatalogError: it is none, or an option says what cannot be.
    """
    options = {name: value for name, value in job.options.items() if name != "keep_missing"}
    with named_as_sent(job, path):
        if job.collection:
            return read_pictures(path)
        return read_catalog(path, FeedOptions(**options))


@contextmanager
def named_as_sent(job: Job, path: Path) -> Iterator[None]:
    """Errors name the file as its sender knows it, not where it is kept."""
    try:
        yield
    except VisualSearchError as error:
        error.args = (str(error.args[0]).replace(str(path), job.name), *error.args[1:])
        raise
