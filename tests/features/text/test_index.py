"""The words of a store follow it: changes, other processes, damage, and folders that are closed."""

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import features.text.index as index_module
from features.errors import StoreLockedError, TextSearchError
from features.store import StoreWriter, open_store
from features.store.lock import WriteLock
from features.text import TextIndex, build_text, find_words
from features.text.database import SegmentProducts, WordsDatabase
from features.types import Product
from tests.features.text.shops import found, indexed, stock
from tests.helpers import TINY, run_python


def products(count: int, first: int = 0) -> list[Product]:
    return [Product(f"p{n}", f"Thing {n}") for n in range(first, first + count)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISUAL_SEARCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five products are many."""
    monkeypatch.setattr(index_module, "QUICKLY", 5)
    monkeypatch.setattr(index_module, "_FEW", 0)


def test_a_change_is_found_and_what_it_replaced_is_not(store: Path) -> None:
    view = stock(store, products(3))
    assert found(view, "thing 1") == ["p1"]
    view = stock(store, [Product("p1", "Lantern")], replacing=[1])
    assert found(view, "lantern") == ["p1"]
    assert "p1" not in found(view, "thing")


def test_a_product_that_is_deleted_is_not_found(store: Path) -> None:
    stock(store, products(3))
    with StoreWriter(store, TINY) as writer:
        writer.delete([0])
    assert found(open_store(store), "thing") == ["p1", "p2"]


def test_one_who_has_an_older_version_open_still_finds_what_that_has(store: Path) -> None:
    before = stock(store, products(2))
    reader = TextIndex(store)
    old = reader.over(before)
    after = stock(store, [Product("p1", "Lantern")], replacing=[1])
    assert found(after, "lantern") == ["p1"]
    assert old is not None
    assert len(find_words(old, "thing").places) == 2
    assert len(find_words(old, "lantern").places) == 0


def test_worn_words_are_built_anew(store: Path, few: None) -> None:
    filled = []
    for _ in range(4):
        view = stock(store, products(4))
        filled.append(indexed(view).database.filled)
        assert len(found(view, "thing")) == 4
    assert filled == [4, 8, 4, 8]


def test_who_reads_worn_words_is_not_disturbed_by_what_is_added_to_new_ones(
    store: Path, few: None
) -> None:
    stock(store, products(2))
    view = stock(store, products(2), replacing=[0, 1])
    slow = indexed(view)
    for title in "ABC":
        view = stock(store, [Product("p0", f"Thing {title}")], replacing=[0])
        found(view, "thing")
    (newest,) = (store / "text").glob("words-*.db")
    with sqlite3.connect(newest, isolation_level=None) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.executemany(
            "INSERT INTO segments VALUES (?, 0, 0, 0)", [(f"{n:0999}",) for n in range(99)]
        )
        assert newest.with_name(f"{newest.name}-journal").exists()
        assert find_words(slow, "thing").places.size == 2
        writer.execute("ROLLBACK")
    assert newest.name != "words-1.db"


def test_a_damaged_index_is_made_anew(store: Path) -> None:
    view = stock(store, products(3))
    found(view, "thing")
    (store / "text" / "words-1.db").write_bytes(b"not a database" * 100)
    assert len(found(view, "thing")) == 3


def test_two_that_meet_the_same_damage_build_the_words_once(store: Path) -> None:
    view = stock(store, products(3))
    first, second = TextIndex(store), TextIndex(store)
    for index in (first, second):
        assert index.over(view) is not None
    for index in (first, second):
        index.discard()
        again = index.over(view)
        assert again is not None
        assert len(find_words(again, "thing").places) == 3
    assert [path.name for path in (store / "text").glob("words*")] == ["words-2.db"]


def test_a_store_that_was_deleted_does_not_come_back_with_its_words(
    store: Path, cache: Path
) -> None:
    view = stock(store, products(3))
    shutil.rmtree(store)
    assert len(found(view, "thing")) == 3
    assert not store.exists()
    assert not list(cache.rglob("*"))


def test_who_has_no_words_yet_waits_for_whoever_adds_them(store: Path) -> None:
    view = stock(store, products(2))
    (store / "text").mkdir()
    lock = WriteLock(store / "text" / "lock", purpose="adding the words")
    with lock, ThreadPoolExecutor(1) as pool:
        assert TextIndex(store).over(view) is None
        waiting = pool.submit(TextIndex(store).over, view, patiently=True)
        with pytest.raises(TimeoutError):
            waiting.result(1.0)
        lock.close()
        assert waiting.result(5.0) is not None


def test_an_index_of_another_store_or_format_is_never_used(store: Path, tmp_path: Path) -> None:
    other = stock(tmp_path / "other", [Product("p0", "Thing of another")])
    found(other, "thing")
    view = stock(store, products(2))
    (store / "text").mkdir()
    (tmp_path / "other" / "text" / "words-1.db").rename(store / "text" / "words-1.db")
    assert found(view, "another") == []
    assert len(found(view, "thing")) == 2
    with sqlite3.connect(store / "text" / "words-1.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    assert len(found(view, "thing")) == 2


def test_what_a_crash_left_half_done_is_undone(store: Path) -> None:
    view = stock(store, products(3))
    found(view, "thing")
    left = run_python("-c", _CRASH, store / "text" / "words-1.db")
    assert left.returncode == -9
    assert (store / "text" / "words-1.db-journal").exists()
    assert len(found(view, "thing")) == 3
    view = stock(store, [Product("new", "Thing anew")])
    assert len(found(view, "thing")) == 4


_CRASH = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN IMMEDIATE")
database.execute("DELETE FROM segments")
for n in range(3_000):
    database.execute("INSERT INTO vocabulary(word, products) VALUES (?, 1)", (f"w{n}" * 20,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_where_the_store_may_not_be_written_the_words_are_kept_in_the_cache(
    store: Path, cache: Path
) -> None:
    view = stock(store, products(3))
    (store / "text").write_text("no folder")
    assert len(found(view, "thing")) == 3
    assert list(cache.glob("text/*/words-1.db"))


def test_where_nothing_may_be_written_the_words_are_kept_in_memory(
    store: Path, cache: Path
) -> None:
    view = stock(store, products(3))
    (store / "text").write_text("no folder")
    cache.write_text("no folder")
    assert len(found(view, "thing")) == 3


def test_many_words_that_can_be_kept_nowhere_are_an_error(
    store: Path, cache: Path, few: None
) -> None:
    view = stock(store, products(6))
    (store / "text").write_text("no folder")
    cache.write_text("no folder")
    with pytest.raises(TextSearchError, match="VISUAL_SEARCH_CACHE"):
        TextIndex(store).over(view)
    with pytest.raises(TextSearchError, match="cannot be kept"):
        build_text(view)


def test_many_words_wait_for_whoever_builds_them(store: Path, few: None) -> None:
    view = stock(store, products(8))
    searching = TextIndex(store)
    assert searching.over(view) is None
    assert build_text(view) == 8
    assert build_text(view) is None
    opened = searching.over(view)
    assert opened is not None
    assert len(find_words(opened, "thing").places) == 8
    grown = stock(store, products(2, first=100))
    assert len(found(grown, "thing")) == 10
    assert build_text(grown) is None


def test_two_do_not_build_the_same_words(store: Path, few: None) -> None:
    view = stock(store, products(8))
    (store / "text").mkdir()
    with (
        WriteLock(store / "text" / "lock", purpose="building the words"),
        pytest.raises(StoreLockedError, match="building the words"),
    ):
        build_text(view)


def test_searches_in_several_threads_and_processes_add_a_change_once(store: Path) -> None:
    stock(store, products(5))
    view = stock(store, products(5, first=5))
    answers: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(found(view, "thing"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(answer) for answer in answers] == [10] * 6
    with WordsDatabase(store / "text" / "words-1.db") as database:
        assert database.filled == 10


def test_words_that_are_added_leave_searches_under_way_alone(store: Path) -> None:
    stock(store, products(1))
    indexed(open_store(store))
    with WordsDatabase(store / "text" / "words-1.db", writable=True) as database:
        before = database.vocabulary()
        new = SegmentProducts([Product("new", "Umbrella")], np.ones(1, np.bool_))
        database.add({"new": new})
        assert database.vocabulary().near("umbrela") == ["umbrella"]
        assert before.near("umbrela") == []


def test_a_sqlite_without_fts5_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "features.text.database._SCHEMA", "CREATE VIRTUAL TABLE words USING no_fts5(a)"
    )
    with pytest.raises(TextSearchError, match="built with FTS5"):
        WordsDatabase(None, new=True)


def test_products_without_any_text_are_no_trouble(store: Path) -> None:
    bare = replace(Product("p0"), attributes={"": ""})
    view = stock(store, [bare])
    assert found(view, "thing") == []
    assert found(view, "p0") == ["p0"]
