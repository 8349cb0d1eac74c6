"""A store's rows in Milvus: for stores that outgrow one machine."""

from features.index.milvus.address import MILVUS, MilvusAddress
from features.index.milvus.index import MilvusIndex, open_index

__all__ = ["MILVUS", "MilvusAddress", "MilvusIndex", "open_index"]
