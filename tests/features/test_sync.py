"""A shop's feed, kept current: what changed is done, what vanished goes, and nothing else."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.catalog import FeedOptions, read_catalog
from features.changes import CatalogEditor
from features.errors import CatalogError, PictureNotFoundError, StoreLockedError
from features.extractors import load_extractor
from features.images import content_hash
from features.pictures import FetchOptions, PictureFolder, PictureSource, Vault
from features.pipeline import BuildSummary, Progress, SyncPlan
from features.search import open_service
from features.similarity import Calibration, calibrate_store
from features.store import StoreSet, StoreView, open_store
from features.sync import SyncOptions, plan_stores, sync_stores
from features.types import Product
from server import create_app
from server.config import Settings
from tests.features.feeds import WRITERS, Ware, drawn, plain, zipped
from tests.features.pictures.web import Reply, Request, Web, reply, serving
from tests.helpers import picture
from tests.server.conftest import TidyClient

LITE0 = SyncOptions(extractors=("efficientnet_lite0",), allowed_hosts=("127.0.0.1",))
KEEP = replace(LITE0, keep_missing=True)
REFETCH = replace(LITE0, fetch=FetchOptions(revalidate=True, retries=0))


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    return StoreSet(tmp_path / "stores")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with ten pictures."""
    drawn(tmp_path / "shop", 10)
    return tmp_path / "shop"


def sync(stores: StoreSet, feed: Path, options: SyncOptions = LITE0) -> BuildSummary:
    (update,) = sync_stores(stores, read_catalog(feed), options)
    return update.summary


def plan(stores: StoreSet, feed: Path, options: SyncOptions = LITE0) -> SyncPlan:
    return plan_stores(stores, read_catalog(feed), options)


def written(folder: Path, wares: Iterable[Ware], write: Callable[..., str] = plain) -> Path:
    path = folder / ("feed.xml" if write is WRITERS["google-xml"] else "feed.csv")
    path.write_text(write(wares), encoding="utf-8")
    return path


def opened(stores: StoreSet) -> StoreView:
    return open_store(stores.folder_of())


def held(stores: StoreSet) -> set[tuple[str, str]]:
    """Products and locations of all pictures that can be found."""
    view = opened(stores)
    found = (view.pictures[row] for row in np.flatnonzero(view.live).tolist())
    return {(picture.product_id, picture.location) for picture in found}


def products(summary: BuildSummary | SyncPlan) -> tuple[int, int, int]:
    return summary.added, summary.updated, summary.dropped


def pictures(summary: BuildSummary) -> tuple[int, int, int]:
    return summary.new, summary.reused, summary.removed


def ware(identity: str, *numbers: int, **words: str) -> Ware:
    return Ware(identity, tuple(f"{number}.png" for number in numbers), **words)


@pytest.mark.parametrize("archive", [False, True], ids=["file", "zip"])
@pytest.mark.parametrize("form", WRITERS)
def test_a_shop_lives_on_in_every_format(
    shop: Path, stores: StoreSet, form: str, archive: bool
) -> None:
    def export(*wares: Ware) -> Path:
        feed = written(shop, wares, WRITERS[form])
        return zipped(shop) if archive else feed

    feed = export(ware("a", 0, 1), ware("b", 2), ware("c", 3))
    assert read_catalog(feed).format == form
    assert products(plan(stores, feed)) == (3, 0, 0)
    first = sync(stores, feed)
    assert (products(first), pictures(first), first.failed) == ((3, 0, 0), (4, 0, 0), ())
    assert opened(stores).products["a"].title == "Thing a"
    feed = export(ware("a", 0, 4, price="8.50"), ware("b", 2, price="9.50"), ware("d", 5))
    planned = plan(stores, feed)
    second = sync(stores, feed)
    assert products(planned) == products(second) == (1, 2, 1)
    assert pictures(second) == (2, 2, 2)
    assert (planned.new_pictures, planned.removed_pictures) == (2, 2)
    assert held(stores) == {("a", "0.png"), ("a", "4.png"), ("b", "2.png"), ("d", "5.png")}
    assert str(opened(stores).products["b"].price) == "9.50"


