"""The store: what goes in comes out, and nothing else ever does."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from features.disk import flush_folder
from features.errors import (
    FingerprintMismatchError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreNotFoundError,
    StoreWriteError,
)
from features.store import (
    MANIFEST,
    StoreView,
    StoreWriter,
    open_store,
    read_manifest,
    store_version,
)
from features.types import GalleryPicture, Product
from tests.helpers import ROOT, TINY, gallery, run_python


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def writer(folder: Path, tmp_path: Path) -> Iterator[StoreWriter]:
    with StoreWriter(folder, TINY, tmp_path) as opened:
        yield opened


def filled(folder: Path, *counts: int) -> StoreView:
    """A store with a segment of each count."""
    with StoreWriter(folder, TINY, folder.parent) as writer:
        start = 0
        for count in counts:
            writer.append(*gallery(count, seed=start, start=start))
            start += count
    return open_store(folder)


def live_rows(view: StoreView) -> dict[str, tuple[float, ...]]:
    return {
        view.pictures[row].product_id: tuple(view.vector(row).tolist())
        for row in np.flatnonzero(view.live).tolist()
    }


def test_what_was_written_is_read_back(folder: Path, tmp_path: Path, writer: StoreWriter) -> None:
    first, second = gallery(5), gallery(3, seed=1, start=5)
    writer.append(*first)
    writer.append(*second)
    view = open_store(folder, TINY)
    assert view.pictures == (*first[0], *second[0])
    assert view.products == {product.id: product for product in (*first[2], *second[2])}
    np.testing.assert_array_equal(
        np.concatenate(view.blocks), np.concatenate([first[1], second[1]])
    )
    assert (view.picture_count, view.spec) == (8, TINY)
    assert view.pictures_root == tmp_path.resolve()
    np.testing.assert_array_equal(view.vector(6), second[1][1])
    with pytest.raises(IndexError):
        view.vector(8)
    assert view.by_content[second[0][0].content_hash] == second[0][0]


ODD_TEXTS = [
    "NA",
    "null",
    "None",
    "nan",
    "007",
    "1e5",
    "True",
    'a "quoted" word',
    '"',
    "two\nlines",
    "a lone \r in the middle",
    "\r",
    "Windows\r\nlines",
    "commas, and; semicolons\tand tabs",
    "🧢 naïve 靴",
    " spaces around ",
    "# no comment",
    "back\\slash",
    "=1+1",
    "\u2028\u0085",
    "",
]


def test_odd_texts_survive(folder: Path, writer: StoreWriter) -> None:
    products = [
        Product(
            f"{number}{text}",
            title=text,
            description=text,
            category=text,
            price=Decimal("1299.90") if number % 2 else None,
            currency="EUR",
            brand=text,
            url=text,
            availability=text,
            attributes={text: text, "more": "{}"},
        )
        for number, text in enumerate(ODD_TEXTS)
    ]
    products.append(Product("NA"))
    pictures = [GalleryPicture(product.id, product.id + ".jpg", "0" * 32) for product in products]
    writer.append(pictures, np.zeros((len(pictures), 4), np.float32), products)
    view = open_store(folder)
    assert view.pictures == tuple(pictures)
    assert view.products == {product.id: product for product in products}
    writer.compact(everything=True)
    assert open_store(folder).products == view.products


def test_a_later_product_replaces_the_earlier(folder: Path, writer: StoreWriter) -> None:
    pictures, vectors, products = gallery(2)
    writer.append(pictures, vectors, products)
    writer.append([], vectors[:0], [replace(products[0], title="New")])
    assert open_store(folder).products["p0000"].title == "New"
    writer.compact(everything=True)
    assert open_store(folder).products["p0000"].title == "New"


def test_files_that_the_manifest_does_not_name_do_not_exist(folder: Path) -> None:
    before = filled(folder, 3)
    stray = ["vectors-0099.npy", "rows-0099.csv", "products-0099.csv", "deleted-0099.npy"]
    for name in (*stray, f"{MANIFEST}.draft"):
        (folder / name).write_bytes(b"half a file")
    kept = ["notes.txt", "products-export.csv", "my.draft"]
    for name in kept:
        (folder / name).write_text("not the store's")
    assert live_rows(open_store(folder)) == live_rows(before)
    with StoreWriter(folder, TINY, folder.parent):
        names = {path.name for path in folder.iterdir()}
    assert not names & {*stray, f"{MANIFEST}.draft"}
    assert names >= set(kept)


def test_a_store_is_not_begun_among_files_it_would_sweep_away(tmp_path: Path) -> None:
    feed = tmp_path / "products-2024.csv"
    feed.write_text("id,image\n")
    with pytest.raises(StoreError, match=r"products-2024\.csv"):
        StoreWriter(tmp_path, TINY, tmp_path)
    assert feed.exists()


def test_a_store_that_lost_its_manifest_is_not_swept_away(folder: Path) -> None:
    filled(folder, 3)
    (folder / MANIFEST).unlink()
    with pytest.raises(StoreNotFoundError):
        open_store(folder)
    with pytest.raises(StoreError, match=r"\.npy|\.csv"):
        StoreWriter(folder, TINY, folder.parent)
    assert (folder / "vectors-0001.npy").exists()


@pytest.mark.parametrize("name", ["vectors-0001.npy", "rows-0002.csv", "products-0001.csv"])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "longer"])
def test_a_torn_file_is_named(folder: Path, name: str, damage: str) -> None:
    filled(folder, 3, 2)
    path = folder / name
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:-1], "empty": b"", "longer": whole + b"\n"}.get(damage, whole))
    if damage == "missing":
        path.unlink()
    with pytest.raises(StoreCorruptError, match=name):
        open_store(folder)


def test_damage_that_keeps_the_size_is_an_error_or_harmless(folder: Path) -> None:
    filled(folder, 3, 2)
    with StoreWriter(folder, TINY, folder.parent) as writer:
        writer.delete([1])
    chance = random.Random(3)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for _ in range(40 if whole else 0):
            data = bytearray(whole)
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            path.write_bytes(data)
            try:
                assert len(open_store(folder).pictures) == 5
            except StoreError:
                continue
        path.write_bytes(whole)


def test_a_changed_byte_in_a_table_is_noticed(folder: Path) -> None:
    filled(folder, 3)
    path = folder / "rows-0001.csv"
    path.write_bytes(path.read_bytes().replace(b"p0001,", b"p0007,"))
    with pytest.raises(StoreCorruptError, match=r"rows-0001\.csv"):
        open_store(folder)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '"x"', '{"format": 1}', '{"format": 1, "segments": 3}', "\udcff"],
)
def test_a_damaged_manifest_says_so(folder: Path, text: str) -> None:
    filled(folder, 2)
    (folder / MANIFEST).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(StoreCorruptError, match=MANIFEST):
        open_store(folder)
    with pytest.raises(StoreCorruptError):
        StoreWriter(folder, TINY, folder.parent)
    assert (folder / "vectors-0001.npy").exists()


def test_a_newer_format_is_refused(folder: Path) -> None:
    filled(folder, 2)
    data = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**data, "format": 2}))
    with pytest.raises(StoreCorruptError, match=r"format 2.* format 1"):
        open_store(folder)


def test_another_extractor_is_refused_with_both_names(folder: Path) -> None:
    filled(folder, 2)
    other = replace(TINY, name="huge", dim=9)
    for attempt in (
        lambda: open_store(folder, other),
        lambda: StoreWriter(folder, other, folder.parent),
    ):
        with pytest.raises(FingerprintMismatchError) as caught:
            attempt()
        for spec in (TINY, other):
            assert spec.name in str(caught.value)
            assert spec.fingerprint in str(caught.value)
    assert open_store(folder).picture_count == 2


def test_a_second_writer_is_told_who_writes(folder: Path, writer: StoreWriter) -> None:
    with pytest.raises(StoreLockedError, match=r"process \d+ is writing"):
        StoreWriter(folder, TINY, folder.parent)
    writer.append(*gallery(1))
    writer.close()
    with StoreWriter(folder, TINY, folder.parent) as again:
        assert again.view().picture_count == 1


def test_who_must_wait_is_told_for_what_and_since_when(folder: Path) -> None:
    with (
        StoreWriter(folder, TINY, purpose="importing feed\n.csv"),
        pytest.raises(StoreLockedError, match=r"is importing feed \.csv since 20\d\d-") as caught,
    ):
        StoreWriter(folder, TINY)
    assert f"process {os.getpid()} " in str(caught.value)
    assert (folder / ".lock").read_text() == ""


def test_a_writer_waits_as_long_as_it_is_told(folder: Path) -> None:
    first = StoreWriter(folder, TINY)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(StoreWriter, folder, TINY, wait=20)
        with pytest.raises(FutureTimeoutError):
            second.result(0.1)
        first.close()
        second.result(20).close()


def test_a_dead_writer_keeps_nobody_out_and_its_name_is_not_told(folder: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from features.store import StoreWriter
from tests.helpers import TINY
writer = StoreWriter(Path(sys.argv[1]), TINY, purpose="dying")
os.kill(os.getpid(), 9)
"""
    assert run_python("-c", code, folder).returncode == -signal.SIGKILL
    assert "dying" in (folder / ".lock").read_text()
    with (
        StoreWriter(folder, TINY, purpose="living"),
        pytest.raises(StoreLockedError, match="living") as caught,
    ):
        StoreWriter(folder, TINY)
    assert "dying" not in str(caught.value)


