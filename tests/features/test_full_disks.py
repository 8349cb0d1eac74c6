"""Full disks and read-only folders: a clear error, nothing lost, and the next run completes."""

import io
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from features.changes import CatalogEditor
from features.errors import PictureWriteError, StoreWriteError, VisualSearchError
from features.images import content_hash
from features.jobs import JobShelf
from features.pictures import Vault
from features.pictures.copies import WebCopies, WebCopy
from features.pipeline import build_store
from features.store import StoreSet, StoreView, StoreWriter, open_store
from features.types import CatalogEntry, PictureRef, Product
from scripts.crashes.drawings import Thumbnails
from tests.helpers import TINY, gallery, picture, pictures_in, run_python, shop

DISK_BYTES = 12_000_000
NOBODY = 65534


class Place:
    """A shop with its stores in a folder, and everything that is written there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stores = StoreSet(folder / "stores")
        self.vault = Vault(self.stores.pictures_folder)
        self.shelf = JobShelf(folder / "stores" / "jobs")

    def begin(self) -> None:
        """A store of twelve products, another one to swap in, a kept picture, a job."""
        shop(self.folder, 60)
        for place in (self.stores.place_for("thumbnails"), self.stores.folder / "thumbnails-2"):
            self._build(place, 12)
        self.stores.add("thumbnails", self.stores.folder / "thumbnails")
        self.vault.put(picture(0))
        self.shelf.create("first.csv", io.BytesIO(b"id,image\n"), {})
        self._note_copy(0)

    def run(self) -> None:
        """An import with more products."""
        self._build(self.stores.folder_of(), 60)

    def put(self) -> None:
        source = pictures_in(self.folder)
        editor = CatalogEditor(self.stores, lambda _: Thumbnails(), source, self.vault)
        editor.put(Product("new", description="words " * 3000), ["05.png"])

    def compact(self) -> None:
        with StoreWriter(self.stores.folder_of(), Thumbnails.spec) as writer:
            writer.compact(everything=True)

    def swap(self) -> None:
        self.stores.swap_in("thumbnails", self.stores.folder / "thumbnails-2")

    def keep(self) -> None:
        self.vault.put(picture(99) * 50)

    def ask(self) -> None:
        self.shelf.create("second.csv", io.BytesIO(b"id,image\n" * 5000), {})

    def fetch(self) -> None:
        for number in range(200):
            self._note_copy(number)

    def holds(self) -> tuple[object, ...]:
        """All that must not be lost."""
        view = open_store(self.stores.folder_of())
        rows = [row for name in sorted(view.products) for row in view.rows_of(name)]
        found = [(view.pictures[row], view.vector(row).tobytes()) for row in rows]
        jobs = [(job.id, self.shelf.feed_of(job).read_bytes()) for job in self.shelf.jobs()]
        return found, dict(_products(view)), sorted(self.vault.digests()), jobs

    def _build(self, store: Path, products: int) -> None:
        """Sorting a feed needs a disk too; here it is sorted already."""
        catalog = [
            CatalogEntry(Product(f"p{number:02}"), (PictureRef(f"{number:02}.png"),))
            for number in range(products)
        ]
        stamps = self.stores.pictures_folder / "stamps.sqlite"
        build_store(catalog, pictures_in(self.folder), store, Thumbnails(), stamps=stamps)

    def _note_copy(self, number: int) -> None:
        address = f"https://shop.example/{number}.jpg?{'x' * 500}"
        copies = WebCopies(self.stores.pictures_folder / "urls.sqlite")
        try:
            copies.put(WebCopy(address, f"{number:032x}", None, None, 0.0, time.time()))
        finally:
            copies.close()


WRITES: list[tuple[Callable[[Place], None], type[VisualSearchError], str]] = [
    (Place.run, StoreWriteError, "What was stored before is unharmed"),
    (Place.put, StoreWriteError, "What was stored before is unharmed"),
    (Place.compact, StoreWriteError, "What was stored before is unharmed"),
    (Place.swap, StoreWriteError, "What was stored before is unharmed"),
    (Place.keep, PictureWriteError, "pictures cannot be kept in"),
    (Place.ask, StoreWriteError, "What was stored before is unharmed"),
    (Place.fetch, PictureWriteError, "cannot be used"),
]
NAMES = [write.__name__ for write, _, _ in WRITES]


def _products(view: StoreView) -> Iterator[tuple[str, Product]]:
    yield from ((name, view.products[name]) for name in sorted(view.products))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "shop")
    place.begin()
    return place


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As if the disk were full: no file of this process grows further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = f"size={DISK_BYTES}"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # vectors may still be mapped


@contextmanager
def full(disk: Path, room: int) -> Iterator[None]:
    """The disk has no more room than this."""
    filler = disk / "filler"
    free = os.statvfs(disk)
    with filler.open("wb") as file:
        file.write(bytes(max(0, free.f_bavail * free.f_frsize - room)))
    try:
        yield
    finally:
        filler.unlink()


def refused_and_harmless(
    place: Place,
    write: Callable[[Place], None],
    kind: type[VisualSearchError],
    message: str,
    trouble: AbstractContextManager[None],
) -> str:
    """The error's text; the same write succeeds afterwards."""
    before = place.holds()
    with trouble, pytest.raises(kind, match=message) as raised:
        write(place)
    assert place.holds() == before
    write(place)
    place.run()
    assert len(open_store(place.stores.folder_of()).products) == 60
    with StoreWriter(place.stores.folder_of(), Thumbnails.spec) as writer:
        named = {file.name for file in writer.view().manifest.files}
    left = {path.name for path in place.stores.folder_of().iterdir()}
    assert left == {*named, "manifest.json", ".lock"}
    return str(raised.value)


