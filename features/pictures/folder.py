"""A catalogue's own folder as the place where its pictures' paths start."""

import os
from pathlib import Path

from features.errors import PictureNotFoundError, PictureOutsideCatalogError, RemotePictureError
from features.images import DEFAULT_LIMITS, PictureLimits, read_picture
from features.pictures.base import address_advice, is_url, not_there, spellings


def locate(root: Path, location: str) -> Path:
    """The file of a picture. Nothing outside `root` can be named, not even through links.

    Raises:
        RemotePictureError: the location is a URL.
        PictureOutsideCatalogError: the location leaves the folder.
        PictureNotFoundError: the location cannot be a file.
    """
    if is_url(location):
        raise RemotePictureError(f"the picture {location} is on the web, not in a folder")
    try:
        path = (root / location.replace("\\", "/")).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise PictureNotFoundError(f"{location!r} cannot be the path of a picture") from error
    if not path.is_relative_to(root.resolve()):
        raise PictureOutsideCatalogError(
            f"the picture {location} lies outside the catalogue's folder {root}; move it inside, "
            f"or name a folder above both with --pictures{address_advice(location)}"
        )
    return path


class PictureFolder:
    """Pictures below a folder; a `PictureRoot`."""

    permanent = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """See `PictureRoot.read`."""
        path = self.file(location)
        if path is None:
            raise not_there(location, self.folder)
        return read_picture(path, limits)

    def stamp(self, location: str) -> str | None:
        """Size and times of the last change, in nanoseconds: programs that copy set one of them."""
        try:
            path = self.file(location)
            if path is None:
                return None
            status = path.stat()
        except (OSError, PictureNotFoundError):
            return None
        return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"

    def file(self, location: str) -> Path | None:
        """The file of a picture, where its name is spelled a little otherwise too.

        Raises:
            PictureNotFoundError: the location leads out of the folder.
        """
        for spelling in spellings(location):
            path = locate(self.folder, spelling)
            if os.path.exists(path):  # noqa: PTH110 - False for names that cannot be, too
                return path
        return None
