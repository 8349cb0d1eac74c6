"""Collections: named, filled from a ZIP, searched on their own, deleted with all they hold."""

import io
import os
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from features.collections import Collection, CollectionShelf
from features.errors import (
    ArchiveError,
    CatalogError,
    InvalidNameError,
    NameTakenError,
    UnknownCollectionError,
)
from features.images import content_hash
from features.jobs import (
    Job,
    JobShelf,
    JobState,
    create_collection,
    delete_collection,
    latest_jobs,
    run_jobs,
)
from features.pictures import Vault
from features.search import open_service
from features.store import StoreSet, open_store
from features.sync import SyncOptions
from features.types import Query
from tests.helpers import picture

OPTIONS = SyncOptions()
PICTURES = {f"holiday/{number}.png": picture(number) for number in range(3)}


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    return StoreSet(tmp_path / "stores")


@pytest.fixture
def collections(stores: StoreSet) -> CollectionShelf:
    return CollectionShelf(stores)


@pytest.fixture
def jobs(stores: StoreSet) -> JobShelf:
    return JobShelf(stores.folder / "jobs")


def zipped(files: Mapping[str, bytes]) -> io.BytesIO:
    """A ZIP of some files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    buffer.seek(0)
    return buffer


def created(
    collections: CollectionShelf,
    jobs: JobShelf,
    files: Mapping[str, bytes] = PICTURES,
    name: str = "Holiday",
) -> tuple[Collection, Job]:
    """A collection of some files, whose job waits."""
    return create_collection(collections, jobs, name, zipped(files), "holiday.zip")


def test_a_zip_becomes_a_collection_that_finds_its_own_pictures(
    stores: StoreSet, collections: CollectionShelf, jobs: JobShelf
) -> None:
    collection, job = created(collections, jobs)
    assert collections.stores_of(collection.id).names() == []
    assert run_jobs(jobs, stores, OPTIONS) == 1
    done = jobs.get(job.id)
    assert (done.state, done.done, done.failures) == (JobState.DONE, 3, 0)
    service = open_service(collections.stores_of(collection.id).folder)
    hit = service.search(Query(PICTURES["holiday/1.png"])).hits[0]
    assert (hit.product.id, hit.product.title) == ("1", "1")
    assert service.picture(hit.picture.content_hash) == PICTURES["holiday/1.png"]
    assert stores.names() == [], "the catalogue stays as it is"
    assert latest_jobs(jobs) == {collection.id: done}


def test_every_file_that_is_no_picture_is_named_with_its_reason(
    stores: StoreSet, collections: CollectionShelf, jobs: JobShelf
) -> None:
    others = {"readme.txt": b"Hello", "list.csv": b"id,image\n", "bad.png": b"no picture"}
    collection, job = created(collections, jobs, {**PICTURES, **others})
    run_jobs(jobs, stores, OPTIONS)
    done = jobs.get(job.id)
    assert (done.state, done.failures) == (JobState.DONE, 3)
    said = {failure.message.split("'")[1]: failure.code for failure in done.failed[:2]}
    assert said == {"list.csv": "left_out", "readme.txt": "left_out"}
    assert (done.failed[2].code, "bad.png" in done.failed[2].message) == ("not_a_picture", True)
    kept = collections.stores_of(collection.id)
    assert len(open_store(kept.folder_of()).products) == 3
    assert set(Vault(kept.pictures_folder).digests()) == set(map(content_hash, PICTURES.values()))


@pytest.mark.parametrize(
    ("files", "error"),
    [({"a.txt": b"words"}, CatalogError), ({}, CatalogError)],
    ids=["no picture", "no file"],
)
def test_a_zip_without_pictures_leaves_no_collection(
    collections: CollectionShelf,
    jobs: JobShelf,
    files: Mapping[str, bytes],
    error: type[CatalogError],
) -> None:
    with pytest.raises(error, match=r"holiday\.zip holds no pictures"):
        created(collections, jobs, files)
    assert (collections.collections(), jobs.jobs()) == ([], [])


def test_what_is_no_zip_leaves_no_collection(collections: CollectionShelf, jobs: JobShelf) -> None:
    with pytest.raises(ArchiveError, match=r"holiday\.zip"):
        create_collection(collections, jobs, "Holiday", io.BytesIO(b"GIF89a"), "holiday.zip")
    assert (collections.collections(), jobs.jobs()) == ([], [])


def test_names_are_one_line_and_told_apart_by_people(collections: CollectionShelf) -> None:
    holiday = collections.create("  Holiday \n 2026 <b> ")
    assert holiday.name == "Holiday 2026 <b>"
    with pytest.raises(NameTakenError, match="already"):
        collections.create("HOLIDAY 2026 <B>")
    for name in ("", " \t", "x" * 81, "a\0b", "a\u202eb"):
        with pytest.raises(InvalidNameError):
            collections.create(name)
    assert collections.collections() == [holiday]


def test_a_collection_is_renamed_also_in_letter_case_alone(collections: CollectionShelf) -> None:
    first, second = collections.create("first"), collections.create("second")
    assert collections.rename(first.id, "First").name == "First"
    with pytest.raises(NameTakenError):
        collections.rename(second.id, "first")
    assert [c.name for c in collections.collections()] == ["First", "second"]
    assert collections.get(first.id).created == first.created


def test_a_deleted_collection_is_gone_with_its_pictures_and_its_waiting_job(
    stores: StoreSet, collections: CollectionShelf, jobs: JobShelf
) -> None:
    collection, job = created(collections, jobs)
    other, _ = created(collections, jobs, name="Other")
    delete_collection(collections, jobs, collection.id)
    assert jobs.get(job.id).state is JobState.CANCELLED
    run_jobs(jobs, stores, OPTIONS)
    assert collections.collections() == [other]
    assert not (collections.folder / collection.id).exists()
    with pytest.raises(UnknownCollectionError):
        delete_collection(collections, jobs, collection.id)


def test_nothing_is_left_of_a_collection_that_is_deleted_while_it_is_filled(
    stores: StoreSet,
    collections: CollectionShelf,
    jobs: JobShelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collection, job = created(collections, jobs)
    keep = Vault.put

    def put(vault: Vault, data: bytes, *, durable: bool = True) -> str:
        with suppress(UnknownCollectionError):  # by the first picture
            delete_collection(collections, jobs, collection.id)
        return keep(vault, data, durable=durable)

    monkeypatch.setattr(Vault, "put", put)
    run_jobs(jobs, stores, OPTIONS)
    assert jobs.get(job.id).state is JobState.CANCELLED
    assert not (collections.folder / collection.id).exists()


def test_a_job_whose_collection_went_meanwhile_says_so(
    stores: StoreSet, collections: CollectionShelf, jobs: JobShelf
) -> None:
    collection, job = created(collections, jobs)
    collections.delete(collection.id)
    run_jobs(jobs, stores, OPTIONS)
    ended = jobs.get(job.id)
    assert (ended.state, ended.code) == (JobState.FAILED, "unknown_collection")
    assert not (collections.folder / collection.id).exists()


def test_an_import_that_was_interrupted_goes_on(
    stores: StoreSet, collections: CollectionShelf, jobs: JobShelf
) -> None:
    collection, job = created(collections, jobs)
    jobs.save(replace(job, state=JobState.RUNNING, attempts=1, done=2))
    assert run_jobs(jobs, stores, OPTIONS) == 1
    assert (jobs.get(job.id).state, jobs.get(job.id).attempts) == (JobState.DONE, 2)
    kept = collections.stores_of(collection.id)
    assert open_store(kept.folder_of()).picture_count == 3


@pytest.mark.parametrize("name", ["", "..", "../jobs", "0" * 16, "0" * 15 + "/", ".lock"])
def test_an_id_is_never_a_path(collections: CollectionShelf, name: str) -> None:
    collections.create("Holiday")
    with pytest.raises(UnknownCollectionError):
        collections.get(name)
    with pytest.raises(UnknownCollectionError):
        collections.delete(name)


def test_what_is_left_of_a_deleted_collection_goes_after_a_while(
    collections: CollectionShelf,
) -> None:
    kept = collections.create("Holiday")
    left = collections.folder / ("0" * 16)
    (left / "stores").mkdir(parents=True)
    collections.sweep()
    assert left.exists(), "it may be being made"
    old = time.time() - 7_200
    for folder in (left, collections.folder / kept.id):
        os.utime(folder, (old, old))
    collections.sweep()
    assert not left.exists()
    assert collections.collections() == [kept]
