"""Asking a store for pictures: by its own vectors where they are taken out, else by embedding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from features.errors import InvalidPictureError, PictureNotFoundError, TooFewPicturesError
from features.evaluation.distortions import altered
from features.evaluation.outcomes import Outcome, Scan
from features.evaluation.probes import Kind, Probe, probe_seed
from features.evaluation.queries import Choice, known_box, query_vector
from features.images import crop, decode, read_picture
from features.search import SearchService
from features.store import StoreView
from features.types import Image, Vectors

_DETAIL = 640  # pixels a side; the same for every extractor, so that all are asked the same


@dataclass(frozen=True)
class Answers:
    """What came of some pictures, and of how many nothing: they cannot be read any more."""

    outcomes: tuple[Outcome, ...]
    unreadable: int = 0


def ask(
    service: SearchService,
    probes: Sequence[Probe],
    *,
    seed: int = 0,
    choose: Choice = known_box,
    on_probe: Callable[[], None] = lambda: None,
) -> Answers:
    """Look for every picture in all of the store, exactly, whatever index it has.

    Args:
        seed: of the alterations.
        choose: what part of a photo to search with.

    Raises:
        QueriesError: a photo or its box cannot be used.
        TooFewPicturesError: none of the pictures can be read any more.
    """
    view = service.view
    scan = Scan(view)
    outcomes: list[Outcome] = []
    for start in range(0, len(probes), scan.batch):
        asked: list[Probe] = []
        vectors: list[Vectors] = []
        for probe in probes[start : start + scan.batch]:
            vector = _vector(service, view, probe, seed, choose)
            if vector is not None:
                asked.append(probe)
                vectors.append(vector)
            on_probe()
        outcomes += scan.outcomes(asked, np.stack(vectors)) if asked else []
    if not outcomes:
        raise TooFewPicturesError(
            "none of the pictures can be read any more; extract the catalogue again"
        )
    return Answers(tuple(outcomes), len(probes) - len(outcomes))


def probe_image(service: SearchService, probe: Probe, seed: int = 0) -> Image:
    """The picture as the store is asked for it.

    Raises:
        PictureNotFoundError: it is gone.
        InvalidPictureError: it cannot be used any more.
    """
    if probe.photo is not None:
        photo = decode(read_picture(probe.photo.path), detail=_DETAIL, part=probe.photo.box)
        return photo if probe.photo.box is None else crop(photo, probe.photo.box)
    image = decode(service.picture(probe.content_hash), detail=_DETAIL)
    if probe.kind is Kind.TAKEN_OUT:
        return image
    return altered(image, np.random.default_rng(probe_seed(probe, seed)))


def _vector(
    service: SearchService, view: StoreView, probe: Probe, seed: int, choose: Choice
) -> Vectors | None:
    """Shape (dim,); None where the picture is gone."""
    if probe.photo is not None:
        return query_vector(service.extractor, probe.photo, choose)
    if probe.kind is Kind.TAKEN_OUT:
        own = set(view.rows_of(probe.product_id)) & set(view.rows_with(probe.content_hash))
        return view.vector(min(own)) if own else None  # the store may have changed since
    try:
        vector: Vectors = service.extractor.embed([probe_image(service, probe, seed)])[0]
    except (PictureNotFoundError, InvalidPictureError):
        return None
    return vector
