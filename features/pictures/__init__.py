"""From a picture's location (a path, an address on the web, an upload) to its bytes."""

from features.pictures.address import shown_address
from features.pictures.archive import Archive, is_archive, open_archive
from features.pictures.base import PictureRoot, is_url
from features.pictures.fetching import Fetcher, FetchOptions
from features.pictures.folder import PictureFolder, locate
from features.pictures.guard import AddressGuard
from features.pictures.source import PictureSource, upload_location
from features.pictures.stamps import StampBook
from features.pictures.unpacking import UnpackedStream
from features.pictures.vault import Vault
from features.pictures.zip_directory import ArchiveLimits

__all__ = [
    "AddressGuard",
    "Archive",
    "ArchiveLimits",
    "FetchOptions",
    "Fetcher",
    "PictureFolder",
    "PictureRoot",
    "PictureSource",
    "StampBook",
    "UnpackedStream",
    "Vault",
    "is_archive",
    "is_url",
    "locate",
    "open_archive",
    "shown_address",
    "upload_location",
]
