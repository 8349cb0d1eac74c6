"""Frames of videos: which are seen, what that costs, and what cannot be watched."""

import io
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as Pillow

from features.errors import (
    BrokenVideoError,
    EmptyPictureError,
    InvalidVideoError,
    NotAVideoError,
    PictureNotFoundError,
    TooManyPixelsError,
    VideoTooLargeError,
    VideoTooLongError,
    VideoTooSlowError,
)
from features.types import Image
from features.videos import VideoLimits, is_video, sample_frames, video_suffix
from features.videos.frames import sample_frames_here
from features.videos.opening import OpenVideo, Shot
from scripts.clips import AVI, FORMS, MOV, MP4, WEBM, Form, clip, cuts, pan, still
from tests.helpers import drawing, picture, run_python

SIZE = (160, 96)
SCENES = [Pillow.new("RGB", SIZE, colour) for colour in ("red", "lime", "blue")]
PLAIN = drawing(1, SIZE)


def striped(image: Image) -> Image:
    """With something on it: a frame of one colour counts as blank."""
    image = image.copy()
    image.paste("white", (0, 0, SIZE[0] // 2, 12))
    return image


def colour(image: Image) -> int:
    """The strongest channel of its middle."""
    return int(np.argmax(np.asarray(image)[image.height // 2, image.width // 2]))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.container)
def test_every_scene_of_a_video_is_seen(form: Form) -> None:
    frames = sample_frames(clip(cuts([striped(scene) for scene in SCENES], SIZE, 20), form))
    assert len(frames) == 5
    assert {colour(frame.image) for frame in frames} == {0, 1, 2}
    assert [frame.time_s for frame in frames] == sorted({frame.time_s for frame in frames})
    assert all(colour(frame.image) == int(frame.time_s / 0.8) for frame in frames)


def test_more_threads_see_the_same() -> None:
    video = clip(pan(PLAIN, SIZE, 60), MOV)
    alone, together = sample_frames(video), sample_frames(video, threads=4)
    assert [frame.time_s for frame in alone] == [frame.time_s for frame in together]
    assert [f.image.tobytes() for f in alone] == [f.image.tobytes() for f in together]


def test_a_video_that_turns_dark_is_seen_where_it_is_not() -> None:
    dark = Pillow.new("RGB", SIZE, "black")
    frames = sample_frames(clip(cuts([dark, PLAIN, dark], SIZE, 20), MOV))
    assert frames
    assert all(np.asarray(frame.image).std() > 10 for frame in frames)


def test_keyframes_that_show_nothing_give_way_to_others() -> None:
    dark = Pillow.new("RGB", SIZE, "black")
    frames = sample_frames(clip([dark, PLAIN] * 20, AVI, gop=1))
    assert len(frames) == 5
    assert all(np.asarray(frame.image).std() > 10 for frame in frames)


def test_only_as_many_keyframes_are_decoded_as_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[float] = []
    shots = OpenVideo.shots

    def counted(video: OpenVideo, time_s: float) -> Iterator[Shot]:
        decoded.append(time_s)
        return shots(video, time_s)

    monkeypatch.setattr(OpenVideo, "shots", counted)
    frames = sample_frames_here(clip(pan(PLAIN, SIZE, 60), MOV, gop=4))
    assert [frame.time_s for frame in frames] == decoded
    assert len(decoded) == 5


def test_frames_behind_few_keyframes_are_seen_too() -> None:
    frames = sample_frames(clip(pan(PLAIN, SIZE, 60)))
    assert frames[0].time_s == 0, "the only keyframe"
    assert len({frame.image.tobytes() for frame in frames}) == 5
    assert frames[-1].time_s > 2


def test_pixels_that_only_the_stream_calls_wide_are_made_square() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="avi") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = SIZE
        stream.codec_context.sample_aspect_ratio = Fraction(2, 1)
        container.mux(stream.encode(av.VideoFrame.from_image(PLAIN)))
        container.mux(stream.encode())
    (frame,) = sample_frames(buffer.getvalue())
    assert frame.image.size == (2 * SIZE[0], SIZE[1])


def test_a_codec_that_is_not_read_is_named() -> None:
    with pytest.raises(NotAVideoError, match="coded as ffv1"):
        sample_frames(clip([PLAIN], Form("matroska", "ffv1")))


def test_a_video_of_one_frame_has_one() -> None:
    (frame,) = sample_frames(clip([PLAIN]))
    assert frame.time_s == 0
    assert np.abs(np.asarray(frame.image, float) - np.asarray(PLAIN, float)).mean() < 8


def test_a_phones_video_is_turned_upright() -> None:
    upright = Pillow.new("RGB", SIZE, "red")
    upright.paste("blue", (SIZE[0] // 2, 0, *SIZE))
    (frame, *_) = sample_frames(clip(still(upright, SIZE, 3), rotation=-90))
    assert frame.image.size == (SIZE[1], SIZE[0])
    assert frame.image.getpixel((48, 10))[0] > 200, "left goes up when turned clockwise"
    assert frame.image.getpixel((48, 150))[2] > 200


def test_frames_that_last_unevenly_have_their_own_times() -> None:
    shown_at = [0.0, 0.04, 0.08, 3.0, 3.04, 9.0]
    pictures = [striped(SCENES[number // 2]) for number in range(6)]
    frames = sample_frames(clip(pictures, MP4, times=shown_at, gop=1))
    assert {round(frame.time_s, 2) for frame in frames} <= set(shown_at)
    assert {colour(frame.image) for frame in frames} == {0, 1, 2}


def test_a_large_frame_is_made_smaller() -> None:
    (frame,) = sample_frames(clip([drawing(1, (1600, 400))], AVI))
    assert frame.image.size == (640, 160)


def test_only_a_small_part_of_a_long_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0)
    pictures = (
        Pillow.fromarray(noise.integers(0, 256, (240, 320, 3), np.uint8)) for _ in range(300)
    )
    path = tmp_path / "long.avi"
    path.write_bytes(clip(pictures, AVI))
    read = 0

    class Counted:
        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> "Counted":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def read(self, size: int) -> bytes:
            nonlocal read
            data: bytes = self.file.read(size)  # type: ignore[attr-defined]
            read += len(data)
            return data

    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: Counted(opened(self, mode)))
    assert len(sample_frames_here(path)) == 5
    assert 0 < read < path.stat().st_size / 3


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.container)
def test_a_video_is_known_by_how_it_begins(form: Form) -> None:
    assert is_video(clip([PLAIN], form))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF"])
def test_a_picture_is_no_video(form: str) -> None:
    assert not is_video(picture(1, form))
    with pytest.raises(NotAVideoError, match="not a video"):
        sample_frames(picture(1, form))


def test_names_of_videos() -> None:
    assert video_suffix("shop/shoe.MP4")
    assert video_suffix("https://cdn.shop.example/a.webm?size=2")
    assert not video_suffix("shoe.mp4.jpg")


def test_nothing_is_no_video() -> None:
    with pytest.raises(EmptyPictureError):
        sample_frames(b"")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureNotFoundError, match=r"gone\.mp4"):
        sample_frames(tmp_path / "gone.mp4")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.container)
def test_a_video_cut_short_is_watched_or_refused(form: Form) -> None:
    whole = clip(pan(PLAIN, SIZE, 30), form)
    for share in (0.02, 0.3, 0.6, 0.95):
        part = whole[: int(share * len(whole))]
        try:
            assert sample_frames(part)
        except InvalidVideoError as error:
            assert "video" in str(error)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.container)
def test_a_damaged_video_is_watched_or_refused(form: Form) -> None:
    whole = np.frombuffer(clip(pan(PLAIN, SIZE, 20), form), np.uint8)
    random = np.random.default_rng(7)
    for _ in range(12):
        torn = whole.copy()
        places = random.integers(12, len(torn), len(torn) // 40)
        torn[places] = random.integers(0, 256, len(places), np.uint8)
        try:
            assert sample_frames(torn.tobytes(), limits=VideoLimits(patience_s=5))
        except (InvalidVideoError, TooManyPixelsError) as error:
            assert str(error)


@pytest.mark.parametrize("head", [b"\0\0\0\x18ftypisom", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0AVI "])
def test_rubbish_after_the_head_of_a_video_is_refused(head: bytes) -> None:
    with pytest.raises(InvalidVideoError):
        sample_frames(head + os.urandom(5_000))


def test_a_playlist_that_names_other_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    with pytest.raises(NotAVideoError):
        sample_frames(path)


def test_limits_are_told_with_their_numbers() -> None:
    video = clip(still(PLAIN, SIZE, 50), WEBM)
    with pytest.raises(VideoTooLargeError, match=r"at most 0\.0 MB"):
        sample_frames(video, limits=VideoLimits(max_bytes=100))
    with pytest.raises(VideoTooLongError, match="lasts 2 seconds; at most 1"):
        sample_frames(video, limits=VideoLimits(max_seconds=1))
    with pytest.raises(TooManyPixelsError, match="megapixels"):
        sample_frames(video, limits=VideoLimits(max_pixels=1_000))
    with pytest.raises(VideoTooSlowError, match="within 0 seconds"):
        sample_frames(video, limits=VideoLimits(patience_s=0))


def test_a_file_of_sound_alone_has_no_video_track() -> None:
    with pytest.raises(NotAVideoError, match="only sound"):
        sample_frames(sound())


def sound() -> bytes:
    """Some silence as MP4."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100)
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 1_024), np.float32), "fltp", "stereo")
        silence.rate = 44_100
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    return buffer.getvalue()


WITHOUT = """
import sys
sys.modules["av"] = None
from features.errors import VideosUnavailableError
from features.videos import sample_frames
try:
    sample_frames(bytes.fromhex("0000001866747970") + b"isom" * 9)
except VideosUnavailableError as error:
    print(error)
"""


def test_without_pyav_the_way_to_it_is_told() -> None:
    done = run_python("-c", WITHOUT)
    assert "pip install -r requirements-video.txt" in done.stdout, done.stderr


def test_a_broken_video_names_the_cause() -> None:
    whole = clip(pan(PLAIN, SIZE, 10), AVI)
    with pytest.raises(BrokenVideoError, match="damaged"):
        sample_frames(whole[:40])
