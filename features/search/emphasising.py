"""A version of a store as it is searched with an emphasis, and which stores can be."""

from dataclasses import replace

from features.errors import NoEmphasisError
from features.extractors import DEFAULT_EXTRACTOR, AdaptedExtractor, Extractor
from features.index.weighted import WeightedIndex
from features.search.gallery import Gallery
from features.similarity import stretched
from features.types import Emphasis


def able_extractor(extractor: Extractor) -> str:
    """Whose store can be searched with an emphasis: its own, or the plain one's beside an adapted.

    Empty if neither can.
    """
    able = extractor.plain if isinstance(extractor, AdaptedExtractor) else extractor
    return "" if able.parts is None else able.spec.name


def check_emphasis(extractor: Extractor, emphasis: Emphasis) -> None:
    """Refuse an emphasis that an extractor's vectors cannot have.

    Raises:
        NoEmphasisError: what says how to go on.
    """
    if emphasis is Emphasis.BALANCED or extractor.parts is not None:
        return
    able = able_extractor(extractor)
    way_out = (
        f"search the store of {able}, which it was adapted from (extractor={able})"
        if able
        else f"extract the catalogue with {DEFAULT_EXTRACTOR}"
    )
    raise NoEmphasisError(
        f"{extractor.spec.name} does not tell colours from shapes, so that its store knows no "
        f"emphasis on {emphasis}; leave the emphasis out, or {way_out}"
    )


def emphasised(gallery: Gallery, extractor: Extractor, emphasis: Emphasis) -> Gallery:
    """The same version, its distances and similarities those of an emphasis; made once.

    Raises:
        NoEmphasisError: the extractor's vectors have no parts.
    """
    check_emphasis(extractor, emphasis)
    if emphasis is Emphasis.BALANCED or extractor.parts is None:
        return gallery
    if emphasis not in gallery.emphasised:
        weights = extractor.parts.weights(emphasis)
        gallery.emphasised[emphasis] = replace(
            gallery,
            index=WeightedIndex(gallery.index, gallery.view.blocks, weights),
            calibration=stretched(gallery.calibration, gallery.view, weights),
            emphasised={},
        )
    return gallery.emphasised[emphasis]