def test_a_plan_touches_nothing(shop: Path, stores: StoreSet) -> None:
    with serving(lambda _: reply(body=picture(1))) as web:
        feed = written(shop, [Ware("a", (web.url(), "0.png", "none.png"))])
        planned = plan(stores, feed)
        assert (planned.products, planned.pictures, planned.new_pictures) == (1, 3, 3)
        assert web.requests == []
    assert not stores.folder.exists()


def test_a_picture_less_is_a_change_of_its_product(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0, 1), ware("b", 2)]))
    feed = written(shop, [ware("a", 1), ware("b", 2)])
    assert products(plan(stores, feed)) == (0, 1, 0)
    summary = sync(stores, feed)
    assert (products(summary), pictures(summary)) == ((0, 1, 0), (0, 2, 1))


def test_another_order_of_pictures_changes_nothing(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0, 1, 2)]))
    version = opened(stores).version
    feed = written(shop, [ware("a", 2, 0, 1)])
    assert products(plan(stores, feed)) == products(sync(stores, feed)) == (0, 0, 0)
    assert opened(stores).version == version


def test_a_picture_moves_from_one_product_to_another(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0), ware("b", 1)]))
    summary = sync(stores, written(shop, [ware("a", 1), ware("b", 0, 1)]))
    assert (products(summary), pictures(summary)) == ((0, 2, 0), (0, 3, 1))
    assert held(stores) == {("a", "1.png"), ("b", "0.png"), ("b", "1.png")}


def test_an_id_may_be_given_to_another_thing(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0, title="Hat")]))
    summary = sync(stores, written(shop, [ware("a", 1, title="Shoe")]))
    assert products(summary) == (0, 1, 0)
    assert held(stores) == {("a", "1.png")}
    assert opened(stores).products["a"].title == "Shoe"


def test_fifty_pictures_belong_to_one_product(shop: Path, stores: StoreSet) -> None:
    names = drawn(shop, 50)
    assert sync(stores, written(shop, [Ware("a", tuple(names))])).new == 50
    assert len(held(stores)) == 50


def test_a_feed_that_shrinks_takes_its_products_along(shop: Path, stores: StoreSet) -> None:
    wares = [ware(str(number), number) for number in range(10)]
    sync(stores, written(shop, wares))
    feed = written(shop, wares[:1])
    assert products(plan(stores, feed)) == (0, 0, 9)
    assert plan(stores, feed, KEEP).dropped == 0
    assert products(sync(stores, feed, KEEP)) == (0, 0, 0)
    assert len(held(stores)) == 10
    assert products(sync(stores, feed)) == (0, 0, 9)
    assert len(held(stores)) == 1


@pytest.mark.parametrize(
    "row",
    [b"b,Thing b,1.png,10.00,too,many\n", b"b,caf\xe9,1.png,10.00\n", b'b,"open,1.png,10.00\n'],
    ids=["cells", "latin-1", "quote"],
)
def test_a_row_that_cannot_be_read_costs_no_product(
    shop: Path, stores: StoreSet, row: bytes
) -> None:
    sync(stores, written(shop, [ware("a", 0), ware("b", 1)]))
    feed = written(shop, [ware("a", 0)])
    feed.write_bytes(feed.read_bytes() + row)
    planned, summary = plan(stores, feed), sync(stores, feed)
    assert products(planned) == products(summary) == (0, 0, 0)
    assert planned.spared == summary.spared == 1
    assert [error.unread for error in summary.failed] == [True]
    assert held(stores) == {("a", "0.png"), ("b", "1.png")}
    summary = sync(stores, written(shop, [ware("a", 0)]))
    assert (summary.dropped, summary.spared) == (1, 0)


def test_a_row_that_cannot_be_read_costs_no_picture(shop: Path, stores: StoreSet) -> None:
    feed = written(shop, [ware("a", 0, 1, 2)])
    sync(stores, feed)
    feed.write_text(feed.read_text().replace("2.png", "2.png,too,many"))
    planned, summary = plan(stores, feed), sync(stores, feed)
    assert products(planned) == products(summary) == (0, 0, 0)
    assert (planned.removed_pictures, summary.removed) == (0, 0)
    assert len(held(stores)) == 3


