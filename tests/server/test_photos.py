"""Shoppers' photos, kept for a while."""

import os
import time
from pathlib import Path

import pytest

from features.errors import PictureWriteError
from server.pictures.photos import PhotoGoneError, PhotoShelf


def shelf(folder: Path, seconds: float = 60, room: int = 1_000_000) -> PhotoShelf:
    return PhotoShelf(folder / "photos", seconds, room)


def age(folder: Path, token: str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder / "photos" / token, (then, then))


def test_a_kept_photo_comes_back_in_every_process(tmp_path: Path) -> None:
    token = shelf(tmp_path).put(b"photo")
    assert shelf(tmp_path).get(token) == b"photo"


def test_tokens_are_long_and_never_the_same(tmp_path: Path) -> None:
    tokens = {shelf(tmp_path).put(b"photo") for _ in range(50)}
    assert len(tokens) == 50 and all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize(
    "token", ["", "x", "../manifest.json", "/etc/passwd", "a" * 32, "." * 32, "\x00" * 32, "ä" * 32]
)
def test_a_token_that_was_never_given_is_gone(tmp_path: Path, token: str) -> None:
    with pytest.raises(PhotoGoneError, match="send it again"):
        shelf(tmp_path).get(token)


def test_an_expired_photo_is_gone_even_before_it_is_swept(tmp_path: Path) -> None:
    token = shelf(tmp_path).put(b"photo")
    age(tmp_path, token, 61)
    with pytest.raises(PhotoGoneError):
        shelf(tmp_path).get(token)


def test_sweeping_deletes_the_expired_and_only_those(tmp_path: Path) -> None:
    old, new = shelf(tmp_path).put(b"old"), shelf(tmp_path).put(b"new")
    age(tmp_path, old, 61)
    shelf(tmp_path).sweep()
    assert [path.name for path in (tmp_path / "photos").iterdir()] == [new]


def test_the_oldest_make_room(tmp_path: Path) -> None:
    tokens = [shelf(tmp_path).put(bytes(100)) for _ in range(3)]
    for seconds, token in zip((30, 20, 10), tokens, strict=True):
        age(tmp_path, token, seconds)
    shelf(tmp_path, room=250).sweep()
    assert {path.name for path in (tmp_path / "photos").iterdir()} == set(tokens[1:])


def test_a_server_that_was_away_sweeps_what_it_left(tmp_path: Path) -> None:
    token = shelf(tmp_path).put(b"photo")
    age(tmp_path, token, 61)
    shelf(tmp_path).put(b"another")
    assert not (tmp_path / "photos" / token).exists()


def test_only_the_servers_user_may_look(tmp_path: Path) -> None:
    shelf(tmp_path).put(b"photo")
    assert (tmp_path / "photos").stat().st_mode & 0o777 == 0o700


def test_a_photo_is_written_while_it_is_worked_with(tmp_path: Path) -> None:
    photos = shelf(tmp_path)
    with photos.keeping(b"photo") as kept:
        token = kept()
    assert photos.get(token) == b"photo"


def test_nothing_stays_of_a_photo_that_proved_bad(tmp_path: Path) -> None:
    photos = shelf(tmp_path)
    with pytest.raises(ValueError, match="no picture"), photos.keeping(b"photo"):
        raise ValueError("no picture")
    assert not list((tmp_path / "photos").iterdir())


def test_a_photo_that_cannot_be_kept_is_told_when_its_token_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "photos").write_bytes(b"a file where the folder should be")
    with (
        pytest.raises(PictureWriteError, match="VISUAL_SEARCH_PHOTOS"),
        shelf(tmp_path).keeping(b"photo") as kept,
    ):
        kept()


def test_a_photo_of_the_future_is_not_kept_for_longer(tmp_path: Path) -> None:
    token = shelf(tmp_path).put(b"photo")
    age(tmp_path, token, -86_400)  # it was put before the clock was set back
    with pytest.raises(PhotoGoneError):
        shelf(tmp_path).get(token)
    shelf(tmp_path).sweep()
    assert list((tmp_path / "photos").iterdir()) == []
