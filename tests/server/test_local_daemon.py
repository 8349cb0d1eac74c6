"""The local daemon and its stores, when these change behind it."""

from pathlib import Path

from features.extractors import load_extractor
from features.reembedding import reembed
from features.store import StoreSet
from server.local.daemon import Daemon, LocalSettings
from tests.helpers import picture

LITE0, LITE1 = "efficientnet_lite0", "efficientnet_lite1"


def test_it_follows_a_store_that_was_swapped_in(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture(1))
    store = tmp_path / "store"
    Daemon(LocalSettings(store, (tmp_path,), (LITE0,))).gallery.add(photo, [LITE0])
    daemon = Daemon(LocalSettings(store, (tmp_path,)))
    assert daemon.extractors(None) == (LITE0,)
    reembed(StoreSet(store), load_extractor(LITE1))
    assert daemon.extractors(None) == (LITE1, LITE0)
    assert daemon.stats()["extractors"][LITE1]["pictures"] == 1
    (hit,) = daemon.search(photo, 5, None)
    assert (hit.product.id, hit.distance) == (str(photo.resolve()), 0.0)
    (tmp_path / "other.png").write_bytes(picture(2))
    assert daemon.gallery.add(tmp_path, daemon.extractors(None)).added == 1
    assert len(daemon.search(photo, 5, LITE0)) == len(daemon.search(photo, 5, LITE1)) == 2
