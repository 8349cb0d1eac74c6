"""What each version of the stores has to answer: exact distances to every product."""

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.errors import StoreError
from features.extractors import load_extractor
from features.images import decode
from features.store import StoreSet, StoreView, open_store
from features.types import Vectors
from scripts.load.shop import LIMIT

CHANGING = "new-"
"""How the ids begin of the products that come and go."""
_NEAR = 2e-3
"""Distances that differ by less are the same, or their order is chance."""
_Nearest = tuple[tuple[str, ...], tuple[float, ...]]


@dataclass
class Reference:
    """The exact answers to some photos, by extractor and version. Thread-safe.

    A version has to be noted while it is the newest one.
    """

    stores: StoreSet
    photos: dict[str, bytes]
    nearest: dict[tuple[str, int], dict[str, _Nearest]] = field(default_factory=dict)
    """What was noted of each extractor's versions, by photo."""
    _queries: dict[str, dict[str, Vectors]] = field(default_factory=dict)
    _noting: threading.Lock = field(default_factory=threading.Lock)

    def note(self) -> None:
        """Remember what the newest versions have to answer."""
        with self._noting:
            for name in self.stores.names():
                try:
                    view = open_store(self.stores.folder_of(name))
                except StoreError:  # swapped meanwhile
                    continue
                key = (name, view.version)
                if key not in self.nearest:
                    self.nearest[key] = _nearest(view, self._vectors(name))

    def problem(self, photo: str, said: dict[str, Any]) -> str:
        """What is wrong with an answer, if anything; `unknown` where the version is."""
        known = self.nearest.get((said["extractor"], said["index_version"]))
        return "unknown" if known is None else _difference(known[photo], photo, said)

    def problem_beside(self, photo: str, said: dict[str, Any]) -> str:
        """The same of a version that was passed at once: it has what one of those beside it has.

        Nothing is beside the first one of a store that was swapped in just before a change, but
        what follows; it is compared in the products that no change touches.
        """
        name, version = said["extractor"], said["index_version"]
        known = sorted(number for known, number in self.nearest if known == name)
        before = [number for number in known if number <= version][-1:]
        after = [number for number in known if number >= version][:1]
        compare = _difference if before else _difference_in_what_stays
        problems = [
            compare(self.nearest[name, number][photo], photo, said) for number in (*before, *after)
        ]
        return "" if "" in problems else "; ".join(problems) or f"{name} is unknown"

    def _vectors(self, name: str) -> dict[str, Vectors]:
        if name not in self._queries:
            extractor = load_extractor(name)
            self._queries[name] = {
                photo: extractor.embed([decode(data, detail=extractor.detail)])[0]
                for photo, data in self.photos.items()
            }
        return self._queries[name]


def _nearest(view: StoreView, queries: dict[str, Vectors]) -> dict[str, _Nearest]:
    """For each photo, more of the nearest products than an answer has, and their distances."""
    rows = np.flatnonzero(view.live)
    vectors = view.vectors(rows).astype(np.float64)
    products = [view.pictures[int(row)].product_id for row in rows]
    return {photo: _ranked(products, vectors - query) for photo, query in queries.items()}


def _ranked(products: list[str], differences: "np.ndarray[Any, Any]") -> _Nearest:
    best: dict[str, float] = {}
    for product, distance in zip(products, np.linalg.norm(differences, axis=1), strict=True):
        best[product] = min(best.get(product, np.inf), float(distance))
    ranked = sorted(best.items(), key=lambda item: item[1])[: 2 * LIMIT]
    return tuple(name for name, _ in ranked), tuple(distance for _, distance in ranked)


def _difference(known: _Nearest, photo: str, said: dict[str, Any]) -> str:
    """How an answer is not what it has to be; empty if it is."""
    found = _found(said)
    if len(found) != min(LIMIT, len(known[0])):
        return f"{len(found)} products for {photo}"
    return _first_difference(known, found, photo, said)


def _difference_in_what_stays(known: _Nearest, photo: str, said: dict[str, Any]) -> str:
    kept = [pair for pair in zip(*known, strict=True) if not pair[0].startswith(CHANGING)]
    found = [pair for pair in _found(said) if not pair[0].startswith(CHANGING)]
    if not found:
        return f"nothing that stays for {photo}"
    ids, distances = zip(*kept, strict=True)
    return _first_difference((ids, distances), found, photo, said)


def _found(said: dict[str, Any]) -> list[tuple[str, float]]:
    return [(hit["product"]["id"], hit["distance"]) for hit in said["results"]]


def _first_difference(
    known: _Nearest, found: list[tuple[str, float]], photo: str, said: dict[str, Any]
) -> str:
    ids, distances = known
    exact = dict(zip(ids, distances, strict=True))
    for (product, distance), expected in zip(found, distances, strict=False):
        off = max(abs(distance - expected), abs(distance - exact.get(product, np.inf)))
        if off > _NEAR:
            version = f"{said['extractor']} {said['index_version']}"
            return f"{product} at {distance} for {photo} in {version}, not {expected:.4f}"
    return ""
