"""The one door to PyAV. Nothing about the bytes is trusted, and every refusal says why."""

import importlib.util
import io
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, dropwhile, islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from features.errors import (
    BrokenVideoError,
    EmptyPictureError,
    NotAVideoError,
    PictureNotFoundError,
    TooManyPixelsError,
    VideosUnavailableError,
    VideoTooLargeError,
    VideoTooLongError,
    VideoTooSlowError,
    VisualSearchError,
)
from features.types import Image
from features.videos.formats import FORMAT_NAMES, HEAD_BYTES, container_of
from features.videos.scenes import HEIGHT, WIDTH

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

VideoFile = Path | bytes
"""A file, of which only what is needed is read, or the bytes of one."""

# Only these decoders see hostile bytes.
_DECODERS = frozenset(
    "h264 hevc av1 libdav1d vp8 libvpx vp9 libvpx-vp9 mpeg4 msmpeg4v2 msmpeg4v3 "  # noqa: SIM905
    "mjpeg mpeg1video mpeg2video h263 prores theora".split()
)
# Opening tries a decoder on the first frame, except where the container tells what it would find.
_TOLD_BY_CONTAINER = frozenset(
    "h264 hevc av1 libdav1d vp8 libvpx vp9 libvpx-vp9".split()  # noqa: SIM905
)
_TRIED = {"codec_whitelist": ",".join(sorted(_DECODERS - _TOLD_BY_CONTAINER))}
_MICROSECONDS = 1_000_000  # the unit of a container's own times
SIDE = 640  # pixels of the longer side of a frame that is kept
BROKEN = "The video is damaged or cut short; save or send it again."


@dataclass(frozen=True)
class VideoLimits:
    """What a video may cost. `patience_s` is for opening it and decoding what is needed of it."""

    max_bytes: int = 4_000_000_000
    max_pixels: int = 36_000_000
    max_seconds: float = 6 * 3_600.0
    patience_s: float = 60.0


DEFAULT_VIDEO_LIMITS = VideoLimits()


@cache
def videos_installed() -> bool:
    """Whether PyAV is there; it is not imported. Found out once: every page asks."""
    return _is_found()


def _is_found() -> bool:
    return importlib.util.find_spec("av") is not None


def require_videos() -> None:
    """Raises: VideosUnavailableError: PyAV is not installed."""
    if not _is_found():
        raise _unavailable()


@contextmanager
def open_video(
    video: VideoFile, limits: VideoLimits = DEFAULT_VIDEO_LIMITS
) -> "Iterator[OpenVideo]":
    """A video, open until the block ends.

    Raises:
        InvalidVideoError: one of its family, naming the cause; inside the block too.
        VideosUnavailableError: PyAV is not installed.
    """
    av = _pyav()
    with _file_of(video) as file:
        guarded = _Guarded(file, limits)
        try:
            with av.open(
                guarded,
                format=guarded.container,
                container_options=_TRIED,
                buffer_size=1 << 15,
            ) as container:
                yield OpenVideo(container, _stream_of(container, limits), guarded, av.FFmpegError)
        except VisualSearchError:
            raise
        except Exception as error:  # libraries raise anything on damaged data
            guarded.check_time()
            raise BrokenVideoError(BROKEN) from error


@dataclass(frozen=True)
class Shot:
    """A decoded frame, not yet turned into a picture, and its second of the video."""

    frame: "VideoFrame"
    time_s: float
    shape: float
    """Width of its pixels, of which the height is 1."""

    @cached_property
    def small(self) -> bytes:
        """The frame in as few pixels as tell scenes apart, as RGB bytes."""
        rgb: bytes = self.frame.to_ndarray(
            format="rgb24", width=WIDTH, height=HEIGHT, interpolation="AREA"
        ).tobytes()
        return rgb

    def image(self) -> Image:
        """The frame as RGB, turned and proportioned as a player shows it, and not too large."""
        wide, height = self.frame.width * self.shape, self.frame.height
        scale = min(1.0, SIDE / max(wide, height))
        image: Image = self.frame.to_image(
            width=max(1, round(wide * scale)),
            height=max(1, round(height * scale)),
            interpolation="AREA",
        )
        return image.rotate(self.frame.rotation, expand=True) if self.frame.rotation else image


