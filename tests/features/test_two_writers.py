"""Two that write to one store at once: the second is told who the first is, and may come again."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import features.changes
from features.catalog import read_catalog
from features.changes import CatalogEditor
from features.errors import StoreLockedError
from features.pictures import Vault
from features.pipeline import build_store
from features.store import StoreSet, open_store
from features.types import Product
from scripts.crashes.drawings import Thumbnails
from tests.helpers import ROOT, pictures_in, shop

SLOW = """
import sys
from pathlib import Path
from features.catalog import read_catalog
from features.changes import CatalogEditor
from features.pictures import Vault
from features.pipeline import build_store
from features.store import StoreSet
from features.types import Product
from scripts.crashes.drawings import Thumbnails
from tests.helpers import pictures_in

class Slow(Thumbnails):
    def forward(self, batch):
        print(flush=True)
        sys.stdin.readline()
        return super().forward(batch)

what, folder = sys.argv[1], Path(sys.argv[2])
if what == "import":
    catalog, place = read_catalog(folder / "catalog.csv"), StoreSet(folder / "stores").folder_of()
    build_store(catalog, pictures_in(folder), place, Slow(), purpose="importing catalog.csv")
else:
    stores = StoreSet(folder / "stores")
    vault = Vault(stores.pictures_folder)
    editor = CatalogEditor(stores, lambda _: Slow(), pictures_in(folder), vault)
    editor.put(Product("new"), ["08.png"])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop with a store of its first two products; there are more pictures."""
    shop(tmp_path, 9)
    catalog = shop(tmp_path, 2)
    stores = StoreSet(tmp_path / "stores")
    place = stores.place_for("thumbnails")
    build_store(read_catalog(catalog), pictures_in(tmp_path), place, Thumbnails())
    stores.add("thumbnails", place)
    shop(tmp_path, 4)
    return tmp_path


@contextmanager
def writer(what: str, folder: Path) -> Iterator[int]:
    """Another process in the middle of its work; its id. It completes with the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, what, folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    yield process.pid
    process.communicate(b"\n" * 9, timeout=60)
    assert process.returncode == 0


def run(folder: Path) -> None:
    place = StoreSet(folder / "stores").folder_of()
    build_store(read_catalog(folder / "catalog.csv"), pictures_in(folder), place, Thumbnails())


def put(folder: Path) -> None:
    stores = StoreSet(folder / "stores")
    vault = Vault(stores.pictures_folder)
    editor = CatalogEditor(stores, lambda _: Thumbnails(), pictures_in(folder), vault)
    editor.put(Product("second"), ["07.png"])


@pytest.mark.parametrize("second", [run, put])
@pytest.mark.parametrize(
    ("first", "doing", "added"),
    [
        ("import", "importing catalog.csv", {"p02", "p03"}),
        ("put", "changing 'new'", {"new"}),
    ],
)
def test_the_second_writer_is_refused_and_told_who_the_first_is(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    doing: str,
    added: set[str],
    second: object,
) -> None:
    monkeypatch.setattr(features.changes, "_PATIENCE", 0.1)
    assert callable(second)
    place = StoreSet(folder / "stores").folder_of()
    before = open_store(place)
    with writer(first, folder) as holder:
        with pytest.raises(StoreLockedError, match=f"process {holder} is {doing} since 20"):
            second(folder)
        assert open_store(place).version == before.version
    assert set(open_store(place).products) == {*before.products, *added}
    second(folder)
    assert open_store(place).version > before.version
