"""Extractors by name. A model family is imported only when one of its extractors is asked for."""

from collections.abc import Callable
from pathlib import Path

from features.cache import cache_dir
from features.errors import ExtractorError, UnknownExtractorError
from features.extractors.base import Extractor
from features.extractors.published import MODELS

DEFAULT_EXTRACTOR = "efficientnet_lite2_shop"

COLOURED = {
    "efficientnet_lite2_colours": ("efficientnet_lite2", 1.0),
    "efficientnet_lite2_shop": ("efficientnet_lite2_layers_int8", 0.35),
}
"""The extractor that colours are put beside, and how much they weigh there."""


def _efficientnet(name: str, weights: Path | None) -> Extractor:
    from features.extractors.efficientnet import VARIANTS, EfficientNetLite

    if weights is not None:
        raise ExtractorError(
            f"the extractor {name!r} ships with its weights; --weights is for vgg16, resnet50 and "
            "image-text models"
        )
    return EfficientNetLite(name, VARIANTS[name], cache_dir())


def _coloured(name: str, weights: Path | None) -> Extractor:
    from features.extractors.coloured import ColouredExtractor

    plain, weight = COLOURED[name]
    return ColouredExtractor(name, load_extractor(plain, weights), weight)


def _keras(name: str, weights: Path | None) -> Extractor:
    from features.extractors.keras_networks import KerasExtractor

    return KerasExtractor(name, weights)


def _image_text(name: str, weights: Path | None) -> Extractor:
    from features.extractors.image_text import ImageTextExtractor

    return ImageTextExtractor(name, weights)


_LOADERS: dict[str, Callable[[str, Path | None], Extractor]] = {
    "efficientnet_lite2_shop": _coloured,
    "efficientnet_lite0": _efficientnet,
    "efficientnet_lite1": _efficientnet,
    "efficientnet_lite2": _efficientnet,
    "efficientnet_lite2_int8": _efficientnet,
    "efficientnet_lite2_colours": _coloured,
    "efficientnet_lite2_layers": _efficientnet,
    "efficientnet_lite2_layers_int8": _efficientnet,
    "vgg16": _keras,
    "vgg16_fc1": _keras,
    "resnet50": _keras,
    **dict.fromkeys(MODELS, _image_text),
}


def extractor_names() -> list[str]:
    """All known extractors, the default family first."""
    return list(_LOADERS)


def takes_weights(name: str) -> bool:
    """Whether the extractor can be given weights: a file, or the folder of an image-text model."""
    return _LOADERS.get(name) in (_keras, _image_text)


def load_extractor(name: str = DEFAULT_EXTRACTOR, weights: Path | None = None) -> Extractor:
    """Load an extractor with its weights.

    Args:
        weights: a file for vgg16 and resnet50, the folder of an image-text model.

    Raises:
        UnknownExtractorError: no extractor of that name.
        WeightsUnavailableError: its weights are neither here nor can they be downloaded.
        InvalidWeightsError: the weights file does not fit the network.
        DependencyMissingError: its package is not installed.
    """
    if name not in _LOADERS:
        raise UnknownExtractorError(
            f"unknown extractor {name!r}; choose one of {', '.join(_LOADERS)}"
        )
    return _LOADERS[name](name, weights)