@pytest.mark.parametrize(("write", "kind", "message"), WRITES, ids=NAMES)
def test_a_file_that_cannot_grow_loses_nothing(
    place: Place, write: Callable[[Place], None], kind: type[VisualSearchError], message: str
) -> None:
    room = 50 if write in (Place.compact, Place.swap) else 4_000
    refused_and_harmless(place, write, kind, message, files_of_at_most(room))


@pytest.mark.parametrize("room", [0, 8_192], ids=["nothing free", "a little free"])
@pytest.mark.parametrize(("write", "kind", "message"), WRITES, ids=NAMES)
def test_a_full_disk_loses_nothing(
    small_disk: Path,
    write: Callable[[Place], None],
    kind: type[VisualSearchError],
    message: str,
    room: int,
) -> None:
    place = Place(small_disk / "shop")
    place.begin()
    if write in (Place.compact, Place.swap):
        room = 0
    told = refused_and_harmless(place, write, kind, message, full(small_disk, room))
    assert "full" in told


@pytest.fixture
def open_place() -> Iterator[Place]:
    """Below a folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    place = Place(folder / "shop")
    place.begin()
    yield place
    shutil.rmtree(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write; root, who always may, becomes nobody meanwhile."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in folders:
        path.chmod(0o555)
    for path in files:
        path.chmod(0o444)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for path in folders:
            path.chmod(0o755)
        for path in files:
            path.chmod(0o644)


@pytest.mark.parametrize(("write", "kind", "message"), WRITES, ids=NAMES)
def test_a_read_only_folder_loses_nothing(
    open_place: Place, write: Callable[[Place], None], kind: type[VisualSearchError], message: str
) -> None:
    trouble = read_only(open_place.stores.folder)
    told = refused_and_harmless(open_place, write, kind, message, trouble)
    if write != Place.fetch:
        assert "may not be written; change its permissions" in told


SEARCH = """
import sys
from pathlib import Path
from features.index import lacks_index
from features.search.gallery import load_gallery
from tests.helpers import TINY
index = load_gallery(Path(sys.argv[1]), TINY, "auto").index
print(lacks_index(index), index.search(index.exact.gallery.blocks[0][:1], 1)[0][0].row)
"""
BUILD = """
import sys
from pathlib import Path
from features.errors import StoreWriteError
from features.search import index_store
try:
    index_store(Path(sys.argv[1]))
except StoreWriteError as error:
    print(error)
"""


@pytest.fixture
def large_store(small_disk: Path) -> Path:
    """A store that searches want an index of."""
    store = small_disk / "store"
    with StoreWriter(store, TINY) as writer:
        writer.append(*gallery(20_000))
    (store / "index").mkdir()
    return store


@pytest.mark.parametrize("room", [0, 8_192], ids=["nothing free", "a little free"])
def test_on_a_full_disk_a_store_without_an_index_is_searched_too(
    small_disk: Path, large_store: Path, room: int
) -> None:
    with full(small_disk, room):
        searched = run_python("-c", SEARCH, large_store)
    assert searched.stdout.split() == ["True", "0"], searched.stderr


@pytest.mark.parametrize("room", [100_000, 6_600_000], ids=["for little", "for most of it"])
def test_an_index_that_a_full_disk_has_no_room_for_is_an_error(
    small_disk: Path, large_store: Path, room: int
) -> None:
    with full(small_disk, room):
        built = run_python("-c", BUILD, large_store)
    assert "the index cannot be kept in" in built.stdout, (built.returncode, built.stderr)
    assert "searches are exact without it" in built.stdout


def test_what_only_saves_time_is_not_missed(place: Place) -> None:
    stamps = place.stores.pictures_folder / "stamps.sqlite"
    shutil.rmtree(place.stores.pictures_folder)
    place.stores.pictures_folder.write_text("")  # no folder can be made here
    place.run()
    assert len(open_store(place.stores.folder_of()).products) == 60
    assert not stamps.exists()
    assert content_hash(picture(0)) not in place.vault
