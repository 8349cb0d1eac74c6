"""A catalogue's own folder as the place where its pictures' paths start."""

from pathlib import Path

from features.errors import PictureNotFoundError, PictureOutsideCatalogError, RemotePictureError
from features.images import DEFAULT_LIMITS, PictureLimits, read_picture
from features.pictures.base import is_url


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
            "or name a folder above both with --pictures"
        )
    return path


class PictureFolder:
    """Pictures below a folder; a `PictureRoot`."""

    permanent = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """See `PictureRoot.read`."""
        return read_picture(locate(self.folder, location), limits)

    def stamp(self, location: str) -> str | None:
        """Size and time of the last change, in nanoseconds."""
        try:
            status = locate(self.folder, location).stat()
        except (OSError, PictureNotFoundError):
            return None
        return f"{status.st_size}-{status.st_mtime_ns}"