def test_xml_that_was_cut_short_costs_no_product(shop: Path, stores: StoreSet) -> None:
    feed = written(shop, [ware("a", 0), ware("b", 1)], WRITERS["google-xml"])
    sync(stores, feed)
    feed.write_bytes(feed.read_bytes().partition(b"<g:id>b")[0])
    assert sync(stores, feed).spared == 1
    assert len(held(stores)) == 2


def test_a_bad_price_removes_nothing_and_spares_nothing(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0), ware("b", 1)]))
    summary = sync(stores, written(shop, [ware("a", 0, price="free")]))
    assert (products(summary), summary.spared) == ((0, 1, 1), 0)


def test_a_product_keeps_its_pictures_while_no_new_one_can_be_read(
    shop: Path, stores: StoreSet
) -> None:
    sync(stores, written(shop, [ware("a", 0, 1), ware("b", 2)]))
    moved = [ware("a", 70, 71, price="8.00"), ware("b", 72, 3)]
    summary = sync(stores, written(shop, moved))
    assert (len(summary.failed), summary.dropped) == (3, 0)
    assert held(stores) == {("a", "0.png"), ("a", "1.png"), ("b", "3.png")}
    assert str(opened(stores).products["a"].price) == "8.00"
    drawn(shop, 3, first=70)
    assert sync(stores, written(shop, moved)).failed == ()
    assert held(stores) == {("a", "70.png"), ("a", "71.png"), ("b", "72.png"), ("b", "3.png")}


def test_failures_come_in_the_order_of_their_lines(shop: Path, stores: StoreSet) -> None:
    feed = written(shop, [ware("a", 0, 80), ware("b", 1, price="free"), ware("c", 81)])
    assert [error.line for error in sync(stores, feed).failed] == [3, 4, 5]


def test_one_store_takes_a_folder_then_a_table_then_an_archive(
    tmp_path: Path, stores: StoreSet
) -> None:
    drawn(tmp_path / "shop", 3)
    assert sync(stores, tmp_path / "shop").new == 3
    feed = written(tmp_path / "shop", [ware(str(number), number) for number in range(3)])
    assert pictures(sync(stores, feed)) == (0, 3, 0)
    feed = zipped(tmp_path / "shop")
    assert pictures(sync(stores, feed)) == (0, 3, 0)
    for name in ("shop/0.png", "shop/feed.csv", "shop.zip"):
        (tmp_path / name).unlink()
    assert open_service(stores.folder).picture(content_hash(picture(0))) == picture(0)


def test_two_suppliers_with_folders_of_their_own_share_a_store(
    tmp_path: Path, stores: StoreSet
) -> None:
    drawn(tmp_path / "one", 2)
    drawn(tmp_path / "two", 1)
    (tmp_path / "two" / "0.png").write_bytes(picture(50))
    sync(stores, written(tmp_path / "one", [ware("a", 0), ware("b", 1)]))
    sync(stores, written(tmp_path / "two", [ware("x", 0)]), KEEP)
    service = open_service(stores.folder)
    for number in (0, 1, 50):
        assert service.picture(content_hash(picture(number))) == picture(number)


def test_an_interrupted_run_and_then_another_feed(
    shop: Path, stores: StoreSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.pipeline.lots._AHEAD", 0)
    wares = [ware(str(number), number) for number in range(8)]
    with pytest.raises(KeyboardInterrupt):
        sync_stores(stores, read_catalog(written(shop, wares)), LITE0, _Interrupting(5))
    done = len(held(stores))
    assert 0 < done < 8
    feed = written(shop, wares[2:])
    planned, summary = plan(stores, feed), sync(stores, feed)
    assert products(planned) == products(summary) == (8 - done, 0, 2)
    assert held(stores) == {(item.id, item.pictures[0]) for item in wares[2:]}


class _Interrupting(Progress):
    """Somebody who presses Ctrl+C after a few pictures."""

    def __init__(self, after: int) -> None:
        self._left = after

    def advance(self) -> None:
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


def test_all_stores_of_a_set_follow(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0), ware("b", 1)]))
    other = replace(LITE0, extractors=("efficientnet_lite1",))
    sync(stores, written(shop, [ware("a", 0), ware("b", 1)]), other)
    feed = written(shop, [ware("b", 1), ware("c", 2)])
    updates = sync_stores(stores, read_catalog(feed), replace(LITE0, extractors=()))
    assert [update.extractor for update in updates] == ["efficientnet_lite0", "efficientnet_lite1"]
    for update in updates:
        assert products(update.summary) == (1, 0, 1)
        assert set(open_store(update.folder).products) == {"b", "c"}


