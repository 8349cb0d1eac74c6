"""Stores of products that are described and hardly pictured: words need no more."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.store import StoreView, StoreWriter, open_store
from features.text import Indexed, TextIndex, find_words
from features.types import GalleryPicture, Product
from tests.helpers import TINY


def stock(folder: Path, products: Sequence[Product], *, replacing: Sequence[int] = ()) -> StoreView:
    """A store with these products beside those that it has, one picture each."""
    pictures = [GalleryPicture(it.id, f"{it.id}.jpg", f"{n:032x}") for n, it in enumerate(products)]
    vectors = np.zeros((len(products), TINY.dim), np.float32)
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures, vectors, products, replacing=replacing)
    return open_store(folder)


def indexed(view: StoreView) -> Indexed:
    """The words of a version, which is a small one."""
    found = TextIndex(view.folder).over(view)
    assert found is not None
    return found


def found(view: StoreView, text: str, *, typing: bool = False) -> list[str]:
    """The ids of the products that words find, the best first."""
    matches = find_words(indexed(view), text, typing=typing)
    return [view.descriptions[place].id for place in matches.places.tolist()]
