"""Stores move into Milvus and out of it, and nothing is lost on the way."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from features.extractors import DEFAULT_EXTRACTOR
from features.index.milvus import Collection, MilvusAddress
from features.store import StoreWriter, open_store
from features.types import Product
from scripts import migrate_index
from tests.helpers import TINY, gallery

SPEC = replace(TINY, name=DEFAULT_EXTRACTOR)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    pictures, vectors, products = gallery(40)
    products[7] = Product(
        "p0007",
        title='A "title", with\nlines',
        description="日本 " * 500,
        category="Shoes > Running",
        price=Decimal("19.90"),
        currency="EUR",
        brand="Straße",
        url="https://shop.example/7?a=b&c",
        availability="in_stock",
        attributes={"Größe": "42", "colour": "Blue, Green"},
    )
    with StoreWriter(folder, SPEC, tmp_path / "pictures") as writer:
        writer.append(pictures[:25], vectors[:25], products[:25])
        writer.append(pictures[25:], vectors[25:], [*products[25:], Product("p0001", brand="New")])
        writer.delete([3, 30])
    return folder


@pytest.fixture
def uri(tmp_path: Path) -> str:
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
    return str(tmp_path / "lite.db")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["migrate_index.py", *map(str, arguments)])
    return migrate_index.main()


def test_a_store_that_went_in_and_out_is_the_same(
    store: Path,
    uri: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "to-milvus", store, "--milvus-uri", uri) == 0
    assert "38 the same, 0 missing" in capsys.readouterr().out
    back = tmp_path / "elsewhere" / "back"
    assert run(monkeypatch, "from-milvus", back, "--milvus-uri", uri, "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 38
    before, after = open_store(store), open_store(back)
    assert dict(after.products) == dict(before.products)
    assert after.pictures == tuple(
        p for p, live in zip(before.pictures, before.live, strict=True) if live
    )
    np.testing.assert_array_equal(
        after.vectors(np.arange(38)), before.vectors(np.flatnonzero(before.live))
    )
    assert after.pictures_root == before.pictures_root
    assert after.spec == before.spec


def test_a_store_is_made_in_no_folder_that_holds_others(
    store: Path,
    uri: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "to-milvus", store, "--milvus-uri", uri) == 0
    stores = tmp_path / "stores"
    (stores / DEFAULT_EXTRACTOR).mkdir(parents=True)
    for folder in (store, stores):
        assert run(monkeypatch, "from-milvus", folder, "--milvus-uri", uri) == 2
        assert f"the folder {folder} is not empty" in capsys.readouterr().err
    assert list(tmp_path.glob("*.incomplete")) == []


def test_differences_are_counted_and_the_first_are_told(
    store: Path, uri: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "to-milvus", store, "--milvus-uri", uri) == 0
    with Collection(MilvusAddress(uri), MilvusAddress(uri).collection(SPEC)) as collection:
        (row,) = collection.get([(1 << 32) + 5], ["*"])
        vector = np.array(row["vector"], np.float32)
        vector[2] = np.nextafter(vector[2], np.float32(9))
        collection.upsert([{**row, "vector": vector}])
        collection.delete(f"key in [{(1 << 32) + 9}]")
    capsys.readouterr()
    assert run(monkeypatch, "verify", store, "--milvus-uri", uri, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["rows"], report["missing"], report["different"]) == (36, 1, 1)
    assert "another vector" in report["first"][0]
    assert "p0005" in report["first"][0]
    assert run(monkeypatch, "drop", "--milvus-uri", uri) == 0
    assert run(monkeypatch, "verify", store, "--milvus-uri", uri) == 2
    assert "no complete collection" in capsys.readouterr().err


def test_without_an_address_it_says_what_is_missing(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "to-milvus", store) == 2
    assert "--milvus-uri" in capsys.readouterr().err
