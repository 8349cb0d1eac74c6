"""Imports in the background: one after the other, to their end, whatever happens meanwhile."""

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.collections import CollectionShelf
from features.errors import (
    CatalogColumnsError,
    CatalogError,
    InvalidChangeError,
    StoreWriteError,
    UnknownJobError,
)
from features.extractors import Extractor
from features.jobs import (
    Job,
    JobShelf,
    JobState,
    create_collection,
    delete_collection,
    run_jobs,
)
from features.pictures import Vault
from features.pipeline.reading import PictureReader
from features.search import open_service
from features.store import StoreSet, StoreWriter, open_store
from features.sync import SyncOptions
from tests.features.pictures.web import reply, serving
from tests.helpers import ROOT, picture, shop, write_catalog

OPTIONS = SyncOptions()


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    return StoreSet(tmp_path / "stores")


@pytest.fixture
def shelf(stores: StoreSet) -> JobShelf:
    return JobShelf(stores.folder / "jobs")


def zipped(folder: Path, products: int, first: int = 0) -> bytes:
    """A ZIP of a catalogue with its pictures."""
    shop(folder, products, first)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return buffer.getvalue()


def queue(shelf: JobShelf, feed: bytes, name: str = "shop.zip", **options: Any) -> Job:
    return shelf.create(name, io.BytesIO(feed), options)


def products(stores: StoreSet) -> set[str]:
    return set(open_store(stores.folder_of()).products)