def changes(stores: StoreSet, shop: Path) -> list[Callable[[], object]]:
    """A product that the feed lacks is put, and one that it has is deleted."""
    vault = Vault(stores.pictures_folder)
    source = PictureSource(PictureFolder(shop), vault)
    edit = CatalogEditor(stores, load_extractor, source, vault)
    return [lambda: edit.put(Product("late"), ["5.png"]), lambda: edit.delete("b")]


def test_a_change_between_two_stores_of_an_import_is_refused(
    shop: Path, stores: StoreSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = replace(LITE0, extractors=("efficientnet_lite0", "efficientnet_lite1"))
    feed = written(shop, [ware("a", 0), ware("b", 1)])
    refused: list[str] = []

    def meddled(folder: Path, *rest: Any) -> Calibration:
        """What follows a store's import; somebody changes the catalogue just then."""
        for change in changes(stores, shop):
            with pytest.raises(StoreLockedError) as caught:
                change()
            refused.append(str(caught.value))
        return calibrate_store(folder, *rest)

    monkeypatch.setattr("features.changes._PATIENCE", 0.1)
    monkeypatch.setattr("features.sync.calibrate_store", meddled)
    for _ in range(2):  # the stores are made, then brought up to date
        sync_stores(stores, read_catalog(feed), replace(both, purpose="importing feed.csv"))
        for name in stores.names():
            assert set(open_store(stores.folder_of(name)).products) == {"a", "b"}
    assert len(refused) == 8
    assert all("importing feed.csv" in words for words in refused)
    for change in changes(stores, shop):
        change()
    for name in stores.names():
        assert set(open_store(stores.folder_of(name)).products) == {"a", "late"}


def test_a_run_with_patience_waits_for_another(shop: Path, stores: StoreSet) -> None:
    feed = read_catalog(written(shop, [ware("a", 0)]))
    lock = stores.lock_catalog("importing feed.csv")
    with pytest.raises(StoreLockedError, match=r"importing feed\.csv"):
        sync_stores(stores, feed, LITE0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sync_stores, stores, feed, replace(LITE0, patience=60.0))
        lock.close()
        (update,) = waiting.result(60)
    assert update.summary.new == 1


def test_nothing_to_use_changes_nothing(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0)]))
    feed = shop / "feed.csv"
    for content in ("id,image\n", "id,image\n,0.png\n", "id,title,image\n\n\n"):
        feed.write_text(content)
        for act in (sync, plan):
            with pytest.raises(CatalogError, match="nothing was changed"):
                act(stores, feed)
    assert held(stores) == {("a", "0.png")}


def test_any_table_is_read_with_a_map(shop: Path, stores: StoreSet) -> None:
    (shop / "feed.csv").write_text("Art;Bezeichnung;Foto\n7;Hut;0.png\n")
    columns = {"id": "Art", "title": "Bezeichnung", "image": "Foto"}
    catalog = read_catalog(shop / "feed.csv", FeedOptions(columns=columns))
    assert sync_stores(stores, catalog, LITE0)[0].summary.added == 1
    assert opened(stores).products["7"].title == "Hut"


def by_number(request: Request) -> Reply:
    """The picture that a path such as /7.png names, with an ETag."""
    number = request.path.partition(".")[0].strip("/")
    if not number.isdecimal():
        return reply(404)
    return reply(body=picture(int(number)), ETag=f'"{number}"')


def test_pictures_from_the_web_are_shown_when_the_web_is_gone(
    shop: Path, stores: StoreSet, tmp_path: Path
) -> None:
    with serving(by_number) as web:
        locations = tuple(web.url(path) for path in ("/1.png", "/2.png?size=ä b,c", "/no.png"))
        summary = sync(stores, written(shop, [Ware("a", locations)]))
        assert (summary.new, [error.row_code for error in summary.failed]) == (
            2,
            ["fetch_not_found"],
        )
        assert pictures(sync(stores, written(shop, [Ware("a", locations[:2])]))) == (0, 2, 0)
        assert len(web.requests) == 3
    service = open_service(stores.folder)
    settings = Settings(store=stores.folder, detector="none", photos=tmp_path / "photos")
    app = create_app(settings, service=service)
    app.test_client_class = TidyClient
    for number in (1, 2):
        response = app.test_client().get(f"/pictures/{content_hash(picture(number))}")
        assert (response.status_code, response.data) == (200, picture(number))
        assert response.cache_control.immutable


