"""An extractor with a catalogue's adaptation behind it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from features.adaptation import Adaptation, read_adaptation
from features.errors import FingerprintMismatchError
from features.extractors.base import Extractor
from features.extractors.registry import load_extractor
from features.extractors.weights import NO_WEIGHTS, Weights
from features.extractors.wrapping import WrappingExtractor
from features.store import read_manifest
from features.types import NO_CROP, ExtractorSpec, Pixels, Prepared, Vectors

_SUFFIX = "_adapted"
Load = Callable[[str, Path | None], Extractor]


class AdaptedExtractor(WrappingExtractor):
    """Another extractor, whose vectors are adapted; its fingerprint includes the adaptation's."""

    def __init__(self, plain: Extractor, adaptation: Adaptation) -> None:
        super().__init__(adapted_spec(plain.spec, adaptation), plain)
        self.plain = plain
        self._adaptation = adaptation

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        return self.embed_prepared([(pixels,) for pixels in batch])

    def embed_prepared(self, batch: Sequence[Prepared]) -> Vectors:
        """See `Extractor.embed_prepared`; the plain mean of the views is what is adapted."""
        return self.adapted(self._plain.embed_prepared(batch))

    def adapted(self, vectors: Vectors) -> Vectors:
        """What vectors of the plain extractor become: shape (len(vectors), dim)."""
        return self._adaptation.apply(vectors)


def adapted_spec(plain: ExtractorSpec, adaptation: Adaptation) -> ExtractorSpec:
    """What makes adapted vectors comparable.

    Raises:
        FingerprintMismatchError: the adaptation was fitted on vectors of another extractor.
    """
    if replace(plain, crop=NO_CROP).fingerprint != adaptation.fingerprint:
        raise FingerprintMismatchError(
            f"the adaptation was learned from {adaptation.extractor} with the fingerprint "
            f"{adaptation.fingerprint}, not from {plain}; adapt again with scripts/adapt.py"
        )
    return replace(
        plain,
        name=adapted_name(plain.name),
        dim=adaptation.dim,
        preprocessing=f"{plain.preprocessing}, adapted {adaptation.digest}",
        normalized=True,
    )


def adapted_name(plain: str) -> str:
    """What the store of an adapted extractor goes by."""
    return f"{plain}{_SUFFIX}"


def extractor_of(
    store: Path, weights: Weights = NO_WEIGHTS, load: Load = load_extractor
) -> Extractor:
    """The extractor that made a store, adapted where the store says so.

    Args:
        load: gives an extractor by its name and weights, as `load_extractor` does.

    Raises:
        StoreError: the store is missing or damaged, or its adaptation is of another extractor.
        AdaptationError: the store's adaptation cannot be read.
        ExtractorError: the extractor cannot be loaded.
    """
    adaptation = read_adaptation(store)
    name = read_manifest(store).extractor.name if adaptation is None else adaptation.extractor
    plain = load(name, weights.of(name))
    return plain if adaptation is None else AdaptedExtractor(plain, adaptation)
