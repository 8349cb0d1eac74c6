"""The pictures that a store is asked for: its own ones, or photos with known answers."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from features.errors import TooFewPicturesError
from features.evaluation.queries import LabelledQuery
from features.store import StoreView

DEFAULT_SAMPLE = 2_000
_LEAST_PRODUCTS = 2


class Kind(StrEnum):
    """How a picture is made a question."""

    TAKEN_OUT = "taken_out"
    """It is taken out of the store; the product's other pictures should be found."""
    ALTERED = "altered"
    """It is the product's only one, and altered a little; itself should be found."""
    PHOTO = "photo"
    """It is none of the store's."""


@dataclass(frozen=True)
class Probe:
    """A picture with a known answer: one of the store's by its content hash, or a photo."""

    product_id: str
    content_hash: str
    kind: Kind
    photo: LabelledQuery | None = None


def own_probes(view: StoreView) -> list[Probe]:
    """Every picture that the store's products have; one that a product has twice counts once."""
    rows = np.flatnonzero(view.live & (view.description_of >= 0))
    pairs = np.stack([view.owners[rows], view.contents[rows]], axis=1)
    distinct, first = np.unique(pairs, axis=0, return_index=True)
    several = np.bincount(distinct[:, 0])[distinct[:, 0]] > 1
    pictures = (view.pictures[row] for row in rows[first].tolist())
    return [
        Probe(picture.product_id, picture.content_hash, Kind.TAKEN_OUT if more else Kind.ALTERED)
        for picture, more in zip(pictures, several, strict=True)
    ]


def photo_probes(queries: Iterable[LabelledQuery]) -> list[Probe]:
    """Photos of known products."""
    return [Probe(query.product_id, "", Kind.PHOTO, query) for query in queries]


def in_both(one: Sequence[Probe], other: Sequence[Probe]) -> list[Probe]:
    """The pictures of two stores that both have, made questions in the same way.

    A picture is only taken out where both have another one of its product.
    """
    kinds = {(probe.product_id, probe.content_hash): probe.kind for probe in other}
    shared = [probe for probe in one if (probe.product_id, probe.content_hash) in kinds]
    return [
        replace(probe, kind=kinds[probe.product_id, probe.content_hash])
        if probe.kind is Kind.TAKEN_OUT
        else probe
        for probe in shared
    ]


def sample(probes: Sequence[Probe], size: int, seed: int = 0) -> list[Probe]:
    """Some of the pictures, by chance but always the same ones, wherever they are in a store.

    Raises:
        TooFewPicturesError: they are of less than two products.
    """
    if len({probe.product_id for probe in probes}) < _LEAST_PRODUCTS:
        raise TooFewPicturesError(
            "pictures of at least two products are needed to measure with; add products with "
            "scripts/extract_features.py, or measure with photos: evaluate.py QUERIES.csv"
        )
    return sorted(probes, key=lambda probe: probe_seed(probe, seed))[:size]


def probe_seed(probe: Probe, seed: int) -> int:
    """A number by chance that belongs to the picture and the seed."""
    text = f"{seed} {probe.content_hash} {probe.product_id}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest())
