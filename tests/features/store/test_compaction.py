"""Compaction: nothing that can be found changes, and little is rewritten."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import StoreCorruptError
from features.store import StoreView, StoreWriter, open_store
from features.store.compaction import LARGEST, Layout
from features.store.manifest import Segment, SegmentFile
from features.types import GalleryPicture, Product
from tests.helpers import ROOT, TINY, gallery, run_python


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def writer(folder: Path) -> Iterator[StoreWriter]:
    with StoreWriter(folder, TINY) as opened:
        yield opened


def layout(*counts: int, deleted: tuple[int, ...] = ()) -> Layout:
    file = SegmentFile("", 0, "")
    segments = [Segment(n, count, file, file, file) for n, count in enumerate(counts)]
    return Layout(segments, np.array(deleted, np.int64))


def found(view: StoreView) -> dict[str, tuple[object, ...]]:
    """All that can be found: of each product its description and its pictures with vectors."""
    return {
        key: (
            product,
            sorted(
                (view.pictures[r].location, *view.vector(r).tolist()) for r in view.rows_of(key)
            ),
        )
        for key, product in view.products.items()
    }


def counts(view: StoreView) -> list[int]:
    return [segment.count for segment in view.manifest.segments]


def change(writer: StoreWriter, chance: random.Random, number: int) -> None:
    """One small change: a product is new, or gets another picture, another text, or goes."""
    view = writer.view()
    ids = list(view.products)
    pictures, vectors, products = gallery(1, seed=number, start=chance.randrange(40))
    known = view.rows_of(products[0].id)
    kind = chance.choice("aaardp")
    if kind == "a":
        writer.append([replace(pictures[0], location=f"{number}.jpg")], vectors, products)
    elif kind == "r":
        writer.append(pictures, vectors, [Product(products[0].id, f"{number}")], replacing=known)
    elif kind == "d":
        writer.delete(known)
    elif ids:
        writer.append([], vectors[:0], [Product(chance.choice(ids), title=f"Version {number}")])


@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_can_be_found_changes(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    with StoreWriter(folder, TINY) as writer:
        for number in range(45):
            change(writer, chance, number)
            before = found(writer.view())
            due = writer.needs_compaction
            if due or chance.random() < 0.05:
                writer.compact(everything=chance.random() < 0.1)
            assert found(open_store(folder)) == before


def test_what_is_due_is_little(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(600))
    rewritten: Counter[str] = Counter()
    for number in range(100):
        writer.append(*gallery(1, start=600 + number))
        if writer.needs_compaction:
            old = {segment.number for segment in writer.view().manifest.segments}
            writer.compact()
            assert not writer.needs_compaction
            for part in writer.view().parts:
                if part.segment.number not in old:
                    rewritten.update(picture.product_id for picture in part.pictures)
    assert counts(writer.view())[0] == 600
    assert not [key for key in rewritten if key < "p0600"]
    assert max(rewritten.values()) == 2
    assert len(counts(writer.view())) <= 1 + 8 + 8
    assert writer.view().picture_count == 700


def test_segments_of_one_size_are_merged_and_others_stay() -> None:
    assert layout().due() == frozenset()
    assert layout(*[1] * 8).due() == frozenset()
    assert layout(*[1] * 9).due() == frozenset(range(9))
    assert layout(500, *[7] * 9, 70).due() == frozenset(range(1, 10))
    assert layout(500, *[0] * 9).due() == frozenset(range(1, 10))
    assert layout(*[500] * 4, *[8] * 8, *[1] * 9).due() == frozenset(range(4, 21))


def test_large_segments_are_merged_no_more() -> None:
    assert layout(*[LARGEST // 2] * 40).due() == frozenset()
    assert layout(*[LARGEST // 2 - 1] * 9).due() == frozenset(range(9))


def test_a_segment_that_lost_more_than_a_quarter_is_rewritten() -> None:
    assert layout(100, 16, deleted=(100, 101, 102, 103)).due() == frozenset()
    assert layout(100, 16, deleted=(100, 101, 102, 103, 115)).due() == frozenset({1})
    assert layout(100, 2, deleted=(100, 101)).due() == frozenset()
    assert layout(4, 4, 4, deleted=(0, 8, 9)).due() == frozenset()
    assert layout(4, 4, 4, deleted=(0, 8, 9, 10)).due() == frozenset({0, 2})


def test_deleted_rows_of_segments_that_stay_are_numbered_anew(
    folder: Path, writer: StoreWriter
) -> None:
    for start, count in ((0, 10), (10, 100), (110, 10)):
        writer.append(*gallery(count, seed=start, start=start))
    writer.delete([*range(5), 50, 115])
    expected = found(writer.view())
    writer.compact()
    view = open_store(folder)
    assert counts(view) == [100, 10, 5]
    assert [view.pictures[row].product_id for row in np.flatnonzero(~view.live)] == [
        "p0050",
        "p0115",
    ]
    assert found(view) == expected


def test_the_newest_description_stays_the_newest(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(20))
    writer.append(
        [], np.zeros((0, 4), np.float32), [Product("p0001", "new"), Product("p0012", "x")]
    )
    writer.delete(range(10, 20))
    writer.append(*gallery(2, start=1))
    writer.compact()
    view = open_store(folder)
    assert counts(view) == [0, 2, 10]
    assert view.products["p0001"].title == "Title of p0001"
    assert "p0012" not in view.products


def test_descriptions_without_rows_are_merged_and_dropped_with_their_product(
    folder: Path, writer: StoreWriter
) -> None:
    writer.append(*gallery(80))
    for number in range(10):
        product = Product(f"p{number % 3:04}", title=f"Version {number}")
        writer.append([], np.zeros((0, 4), np.float32), [product])
    writer.delete([2])
    writer.compact()
    view = open_store(folder)
    assert counts(view) == [80, 0]
    assert [product.id for product in view.parts[1].products] == ["p0000", "p0001"]
    assert [view.products[f"p000{n}"].title for n in (0, 1)] == ["Version 9", "Version 7"]


def test_nothing_is_left_of_changes_that_came_to_nothing(folder: Path, writer: StoreWriter) -> None:
    writer.append(*gallery(80))
    for number in range(9):
        writer.append(*gallery(1, start=100 + number))
        writer.delete([80 + number])
    writer.compact()
    assert counts(open_store(folder)) == [80]
    assert len(list(folder.glob("vectors-*.npy"))) == 1


def test_rows_are_split_into_segments_that_are_large(tmp_path: Path) -> None:
    count = LARGEST + 3
    pictures = [GalleryPicture("one", f"{n}", "0" * 32) for n in range(count)]
    vectors = np.arange(4 * count, dtype=np.float32).reshape(count, 4)
    with StoreWriter(tmp_path / "store", TINY) as writer:
        writer.append(pictures, vectors, [Product("one")])
        writer.compact(everything=True)
        view = writer.view()
        assert counts(view) == [LARGEST // 2 + 2, LARGEST // 2 + 1]
        assert not writer.needs_compaction
    np.testing.assert_array_equal(np.concatenate(view.blocks), vectors)
    assert view.pictures == tuple(pictures)


def test_no_file_name_is_given_twice(folder: Path, writer: StoreWriter) -> None:
    given: list[str] = []
    for _ in range(4):
        for _ in range(3):
            writer.append(*gallery(2))
            given.append(writer.view().manifest.segments[-1].vectors.name)
        writer.compact(everything=True)
        given.append(writer.view().manifest.segments[-1].vectors.name)
        writer.delete(range(writer.view().manifest.rows))
        writer.compact()
        assert counts(writer.view()) == []
    assert len(set(given)) == len(given) == 16


def test_a_store_of_an_earlier_version_goes_on_numbering(folder: Path) -> None:
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(2))
        writer.append(*gallery(2, start=2))
    manifest = folder / "manifest.json"
    text = manifest.read_text()
    assert ' "numbered": 2,\n' in text
    manifest.write_text(text.replace(' "numbered": 2,\n', ""))
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(2, start=4))
        assert [segment.number for segment in writer.view().manifest.segments] == [1, 2, 3]


@pytest.mark.parametrize("name", ["rows-0001.csv", "products-0002.csv", "vectors-0002.npy"])
def test_damage_is_found_before_anything_is_rewritten(folder: Path, name: str) -> None:
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(80))
        for number in range(9):
            writer.append([], np.zeros((0, 4), np.float32), [Product(f"p000{number}", "new")])
        path = folder / name
        path.write_bytes(path.read_bytes()[:-1])
        before = sorted(folder.iterdir())
        with pytest.raises(StoreCorruptError, match=name):
            writer.compact()
        assert sorted(folder.iterdir()) == before


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from features.errors import StoreWriteError
from features.store import StoreWriter
from tests.helpers import TINY, gallery
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with StoreWriter(Path(sys.argv[1]), TINY) as writer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
    for attempt in (
        lambda: writer.append(*gallery(900, start=1000), replacing=[0, 1]),
        lambda: writer.compact(everything=True),
        lambda: writer.delete(range(10, 1300)),
    ):
        try:
            attempt()
        except StoreWriteError as error:
            print(error)
    writer.append(*gallery(1, start=1000), replacing=[2])
"""


