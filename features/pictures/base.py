"""What a place that holds a catalogue's pictures offers."""

from typing import Protocol

from features.images import DEFAULT_LIMITS, PictureLimits


class PictureRoot(Protocol):
    """Where the picture paths of a catalogue start: a folder, or an archive."""

    permanent: bool
    """Whether the pictures can be read there later too; if not, whoever needs them keeps them."""

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureNotFoundError: there is none, or the location leads out of the root.
            PictureTooLargeError: it is above the byte limit.
        """

    def stamp(self, location: str) -> str | None:
        """A text that is another one where the picture's bytes may have changed.

        It is cheap: no picture is read. None where there is no such picture.
        """


def is_url(location: str) -> bool:
    """Whether a picture's location is an address rather than a path."""
    return "://" in location