def test_a_picture_changed_behind_its_address_is_seen_when_asked_for(
    shop: Path, stores: StoreSet
) -> None:
    shown = {"number": 1}

    def answer(request: Request) -> Reply:
        tag = f'"{shown["number"]}"'
        if request.headers.get("if-none-match") == tag:
            return reply(304, ETag=tag)
        return reply(body=picture(shown["number"]), ETag=tag)

    with serving(answer) as web:
        feed = written(shop, [Ware("a", (web.url(),))])
        sync(stores, feed)
        shown["number"] = 2
        assert pictures(sync(stores, feed)) == (0, 1, 0)
        summary = sync(stores, feed, REFETCH)
        assert (products(summary), pictures(summary)) == ((0, 1, 0), (1, 0, 1))
        assert pictures(sync(stores, feed, REFETCH)) == (0, 1, 0)
        assert len(web.requests) == 3
    assert open_service(stores.folder).picture(content_hash(picture(2))) == picture(2)


def test_a_picture_that_is_gone_from_the_web_keeps_its_vector(shop: Path, stores: StoreSet) -> None:
    def answer(request: Request) -> Reply:
        return reply(404) if web.requests[1:] else by_number(request)

    web: Web
    with serving(answer) as web:
        feed = written(shop, [Ware("a", (web.url("/1.png"),))])
        sync(stores, feed)
        summary = sync(stores, feed, REFETCH)
        assert [error.row_code for error in summary.failed] == ["fetch_not_found"]
        assert held(stores) == {("a", web.url("/1.png"))}
    assert open_service(stores.folder).picture(content_hash(picture(1))) == picture(1)


def test_a_torn_copy_is_fetched_anew(shop: Path, stores: StoreSet) -> None:
    with serving(by_number) as web:
        feed = written(shop, [Ware("a", (web.url("/1.png"),))])
        sync(stores, feed)
        digest = content_hash(picture(1))
        (stores.pictures_folder / digest[:2] / digest).write_bytes(b"torn")
        other = replace(LITE0, extractors=("efficientnet_lite1",))
        assert sync(stores, feed, other).failed == ()
    assert open_service(stores.folder).picture(digest) == picture(1)


def test_a_picture_changed_in_its_folder_is_shown_but_not_for_long(
    shop: Path, stores: StoreSet, tmp_path: Path
) -> None:
    sync(stores, written(shop, [ware("a", 0)]))
    (shop / "0.png").write_bytes(picture(1))
    settings = Settings(store=stores.folder, detector="none", photos=tmp_path / "photos")
    app = create_app(settings, service=open_service(stores.folder))
    app.test_client_class = TidyClient
    response = app.test_client().get(f"/pictures/{content_hash(picture(0))}")
    assert response.data == picture(1)
    assert response.cache_control.max_age == 60
    assert not response.cache_control.immutable


def test_a_picture_that_two_products_have_is_shown_while_one_file_is_there(
    shop: Path, stores: StoreSet
) -> None:
    (shop / "1.png").write_bytes(picture(0))
    sync(stores, written(shop, [ware("a", 0), ware("b", 1)]))
    service, digest = open_service(stores.folder), content_hash(picture(0))
    (shop / "0.png").rename(shop / "away.png")
    assert service.picture(digest) == picture(0)
    (shop / "away.png").rename(shop / "0.png")
    (shop / "1.png").unlink()
    assert service.picture(digest) == picture(0)
    (shop / "0.png").unlink()
    with pytest.raises(PictureNotFoundError):
        service.picture(digest)


def test_a_picture_that_no_product_has_is_not_shown(shop: Path, stores: StoreSet) -> None:
    sync(stores, written(shop, [ware("a", 0)]))
    with pytest.raises(PictureNotFoundError):
        open_service(stores.folder).picture(content_hash(picture(5)))
