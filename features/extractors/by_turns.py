"""Pictures of one thing, as the frames of a video: they need not all be seen in every view."""

from collections.abc import Sequence
from itertools import cycle

from features.extractors.base import Extractor
from features.extractors.views import Views
from features.types import Image, Vectors


def embed_by_turns(extractor: Extractor, images: Sequence[Image], views: Views) -> Vectors:
    """Vectors of RGB pictures, each seen in one of the views, by turns: shape (len(images), dim).

    Their mean tells as much as that of all views of all, for a part of the work.
    """
    turns = zip(cycle(views), images, strict=False)
    return extractor.embed_prepared([(view.of(extractor.prepare(image)),) for view, image in turns])