def test_a_zip_becomes_a_store_that_shows_its_pictures(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    job = queue(shelf, zipped(tmp_path / "shop", 3))
    assert (job.state, job.total) == (JobState.QUEUED, 0)
    assert run_jobs(shelf, stores, OPTIONS) == 1
    job = shelf.get(job.id)
    assert (job.state, job.done, job.total, job.failures) == (JobState.DONE, 3, 3, 0)
    assert job.created <= (job.started or 0) <= (job.finished or 0)
    assert job.result["efficientnet_lite2_shop"]["new"] == 3
    assert products(stores) == {"p00", "p01", "p02"}
    service = open_service(stores.folder)
    digests = list(service.view.by_content)
    assert {service.picture(digest) for digest in digests} == {picture(n) for n in range(3)}
    assert not shelf.feed_of(job).exists()


def test_a_feed_that_comes_alone_names_pictures_where_the_earlier_one_had_them(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf, extractor: Extractor
) -> None:
    feed = shop(tmp_path / "shop", 2)
    with StoreWriter(stores.place_for("efficientnet_lite2_shop"), extractor.spec, feed.parent):
        stores.add("efficientnet_lite2_shop", stores.place_for("efficientnet_lite2_shop"))
    queue(shelf, feed.read_bytes(), "catalog.csv")
    run_jobs(shelf, stores, OPTIONS)
    assert products(stores) == {"p00", "p01"}
    assert open_store(stores.folder_of()).pictures_root == feed.parent


def test_a_feed_that_comes_alone_at_first_needs_addresses(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    job = queue(shelf, shop(tmp_path / "shop", 1).read_bytes(), "catalog.csv")
    run_jobs(shelf, stores, OPTIONS)
    (failure,) = shelf.get(job.id).failed
    assert (failure.line, failure.code) == (2, "picture_not_found")
    assert "one ZIP" in failure.message and str(stores.folder) not in failure.message


def test_a_feed_with_addresses_is_fetched(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    with serving(lambda _: reply(body=picture(7))) as web:
        rows = [{"id": "mug", "title": "Mug", "image": web.url()}]
        job = queue(shelf, write_catalog(tmp_path, rows).read_bytes(), "catalog.csv")
        run_jobs(shelf, stores, replace(OPTIONS, allowed_hosts=("127.0.0.1",)))
    assert shelf.get(job.id).state is JobState.DONE
    (digest,) = open_store(stores.folder_of()).by_content
    assert open_service(stores.folder).picture(digest) == picture(7)


def test_jobs_run_one_after_the_other_in_the_order_they_came(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    first = queue(shelf, zipped(tmp_path / "a", 2))
    second = queue(shelf, zipped(tmp_path / "b", 1, first=7), keep_missing=True)
    assert run_jobs(shelf, stores, OPTIONS) == 2
    done = [shelf.get(job.id) for job in (first, second)]
    assert [job.state for job in done] == [JobState.DONE, JobState.DONE]
    assert (done[0].finished or 0) <= (done[1].started or 0)
    assert products(stores) == {"p00", "p01", "p07"}


def test_what_a_feed_no_longer_names_goes_with_its_pictures(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    queue(shelf, zipped(tmp_path / "a", 3))
    run_jobs(shelf, stores, OPTIONS)
    queue(shelf, zipped(tmp_path / "b", 2))
    run_jobs(shelf, stores, OPTIONS)
    assert products(stores) == {"p00", "p01"}
    assert len(list(Vault(stores.pictures_folder).digests())) == 2


def test_what_is_no_feed_is_refused_at_once_and_not_kept(shelf: JobShelf) -> None:
    feeds = {"a.csv": b"name,photo\nMug,a.png\n", "a.zip": b"PK\x03\x04" + bytes(99), "": b""}
    for name, feed in feeds.items():
        with pytest.raises(CatalogError) as caught:
            queue(shelf, feed, name)
        assert str(shelf.folder) not in str(caught.value)
    with pytest.raises(CatalogColumnsError, match=r"a\.csv"):
        queue(shelf, feeds["a.csv"], "C:\\feeds\\a.csv")
    with pytest.raises(CatalogError, match="no feed format"):
        queue(shelf, b"id,image\n1,a.png\n", format="none")
    assert list(shelf.folder.iterdir()) == []


def test_a_feed_without_products_fails_and_says_why(stores: StoreSet, shelf: JobShelf) -> None:
    job = queue(shelf, b"id,image\n,a.png\n", "odd \udcff.csv")
    run_jobs(shelf, stores, OPTIONS)
    job = shelf.get(job.id)
    assert (job.state, job.code) == (JobState.FAILED, "invalid_catalog")
    assert "no usable product" in job.detail
    assert stores.names() == []


def test_bad_rows_are_told_with_their_lines(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    feed = shop(tmp_path / "shop", 2)
    (tmp_path / "shop" / "01.png").write_bytes(b"text")
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        for file in (feed, *feed.parent.glob("*.png")):
            archive.write(file, file.name)
    job = queue(shelf, (tmp_path / "shop.zip").read_bytes())
    run_jobs(shelf, stores, OPTIONS)
    job = shelf.get(job.id)
    assert (job.state, job.failures) == (JobState.DONE, 1)
    assert (job.failed[0].line, job.failed[0].code) == (3, "not_a_picture")


def test_an_unknown_job_is_told_apart(shelf: JobShelf) -> None:
    for name in ("none", "20260101000000000000-00000000", "../stores", "", "."):
        with pytest.raises(UnknownJobError):
            shelf.get(name)


def test_a_waiting_job_is_cancelled_at_once(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    job = queue(shelf, zipped(tmp_path / "shop", 2))
    assert shelf.cancel(job.id).state is JobState.CANCELLED
    assert shelf.get(job.id).state is JobState.CANCELLED
    assert not shelf.feed_of(job).exists()
    assert run_jobs(shelf, stores, OPTIONS) == 0
    assert stores.names() == []
    with pytest.raises(InvalidChangeError, match="ended already: cancelled"):
        shelf.cancel(job.id)


def test_a_running_job_is_cancelled_and_what_it_stored_stays(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.jobs.runner._SAVE_EVERY_S", 0.0)
    monkeypatch.setattr("features.pipeline.lots._AHEAD", 0)
    job = queue(shelf, zipped(tmp_path / "shop", 40))
    with monkeypatch.context() as patch:
        cancel_after(shelf, job, 5, patch)
        run_jobs(shelf, stores, OPTIONS)
    job = shelf.get(job.id)
    assert (job.state, job.code) == (JobState.CANCELLED, "cancelled")
    assert 5 <= len(products(stores)) < 40
    again = queue(shelf, zipped(tmp_path / "shop", 40))
    run_jobs(shelf, stores, OPTIONS)
    assert shelf.get(again.id).result["efficientnet_lite2_shop"]["reused"] >= 5
    assert len(products(stores)) == 40


def cancel_after(shelf: JobShelf, job: Job, pictures: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a request came at that moment."""
    read_all = PictureReader.read_all

    def read(*arguments: Any) -> Iterator[Any]:
        for number, outcome in enumerate(read_all(*arguments)):
            if number == pictures:
                shelf.cancel(job.id)
            yield outcome

    monkeypatch.setattr(PictureReader, "read_all", read)


def test_a_job_waits_for_another_writer_and_says_so(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf, extractor: Extractor
) -> None:
    place = stores.place_for("efficientnet_lite2_shop")
    job = queue(shelf, zipped(tmp_path / "shop", 1))
    with StoreWriter(place, extractor.spec, purpose="changing 'mug'"):
        runner = threading.Thread(target=run_jobs, args=(shelf, stores, OPTIONS))
        runner.start()
        wait_until(lambda: "changing 'mug'" in shelf.get(job.id).detail)
        assert shelf.get(job.id).state is JobState.RUNNING
    runner.join(20)
    assert shelf.get(job.id).state is JobState.DONE


def test_a_second_process_leaves_the_jobs_to_the_first(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf, extractor: Extractor
) -> None:
    place = stores.place_for("efficientnet_lite2_shop")
    queue(shelf, zipped(tmp_path / "a", 1))
    with StoreWriter(place, extractor.spec):
        first = threading.Thread(target=run_jobs, args=(shelf, stores, OPTIONS))
        first.start()
        wait_until(lambda: any(job.state is JobState.RUNNING for job in shelf.jobs()))
        late = queue(shelf, zipped(tmp_path / "b", 1, first=5), keep_missing=True)
        assert run_jobs(shelf, stores, OPTIONS) == 0
    first.join(20)
    assert shelf.get(late.id).state is JobState.DONE
    assert products(stores) == {"p00", "p05"}


def test_a_job_that_ends_its_process_again_and_again_is_given_up(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    job = queue(shelf, zipped(tmp_path / "shop", 1))
    shelf.save(replace(job, state=JobState.RUNNING, attempts=3))
    run_jobs(shelf, stores, OPTIONS)
    job = shelf.get(job.id)
    assert (job.state, job.code) == (JobState.FAILED, "import_crashed")


@pytest.mark.parametrize("text", ['{"id": 1}', "[" * 100_000])
def test_a_job_with_a_damaged_file_stands_in_nobodys_way(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf, text: str
) -> None:
    broken = queue(shelf, zipped(tmp_path / "a", 1))
    (shelf.folder / broken.id / "job.json").write_text(text)
    good = queue(shelf, zipped(tmp_path / "b", 1))
    assert run_jobs(shelf, stores, OPTIONS) == 1
    assert [job.id for job in shelf.jobs()] == [good.id]


def test_drafts_are_swept_while_others_forget_their_jobs(shelf: JobShelf) -> None:
    def forgotten() -> None:
        for number in range(300):
            job = shelf.folder / f"{number:020}-00000000"
            job.mkdir(parents=True)
            shutil.rmtree(job)

    with ThreadPoolExecutor(1) as another:
        forgetting = another.submit(forgotten)
        while not forgetting.done():
            shelf.sweep()
    forgetting.result()


def test_only_the_latest_jobs_are_remembered(
    tmp_path: Path, shelf: JobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.jobs.shelf._KEPT", 2)
    feed = zipped(tmp_path / "shop", 1)
    for _ in range(4):
        shelf.cancel(queue(shelf, feed).id)
    assert len(shelf.jobs()) == 3
    abandoned = shelf.folder / ".20260101000000000000-00000000"
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))
    queue(shelf, feed)
    assert not abandoned.exists()


def test_the_latest_jobs_come_newest_first(tmp_path: Path, shelf: JobShelf) -> None:
    feed = zipped(tmp_path / "shop", 1)
    ids = [queue(shelf, feed).id for _ in range(3)]
    assert [job.id for job in shelf.latest(2)] == [ids[2], ids[1]]
    assert len(shelf.latest(9)) == 3


RUN = """
import sys
from pathlib import Path
from features.jobs import JobShelf, run_jobs
from features.store import StoreSet
from features.sync import SyncOptions
stores = StoreSet(Path(sys.argv[1]))
run_jobs(JobShelf(stores.folder / "jobs"), stores, SyncOptions())
"""


@pytest.mark.slow
def test_a_job_whose_process_was_killed_is_resumed(
    tmp_path: Path, stores: StoreSet, shelf: JobShelf
) -> None:
    job = queue(shelf, zipped(tmp_path / "shop", 60))
    command = [sys.executable, "-c", RUN, str(stores.folder)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        wait_until(lambda: shelf.get(job.id).state is JobState.RUNNING)
        process.send_signal(signal.SIGKILL)
    assert shelf.get(job.id).state is JobState.RUNNING
    assert run_jobs(shelf, stores, OPTIONS) == 1
    job = shelf.get(job.id)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert len(products(stores)) == 60


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@pytest.mark.parametrize("error", [StoreWriteError("the folder is not there"), OSError("gone")])
def test_a_job_that_fails_of_its_collections_deletion_was_cancelled(
    stores: StoreSet,
    shelf: JobShelf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    collections = CollectionShelf(stores)
    archive = io.BytesIO(zipped(tmp_path / "shop", 2))
    collection, job = create_collection(collections, shelf, "Holiday", archive, "holiday.zip")

    def deleted_while_it_writes(*_: object) -> None:
        delete_collection(collections, shelf, collection.id)
        raise error

    monkeypatch.setattr("features.jobs.runner.sync_stores", deleted_while_it_writes)
    run_jobs(shelf, stores, OPTIONS)
    ended = shelf.get(job.id)
    assert (ended.state, ended.code) == (JobState.CANCELLED, "cancelled")
    assert ended.detail.startswith("the import was cancelled")
