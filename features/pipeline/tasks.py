"""A picture of a catalogue on its way into a store: what is asked for, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass

from features.errors import RowError, VisualSearchError
from features.pictures import is_url, shown_address
from features.types import GalleryPicture, PictureRef, Product, Vectors

_SHOWN = 40  # letters of a location; some are whole pictures


@dataclass(frozen=True)
class Task:
    """A picture of a product; `known` is its content in the store, if the store has it."""

    product: Product
    picture: PictureRef
    known: str | None


def _nothing() -> None:
    """There is nothing to note."""


@dataclass(frozen=True)
class Fresh:
    """A picture that was read, and of whose content no vector is known."""

    row: GalleryPicture
    data: bytes
    note: Callable[[], None] = _nothing
    """To be called once the bytes are known to be a picture."""


@dataclass(frozen=True)
class Read:
    """A picture that can be stored. Without a vector, shape (dim,), the store has that already."""

    row: GalleryPicture
    vector: Vectors | None = None


Outcome = Read | RowError


def failed(task: Task, error: VisualSearchError) -> RowError:
    """What to say of a picture that cannot be used."""
    location = task.picture.location
    if is_url(location):
        location = shown_address(location)  # what follows its question mark may be a secret
    location = location[:_SHOWN]
    message = str(error) if location in str(error) else f"{location}: {error}"
    return RowError(message, line=task.picture.line, code=error.code)
