"""From a video to what a picture gives: a vector, a still to show, and when that was seen."""

from features.videos.asking import sample_frames
from features.videos.formats import SUFFIXES, is_video, is_video_file, video_suffix
from features.videos.frames import DEFAULT_FRAMES, Frame
from features.videos.guarding import DEFAULT_VIDEO_LIMITS, VideoFile, VideoLimits
from features.videos.opening import videos_installed
from features.videos.watching import WatchedVideo, watch

__all__ = [
    "DEFAULT_FRAMES",
    "DEFAULT_VIDEO_LIMITS",
    "SUFFIXES",
    "Frame",
    "VideoFile",
    "VideoLimits",
    "WatchedVideo",
    "is_video",
    "is_video_file",
    "sample_frames",
    "video_suffix",
    "videos_installed",
    "watch",
]
