"""What a face is, in a photo and in the store."""

from dataclasses import dataclass
from typing import Protocol

from features.types import Box, Image, Vectors


@dataclass(frozen=True, eq=False)
class Face:
    """A face of a photo. `vector` has the shape (1, 128)."""

    box: Box
    vector: Vectors


@dataclass(frozen=True)
class EnrolledFace:
    """A face that is kept, with whose consent and since when (UTC, ISO 8601).

    `subject` is a person, or a group that agreed together, such as the models of a lookbook.
    """

    subject: str
    location: str
    content_hash: str
    box: Box
    enrolled: str


class FaceReader(Protocol):
    """Finds the faces of a picture and embeds them. Safe to call from several threads."""

    def read(self, image: Image) -> list[Face]:
        """The faces of an RGB picture, from left to right."""
