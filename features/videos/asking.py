"""Frames of a video from the process apart: a decoder that crashes takes that one video with it."""

from dataclasses import asdict
from pathlib import Path

from PIL import Image as Pillow

from features.errors import (
    BrokenVideoError,
    HelperEndedError,
    HelperTooSlowError,
    VideoTooSlowError,
)
from features.isolation import Message, helpers, raise_refusal
from features.videos.frames import DEFAULT_FRAMES, Frame
from features.videos.guarding import DEFAULT_VIDEO_LIMITS, VideoFile, VideoLimits
from features.videos.opening import BROKEN, SIDE, require_videos

_DECODER = "features.decoder"
_MARGIN_S = 10.0
"""Beyond a video's own patience: for the process to start, and for a frame that does not end."""


def sample_frames(
    video: VideoFile,
    count: int = DEFAULT_FRAMES,
    limits: VideoLimits = DEFAULT_VIDEO_LIMITS,
    *,
    threads: int = 1,
) -> tuple[Frame, ...]:
    """At most `count` frames in the order of their time; fewer of a video that has not as many.

    The same video gives the same frames, however many threads there are.

    Raises:
        InvalidPictureError: one of its family, naming the cause.
        PictureNotFoundError: there is no such file.
        VideosUnavailableError: PyAV is not installed.
    """
    require_videos()
    path = str(video.resolve()) if isinstance(video, Path) else None
    question = {"ask": "watch", "path": path, "count": count, "threads": threads}
    asked = Message(
        {**question, "limits": asdict(limits)}, b"" if isinstance(video, Path) else video
    )
    try:
        answer = helpers(_DECODER).ask(
            asked, patience_s=limits.patience_s + _MARGIN_S, most=count * SIDE * SIDE * 3
        )
        raise_refusal(answer)
        return _frames(answer)
    except HelperTooSlowError as error:
        raise VideoTooSlowError(
            f"The video was not read within {limits.patience_s:g} seconds; send a shorter one, or "
            "one in MP4."
        ) from error
    except (HelperEndedError, KeyError, TypeError, ValueError) as error:
        raise BrokenVideoError(BROKEN) from error


def _frames(answer: Message) -> tuple[Frame, ...]:
    frames, at = [], 0
    for width, height, time_s in answer.head["frames"]:
        end = at + width * height * 3
        if not at < end <= len(answer.body) or width < 1:
            raise ValueError(f"a frame of {width} x {height} pixels")
        image = Pillow.frombytes("RGB", (width, height), answer.body[at:end])
        frames.append(Frame(image, float(time_s)))
        at = end
    return tuple(frames)