class OpenVideo:
    """The pictures of a video by time, in seconds from its beginning."""

    def __init__(
        self,
        container: "InputContainer",
        stream: "VideoStream",
        guard: "_Guarded",
        damage: Any,  # noqa: ANN401
    ) -> None:
        """Read the header's times, or all times where it has none.

        Args:
            damage: the class of the errors that FFmpeg has of its own.
        """
        self._damage = damage
        self._container = container
        self._stream = stream
        self._guard = guard
        self._unit = float(stream.time_base or 1 / 1000)
        self._start = stream.start_time or 0
        self.duration_s = self._told_duration() or self._measured_duration()
        guard.check_duration(self.duration_s)

    @property
    def frames(self) -> int:
        """About how many frames it has."""
        rate = float(self._stream.average_rate or self._stream.guessed_rate or 25)
        return self._stream.frames or max(1, round(rate * self.duration_s))

    @property
    def pixels(self) -> int:
        """Pixels of a frame."""
        return self._stream.codec_context.width * self._stream.codec_context.height

    def keyframes(self, times_s: Sequence[float]) -> list[float]:
        """Seconds of the keyframes at some times or before them, each once, in their order.

        None is decoded, and only their own bytes are read.
        """
        found = {self._keyframe(time_s) for time_s in times_s}
        return sorted(time_s for time_s in found if time_s is not None)

    def shots(self, time_s: float, most: int = 1, until_s: float = float("inf")) -> Iterator[Shot]:
        """The keyframe at a time and those behind it, as far as `most` frames or another time go.

        Of those behind it, the ones that no other needs are left out.
        """
        self._seek(time_s)
        self._stream.codec_context.skip_frame = "DEFAULT" if most == 1 else "NONREF"
        packets = islice(self._until(until_s), most)
        shots = self._decoded(chain(packets, [None]))
        yield from (shot for shot in shots if shot.time_s < until_s)

    def _keyframe(self, time_s: float) -> float | None:
        self._seek(time_s)
        found = next((packet for packet in self._packets() if packet.is_keyframe), None)
        return None if found is None else self._seconds(found.pts)

    def _until(self, time_s: float) -> "Iterator[Packet]":
        """From the next keyframe on, up to one at a time or behind it."""
        packets = dropwhile(lambda packet: not packet.is_keyframe, self._packets())
        return takewhile(
            lambda packet: not packet.is_keyframe or self._seconds(packet.pts) < time_s, packets
        )

    def _packets(self) -> "Iterator[Packet]":
        """Those that follow, as far as they are whole."""
        for packet in self._container.demux(self._stream):
            self._guard.check_time()
            if packet.size and packet.pts is not None:
                yield packet

    def _decoded(self, packets: "Iterable[Packet | None]") -> Iterator[Shot]:
        """Their frames; damaged ones are left out."""
        for packet in packets:
            self._guard.check_time()
            try:
                frames = self._stream.codec_context.decode(packet)
            except self._damage:
                continue
            for frame in frames:
                if frame.width * frame.height <= self._guard.limits.max_pixels:
                    yield Shot(frame, self._seconds(frame.pts), self._shape())

    def _shape(self) -> float:
        """As the container has it, or else as the decoder has found it in the frames."""
        told = self._stream.sample_aspect_ratio
        return float(told or self._stream.codec_context.sample_aspect_ratio or 1)

    def _seek(self, time_s: float) -> None:
        try:
            place = self._start + round(time_s / self._unit)
            self._container.seek(place, stream=self._stream, backward=True)
        except self._damage:
            self._container.seek(self._start, stream=self._stream, backward=True)

    def _seconds(self, pts: int | None) -> float:
        return 0.0 if pts is None else max(0.0, (pts - self._start) * self._unit)

    def _told_duration(self) -> float:
        """As the header has it; 0 where it has none, as what a browser recorded."""
        if self._stream.duration:
            return float(self._stream.duration) * self._unit
        return float(self._container.duration or 0) / _MICROSECONDS

    def _measured_duration(self) -> float:
        """The time of the last frame, for which all is read but nothing decoded."""
        last = 0.0
        try:
            for packet in self._container.demux(self._stream):
                self._guard.check_time()
                last = max(last, self._seconds(packet.pts))
        except self._damage:
            return last  # what comes before the damage can be watched
        return last