def test_the_root_of_the_pictures_stays_unless_another_is_given(tmp_path: Path) -> None:
    StoreWriter(tmp_path / "new", TINY).close()
    assert open_store(tmp_path / "new").pictures_root == tmp_path / "new"
    filled(tmp_path / "store", 1)
    StoreWriter(tmp_path / "store", TINY).close()
    assert open_store(tmp_path / "store").pictures_root == tmp_path
    StoreWriter(tmp_path / "store", TINY, tmp_path / "other").close()
    assert open_store(tmp_path / "store").pictures_root == tmp_path / "other"


def test_a_store_that_replaces_another_goes_on_counting(folder: Path) -> None:
    with StoreWriter(folder, TINY, first_version=41) as writer:
        writer.append(*gallery(1))
        assert writer.view().version == 42
    with StoreWriter(folder, TINY, first_version=7) as writer:
        assert writer.view().version == 42


def test_replacing_adds_and_deletes_in_one_commit(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(3))
    before = open_store(folder)
    pictures, vectors, products = gallery(1, seed=7, start=1)
    writer.append(pictures, vectors, [replace(products[0], title="New")], replacing=[1])
    after = open_store(folder)
    assert after.version == before.version + 1
    assert after.rows_of("p0001") == [3]
    assert (after.picture_count, after.products["p0001"].title) == (3, "New")
    np.testing.assert_array_equal(after.vector(3), vectors[0])
    assert before.rows_of("p0001") == [1]


