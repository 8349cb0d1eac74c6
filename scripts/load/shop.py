"""The shop that is asked: the sample catalogue in a folder of stores, and its shoppers' photos."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from features.catalog import read_catalog
from features.extractors import load_extractor
from features.pictures import PictureFolder, PictureSource
from features.pipeline import build_store
from features.store import StoreSet
from scripts.asking import SEARCH_PATH, multipart
from scripts.bootstrap import ROOT
from scripts.live_server import LiveServer, live_server
from scripts.load.asking import Question

KEY = secrets.token_urlsafe(24)
LIMIT = 10
_SAMPLE = ROOT / "static" / "sample"
_LARGE = (4_000, 3_000)


@dataclass(frozen=True)
class Shop:
    """A running server on stores of its own."""

    server: LiveServer
    stores: StoreSet
    photos: dict[str, bytes]
    """JPEGs that shoppers send, by name."""

    @property
    def address(self) -> str:
        """Where it is."""
        return self.server.address


@contextmanager
def open_shop(workers: int | None = None) -> Iterator[Shop]:
    """Extract the sample catalogue and serve it as `gunicorn.conf.py` says, in a `with` block."""
    with tempfile.TemporaryDirectory() as folder:
        stores = StoreSet(Path(folder, "stores"))
        extractor = load_extractor()
        store = stores.folder / extractor.spec.name
        source = PictureSource(PictureFolder(_SAMPLE))
        build_store(read_catalog(_SAMPLE / "catalog.csv"), source, store, extractor)
        stores.add(extractor.spec.name, store)
        with live_server(
            workers=workers,
            threads=None,
            STORE=str(stores.folder),
            PHOTOS=str(Path(folder, "photos")),
            PHOTOS_MAX_BYTES="100000000",
            PICTURES=str(_SAMPLE),
            DETECTOR="none",
            ADMIN_KEY=KEY,
            LOG_LEVEL="error",
        ) as server:
            yield Shop(server, stores, shoppers_photos())


def shoppers_photos() -> dict[str, bytes]:
    """The sample's photos as the JPEGs that phones make."""
    paths = sorted((_SAMPLE / "photos").glob("*.webp"))
    return {path.stem: _as_jpeg(path) for path in paths}


def large_photos() -> dict[str, bytes]:
    """The same with twelve megapixels."""
    paths = sorted((_SAMPLE / "photos").glob("*.webp"))[:4]
    return {path.stem: _as_jpeg(path, _LARGE) for path in paths}


def search_with(name: str, photo: bytes) -> Question:
    """A search; bytes behind the pixels make each photo another one."""
    form = {"limit": str(LIMIT)}
    kind, body = multipart(form, {"image": photo + secrets.token_bytes(8)})
    return Question("POST", SEARCH_PATH, kind, body, photo=name)


def _as_jpeg(path: Path, size: tuple[int, int] | None = None) -> bytes:
    buffer = BytesIO()
    with Image.open(path) as picture:
        shown = picture.convert("RGB")
        (shown.resize(size) if size else shown).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
