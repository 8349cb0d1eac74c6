"""A video as one picture: the mean of its frames' vectors, and the frame that shows it best."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from features.images import content_hash
from features.types import Image, Vectors
from features.vectors import mean_of
from features.videos.asking import sample_frames
from features.videos.frames import DEFAULT_FRAMES, Frame
from features.videos.guarding import DEFAULT_VIDEO_LIMITS, VideoFile, VideoLimits


@dataclass(frozen=True, eq=False)
class WatchedVideo:
    """What was seen of a video.

    The bytes of `still`, a JPEG, are the same only where all frames are: they tell videos apart.
    """

    vector: Vectors
    """Shape (dim,)."""
    still: bytes
    time_s: float
    """The second of the still."""


def watch(
    video: VideoFile,
    embed: Callable[[Sequence[Image]], Vectors],
    *,
    normalized: bool,
    count: int = DEFAULT_FRAMES,
    limits: VideoLimits = DEFAULT_VIDEO_LIMITS,
    threads: int = 1,
) -> WatchedVideo:
    """Embed a few frames of a video.

    Args:
        embed: gives the vectors of pictures, shape (n, dim).
        normalized: whether vectors have length 1.
        count: how many frames.
        threads: how many places of the video are decoded at once.

    Raises:
        InvalidPictureError, VideosUnavailableError: as `sample_frames`.
    """
    frames = sample_frames(video, count, limits, threads=threads)
    vectors = embed([frame.image for frame in frames])
    middle = vectors.mean(axis=0, dtype=np.float64)
    best = frames[int(np.linalg.norm(vectors - middle, axis=1).argmin())]
    return WatchedVideo(mean_of(vectors, normalized=normalized), _still(best, frames), best.time_s)


def _still(best: Frame, frames: Sequence[Frame]) -> bytes:
    """The frame as JPEG, with a mark of all frames in its comment."""
    mark = content_hash(b"".join(frame.image.tobytes() for frame in frames))
    buffer = io.BytesIO()
    best.image.save(buffer, "JPEG", quality=90, comment=f"{best.time_s:.3f} s of video {mark}")
    return buffer.getvalue()