def test_a_change_that_does_not_fit_the_store_changes_nothing(
    folder: Path, writer: StoreWriter
) -> None:
    writer.append(*gallery(3))
    version = open_store(folder).version
    pictures, vectors, products = gallery(2, start=3)
    for wrong in (vectors[:1], vectors[:, :3], vectors[0]):
        with pytest.raises(ValueError, match="shape"):
            writer.append(pictures, wrong, products)
    for row in (3, -1):
        with pytest.raises(IndexError):
            writer.append(pictures, vectors, products, replacing=[row])
        with pytest.raises(IndexError):
            writer.delete([0, row])
    writer.append([], vectors[:0], [])
    writer.delete([])
    assert open_store(folder).version == version


def test_deletions_leave_one_file_however_many_there_are(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(20))
    for row in range(10):
        writer.delete([row, row])
    assert len(list(folder.glob("deleted-*.npy"))) == 1
    assert open_store(folder).picture_count == 10


def test_rows_and_pictures_are_found_by_product_and_by_content(
    folder: Path, writer: StoreWriter
) -> None:
    names = [("a", "1.jpg", "x"), ("b", "2.jpg", "y"), ("a", "3.jpg", "x"), ("a", "4.jpg", "z")]
    pictures = [GalleryPicture(*name) for name in names]
    products = [Product("a"), Product("b"), Product("unseen")]
    writer.append(pictures[:2], np.zeros((2, 4), np.float32), products)
    writer.append(pictures[2:], np.zeros((2, 4), np.float32), [])
    view = open_store(folder)
    assert [view.rows_of(key) for key in ("a", "b", "unseen", "no")] == [[0, 2, 3], [1], [], []]
    assert view.by_content == {"x": pictures[2], "y": pictures[1], "z": pictures[3]}
    assert set(view.products) == {"a", "b"}
    writer.delete([1, 2])
    view = open_store(folder)
    assert [view.rows_of(key) for key in ("a", "b")] == [[0, 3], []]
    assert view.by_content == {"x": pictures[0], "z": pictures[3]}
    assert (list(view.products), len(view.products), "b" in view.products) == (["a"], 1, False)


