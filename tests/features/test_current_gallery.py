"""A newer version of a store is opened beside the one that searches go on with."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from features.catalog import read_catalog
from features.errors import StoreCorruptError
from features.extractors import Extractor
from features.pipeline import build_store
from features.search.current import CurrentGallery
from features.search.gallery import Gallery, Mark, gallery_mark, load_gallery
from tests.helpers import pictures_in, shop

LONG_S = 30.0
AT_ONCE_S = 0.05


@dataclass
class Store:
    """A real store whose opening can be held up, and counted."""

    folder: Path
    extractor: Extractor
    free: threading.Event = field(default_factory=threading.Event)
    openings: int = 0
    error: Exception | None = None

    def newest(self) -> Mark:
        return gallery_mark(self.folder)

    def load(self, previous: Gallery | None) -> Gallery:
        gallery = load_gallery(self.folder, self.extractor.spec, "auto", previous)
        self.openings += 1
        assert self.free.wait(LONG_S)
        if self.error is not None:
            raise self.error
        return gallery

    def change(self, products: int) -> None:
        fill(self.folder, products, self.extractor)


@pytest.fixture
def store(tmp_path: Path, extractor: Extractor) -> Iterator[Store]:
    store = Store(tmp_path / "store", extractor)
    store.change(2)
    store.free.set()
    yield store
    store.free.set()


def fill(folder: Path, products: int, extractor: Extractor) -> None:
    catalog = read_catalog(shop(folder.parent, products))
    build_store(catalog, pictures_in(folder.parent), folder, extractor)


def pictures(current: CurrentGallery) -> int:
    return current.get().view.picture_count


def test_a_change_is_seen_by_the_next_search(store: Store) -> None:
    current = CurrentGallery(store.newest, store.load, LONG_S)
    assert pictures(current) == 2
    for products in (3, 5, 4):
        store.change(products)
        assert pictures(current) == products
    assert store.openings == 4


def test_searches_go_on_with_the_version_before_while_a_newer_one_takes_long(store: Store) -> None:
    current = CurrentGallery(store.newest, store.load, AT_ONCE_S)
    store.free.clear()
    store.change(3)
    started = time.monotonic()
    assert [pictures(current) for _ in range(50)] == [2] * 50
    assert time.monotonic() - started < LONG_S / 10
    store.free.set()
    assert wait_for(current, 3) == 3
    assert store.openings == 2


def test_a_change_during_an_opening_is_seen_by_the_search_after_it(store: Store) -> None:
    """What was being opened is older than the change: waiting for that alone is not enough."""
    current = CurrentGallery(store.newest, store.load, LONG_S)
    store.free.clear()
    store.change(3)
    seen: list[int] = []
    searches = [threading.Thread(target=lambda: seen.append(pictures(current))) for _ in range(2)]
    searches[0].start()
    while store.openings < 2:
        time.sleep(0.001)
    store.change(4)
    searches[1].start()
    store.free.set()
    for search in searches:
        search.join()
    assert pictures(current) == 4
    assert seen[-1] == 4
    assert store.openings == 3


def test_a_version_that_cannot_be_opened_is_told_and_tried_again(store: Store) -> None:
    current = CurrentGallery(store.newest, store.load, LONG_S)
    store.error = StoreCorruptError("torn")
    store.change(3)
    for _ in range(2):
        with pytest.raises(StoreCorruptError, match="torn"):
            current.get()
    store.error = None
    assert pictures(current) == 3


def test_searches_that_have_waited_enough_do_not_fail_of_an_opening_that_just_ends(
    store: Store,
) -> None:
    opened = load_gallery(store.folder, store.extractor.spec, "auto")
    newest, free, problems = [opened.mark], threading.Event(), list[Exception]()

    def load(previous: Gallery | None) -> Gallery:
        assert previous is None or free.wait(LONG_S)
        return replace(opened, mark=newest[0])

    def search() -> None:
        try:
            while current.get().mark != newest[0]:
                pass
        except Exception as error:  # noqa: BLE001 - seen below
            problems.append(error)

    current = CurrentGallery(lambda: newest[0], load, 0.0)
    for version in range(100):
        newest[0] = ((version, version), 0, 0)
        threads = [threading.Thread(target=search) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.002)
        free.set()
        for thread in threads:
            thread.join()
        free.clear()
    assert problems == []


def test_where_no_thread_can_be_had_a_search_opens_the_newer_version_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = CurrentGallery(store.newest, store.load, LONG_S)
    store.change(3)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more_threads)
        assert pictures(current) == 3
    store.change(4)
    assert pictures(current) == 4


def no_more_threads(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_an_opening_that_ends_with_a_timeout_is_an_error_and_no_lack_of_patience(
    store: Store,
) -> None:
    current = CurrentGallery(store.newest, store.load, LONG_S)
    store.error = TimeoutError("the disk did not answer")
    store.change(3)
    with pytest.raises(TimeoutError, match="disk"):
        current.get()


def wait_for(current: CurrentGallery, wanted: int) -> Any:
    """What is seen once it is as wanted, or when the time is over."""
    until = time.monotonic() + LONG_S
    while pictures(current) != wanted and time.monotonic() < until:
        time.sleep(0.005)
    return pictures(current)
