"""What shoppers say beside a photo: checked, and taken for filters where no network knows words."""

from features.errors import InvalidQueryError, NoTextSideError
from features.extractors import AdaptedExtractor, Extractor, TextExtractor
from features.filters import named_filters
from features.search.gallery import Gallery
from features.text import LONGEST_QUERY
from features.types import Filter, TextQuery


def check_text(text: TextQuery) -> None:
    """Refuse what says nothing.

    Raises:
        InvalidQueryError: no words or too many, or a weight out of its range.
    """
    if not text.text.strip() or len(text.text) > LONGEST_QUERY:
        raise InvalidQueryError(
            f"the text has {len(text.text)} characters; it must have some words, and at most "
            f"{LONGEST_QUERY} characters"
        )
    if not 0 <= text.weight <= 1:
        raise InvalidQueryError(f"the text's weight is {text.weight}; it must be from 0 to 1")


def speaking_extractor(extractor: Extractor) -> str:
    """Whose store can be searched with words: its own, or the plain one's beside an adapted.

    Empty if neither can. Words and pictures of an image-text model lie in cones of their own: what
    was learned from pictures alone leads words astray.
    """
    able = extractor.plain if isinstance(extractor, AdaptedExtractor) else extractor
    return able.spec.name if isinstance(able, TextExtractor) else ""


def no_words_alone(extractor: Extractor) -> NoTextSideError:
    """Words are all that there is to search with, and this extractor knows none."""
    able = speaking_extractor(extractor)
    way_out = (
        f"the store of {able}, which it was adapted from (extractor={able})"
        if able
        else "the store of an image-text model (docs/text-models.md)"
    )
    return NoTextSideError(
        f"{extractor.spec.name} knows pictures only, no words; search what is written of products, "
        f"or {way_out}"
    )


def filters_in(gallery: Gallery, text: TextQuery) -> tuple[Filter, ...]:
    """The categories, brands, colours and so on that a text names.

    Raises:
        NoTextSideError: it names none that a product has.
    """
    named = named_filters(gallery.masks, text.text)
    if not named:
        raise NoTextSideError(
            f"{gallery.view.spec.name} knows pictures only, no words, and {text.text[:60]!r} names "
            "no category, brand, colour, material or the like of this catalogue"
        )
    return named
