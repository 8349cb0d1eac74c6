"""What the decoder's process is asked, and what it says: pixels, or why there are none."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from features.errors import VisualSearchError
from features.isolation import Message, refusal
from features.pixels import PictureLimits, decode_here, open_here, out_of_memory, size_of
from features.types import Box
from features.videos import VideoLimits
from features.videos.frames import sample_frames_here

_Said = Mapping[str, Any]


def answer(question: Message) -> Message:
    """The answer to a question; a refusal is one too, by its code and in its words."""
    try:
        return _ANSWERS[question.head["ask"]](question.head, bytes(question.body))
    except VisualSearchError as error:
        return refusal(error)
    except MemoryError:
        return refusal(out_of_memory())


def _look(said: _Said, data: bytes) -> Message:
    image = open_here(data, PictureLimits(**said["limits"]))
    return Message({"format": image.format, "size": size_of(image)})


def _decode(said: _Said, data: bytes) -> Message:
    part = None if said["part"] is None else Box(**said["part"])
    image = open_here(data, PictureLimits(**said["limits"]))
    image = decode_here(image, detail=said["detail"], part=part)
    return Message({"size": image.size}, image.tobytes())


def _watch(said: _Said, data: bytes) -> Message:
    video = data if said["path"] is None else Path(said["path"])
    limits = VideoLimits(**said["limits"])
    frames = sample_frames_here(video, said["count"], limits, threads=said["threads"])
    sizes = [(*frame.image.size, frame.time_s) for frame in frames]
    return Message({"frames": sizes}, b"".join(frame.image.tobytes() for frame in frames))


_ANSWERS: Mapping[str, Callable[[_Said, bytes], Message]] = {
    "look": _look,
    "decode": _decode,
    "watch": _watch,
}
