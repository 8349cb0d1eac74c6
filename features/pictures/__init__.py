"""From a picture's location (a path, an address on the web, an upload) to its bytes."""

from features.pictures.base import PictureRoot, is_url
from features.pictures.folder import PictureFolder, locate

__all__ = ["PictureFolder", "PictureRoot", "is_url", "locate"]
