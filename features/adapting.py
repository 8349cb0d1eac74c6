"""A store in its catalogue's own space, made of the vectors of the plain one and swapped in."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.adaptation import (
    Adaptation,
    Method,
    Verdict,
    fit,
    read_adaptation,
    validate,
    validate_scenes,
    write_adaptation,
)
from features.drawn import DrawnPhotos, draw_photos
from features.errors import AdaptationError, StoreEmptyError
from features.extractors import NO_WEIGHTS, Weights
from features.extractors.adapted import adapted_spec, extractor_of
from features.pictures import PictureFolder, PictureSource, Vault
from features.reembedding import locked, sole_run
from features.store import StoreSet, StoreView, StoreWriter
from features.types import Product

_ROWS = 8_192
_FEWEST_DRAWN = 20
_TEACHING = 3  # pictures of a product: two to learn from when the last one is held out


@dataclass(frozen=True)
class Adapting:
    """What a run did; `folder` is None where the adaptation does not help and all is as it was."""

    extractor: str
    method: Method
    verdict: Verdict
    folder: Path | None
    dim: int
    pictures: int
    seconds: float


def adapt(
    stores: StoreSet, method: Method | None = None, weights: Weights = NO_WEIGHTS
) -> Adapting:
    """Learn from the default store, and make it the default in the space that was learned.

    Where the default is adapted already, its plain store is learned from anew. Without a method,
    products teach where most have three pictures or more, else drawn photos of them.

    Args:
        weights: of those extractors that take some; for drawn photos.

    Raises:
        AdaptationError: the catalogue has too little to learn from.
        StoreLockedError: another run is at work, or an import that does not end.
        StoreError: a store is missing or damaged, or cannot be written.
    """
    started = time.monotonic()
    plain = _plain_name(stores)
    purpose = f"adapting {plain}"
    with sole_run(stores, purpose), locked(stores, plain, purpose) as source:
        fitted = _Fitted(source, method, lambda: _photos_of(source, stores, weights))
        folder = _swap_in(stores, fitted) if fitted.verdict.helps else None
    return Adapting(
        extractor=plain,
        method=fitted.method,
        verdict=fitted.verdict,
        folder=folder,
        dim=fitted.adaptation.dim,
        pictures=len(fitted.rows),
        seconds=time.monotonic() - started,
    )


class _Fitted:
    """What was learned from a store, and how well that did on pictures held out."""

    def __init__(
        self, source: StoreView, method: Method | None, draw: Callable[[], DrawnPhotos]
    ) -> None:
        self.source = source
        self.rows = np.flatnonzero(source.live)
        if not len(self.rows):
            raise StoreEmptyError(f"the store {source.folder} has no pictures to learn from")
        self.products = [source.pictures[row].product_id for row in self.rows.tolist()]
        self.method = method or _usual_method(self.products)
        self.verdict, self.adaptation = (
            self._from_photos(draw()) if self.method is Method.SCENES else self._from_vectors()
        )

    def _from_photos(self, drawn: DrawnPhotos) -> tuple[Verdict, Adaptation]:
        spec = self.source.spec
        if len(drawn.rows) < _FEWEST_DRAWN:
            raise AdaptationError(
                f"only {len(drawn.rows)} of the store's pictures can be read, and photos are drawn "
                f"of {_FEWEST_DRAWN} or more; put them back, or learn with --supervised none"
            )
        verdict = validate_scenes(self.source.vectors(drawn.rows), drawn.vectors, drawn.shown, spec)
        labels = [str(number) for number in drawn.shown.tolist()]
        return verdict, fit(drawn.vectors, labels, spec, self.method)

    def _from_vectors(self) -> tuple[Verdict, Adaptation]:
        vectors, spec = self.source.vectors(self.rows), self.source.spec
        described = self.source.products
        categories = [described[product].category for product in self.products]
        verdict = validate(vectors, self.products, categories, spec, self.method)
        labels = categories if self.method is Method.CATEGORY else self.products
        return verdict, fit(vectors, labels, spec, self.method)


def _usual_method(products: Sequence[str]) -> Method:
    """By each picture's product."""
    counts = Counter(products)
    teaching = sum(count >= _TEACHING for count in counts.values())
    return Method.PRODUCT if 2 * teaching > len(counts) else Method.SCENES


def _photos_of(source: StoreView, stores: StoreSet, weights: Weights) -> DrawnPhotos:
    pictures = PictureSource(PictureFolder(source.pictures_root), Vault(stores.pictures_folder))
    return draw_photos(source, extractor_of(source.folder, weights), pictures)


def _plain_name(stores: StoreSet) -> str:
    """The extractor of the default store, without an adaptation."""
    adaptation = read_adaptation(stores.folder_of())
    return stores.default if adaptation is None else adaptation.extractor


def _swap_in(stores: StoreSet, fitted: _Fitted) -> Path:
    spec = adapted_spec(fitted.source.spec, fitted.adaptation)
    folder = stores.new_place(spec.name)
    version, root = stores.next_version(), fitted.source.pictures_root
    with StoreWriter(
        folder, spec, root, first_version=version, metric=fitted.source.metric
    ) as writer:
        write_adaptation(folder, fitted.adaptation)
        _copy(fitted, writer)
    stores.swap_in(spec.name, folder)
    return folder


def _copy(fitted: _Fitted, writer: StoreWriter) -> None:
    """Every picture in its order, with its vector adapted."""
    source, products = fitted.source, _Described(fitted.source)
    for start in range(0, len(fitted.rows), _ROWS):
        rows = fitted.rows[start : start + _ROWS]
        pictures = [source.pictures[row] for row in rows.tolist()]
        vectors = fitted.adaptation.apply(source.vectors(rows))
        owners = dict.fromkeys(picture.product_id for picture in pictures)
        writer.append(pictures, vectors, products.new(owners))


class _Described:
    """The products of a store, each told once."""

    def __init__(self, source: StoreView) -> None:
        self._products = source.products
        self._told: set[str] = set()

    def new(self, products: dict[str, None]) -> Iterator[Product]:
        """Those of these products that were not told yet."""
        for product in products:
            if product not in self._told:
                self._told.add(product)
                yield self._products[product]
