"""Decoding apart: the same pixels, and a decoder that dies takes one picture with it."""

import io
import os
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pillow_heif
import psutil
import pytest
from PIL import Image as Pillow

from features.errors import (
    BrokenPictureError,
    BrokenVideoError,
    TooManyPixelsError,
    VideoTooSlowError,
)
from features.images import PictureLimits, decode, picture_format, picture_size
from features.isolation import Helpers, Message, helpers
from features.pixels import decode_here, open_here
from features.types import Box
from features.videos import VideoLimits, sample_frames
from features.videos.frames import sample_frames_here
from scripts.clips import clip, pan
from tests.features.test_images import png_claiming
from tests.helpers import drawing, encoded, picture

APART = ("WEBP", "AVIF", "GIF", "BMP", "TIFF")


class Liar(Helpers):
    """A decoder that a picture has taken over: it says what it likes."""

    def __init__(self, said: Mapping[str, object]) -> None:
        super().__init__("features.decoder", 1)
        self._said = said

    def ask(self, question: Message, *, patience_s: float, most: int) -> Message:
        return Message(self._said, bytes(3))


def ask_a_liar(monkeypatch: pytest.MonkeyPatch, said: Mapping[str, object]) -> None:
    """Have pictures and videos decoded by one."""
    for module in ("images", "videos.asking"):
        monkeypatch.setattr(f"features.{module}.helpers", lambda _: Liar(said))


@pytest.fixture
def decoders() -> Helpers:
    """Those of this process, one of which waits for work."""
    found = helpers("features.decoder")
    found.close()
    decode(picture(1, "WEBP"))
    return found


def heic() -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(drawing(1)).save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("form", [*APART, "HEIF"])
def test_pictures_decoded_apart_have_the_same_pixels(form: str) -> None:
    data = heic() if form == "HEIF" else picture(1, form)
    image = open_here(data)
    assert (picture_format(data), picture_size(data)) == (form, image.size)
    np.testing.assert_array_equal(np.asarray(decode(data)), np.asarray(decode_here(image)))


def test_a_very_large_photo_is_decoded_apart_in_the_same_detail(decoders: Helpers) -> None:
    data = encoded(drawing(1, (5_000, 3_600)), "JPEG")
    part = Box(0.0, 0.0, 0.5, 0.5)
    expected = decode_here(open_here(data), detail=320, part=part)
    (pid,) = decoders.idle
    os.kill(pid, signal.SIGSTOP)  # what waits for it is decoded by it
    with ThreadPoolExecutor(1) as pool:
        decoding = pool.submit(decode, data, detail=320, part=part)
        with pytest.raises(TimeoutError):
            decoding.result(0.5)
        os.kill(pid, signal.SIGCONT)
        found = decoding.result(20)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_usual_photo_needs_no_other_process(form: str, decoders: Helpers) -> None:
    decoders.close()
    decode(picture(1, form), detail=64)
    assert decoders.idle == []


@pytest.mark.parametrize("data", [b"<html>", b"%PDF-1.7", b"words", b"\x00" * 64])
def test_what_is_no_picture_at_all_starts_no_process(data: bytes, decoders: Helpers) -> None:
    decoders.close()
    with pytest.raises(Exception, match="not a picture"):
        decode(data)
    assert decoders.idle == []


def test_a_decoder_that_dies_takes_one_picture_with_it(decoders: Helpers) -> None:
    (pid,) = decoders.idle
    os.kill(pid, signal.SIGSTOP)  # as it stands still, it dies over the picture
    with ThreadPoolExecutor(1) as pool:
        dying = pool.submit(decode, picture(2, "WEBP"))
        with pytest.raises(TimeoutError):
            dying.result(0.1)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(BrokenPictureError, match="damaged"):
            dying.result(20)
    assert decode(picture(2, "WEBP")).size == drawing(2).size


def test_a_decoder_that_hangs_is_ended(decoders: Helpers, monkeypatch: pytest.MonkeyPatch) -> None:
    (pid,) = decoders.idle
    monkeypatch.setattr("features.images._PATIENCE_S", 0.2)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(BrokenPictureError, match=r"within 0\.2 seconds"):
        decode(picture(2, "WEBP"))
    assert not psutil.pid_exists(pid)


def test_a_memory_bomb_is_refused_and_fills_no_memory(decoders: Helpers) -> None:
    (pid,) = decoders.idle
    bomb = png_claiming(40_000, 40_000)
    wide = PictureLimits(max_pixels=2_000_000_000, max_side=50_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pillow, "MAX_IMAGE_PIXELS", None)
        with pytest.raises(TooManyPixelsError):
            decode(bomb, wide)
    assert psutil.Process(pid).memory_info().rss < 300_000_000
    assert decode(picture(2, "WEBP")).size == drawing(2).size


def test_frames_decoded_apart_are_the_same(tmp_path: Path) -> None:
    data = clip(pan(drawing(1, (96, 64)), (96, 64), 12))
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    expected = [(frame.time_s, frame.image.tobytes()) for frame in sample_frames_here(data, 3)]
    assert len(expected) == 3
    for video in (data, path):
        frames = sample_frames(video, 3)
        assert [(frame.time_s, frame.image.tobytes()) for frame in frames] == expected


@pytest.mark.parametrize(
    ("deadly", "error"), [(True, BrokenVideoError), (False, VideoTooSlowError)]
)
def test_a_video_that_ends_its_decoder_is_refused(
    deadly: bool, error: type[Exception], decoders: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = clip(pan(drawing(1, (96, 64)), (96, 64), 12))
    monkeypatch.setattr("features.videos.asking._MARGIN_S", 20.0 if deadly else 0.1)
    (pid,) = decoders.idle
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        dying = pool.submit(sample_frames, data, 3, VideoLimits(patience_s=0.1))
        if deadly:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(error):
            dying.result(20)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"size": 3, "frames": 3},
        {"size": [1], "frames": [1]},
        {"size": ["a", 1], "frames": [["a", 1, 1]]},
        {"size": [-1, 1e400], "frames": [[1e400, -1, 1]]},
        {"size": [-1, -1], "frames": [[-1, -1, 1]]},
        {"refused": "no_such_code"},
        {"refused": [[]]},
    ],
)
def test_a_decoder_that_lies_is_as_good_as_one_that_died(
    monkeypatch: pytest.MonkeyPatch, said: Mapping[str, object]
) -> None:
    ask_a_liar(monkeypatch, said)
    for ask in (decode, picture_size):
        with pytest.raises(BrokenPictureError):
            ask(picture(1, "WEBP"))
    with pytest.raises(BrokenVideoError):
        sample_frames(b"a video", 1)


def test_no_memory_is_taken_for_pixels_that_were_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    ask_a_liar(monkeypatch, {"size": [10**9, 10**9], "frames": [[10**9, 10**9, 1]]})
    with pytest.raises(BrokenPictureError):
        decode(picture(1, "WEBP"))
    with pytest.raises(BrokenVideoError):
        sample_frames(b"a video", 1)
