"""Extractors by name. A model family is imported only when one of its extractors is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
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


Loader = Callable[[str, Path | None], Extractor]


@dataclass(frozen=True)
class _Class:
    """Loads by the path of a class, `package.module.Name`, which is imported only then.

    The class is called with the extractor's name and, where it takes them, the weights.
    """

    path: str
    takes_weights: bool = False

    def __call__(self, name: str, weights: Path | None) -> Extractor:
        module, _, kind = self.path.rpartition(".")
        found = getattr(import_module(module), kind)
        loaded: Extractor = found(name, weights) if self.takes_weights else found(name)
        return loaded


def _efficientnet(name: str, _weights: Path | None) -> Extractor:
    from features.extractors.efficientnet import VARIANTS, EfficientNetLite

    return EfficientNetLite(name, VARIANTS[name], cache_dir())


def _coloured(name: str, _weights: Path | None) -> Extractor:
    from features.extractors.coloured import ColouredExtractor

    plain, weight = COLOURED[name]
    return ColouredExtractor(name, load_extractor(plain), weight)


_keras = _Class("features.extractors.keras_networks.KerasExtractor", takes_weights=True)
_image_text = _Class("features.extractors.image_text.ImageTextExtractor", takes_weights=True)

_LOADERS: dict[str, Loader] = {
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
    loader = _LOADERS.get(name)
    return isinstance(loader, _Class) and loader.takes_weights


def load_extractor(name: str = DEFAULT_EXTRACTOR, weights: Path | None = None) -> Extractor:
    """Load an extractor with its weights.

    Args:
        weights: a file for vgg16 and resnet50, the folder of an image-text model.

    Raises:
        UnknownExtractorError: no extractor of that name.
        ExtractorError: weights for one that takes none.
        WeightsUnavailableError: its weights are neither here nor can they be downloaded.
        InvalidWeightsError: the weights file does not fit the network.
        DependencyMissingError: its package is not installed.
    """
    if name not in _LOADERS:
        raise UnknownExtractorError(
            f"unknown extractor {name!r}; choose one of {', '.join(_LOADERS)}"
        )
    if weights is not None and not takes_weights(name):
        raise ExtractorError(
            f"the extractor {name!r} ships with its weights; --weights is for "
            f"{', '.join(filter(takes_weights, _LOADERS))}"
        )
    return _LOADERS[name](name, weights)
