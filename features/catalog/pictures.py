"""From a catalogue's picture location to a file inside the catalogue's folder."""

from pathlib import Path

from features.errors import PictureNotFoundError, PictureOutsideCatalogError, RemotePictureError


def locate(root: Path, location: str) -> Path:
    """The file of a picture. Nothing outside `root` can be named, not even through links.

    Raises:
        RemotePictureError: the location is a URL.
        PictureOutsideCatalogError: the location leaves the folder.
        PictureNotFoundError: the location cannot be a file.
    """
    if "://" in location:
        raise RemotePictureError(
            f"the picture {location} is on the web; download it into the catalogue's folder and "
            "give its path"
        )
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
