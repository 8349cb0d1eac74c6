"""A video as one picture: its vector, its still, and the time of that."""

import io

import numpy as np
from PIL import Image as Pillow

from features.extractors import Extractor
from features.types import Image
from features.videos import WatchedVideo, sample_frames, watch
from scripts.clips import AVI, MOV, clip, cuts, still
from tests.helpers import drawing

SIZE = (160, 96)
SHOES, HAT = drawing(1, SIZE), drawing(2, SIZE)


def watched(video: bytes, extractor: Extractor) -> WatchedVideo:
    return watch(video, extractor.embed, normalized=extractor.spec.normalized)


def vector_of(image: Image, extractor: Extractor) -> np.ndarray:
    return extractor.embed([image])[0]


def test_the_vector_is_the_mean_of_the_frames_with_length_one(extractor: Extractor) -> None:
    video = clip(cuts([SHOES, HAT], SIZE, 20), MOV)
    mean = extractor.embed([frame.image for frame in sample_frames(video)]).mean(axis=0)
    vector = watched(video, extractor).vector
    assert np.allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)


def test_the_still_is_the_frame_nearest_to_the_mean(extractor: Extractor) -> None:
    seen = watched(clip(cuts([SHOES, SHOES, SHOES, HAT], SIZE, 15), AVI), extractor)
    shown = Pillow.open(io.BytesIO(seen.still))
    assert shown.format == "JPEG"
    assert seen.time_s < 1.8
    distances = np.linalg.norm(
        [vector_of(shown, extractor) - vector_of(image, extractor) for image in (SHOES, HAT)],
        axis=1,
    )
    assert distances[0] < distances[1]


def test_videos_that_share_their_best_frame_have_stills_of_their_own(extractor: Extractor) -> None:
    video = clip(cuts([SHOES, SHOES, SHOES, HAT], SIZE, 15), AVI)
    one = watched(video, extractor)
    other = watched(clip(still(SHOES, SIZE, 60), AVI), extractor)
    assert Pillow.open(io.BytesIO(one.still)).tobytes() == (
        Pillow.open(io.BytesIO(other.still)).tobytes()
    )
    assert one.still != other.still
    assert one.still == watched(video, extractor).still
