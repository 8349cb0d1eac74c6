"""Files that are not as they were written: found, named, and the rest is opened all the same."""

import errno
from pathlib import Path

import numpy as np
import pytest

from features.errors import StoreCorruptError, StoreError
from features.store import SegmentFile, StoreView, StoreWriter, find_damage, open_store
from features.types import GalleryPicture, Product
from tests.helpers import TINY, gallery, run_python

FILES = ["vectors-0002.npy", "rows-0002.csv", "products-0002.csv"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three segments of 4, 3 and 2 pictures; p0001 and p0005 are deleted."""
    folder = tmp_path / "store"
    with StoreWriter(folder, TINY, tmp_path) as writer:
        for count, start in ((4, 0), (3, 4), (2, 7)):
            writer.append(*gallery(count, seed=start, start=start))
        writer.delete([1, 5])
    return folder


def flip(path: Path) -> None:
    """One bit, the last one: the size stays."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def found(view: StoreView) -> list[str]:
    return [picture.product_id for picture in view.live_pictures]


def test_a_whole_store_has_no_damage(folder: Path) -> None:
    assert not find_damage(folder)
    assert open_store(folder, in_part=True).missing is None


@pytest.mark.parametrize("name", [*FILES, "deleted-0004.npy"])
def test_a_changed_bit_is_found_and_named(folder: Path, name: str) -> None:
    flip(folder / name)
    assert find_damage(folder).problems == (f"the bytes of {name} have changed",)


def test_each_damaged_file_is_named_without_its_folder(folder: Path) -> None:
    for name in FILES:
        (folder / name).unlink()
    cut(folder / "vectors-0003.npy")
    problems = find_damage(folder).problems
    assert problems[:3] == tuple(f"{name} is missing" for name in FILES)
    assert problems[3].startswith("vectors-0003.npy has ")
    assert not any(str(folder) in problem for problem in problems)


def test_what_a_newer_version_replaced_is_no_damage(folder: Path) -> None:
    with StoreWriter(folder, TINY) as writer:
        writer.compact(everything=True)
    assert not (folder / "rows-0001.csv").exists()
    assert not find_damage(folder)


@pytest.mark.parametrize("name", FILES)
def test_the_other_segments_are_opened_and_what_is_missing_is_counted(
    folder: Path, name: str
) -> None:
    whole = open_store(folder)
    cut(folder / name)
    with pytest.raises(StoreCorruptError, match=r"verify_store\.py --repair"):
        open_store(folder)
    view = open_store(folder, in_part=True)
    assert found(view) == ["p0000", "p0002", "p0003", "p0007", "p0008"]
    assert sorted(view.products) == found(view)
    assert view.rows_of("p0004") == [] and view.rows_of("p0001") == []
    (row,) = view.rows_of("p0007")
    np.testing.assert_array_equal(view.vector(row), whole.vector(7))
    assert view.missing is not None
    assert (view.missing.segments, view.missing.pictures) == (1, 2)
    assert name in view.missing.problems[0]


def test_a_picture_whose_product_is_described_in_a_damaged_segment_is_not_found(
    folder: Path,
) -> None:
    with StoreWriter(folder, TINY) as writer:
        vector = np.ones((1, TINY.dim), np.float32)
        writer.append([GalleryPicture("p0004", "more.jpg", "f" * 32)], vector, [])
    (folder / "products-0002.csv").unlink()
    view = open_store(folder, in_part=True)
    assert "p0004" not in found(view)
    assert view.missing is not None and view.missing.pictures == 3
    assert all(view.product_of(row) for row in np.flatnonzero(view.live).tolist())


def test_a_store_without_one_whole_segment_is_refused(folder: Path) -> None:
    for path in folder.glob("rows-*"):
        path.unlink()
    with pytest.raises(StoreCorruptError, match=r"rows-0001\.csv"):
        open_store(folder, in_part=True)


def test_deleted_products_do_not_come_back_where_their_list_is_damaged(folder: Path) -> None:
    flip(folder / "deleted-0004.npy")
    with pytest.raises(StoreCorruptError, match=r"deleted-0004\.npy"):
        open_store(folder, in_part=True)


def test_nobody_writes_to_a_damaged_store(folder: Path) -> None:
    cut(folder / "vectors-0002.npy")
    with StoreWriter(folder, TINY) as writer, pytest.raises(StoreCorruptError):
        writer.view()


def test_a_file_that_is_put_back_is_read_again(folder: Path) -> None:
    path = folder / "vectors-0002.npy"
    whole = path.read_bytes()
    cut(path)
    damaged = open_store(folder, in_part=True)
    path.write_bytes(whole)
    mended = open_store(folder, previous=damaged, in_part=True)
    assert mended.missing is None
    assert found(mended) == found(open_store(folder))


def test_a_segment_that_is_cut_under_an_open_store_is_left_out_of_the_next_version(
    folder: Path,
) -> None:
    before = open_store(folder)
    cut(folder / "rows-0002.csv")
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(1, start=20))
    after = open_store(folder, previous=before, in_part=True)
    assert found(after) == ["p0000", "p0002", "p0003", "p0007", "p0008", "p0020"]
    assert sorted(after.products) == found(after)


def test_a_price_that_only_a_damaged_segment_told_is_the_one_before(folder: Path) -> None:
    none = np.empty((0, TINY.dim), np.float32)
    with StoreWriter(folder, TINY) as writer:
        writer.append([], none, [Product("p0000", title="A newer title")])
    cut(folder / "products-0004.csv")
    view = open_store(folder, in_part=True)
    assert view.products["p0000"].title == "Title of p0000"
    assert view.missing is not None and view.missing.pictures == 0


OPEN_WITH_FEW_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from features.errors import StoreError
from features.store import open_store
folder = Path(sys.argv[1])
open_store(folder)
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
first = os.open(os.devnull, os.O_RDONLY)
os.close(first)
for left in range(12):
    resource.setrlimit(resource.RLIMIT_NOFILE, (first + left, hard))
    try:
        print(open_store(folder, in_part=True).picture_count)
    except StoreError as error:
        print(error.code)
"""


def test_without_descriptors_a_store_is_opened_later_and_never_in_part(folder: Path) -> None:
    done = run_python("-c", OPEN_WITH_FEW_DESCRIPTORS, folder)
    said = done.stdout.split()
    assert len(said) == 12, done.stderr
    assert (said[0], said[2], said[-1]) == ("store_error", "store_error", "7")
    assert set(said) == {"store_error", "7"}


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.ENFILE, "Too many open files")])
def test_what_cannot_be_checked_for_now_is_no_damage(folder: Path, error: Exception) -> None:
    def fail(_: Path, file: SegmentFile) -> None:
        raise error

    with pytest.raises(StoreError, match="try again") as refused:
        find_damage(folder, check=fail)
    assert refused.value.code == "store_error"
