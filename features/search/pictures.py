"""The bytes of a catalogue's pictures, which need no extractor."""

from pathlib import Path

from features.errors import PictureNotFoundError
from features.images import DEFAULT_LIMITS, PictureLimits
from features.pictures import PictureFolder, PictureSource, Vault
from features.store import StoreView


def picture_in(
    view: StoreView,
    digest: str,
    *,
    root: Path | None = None,
    vault: Vault | None = None,
    limits: PictureLimits = DEFAULT_LIMITS,
) -> bytes:
    """A picture of a version of a store, by its content hash.

    Args:
        root: where the catalogue's pictures are, if no longer where they were.
        vault: holds the pictures that came from the web, an archive, or an upload.

    Raises:
        PictureNotFoundError: no product has it, or its file is gone.
    """
    source = PictureSource(PictureFolder(root or view.pictures_root), vault)
    missing = PictureNotFoundError("no product has this picture")
    for row in view.rows_with(digest):
        try:
            return source.stored(view.pictures[row].location, digest, limits)
        except PictureNotFoundError as error:
            missing = error
    raise missing
