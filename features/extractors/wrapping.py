"""What extractors share that make their vectors of another one's."""

from features.extractors.base import Extractor
from features.types import ExtractorSpec, Image, Pixels


class WrappingExtractor(Extractor):
    """Sees pictures as another extractor does."""

    def __init__(self, spec: ExtractorSpec, plain: Extractor) -> None:
        self.spec = spec
        self.gallery_views = plain.gallery_views
        self.query_views = plain.query_views
        self.lot = plain.lot
        self._plain = plain

    @property
    def detail(self) -> int:
        """See `Extractor.detail`."""
        return self._plain.detail

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        return self._plain.prepare(image)
