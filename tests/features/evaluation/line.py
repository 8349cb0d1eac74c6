"""Stores whose vectors lie on a line, where every answer can be told by eye."""

from pathlib import Path

import numpy as np

from features.evaluation.outcomes import Outcome, Scan
from features.evaluation.probes import Kind, Probe
from features.store import StoreView, StoreWriter
from features.types import GalleryPicture, Product
from tests.helpers import TINY

Row = tuple[str, str, float]
"""A product, the name of its picture's content, and where it lies."""


def line(folder: Path, *rows: Row, **categories: str) -> StoreView:
    """A store of some rows; products have the categories that are named."""
    pictures = [
        GalleryPicture(product, f"{n}.jpg", digest(content))
        for n, (product, content, _) in enumerate(rows)
    ]
    vectors = np.zeros((len(rows), TINY.dim), dtype=np.float32)
    vectors[:, 0] = [place for _, _, place in rows]
    products = [Product(name, category=categories.get(name, "")) for name, _, _ in rows]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures, vectors, products)
        return writer.view()


def digest(content: str) -> str:
    """What stands for a content hash."""
    return content.encode().hex().zfill(32)


def asked(
    view: StoreView, product: str, place: float, content: str = "", kind: Kind = Kind.TAKEN_OUT
) -> Outcome:
    """What comes of one picture that lies somewhere."""
    vector = np.zeros((1, TINY.dim), dtype=np.float32)
    vector[0, 0] = place
    probe = Probe(product, digest(content) if content else "", kind)
    (outcome,) = Scan(view).outcomes([probe], vector)
    return outcome
