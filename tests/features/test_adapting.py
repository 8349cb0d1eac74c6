"""A store in its catalogue's own space beside the plain one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.adaptation import ADAPTATION, Method, read_adaptation
from features.adapting import adapt
from features.catalog import read_catalog
from features.errors import AdaptationError, FingerprintMismatchError
from features.evaluation import evaluate, read_queries
from features.extractors import Extractor, extractor_of
from features.extractors.adapted import AdaptedExtractor, adapted_spec
from features.images import DEFAULT_LIMITS
from features.pictures import PictureFolder, PictureSource
from features.pipeline import build_store
from features.pipeline.known import known_beside
from features.pipeline.prepare import Preparation
from features.reembedding import roll_back
from features.search import open_service
from features.store import StoreSet, StoreWriter, open_store, read_manifest
from features.sync import SyncOptions, sync_stores
from features.types import ExtractorSpec, GalleryPicture, Prepared, Product, Query, Vectors
from features.videos import VideoFile, WatchedVideo
from scripts import adapt as script
from scripts.clips import AVI, pan, write_clip
from tests.adapted import add_adapted_store
from tests.helpers import CountingExtractor, at_length, drawing, encoded, pictures_in, shop

PRODUCTS, PICTURES = 20, 6


def vectors(dim: int) -> Vectors:
    """Products differ in eight numbers; pictures of one differ in eight others, and more."""
    random = np.random.default_rng(3)
    found = random.normal(0, 0.01, (PRODUCTS * PICTURES, dim))
    found[:, :8] += np.repeat(random.normal(0, 1, (PRODUCTS, 8)), PICTURES, axis=0)
    found[:, 8:16] += random.normal(0, 3, (PRODUCTS * PICTURES, 8))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


SMALL = ExtractorSpec("small", 32, 8, "as it is", "0" * 64)


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    """Vectors that leave room for learning."""
    return made(tmp_path / "stores", SMALL, vectors(SMALL.dim))


@pytest.fixture
def real(tmp_path: Path, extractor: Extractor) -> StoreSet:
    """The same with as many numbers as the default extractor gives, under its name."""
    return made(tmp_path / "stores", extractor.spec, vectors(extractor.spec.dim))


def made(folder: Path, spec: ExtractorSpec, found: Vectors) -> StoreSet:
    stores = StoreSet(folder)
    with StoreWriter(stores.place_for(spec.name), spec, folder) as writer:
        writer.append(pictures(), found, products())
    stores.add(spec.name, stores.place_for(spec.name))
    return stores


def pictures() -> Sequence[GalleryPicture]:
    return [
        GalleryPicture(f"known{number:02}", f"{number}-{at}.png", f"{number:04}{at:04}")
        for number in range(PRODUCTS)
        for at in range(PICTURES)
    ]


def products() -> Sequence[Product]:
    return [Product(f"known{number:02}", title=f"Product {number}") for number in range(PRODUCTS)]


def test_the_adapted_store_has_all_that_the_plain_one_has_and_is_the_default(
    stores: StoreSet,
) -> None:
    plain = open_store(stores.folder_of())
    done = adapt(stores)
    assert (done.method, done.pictures) == (Method.PRODUCT, PRODUCTS * PICTURES)
    assert done.folder == stores.folder_of()
    assert stores.default == f"{done.extractor}_adapted"
    adapted = open_store(stores.folder_of())
    assert list(adapted.live_pictures) == list(plain.live_pictures)
    assert dict(adapted.products) == dict(plain.products)
    assert adapted.pictures_root == plain.pictures_root
    assert adapted.version > plain.version
    assert adapted.spec.dim == done.dim < plain.spec.dim


def test_the_plain_store_stays_and_is_gone_back_to(stores: StoreSet) -> None:
    before = stores.default, stores.folder_of(), read_manifest(stores.folder_of())
    adapt(stores)
    assert read_manifest(before[1]) == before[2]
    roll_back(stores)
    assert (stores.default, stores.folder_of()) == before[:2]


def test_adapting_again_learns_from_the_plain_store(stores: StoreSet) -> None:
    first = adapt(stores)
    again = adapt(stores)
    assert again.extractor == first.extractor
    assert again.folder != first.folder
    assert (stores.folder_of(), len(stores.names())) == (again.folder, 2)
    specs = {read_manifest(done.folder).extractor for done in (first, again) if done.folder}
    assert len(specs) == 1, "the same pictures teach the same"


def test_where_it_does_not_help_all_stays_as_it_was(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).normal(size=(PRODUCTS * PICTURES, SMALL.dim))
    stores = made(tmp_path / "stores", SMALL, noise.astype(np.float32))
    before = sorted(path.name for path in stores.folder.iterdir())
    done = adapt(stores)
    assert done.folder is None
    assert stores.names() == [SMALL.name]
    locks = {".reembedding.lock", ".catalog.lock"}
    assert set(before) | locks == {p.name for p in stores.folder.iterdir()}


def test_drawn_photos_teach_where_few_products_have_three_pictures(real: StoreSet) -> None:
    folder = real.folder_of()
    beyond_two = [row for row in range(PICTURES, PRODUCTS * PICTURES) if row % PICTURES > 1]
    with StoreWriter(folder, read_manifest(folder).extractor, real.folder) as writer:
        writer.delete(beyond_two)
    with pytest.raises(AdaptationError, match=r"only 0 .* can be read, and photos are drawn"):
        adapt(real)


def test_the_extractor_of_an_adapted_store_gives_the_vectors_that_it_holds(
    real: StoreSet, extractor: Extractor, tmp_path: Path
) -> None:
    catalog = read_catalog(shop(tmp_path / "more", 4))
    adapt(real)
    sync_stores(real, catalog, SyncOptions(keep_missing=True))
    for name in real.names():
        service = open_service(real.folder, extractor=name)
        query = Query((tmp_path / "more" / "00.png").read_bytes())
        assert service.search(query).hits[0].distance == 0.0, name
        assert len(service.view.products) == PRODUCTS + 4, name
    adapted = extractor_of(real.folder_of())
    assert isinstance(adapted, AdaptedExtractor)
    assert adapted.spec == read_manifest(real.folder_of()).extractor
    assert adapted.spec.fingerprint != extractor.spec.fingerprint


def test_an_import_embeds_a_picture_once_for_the_plain_and_the_adapted_store(
    extractor: Extractor, tmp_path: Path
) -> None:
    counting, stores = CountingExtractor(extractor), StoreSet(tmp_path / "stores")
    feed, name = shop(tmp_path / "shop", 4), extractor.spec.name
    source = pictures_in(feed.parent)
    build_store(read_catalog(feed), source, stores.place_for(name), counting)
    stores.add(name, stores.place_for(name))
    folder = stores.folder_of(add_adapted_store(stores))
    adaptation = read_adaptation(folder)
    assert adaptation is not None
    adapted = AdaptedExtractor(counting, adaptation)
    more = read_catalog(shop(tmp_path / "shop", 6))
    for place, used in ((stores.folder_of(name), counting), (folder, adapted)):
        known = known_beside(stores, Preparation(used, None, DEFAULT_LIMITS))
        summary = build_store(more, source, place, used, known=known)
        assert (summary.new, summary.reused) == (2, 4)
    assert counting.embedded == 6
    view = open_store(folder)
    for number in range(6):
        (row,) = view.rows_of(f"p0{number}")
        (wanted,) = adapted.embed_gallery([drawing(number)])
        np.testing.assert_array_equal(view.vector(row), wanted)


def test_a_sync_takes_over_what_the_plain_store_embeds_whatever_their_order(
    extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, name = StoreSet(tmp_path / "stores"), extractor.spec.name
    sync_stores(stores, read_catalog(shop(tmp_path / "shop", 2)))
    adapted = add_adapted_store(stores)
    place = stores.folder_of(name)
    stores.forget(name)
    stores.add(name, place)
    assert stores.names() == [adapted, name]
    seen: list[bytes] = []
    prepare = Preparation.__call__

    def counted(self: Preparation, data: bytes) -> Prepared:
        seen.append(data)
        return prepare(self, data)

    monkeypatch.setattr(Preparation, "__call__", counted)
    sync_stores(stores, read_catalog(shop(tmp_path / "shop", 3)))
    assert seen == [(tmp_path / "shop" / "02.png").read_bytes()]
    assert [open_store(stores.folder_of(it)).picture_count for it in stores.names()] == [3, 3]


def test_a_video_is_watched_once_for_the_plain_and_the_adapted_store(
    extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, stores = tmp_path / "shop", StoreSet(tmp_path / "stores")
    root.mkdir()
    (root / "hat.png").write_bytes(encoded(drawing(1)))
    sync_stores(stores, read_catalog(root))
    adapted = add_adapted_store(stores)
    write_clip(root / "boot.avi", pan(drawing(2, (160, 96)), (160, 96), 25), AVI)
    watched: list[object] = []
    watch = Preparation.watch

    def counted(self: Preparation, video: VideoFile) -> WatchedVideo:
        watched.append(video)
        return watch(self, video)

    monkeypatch.setattr(Preparation, "watch", counted)
    sync_stores(stores, read_catalog(root))
    views = [open_store(stores.folder_of(name)) for name in (extractor.spec.name, adapted)]
    one, other = (view.pictures[view.rows_of("boot")[0]] for view in views)
    assert len(watched) == 1
    assert one == other
    assert other.time_s is not None


def test_a_plain_store_that_lacks_a_picture_leaves_it_to_the_network(
    extractor: Extractor, tmp_path: Path
) -> None:
    stores = StoreSet(tmp_path / "stores")
    sync_stores(stores, read_catalog(shop(tmp_path / "shop", 2)))
    only = SyncOptions(extractors=(add_adapted_store(stores),))
    sync_stores(stores, read_catalog(shop(tmp_path / "shop", 3)), only)
    assert open_store(stores.folder_of(extractor.spec.name)).picture_count == 2
    query = Query((tmp_path / "shop" / "02.png").read_bytes())
    assert open_service(stores.folder).search(query).hits[0].distance == 0.0


def test_an_adaptation_of_another_extractor_is_refused(
    stores: StoreSet,
) -> None:
    adapt(stores)
    adaptation = read_adaptation(stores.folder_of())
    assert adaptation is not None
    other = replace(SMALL, weights_sha256="1" * 64)
    with pytest.raises(FingerprintMismatchError, match="adapt again"):
        adapted_spec(other, adaptation)


def test_a_damaged_adaptation_is_named_with_the_way_out(stores: StoreSet) -> None:
    adapt(stores)
    (stores.folder_of() / ADAPTATION).write_bytes(b"torn")
    with pytest.raises(AdaptationError, match="--roll-back"):
        open_service(stores.folder)


def test_the_script_says_what_it_did_as_json(
    real: StoreSet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["adapt.py", "--store", str(real.folder), "--json"])
    assert script.main() == 0
    told = json.loads(capsys.readouterr().out)
    assert told["adapted"] is True
    assert told["adapted@1"] > told["plain@1"]
    assert (told["supervised"], told["right"]) == ("product", "product")


def test_the_script_refuses_a_folder_without_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["adapt.py", "--store", str(tmp_path)])
    assert script.main() == 2
    assert "no feature store" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.long
def test_photos_of_groceries_are_found_better_in_the_adapted_space(
    shared_data: Path, extractor: Extractor, tmp_path: Path
) -> None:
    folder, stores = shared_data / "data" / "grocery", StoreSet(tmp_path / "stores")
    name, feed = extractor.spec.name, tmp_path / "photos.csv"
    rows = (folder / "catalog_photos.csv").read_text(encoding="utf-8").splitlines()
    feed.write_text("\n".join([rows[0], *rows[1 :: at_length(1, 2)]]), encoding="utf-8")
    build_store(
        read_catalog(feed),
        PictureSource(PictureFolder(folder)),
        stores.place_for(name),
        extractor,
    )
    stores.add(name, stores.place_for(name))
    assert adapt(stores).verdict.helps
    figures = evaluate(open_service(stores.folder), read_queries(folder / "queries_val.csv"))
    assert figures.recall_at_1 > at_length(0.83, 0.8)
    assert figures.recall_at_5 > 0.96
    assert figures.category_at_1 is not None
    assert figures.category_at_1 > at_length(0.92, 0.88)
