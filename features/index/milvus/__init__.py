"""A store's rows in Milvus: for stores that outgrow one machine."""

from features.index.milvus.address import MILVUS, MilvusAddress
from features.index.milvus.client import Collection
from features.index.milvus.index import MilvusIndex, open_index
from features.index.milvus.moving import Comparison, compare, complete_record, read_into_store
from features.index.milvus.sync import SyncReport, sync

__all__ = [
    "MILVUS",
    "Collection",
    "Comparison",
    "MilvusAddress",
    "MilvusIndex",
    "SyncReport",
    "compare",
    "complete_record",
    "open_index",
    "read_into_store",
    "sync",
]
