"""Clips for tests and benchmarks: a camera pans over pictures, zooms into them, and cuts."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import ImageOps

from features.types import Image

RATE = 25
_CLOCK = 90_000


@dataclass(frozen=True)
class Form:
    """A way of writing videos that shops meet."""

    container: str
    codec: str
    options: tuple[tuple[str, str], ...] = ()


MP4 = Form("mp4", "libx264", (("preset", "veryfast"),))
WEBM = Form("webm", "libvpx-vp9", (("deadline", "realtime"), ("cpu-used", "8")))
MOV = Form("mov", "mpeg4", (("qscale", "4"),))
AVI = Form("avi", "mjpeg", (("qscale", "4"),))
FORMS = (MP4, WEBM, MOV, AVI)


def clip(
    frames: Iterable[Image],
    form: Form = MP4,
    *,
    rate: int = RATE,
    gop: int | None = None,
    times: Sequence[float] | None = None,
    rotation: int = 0,
) -> bytes:
    """The bytes of a video.

    Args:
        gop: frames from one keyframe to the next; as the encoder likes it if None.
        times: when each frame is shown, in seconds; evenly if None.
        rotation: degrees that a player turns it by, counter-clockwise; phones write -90.
    """
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form.container) as container:
        stream = None
        for number, frame in enumerate(frames):
            if stream is None:
                stream = container.add_stream(form.codec, rate=rate, options=dict(form.options))
                stream.width, stream.height = frame.size
                stream.pix_fmt = "yuvj420p" if form.codec == "mjpeg" else "yuv420p"
                if gop is not None:
                    stream.codec_context.gop_size = gop
                if times is not None:
                    stream.codec_context.time_base = Fraction(1, _CLOCK)
                if rotation:
                    stream.set_display_rotation(rotation)
            shown = av.VideoFrame.from_image(frame)
            if times is not None:
                shown.time_base = Fraction(1, _CLOCK)
                shown.pts = round(times[number] * _CLOCK)
            container.mux(stream.encode(shown))
        if stream is not None:
            container.mux(stream.encode())
    return buffer.getvalue()


def pan(picture: Image, size: tuple[int, int], frames: int) -> Iterator[Image]:
    """The camera moves from the upper left corner of the picture to the lower right one."""
    width, height = round(size[0] * 1.4), round(size[1] * 1.4)
    whole = ImageOps.fit(picture, (width, height))
    for number in range(frames):
        share = number / max(1, frames - 1)
        x, y = round(share * (width - size[0])), round(share * (height - size[1]))
        yield whole.crop((x, y, x + size[0], y + size[1]))


def zoom(picture: Image, size: tuple[int, int], frames: int) -> Iterator[Image]:
    """The camera goes from the whole picture to its middle half."""
    whole = ImageOps.fit(picture, size)
    for number in range(frames):
        margin = 0.25 * number / max(1, frames - 1)
        box = (margin * size[0], margin * size[1], (1 - margin) * size[0], (1 - margin) * size[1])
        yield whole.resize(size, box=box)


def still(picture: Image, size: tuple[int, int], frames: int) -> Iterator[Image]:
    """The camera stands still."""
    for _ in range(frames):
        yield ImageOps.fit(picture, size)


def cuts(pictures: Sequence[Image], size: tuple[int, int], frames: int) -> Iterator[Image]:
    """One picture after the other, each for `frames` frames."""
    for picture in pictures:
        yield from still(picture, size, frames)


def write_clip(path: Path, frames: Iterable[Image], form: Form = MP4) -> Path:
    """A video file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(clip(frames, form))
    return path
