"""The vectors as a CSV table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import StoreWriteError
from features.store import StoreView, StoreWriter, open_store, write_csv
from features.types import GalleryPicture, Product
from tests.helpers import TINY, gallery


def store(folder: Path) -> StoreView:
    with StoreWriter(folder, TINY, folder.parent) as writer:
        writer.append(*gallery(3000))
        odd = GalleryPicture("a\rb", 'quote " and, comma.jpg', "f" * 32)
        extremes = np.array([[1e-38, -3.4028235e38, 1 / 3, 1e-45]], np.float32)
        writer.append([odd], extremes, [Product("a\rb")])
        writer.delete([1, 2999])
    return open_store(folder)


def test_pandas_reads_the_very_same_numbers(tmp_path: Path) -> None:
    view = store(tmp_path / "store")
    target = tmp_path / "features.csv"
    assert write_csv(view, target) == 2999
    table = pd.read_csv(target, dtype={"id": str, "image": str})
    assert list(table.columns) == ["id", "image", "f0", "f1", "f2", "f3"]
    rows = np.flatnonzero(view.live)
    vectors = table[["f0", "f1", "f2", "f3"]].to_numpy().astype(np.float32)
    np.testing.assert_array_equal(vectors, np.concatenate(view.blocks)[rows])
    assert table["id"].tolist() == [view.pictures[row].product_id for row in rows]
    assert table["image"].tolist() == [view.pictures[row].location for row in rows]


def test_an_empty_store_gives_a_header(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "store", TINY, tmp_path) as writer:
        assert write_csv(writer.view(), tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text().strip() == "id,image,f0,f1,f2,f3"


def test_a_table_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    view = store(tmp_path / "store")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for target in (
        tmp_path / "none" / "out.csv",
        tmp_path / "file" / "out.csv",
        tmp_path / "folder",
        Path(),
    ):
        with pytest.raises(StoreWriteError, match="cannot be written"):
            write_csv(view, target)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_text() == "mine"


def test_a_table_that_is_interrupted_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = store(tmp_path / "store")
    before = sorted(tmp_path.rglob("*"))

    def interrupted(*_: object) -> pd.DataFrame:
        raise KeyboardInterrupt

    monkeypatch.setattr("features.store.export._table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_csv(view, tmp_path / "out.csv")
    assert sorted(tmp_path.rglob("*")) == before
