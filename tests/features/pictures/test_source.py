"""One door to every picture: below the catalogue's root, on the web, uploaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from features.errors import (
    FetchRefusedError,
    PictureNotFoundError,
    PictureTooLargeError,
    RemotePictureError,
)
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash
from features.pictures import (
    AddressGuard,
    Fetcher,
    PictureFolder,
    PictureRoot,
    PictureSource,
    Vault,
    upload_location,
)
from tests.features.pictures.web import Web, reply, serving
from tests.helpers import picture

HERE, SENT = content_hash(picture(1)), content_hash(picture(2))


class Archive:
    """A root whose one picture is there today only."""

    permanent = False

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        return picture(1)

    def stamp(self, location: str) -> str | None:
        return "today"


@pytest.fixture
def root(tmp_path: Path) -> PictureRoot:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.png").write_bytes(picture(1))
    return PictureFolder(tmp_path / "shop")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def fetcher(vault: Vault) -> Iterator[Fetcher]:
    with Fetcher(vault, guard=AddressGuard(["127.0.0.1"])) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(lambda request: reply(body=picture(1))) as running:
        yield running


def test_a_path_is_read_below_the_root(root: PictureRoot, vault: Vault) -> None:
    source = PictureSource(root, vault)
    assert source.read("a.png") == picture(1)
    assert source.stamp("a.png") == root.stamp("a.png") is not None
    assert list(vault.digests()) == []


def test_a_url_is_fetched(web: Web, vault: Vault, fetcher: Fetcher) -> None:
    source = PictureSource(None, vault, fetcher)
    assert source.stamp(web.url()) is None
    assert source.read(web.url()) == picture(1)
    assert source.stamp(web.url()) == HERE


def test_an_upload_is_read_from_the_vault(vault: Vault) -> None:
    location = upload_location(vault.put(picture(2)))
    source = PictureSource(vault=vault)
    assert source.read(location) == picture(2)
    assert source.stamp(location) == SENT


def test_a_picture_of_a_passing_root_is_kept(vault: Vault) -> None:
    source = PictureSource(Archive(), vault)
    assert source.read("a.png") == picture(1)
    assert source.stamp("a.png") == "today"
    assert PictureSource(None, vault).stored("a.png", HERE) == picture(1)
    assert PictureSource(Archive()).read("a.png") == picture(1)


def test_a_url_without_a_fetcher_says_how_to_go_on() -> None:
    with pytest.raises(RemotePictureError, match=r"shop\.example/a\.png is .*switch it on"):
        PictureSource().read("https://shop.example/a.png?token=secret")


def test_a_path_without_a_root_says_how_to_go_on() -> None:
    with pytest.raises(PictureNotFoundError, match="one ZIP"):
        PictureSource().read("a.png")


@pytest.mark.parametrize("location", ["upload:", f"upload:{SENT}", "upload:../../etc/passwd"])
def test_an_unknown_upload_is_not_found(vault: Vault, root: PictureRoot, location: str) -> None:
    for source in (PictureSource(root, vault), PictureSource(root)):
        assert source.stamp(location) is None
        with pytest.raises(PictureNotFoundError):
            source.read(location)


def test_only_the_web_is_fetched_from(vault: Vault, fetcher: Fetcher) -> None:
    source = PictureSource(None, vault, fetcher)
    assert source.stamp("file:///etc/passwd") is None
    with pytest.raises(FetchRefusedError, match="https://"):
        source.read("file:///etc/passwd")


@pytest.mark.parametrize("location", ["a.png", "https://shop.example/a.png", f"upload:{HERE}"])
def test_nothing_has_no_stamp(location: str) -> None:
    assert PictureSource().stamp(location) is None


def test_a_stored_picture_is_the_kept_copy_or_the_file(root: PictureRoot, vault: Vault) -> None:
    source = PictureSource(root, vault)
    assert source.stored("a.png", HERE) == picture(1)
    vault.put(picture(2))
    assert source.stored("gone.png", SENT) == picture(2)
    assert PictureSource(root).stored("a.png", HERE) == picture(1)


def test_a_stored_picture_is_never_fetched(web: Web, vault: Vault, fetcher: Fetcher) -> None:
    source = PictureSource(None, vault, fetcher)
    with pytest.raises(PictureNotFoundError, match="no copy"):
        source.stored(web.url(), HERE)
    assert web.requests == []
    source.read(web.url())
    assert source.stored(web.url(), HERE) == picture(1)


def test_limits_hold_for_every_picture(
    root: PictureRoot, web: Web, vault: Vault, fetcher: Fetcher
) -> None:
    source = PictureSource(root, vault, fetcher)
    few = PictureLimits(max_bytes=10)
    for location in ("a.png", web.url(), upload_location(vault.put(picture(2)))):
        with pytest.raises(PictureTooLargeError):
            source.read(location, few)
    with pytest.raises(PictureTooLargeError):
        source.stored("a.png", HERE, few)
