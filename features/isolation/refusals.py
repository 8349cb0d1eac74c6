"""Refusals from a process apart: the same errors again."""

from collections.abc import Iterator

from features.errors import (
    HelperEndedError,
    InvalidPictureError,
    PictureNotFoundError,
    VideosUnavailableError,
    VisualSearchError,
)
from features.isolation.wire import Message

_FAMILIES = (InvalidPictureError, PictureNotFoundError, VideosUnavailableError)


def refusal(error: VisualSearchError) -> Message:
    """An error as an answer."""
    return Message({"refused": error.code, "because": str(error)})


def raise_refusal(answer: Message) -> None:
    """Raise what an answer refuses.

    Raises:
        InvalidPictureError, PictureNotFoundError, VideosUnavailableError: of their families.
        HelperEndedError: the refusal is none that could be.
    """
    code = answer.head.get("refused")
    if code is None:
        return
    kinds = {kind.code: kind for family in _FAMILIES for kind in _all_of(family)}
    if not isinstance(code, str) or code not in kinds:
        raise HelperEndedError(f"an unknown refusal {code!r:.40}")
    raise kinds[code](str(answer.head.get("because", "")))


def _all_of(kind: type[VisualSearchError]) -> Iterator[type[VisualSearchError]]:
    yield kind
    for other in kind.__subclasses__():
        yield from _all_of(other)
