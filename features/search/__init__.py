"""`SearchService`: the one door to visual search, for the server and the scripts alike."""

from features.search.fusing import fuse
from features.search.indexing import IndexReport, index_store, index_words
from features.search.opening import open_service
from features.search.pictures import picture_in
from features.search.ranking import MAX_LIMIT, MAX_OFFSET
from features.search.service import MAX_SEEDS, Comparison, Promising, SearchService
from features.search.words import MAX_SUGGESTIONS, Suggestions

__all__ = [
    "MAX_LIMIT",
    "MAX_OFFSET",
    "MAX_SEEDS",
    "MAX_SUGGESTIONS",
    "Comparison",
    "IndexReport",
    "Promising",
    "SearchService",
    "Suggestions",
    "fuse",
    "index_store",
    "index_words",
    "open_service",
    "picture_in",
]