def test_a_full_disk_leaves_a_change_undone_as_a_whole(folder: Path, writer: StoreWriter) -> None:
    for start in range(0, 1500, 100):
        writer.append(*gallery(100, seed=start, start=start))
    before = found(writer.view())
    writer.close()
    done = run_python("-c", FULL_DISK, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("What was stored before is unharmed") == 3
    view = open_store(folder)
    assert view.rows_of("p1000") == [1000, 1500]
    assert {**found(view), "p0002": 0, "p1000": 0} == {**before, "p0002": 0, "p1000": 0}


REPLACE_FOR_EVER = """
import random, sys
from pathlib import Path
from features.store import StoreWriter
from tests.helpers import TINY, gallery
with StoreWriter(Path(sys.argv[1]), TINY) as writer:
    print(flush=True)
    chance = random.Random(writer.view().version)
    while True:
        start = chance.randrange(30)
        rows = writer.view().rows_of(f"p{start:04}")
        writer.append(*gallery(1, seed=writer.view().version, start=start), replacing=rows)
        if writer.needs_compaction:
            writer.compact(everything=chance.random() < 0.2)
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_each_product_with_one_picture(folder: Path) -> None:
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(30))
    versions = []
    for attempt in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", REPLACE_FOR_EVER, folder], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.03 + 0.017 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        view = open_store(folder, TINY)
        versions.append(view.version)
        assert [len(view.rows_of(f"p{n:04}")) for n in range(30)] == [1] * 30
        assert (view.picture_count, len(view.products)) == (30, 30)
    assert versions[-1] > versions[0]
