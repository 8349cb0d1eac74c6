"""Products found by words: what is said of them, in SQLite's full-text index beside the store."""

from features.text.database import Scores
from features.text.index import Indexed, TextIndex, build_text
from features.text.matching import Matches, Suggestion, find_words, suggest_words
from features.text.query import LONGEST_QUERY, check_query
from features.text.rows import Places

__all__ = [
    "LONGEST_QUERY",
    "Indexed",
    "Matches",
    "Places",
    "Scores",
    "Suggestion",
    "TextIndex",
    "build_text",
    "check_query",
    "find_words",
    "suggest_words",
]
