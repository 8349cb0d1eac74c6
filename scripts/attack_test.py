"""Attack this project's own server: forged addresses, paths, names, and a search for secrets.

Everything happens on this machine, to a shop in a temporary folder. What got through ends the test.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import ROOT, use_project_python

if __name__ == "__main__":
    use_project_python()

from features.catalog import read_catalog
from features.store import StoreSet
from features.sync import SyncOptions, sync_stores
from scripts.attacks.archives import named
from scripts.attacks.forgery import forged
from scripts.attacks.secrets import kept_secrets
from scripts.attacks.tally import Tally
from scripts.attacks.traversal import traversed
from scripts.benchmarks.table import as_table
from server import create_app
from server.config import PEOPLE_FOR_ALL, PEOPLE_OFF, Settings

_PHOTO = ROOT / "static" / "sample" / "photos" / "mug-on-counter.webp"
_KEY = "the-admin-key-of-this-attack"


def main() -> int:
    """Exit status: 0 nothing got through, 1 something did."""
    arguments = _parser().parse_args()
    logging.getLogger().addHandler(logging.NullHandler())  # else Flask writes all of it here
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tallies = list(_attacks(Path(folder), arguments.every))
    rows = [(tally.kind, str(tally.tried), str(len(tally.through))) for tally in tallies]
    print(as_table(("attacked by", "tried", "got through"), rows))
    print(f"{time.monotonic() - started:.0f} s")
    through = [line for tally in tallies for line in tally.through]
    for line in through:
        print(line, file=sys.stderr)
    return 1 if through else 0


def _attacks(folder: Path, every: int) -> Iterator[Tally]:
    yield from forged()
    (folder / "names").mkdir()
    yield from named(folder / "names", every)
    settings = _shop(folder)
    people = PEOPLE_FOR_ALL if find_spec("dlib") else PEOPLE_OFF
    app = create_app(replace(settings, admin_key=_KEY, people=people))
    signed = app.test_client().post("/admin/sign-in", data={"key": _KEY})
    cookie = signed.headers["Set-Cookie"].partition(";")[0]
    yield from traversed(app, {"Authorization": f"Bearer {_KEY}", "Cookie": cookie}, every)
    yield kept_secrets(settings, _PHOTO.read_bytes())


def _shop(folder: Path) -> Settings:
    """A shop of one product, whose rates nobody reaches."""
    (folder / "shop").mkdir()
    (folder / "shop" / "mug.webp").write_bytes(_PHOTO.read_bytes())
    feed = folder / "shop" / "catalog.csv"
    feed.write_text("id,title,image\nmug,Mug,mug.webp\n", encoding="utf-8")
    store = folder / "stores"
    sync_stores(StoreSet(store), read_catalog(feed), SyncOptions())
    (folder / "keys").mkdir()
    rate = "1000000 per minute"
    return Settings(
        store=store,
        detector="none",
        photos=folder / "photos",
        thumbnails=folder / "thumbnails",
        people_store=folder / "people",
        keys=folder / "keys" / "keys.json",
        rate=rate,
        key_rate=rate,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--every", type=int, default=1, help="take one path in so many (all: minutes)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
