"""Pictures in this machine's own folders, found by what they show: no catalogue, no shop."""

from features.local.folders import AllowedFolders
from features.local.gallery import AddedPictures, FailedPicture, LocalGallery, open_local_stores

__all__ = [
    "AddedPictures",
    "AllowedFolders",
    "FailedPicture",
    "LocalGallery",
    "open_local_stores",
]
