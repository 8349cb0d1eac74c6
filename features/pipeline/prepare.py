"""From a picture's bytes to what the network is to see: the whole, or its main item."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.detection import DETAIL, Detector, main_item
from features.extractors import Extractor
from features.extractors.by_turns import embed_by_turns
from features.images import PictureLimits, crop, decode
from features.types import ExtractorSpec, Image, Prepared, Vectors
from features.videos import VideoFile, WatchedVideo, watch


@dataclass(frozen=True)
class Preparation:
    """How pictures of a store are prepared; `cropper` finds their main items, if any should."""

    extractor: Extractor
    cropper: Detector | None
    limits: PictureLimits

    @property
    def spec(self) -> ExtractorSpec:
        """What makes the vectors of a store of such pictures."""
        spec = self.extractor.spec
        return spec if self.cropper is None else replace(spec, crop=f"auto:{self.cropper.name}")

    def __call__(self, data: bytes) -> Prepared:
        """A picture of the catalogue as the network wants it.

        Raises:
            InvalidPictureError: the bytes are no picture that can be used.
        """
        return self.extractor.prepare_gallery(self._picture(data))

    def watch(self, video: VideoFile) -> WatchedVideo:
        """A video as one picture of the store.

        Raises:
            InvalidPictureError: it is no video that can be used.
            VideosUnavailableError: videos cannot be read here.
        """
        return watch(video, self._embedded, normalized=self.extractor.spec.normalized)

    def _embedded(self, frames: Sequence[Image]) -> Vectors:
        items = [self._main(frame) for frame in frames]
        return embed_by_turns(self.extractor, items, self.extractor.gallery_views)

    def _main(self, frame: Image) -> Image:
        item = None if self.cropper is None else main_item(self.cropper.detect(frame))
        return frame if item is None else crop(frame, item.box)

    def _picture(self, data: bytes) -> Image:
        detail = self.extractor.detail
        if self.cropper is not None:
            item = main_item(self.cropper.detect(decode(data, self.limits, detail=DETAIL)))
            if item is not None:
                image = decode(data, self.limits, detail=detail, part=item.box)
                return crop(image, item.box)
        return decode(data, self.limits, detail=detail)
