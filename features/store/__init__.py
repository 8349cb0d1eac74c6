"""The feature store: vectors in numpy files, everything else in CSV, one manifest as the truth."""

from features.store.damage import Damage, Missing, find_damage
from features.store.disk import naming_write_errors, replace_file, replace_shared_file
from features.store.export import write_csv
from features.store.keys import Numbering
from features.store.manifest import MANIFEST, Manifest, Segment, SegmentFile, read_manifest
from features.store.reader import open_store, store_version
from features.store.segments import SegmentData
from features.store.stores import STORES, StoreSet
from features.store.view import StoreView
from features.store.writer import StoreWriter

__all__ = [
    "MANIFEST",
    "STORES",
    "Damage",
    "Manifest",
    "Missing",
    "Numbering",
    "Segment",
    "SegmentData",
    "SegmentFile",
    "StoreSet",
    "StoreView",
    "StoreWriter",
    "find_damage",
    "naming_write_errors",
    "open_store",
    "read_manifest",
    "replace_file",
    "replace_shared_file",
    "store_version",
    "write_csv",
]