class _Guarded:
    """A file that FFmpeg reads, until its time is over."""

    def __init__(self, file: BinaryIO, limits: VideoLimits) -> None:
        self._file = file
        self._until = time.monotonic() + limits.patience_s
        self.limits = limits
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if not size:
            raise EmptyPictureError("The video is empty (0 bytes); choose the file again.")
        if size > limits.max_bytes:
            raise VideoTooLargeError(
                f"The video has {size / 1e6:.1f} MB; at most {limits.max_bytes / 1e6:.1f} MB are "
                "allowed. Send a shorter or smaller one."
            )
        self.container = container_of(file.read(HEAD_BYTES))
        file.seek(0)
        if self.container is None:
            raise NotAVideoError(f"This is not a video; send a {FORMAT_NAMES} file.")

    def read(self, size: int) -> bytes:
        self.check_time()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def check_time(self) -> None:
        if time.monotonic() > self._until:
            raise VideoTooSlowError(
                f"The video was not read within {self.limits.patience_s:g} seconds; "
                "send a shorter one, or one in MP4."
            )

    def check_duration(self, seconds: float) -> None:
        if seconds > self.limits.max_seconds:
            raise VideoTooLongError(
                f"The video lasts {seconds:.0f} seconds; at most {self.limits.max_seconds:.0f} "
                "are allowed. Send a shorter one."
            )


@contextmanager
def _file_of(video: VideoFile) -> Iterator[BinaryIO]:
    if isinstance(video, bytes):
        yield io.BytesIO(video)
        return
    try:
        if not video.is_file():
            raise PictureNotFoundError(f"there is no video {video}")
        file = video.open("rb")
    except (OSError, ValueError) as error:
        raise PictureNotFoundError(f"the video {video} cannot be read: {error}") from error
    with file:
        yield file


def _stream_of(container: "InputContainer", limits: VideoLimits) -> "VideoStream":
    """The first video track that is more than a cover picture."""
    covers = 0x400  # AV_DISPOSITION_ATTACHED_PIC
    tracks = [track for track in container.streams.video if not int(track.disposition) & covers]
    if not tracks:
        raise NotAVideoError("The file has no video track, only sound; send another.")
    stream = tracks[0]
    name = stream.codec_context.name
    if name not in _DECODERS:
        raise NotAVideoError(
            f"The video is coded as {name}, which is not read here; save it as MP4 (H.264)."
        )
    pixels = stream.codec_context.width * stream.codec_context.height
    if pixels > limits.max_pixels:
        raise TooManyPixelsError(
            f"The video has {pixels / 1e6:.1f} megapixels; at most {limits.max_pixels / 1e6:.1f} "
            "are allowed. Send a smaller one."
        )
    # Smoothing block edges is a third of the work, and no vector misses it between keyframes.
    stream.codec_context.options = {
        "max_pixels": str(limits.max_pixels),
        "skip_loop_filter": "nokey",
    }
    stream.codec_context.thread_count = 1  # frames of several videos, or places, side by side
    return stream


def _pyav() -> Any:  # noqa: ANN401 - a module
    try:
        import av
    except ImportError as error:
        raise _unavailable() from error
    av.logging.set_level(None)
    return av


def _unavailable() -> VideosUnavailableError:
    return VideosUnavailableError(
        "Videos need PyAV, which is not installed: pip install -r requirements-video.txt"
    )
