"""What is noted of the last run of a catalogue."""

from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.errors import CatalogError, RowError, StoreLockedError
from features.store import StoreSet
from features.store.lock import WriteLock
from features.store.writer import LOCK
from features.sync import SyncOptions, sync_stores
from features.synced import LAST_SYNC, Synced, read_synced, row_failures, write_synced
from tests.helpers import shop

OPTIONS = SyncOptions(extractors=("efficientnet_lite0",), purpose="importing catalog.csv")


def broken(folder: Path) -> Path:
    """A feed without a product that can be used."""
    path = folder / "broken.csv"
    path.write_text("id,title,description,category,image\n1,A,,,\n", encoding="utf-8")
    return path


def test_nothing_is_noted_where_nothing_ran(tmp_path: Path) -> None:
    assert read_synced(tmp_path) is None


def test_a_run_is_noted_with_what_it_did(tmp_path: Path) -> None:
    feed = shop(tmp_path, 3)
    (tmp_path / "02.png").unlink()
    (update,) = sync_stores(StoreSet(tmp_path / "stores"), read_catalog(feed), OPTIONS)
    synced = read_synced(tmp_path / "stores")
    assert synced is not None
    assert (synced.purpose, synced.feed) == ("importing catalog.csv", "csv")
    assert synced.started <= synced.finished
    assert synced.counts["efficientnet_lite0"]["added"] == update.summary.added == 2
    assert synced.failures == 1
    assert synced.failed == row_failures(update.summary.failed)
    assert "02.png" in synced.failed[0].message


def test_a_run_that_failed_is_noted_with_its_reason(tmp_path: Path) -> None:
    stores = StoreSet(tmp_path / "stores")
    sync_stores(stores, read_catalog(shop(tmp_path, 2)), OPTIONS)
    with pytest.raises(CatalogError) as raised:
        sync_stores(stores, read_catalog(broken(tmp_path)), OPTIONS)
    synced = read_synced(stores.folder)
    assert synced is not None
    assert (synced.code, synced.detail) == (raised.value.code, str(raised.value))


def test_a_failed_first_run_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError):
        sync_stores(StoreSet(tmp_path / "stores"), read_catalog(broken(tmp_path)), OPTIONS)
    assert not (tmp_path / "stores" / LAST_SYNC).exists()


def test_a_run_that_had_to_wait_for_another_one_is_none(tmp_path: Path) -> None:
    stores = StoreSet(tmp_path / "stores")
    sync_stores(stores, read_catalog(shop(tmp_path, 2)), OPTIONS)
    before = read_synced(stores.folder)
    with WriteLock(stores.folder_of() / LOCK), pytest.raises(StoreLockedError):
        sync_stores(stores, read_catalog(shop(tmp_path, 1)), OPTIONS)
    assert read_synced(stores.folder) == before


def test_only_the_first_of_many_failures_are_kept() -> None:
    errors = [RowError(f"row {number}", line=number) for number in range(5)]
    assert [failure.line for failure in row_failures(errors, 2)] == [0, 1]


def test_where_it_cannot_be_noted_the_run_is_one_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    write_synced(tmp_path / "file", Synced("an import", "csv", 0.0, 1.0))
    assert read_synced(tmp_path / "file") is None
