"""A store as the first version of the program wrote it: read, searched, changed and verified."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from features.store import StoreSet, StoreWriter, find_damage, open_store
from tests.helpers import TINY, gallery

ROWS = 'product_id,image,content_hash\na,a.jpg,{0:032x}\n"b, c",b.jpg,{1:032x}\na,c.jpg,{2:032x}\n'
PRODUCTS = (
    "id,title,description,category,price,currency,brand,url,availability,attributes\n"
    'a,Mug,,Mugs,9.90,EUR,Lumo,,in_stock,"{""color"": ""red""}"\n'
    '"b, c","A ""fine"" bowl",,,,,,,,\n'
)
VECTORS = np.arange(3 * TINY.dim, dtype=np.float32).reshape(3, TINY.dim)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Line ends without \\r, no `numbered` and no `crop` in the manifest; row 2 is deleted."""
    folder = tmp_path / "store"
    folder.mkdir()
    np.save(folder / "vectors-0001.npy", VECTORS, allow_pickle=False)
    np.save(folder / "deleted-0002.npy", np.array([2], dtype=np.int64), allow_pickle=False)
    (folder / "rows-0001.csv").write_bytes(ROWS.format(1, 2, 3).encode())
    (folder / "products-0001.csv").write_bytes(PRODUCTS.encode())
    segment = {"number": 1, "count": 3}
    for kind, ending in (("vectors", "npy"), ("rows", "csv"), ("products", "csv")):
        segment[kind] = described(folder / f"{kind}-0001.{ending}")
    extractor = {
        "name": TINY.name,
        "dim": TINY.dim,
        "input_size": TINY.input_size,
        "preprocessing": TINY.preprocessing,
        "weights_sha256": TINY.weights_sha256,
        "normalized": True,
        "licence": "",
    }
    manifest = {
        "extractor": extractor,
        "pictures_root": "..",
        "version": 2,
        "metric": "euclidean",
        "segments": [segment],
        "deleted": described(folder / "deleted-0002.npy"),
        "format": 1,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return folder


def described(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    return {"name": path.name, "bytes": len(data), "blake2b": digest}


def test_it_is_read_as_it_was_written(folder: Path) -> None:
    view = open_store(folder, TINY)
    assert [picture.product_id for picture in view.live_pictures] == ["a", "b, c"]
    np.testing.assert_array_equal(view.vectors(np.array([0, 1])), VECTORS[:2])
    mug, bowl = view.products["a"], view.products["b, c"]
    assert (mug.title, str(mug.price), mug.attributes) == ("Mug", "9.90", {"color": "red"})
    assert (bowl.title, bowl.price) == ('A "fine" bowl', None)
    assert (view.version, view.pictures_root) == (2, folder.parent.resolve())


def test_it_is_whole_and_found_where_it_lies(folder: Path) -> None:
    assert not find_damage(folder)
    stores = StoreSet(folder)
    assert (stores.is_plain, stores.names(), stores.folder_of()) == (True, ["tiny"], folder)


def test_reading_it_changes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    open_store(folder, TINY)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_it_grows_and_what_it_had_stays_byte_for_byte(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.glob("*-0001.*")}
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(2, TINY.dim))
    assert {path.name: path.read_bytes() for path in folder.glob("*-0001.*")} == before
    assert sorted(open_store(folder).products) == ["a", "b, c", "p0000", "p0001"]
    assert json.loads((folder / "manifest.json").read_text())["numbered"] == 2


def test_a_compaction_makes_it_a_store_of_today(folder: Path) -> None:
    before = open_store(folder)
    with StoreWriter(folder, TINY) as writer:
        writer.compact(everything=True)
    after = open_store(folder)
    assert dict(after.products) == dict(before.products)
    np.testing.assert_array_equal(np.concatenate(after.blocks), VECTORS[:2])
    assert (folder / "rows-0002.csv").read_bytes().startswith(b"product_id,image,content_hash\r\n")
    assert not find_damage(folder)
