"""`SearchService`: the one door to visual search, for the server and the scripts alike."""

from features.search.fusing import fuse
from features.search.indexing import IndexReport, index_store
from features.search.opening import open_service
from features.search.ranking import MAX_LIMIT, MAX_OFFSET
from features.search.service import MAX_SEEDS, MAX_TEXT, Comparison, Promising, SearchService

__all__ = [
    "MAX_LIMIT",
    "MAX_OFFSET",
    "MAX_SEEDS",
    "MAX_TEXT",
    "Comparison",
    "IndexReport",
    "Promising",
    "SearchService",
    "fuse",
    "index_store",
    "open_service",
]
