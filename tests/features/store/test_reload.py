"""Opening a store again: what stayed is taken over, and the result is that of a fresh opening."""

import random
import threading
from pathlib import Path

import numpy as np
import pytest

from features.errors import FingerprintMismatchError, StoreCorruptError, StoreNotFoundError
from features.index import build_index
from features.store import StoreView, StoreWriter, open_store
from tests.features.store.test_compaction import change, found
from tests.helpers import TINY, gallery


def check_same(view: StoreView, fresh: StoreView) -> None:
    """Two views show the very same version."""
    assert (view.manifest, view.pictures) == (fresh.manifest, fresh.pictures)
    assert list(view.products.items()) == list(fresh.products.items())
    assert list(view.by_content.items()) == list(fresh.by_content.items())
    np.testing.assert_array_equal(view.live, fresh.live)
    for block, same in zip(view.blocks, fresh.blocks, strict=True):
        np.testing.assert_array_equal(block, same)
    assert found(view) == found(fresh)


@pytest.mark.parametrize("seed", range(4))
def test_a_view_that_follows_is_as_one_opened_afresh(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    queries = gallery(3, seed=seed)[1]
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(*gallery(30))
        view = open_store(tmp_path)
        index = build_index(view.blocks)
        for number in range(50):
            change(writer, chance, number)
            if writer.needs_compaction or chance.random() < 0.05:
                writer.compact(everything=chance.random() < 0.2)
            if chance.random() < 0.6:
                view = open_store(tmp_path, TINY, previous=view)
                index = build_index(view.blocks, previous=index)
                fresh = open_store(tmp_path)
                check_same(view, fresh)
                expected = build_index(fresh.blocks).search(queries, 7, fresh.live)
                assert index.search(queries, 7, view.live) == expected


def test_segments_that_stayed_are_not_read_again(tmp_path: Path) -> None:
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(*gallery(20))
        before = open_store(tmp_path)
        writer.append(*gallery(1, start=20), replacing=[3])
        after = open_store(tmp_path, previous=before)
    assert after.parts[0] is before.parts[0]
    assert (after.picture_count, before.picture_count) == (20, 20)
    assert (after.rows_of("p0003"), before.rows_of("p0003")) == ([], [3])


def test_a_view_of_another_folder_is_no_help_and_no_harm(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        with StoreWriter(tmp_path / name, TINY) as writer:
            writer.append(*gallery(5, seed=seed))
    view = open_store(tmp_path / "two", previous=open_store(tmp_path / "one"))
    check_same(view, open_store(tmp_path / "two"))


def test_a_store_made_anew_in_the_same_folder_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(5, seed=1))
    before = open_store(folder)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(StoreNotFoundError):
        open_store(folder, previous=before)
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(5, seed=2))
    check_same(open_store(folder, previous=before), open_store(folder))


def test_damage_is_found_in_what_is_taken_over_and_in_what_is_new(tmp_path: Path) -> None:
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(*gallery(5))
        before = open_store(tmp_path)
        writer.append(*gallery(5, start=5))
    for name in ("vectors-0001.npy", "rows-0002.csv"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[:-1])
        with pytest.raises(StoreCorruptError, match=name):
            open_store(tmp_path, previous=before)
        (tmp_path / name).write_bytes(whole)
    assert open_store(tmp_path, previous=before).picture_count == 10


def test_the_extractor_is_checked_each_time(tmp_path: Path) -> None:
    other = TINY.__class__("other", 4, 8, "none", "1" * 64)
    StoreWriter(tmp_path, TINY).close()
    with pytest.raises(FingerprintMismatchError):
        open_store(tmp_path, other, previous=open_store(tmp_path))


def test_a_store_opens_while_it_changes_all_the_time(tmp_path: Path) -> None:
    stop = threading.Event()

    def change_for_ever() -> None:
        chance = random.Random(1)
        with StoreWriter(tmp_path, TINY) as writer:
            while not stop.is_set():
                start = chance.randrange(60)
                rows = writer.view().rows_of(f"p{start:04}")
                writer.append(*gallery(1, start=start), replacing=rows)
                if writer.needs_compaction:
                    writer.compact()

    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(*gallery(60))
    thread = threading.Thread(target=change_for_ever)
    thread.start()
    try:
        views = [open_store(tmp_path)]
        while thread.is_alive() and (len(views) < 40 or views[-1].version < 10):
            views.append(open_store(tmp_path))
    finally:
        stop.set()
        thread.join()
    assert {(view.picture_count, len(view.products)) for view in views} == {(60, 60)}
    assert views[-1].version > views[0].version