def test_pictures_are_a_sequence_that_is_read_piece_by_piece(
    folder: Path, writer: StoreWriter
) -> None:
    pictures, vectors, products = gallery(7)
    writer.append(pictures[:3], vectors[:3], products)
    writer.append(pictures[3:], vectors[3:], [])
    writer.delete([2, 5])
    view = open_store(folder)
    assert (view.pictures[2:5], view.pictures[-1]) == (tuple(pictures[2:5]), pictures[6])
    assert view.pictures[np.int64(3)] == pictures[3]
    assert (view.pictures == pictures[:6], view.pictures == pictures) == (False, True)
    assert list(view.live_pictures) == [pictures[row] for row in (0, 1, 3, 4, 6)]
    for outside in (7, -8):
        with pytest.raises(IndexError):
            view.pictures[outside]


def test_a_row_leads_to_the_newest_description_of_its_product(
    folder: Path, writer: StoreWriter
) -> None:
    pictures = [GalleryPicture(key, f"{key}.jpg", key) for key in ("a", "b", "bare")]
    writer.append(pictures, np.zeros((3, 4), np.float32), [Product("b"), Product("a", "Old")])
    twice = [Product("a", "Newer"), Product("c"), Product("a", "Newest")]
    writer.append([], np.zeros((0, 4), np.float32), twice)
    view = open_store(folder)
    assert [view.product_of(row) for row in (0, 1)] == [Product("a", "Newest"), Product("b")]
    assert view.products == {"b": Product("b"), "a": Product("a", "Newest")}
    assert list(view.products) == ["b", "a"]
    with pytest.raises(KeyError, match="bare"):
        view.product_of(2)


