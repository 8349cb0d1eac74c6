"""Small copies of pictures go from the disk with their product, their picture, their collection."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.collections import CollectionShelf
from features.images import content_hash
from features.store import STORES, StoreSet, StoreView, StoreWriter, open_store
from server import create_app
from server.config import Settings
from server.pictures import leaving
from server.pictures.leaving import LeftPictures
from server.services.imports import Imports
from tests.server.conftest import TidyClient
from tests.server.test_collections_api import create, import_all


def view(settings: Settings) -> StoreView:
    return open_store(StoreSet(settings.store).folder_of())


def sweep(app: Flask) -> int:
    left: LeftPictures = app.extensions["left_pictures"]
    return left.sweep()


def digests(view: StoreView) -> list[str]:
    return [picture.content_hash for picture in view.pictures]


def shown(client: FlaskClient, digest: str, query: str = "") -> None:
    """Small copies of two kinds are asked for, and kept."""
    for accept in ("image/webp", "*/*"):
        address = f"/pictures/{digest}/160{query}"
        assert client.get(address, headers={"Accept": accept}).status_code == 200


def kept(folder: Path, digest: str) -> int:
    return len(list(folder.rglob(f"*{digest}*")))


def test_small_copies_go_with_their_product_and_the_others_stay(
    admin: FlaskClient, own_app: Flask, own_settings: Settings
) -> None:
    gone, stays = view(own_settings).pictures[:2]
    for picture in (gone, stays):
        shown(admin, picture.content_hash)
    assert sweep(own_app) == 0
    assert kept(own_settings.thumbnails, gone.content_hash) == 2
    assert admin.delete(f"/api/v1/products/{gone.product_id}").status_code == 200
    assert sweep(own_app) == 1
    assert kept(own_settings.thumbnails, gone.content_hash) == 0
    assert kept(own_settings.thumbnails, stays.content_hash) == 2


def test_small_copies_of_the_last_product_go_too(
    admin: FlaskClient, own_app: Flask, own_settings: Settings
) -> None:
    picture = view(own_settings).pictures[0]
    shown(admin, picture.content_hash)
    for product_id in list(view(own_settings).products):
        assert admin.delete(f"/api/v1/products/{product_id}").status_code == 200
    assert sweep(own_app) == 1
    assert kept(own_settings.thumbnails, picture.content_hash) == 0


def test_small_copies_go_when_another_process_has_deleted_the_product(
    admin: FlaskClient, own_app: Flask, own_settings: Settings
) -> None:
    digest = digests(view(own_settings))[0]
    shown(admin, digest)
    folder = StoreSet(own_settings.store).folder_of()
    with StoreWriter(folder, view(own_settings).spec) as writer:
        writer.delete([0])
    assert sweep(own_app) == 1
    assert kept(own_settings.thumbnails, digest) == 0


def test_small_copies_go_with_their_collection(
    admin: FlaskClient, own_app: Flask, own_settings: Settings, imports: Imports
) -> None:
    collection = create(admin).get_json()["collection"]["id"]
    import_all(imports, own_settings)
    stores = CollectionShelf(StoreSet(own_settings.store)).stores_of(collection)
    digest = digests(open_store(stores.folder_of()))[0]
    shown(admin, digest, f"?collection={collection}")
    assert sweep(own_app) == 0
    assert kept(own_settings.thumbnails, digest) == 2
    assert admin.delete(f"/api/v1/collections/{collection}").status_code == 200
    assert sweep(own_app) == 1
    assert kept(own_settings.thumbnails, digest) == 0


def test_small_copies_go_while_a_collection_is_damaged(
    admin: FlaskClient, own_app: Flask, own_settings: Settings, imports: Imports
) -> None:
    collection = create(admin).get_json()["collection"]["id"]
    import_all(imports, own_settings)
    stores = CollectionShelf(StoreSet(own_settings.store)).stores_of(collection)
    (stores.folder / STORES).write_text("{}")
    picture = view(own_settings).pictures[0]
    shown(admin, picture.content_hash)
    assert admin.delete(f"/api/v1/products/{picture.product_id}").status_code == 200
    assert sweep(own_app) == 1
    assert kept(own_settings.thumbnails, picture.content_hash) == 0


def test_copies_of_another_shop_in_the_same_folder_stay(
    admin: FlaskClient, own_app: Flask, own_settings: Settings, shop_store: Path, tmp_path: Path
) -> None:
    picture = view(own_settings).pictures[0]
    shown(admin, picture.content_hash)
    other = create_app(replace(own_settings, store=shop_store))
    other.test_client_class = TidyClient
    shown(other.test_client(), picture.content_hash)
    assert kept(own_settings.thumbnails, picture.content_hash) == 4
    admin.delete(f"/api/v1/products/{picture.product_id}")
    assert (sweep(own_app), sweep(other)) == (1, 0)
    assert kept(own_settings.thumbnails, picture.content_hash) == 2


def test_what_a_request_kept_while_its_picture_left_goes_a_minute_later(
    admin: FlaskClient,
    own_app: Flask,
    own_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = content_hash(b"left")
    assert sweep(own_app) == 0
    own_app.extensions["thumbnails"].put(f"{late}-160-1.webp", b"small")
    assert (sweep(own_app), kept(own_settings.thumbnails, late)) == (0, 1)
    monkeypatch.setattr(leaving, "_PAUSE_S", 0.0)
    assert (sweep(own_app), kept(own_settings.thumbnails, late)) == (1, 0)


def test_copies_that_earlier_versions_kept_go_for_want_of_room_alone(
    own_app: Flask, own_settings: Settings
) -> None:
    """Nobody can tell whose they are; none of them is served."""
    digest = digests(view(own_settings))[0]
    old = own_settings.thumbnails / digest[:2] / f"{digest}-160-1.jpeg"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    os.utime(old, (0, 0))
    assert own_app.test_client().get(f"/pictures/{digest}/160").data != b"old"
    assert (sweep(own_app), old.exists()) == (0, True)
