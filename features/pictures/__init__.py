"""From a picture's location (a path, an address on the web, an upload) to its bytes."""

from features.pictures.archive import Archive, is_archive, open_archive
from features.pictures.base import PictureRoot, is_url
from features.pictures.folder import PictureFolder, locate
from features.pictures.zip_directory import ArchiveLimits

__all__ = [
    "Archive",
    "ArchiveLimits",
    "PictureFolder",
    "PictureRoot",
    "is_archive",
    "is_url",
    "locate",
    "open_archive",
]
