"""What a collection has to do with jobs: one fills it, and none outlives it."""

import contextlib
from typing import IO

from features.collections import Collection, CollectionShelf
from features.errors import InvalidChangeError
from features.jobs.job import Job
from features.jobs.shelf import JobShelf


def create_collection(
    collections: CollectionShelf, jobs: JobShelf, name: str, archive: IO[bytes], file_name: str
) -> tuple[Collection, Job]:
    """A collection, and the job that will fill it with the pictures of a ZIP archive.

    Raises:
        InvalidNameError: it can have no such name; NameTakenError: another one has it.
        CatalogError: the archive cannot be read, or holds no pictures.
        StoreWriteError: the disk is full, or the folder may not be written.
    """
    collection = collections.create(name)
    try:
        return collection, jobs.create(file_name, archive, {}, collection.id)
    except BaseException:
        collections.delete(collection.id)
        raise


def delete_collection(collections: CollectionShelf, jobs: JobShelf, collection_id: str) -> None:
    """Delete a collection; a job that fills it ends.

    Raises:
        UnknownCollectionError: there is no such collection.
    """
    collections.get(collection_id)
    for job in jobs.jobs():
        if job.collection == collection_id and not job.is_final:
            with contextlib.suppress(InvalidChangeError):  # it has just ended by itself
                jobs.cancel(job.id)
    collections.delete(collection_id)


def latest_jobs(jobs: JobShelf) -> dict[str, Job]:
    """The latest job of each collection, by its id; old jobs are forgotten."""
    return {job.collection: job for job in jobs.jobs() if job.collection}