def test_an_unused_folder_holds_no_store(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none", tmp_path / "file" / "below"):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreNotFoundError, match=r"extract_features\.py"):
            open_store(folder)
        with pytest.raises(StoreNotFoundError):
            store_version(folder)


def test_deleting_and_compacting_keep_exactly_the_live_rows(
    folder: Path, writer: StoreWriter
) -> None:
    for number in range(4):
        writer.append(*gallery(5, seed=number, start=5 * number))
    expected = live_rows(writer.view())
    for gone in ([0, 19], [7], [7, 8], [], range(10, 14)):
        writer.delete(gone)
        for row in gone:
            expected.pop(f"p{row:04}", None)
        view = open_store(folder)
        assert live_rows(view) == expected
        assert set(view.products) == set(expected)
        assert view.picture_count == len(expected)
    writer.compact()
    view = open_store(folder)
    assert live_rows(view) == expected
    assert view.live.all()
    assert len(view.pictures) == len(expected)
    named = {file.name for file in view.manifest.files}
    assert {path.name for path in folder.iterdir()} == {*named, MANIFEST, ".lock"}


def test_a_store_can_be_emptied_and_filled_again(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(3))
    writer.delete([0, 1, 2])
    assert (open_store(folder).picture_count, open_store(folder).products) == (0, {})
    assert writer.needs_compaction
    writer.compact()
    assert open_store(folder).picture_count == 0
    writer.append(*gallery(2, seed=5))
    assert open_store(folder).picture_count == 2


def test_many_small_segments_are_worth_compacting(writer: StoreWriter) -> None:
    for number in range(9):
        assert not writer.needs_compaction
        writer.append(*gallery(1, start=number))
    assert writer.needs_compaction
    writer.compact()
    assert not writer.needs_compaction


def test_a_reader_keeps_the_version_that_it_opened(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(4))
    old = open_store(folder)
    before = live_rows(old)
    writer.delete([0, 1])
    writer.compact()
    writer.append(*gallery(2, seed=9, start=10))
    assert live_rows(old) == before
    assert set(live_rows(open_store(folder))) == {"p0002", "p0003", "p0010", "p0011"}


def test_a_change_that_is_interrupted_once_it_is_committed_stays(
    folder: Path, writer: StoreWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that is ended with Ctrl+C still stores what it has."""
    writer.append(*gallery(3))

    def interrupted(folder: Path) -> None:
        flush_folder(folder)
        if read_manifest(folder).version == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("features.store.disk.flush_folder", interrupted)
        writer.append(*gallery(4, seed=1, start=3), replacing=[0])
    seen = open_store(folder)
    before = live_rows(seen)
    assert list(before) == ["p0001", "p0002", "p0003", "p0004", "p0005", "p0006"]
    writer.append(*gallery(2, seed=2, start=7), replacing=[1])
    assert list(live_rows(open_store(folder))) == [*list(before)[1:], "p0007", "p0008"]
    assert live_rows(seen) == before


def test_every_commit_is_seen_at_a_glance(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(40))
    marks = {store_version(folder)}
    for row in range(40):
        writer.delete([row])
        marks.add(store_version(folder))
    assert len(marks) == 41


def test_a_store_moves_together_with_its_pictures(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    filled(tmp_path / "here" / "store", 2)
    (tmp_path / "here").rename(tmp_path / "there")
    assert open_store(tmp_path / "there" / "store").pictures_root == tmp_path.resolve() / "there"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    for folder in (tmp_path / "store", tmp_path / "store" / "below"):
        with pytest.raises(StoreWriteError, match="store"):
            StoreWriter(folder, TINY, tmp_path)


FILL_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from features.errors import StoreWriteError
from features.store import StoreWriter
from tests.helpers import TINY, gallery
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
with StoreWriter(folder, TINY, folder.parent) as writer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    for count in (2000, 900):
        try:
            writer.append(*gallery(count, start=10))
        except StoreWriteError as error:
            print(error)
    writer.append(*gallery(1, start=10))
"""


def test_a_full_disk_harms_nothing_that_was_stored(folder: Path) -> None:
    before = live_rows(filled(folder, 5, 5))
    done = run_python("-c", FILL_THE_DISK, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("What was stored before is unharmed") == 2
    after = live_rows(open_store(folder))
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before) == {"p0010"}


APPEND_FOR_EVER = """
import sys
from pathlib import Path
from features.store import StoreWriter
from tests.helpers import TINY, gallery
folder = Path(sys.argv[1])
with StoreWriter(folder, TINY, folder.parent) as writer:
    print(flush=True)
    while True:
        start = len(writer.view().pictures)
        writer.append(*gallery(50, seed=start, start=start))
        if start and start % 150 == 0:
            writer.compact(everything=True)
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_whole_segments(folder: Path) -> None:
    for attempt in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", APPEND_FOR_EVER, folder], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + 0.013 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        view = open_store(folder, TINY)
        count = len(view.pictures)
        assert count % 50 == 0
        assert [p.product_id for p in view.pictures] == [f"p{row:04}" for row in range(count)]
        for start in range(0, count, 50):
            _, vectors, _ = gallery(50, seed=start, start=start)
            stored = np.stack([view.vector(row) for row in range(start, start + 50)])
            np.testing.assert_array_equal(stored, vectors)
        assert len(view.products) == count
    assert count > 0
