"""Collections: pictures that are searched on their own, beside the catalogue."""

from features.collections.collection import LONGEST_NAME, Collection
from features.collections.shelf import CollectionShelf

__all__ = ["LONGEST_NAME", "Collection", "CollectionShelf"]
