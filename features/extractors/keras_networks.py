"""VGG16 and ResNet50 of Keras Applications, with the official ImageNet weights."""

import importlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from types import ModuleType

import numpy as np

from features.errors import DependencyMissingError, ExtractorError
from features.extractors.base import Extractor
from features.extractors.files import sha256_of
from features.extractors.keras_files import OfficialFile, weights_file
from features.extractors.keras_weights import Network, load_weights
from features.extractors.preprocessing import stretched
from features.types import ExtractorSpec, Image, Pixels, Vectors

_INPUT_SIZE = 224
_PREPROCESSING = f"stretch bicubic {_INPUT_SIZE} caffe"
_PACKAGES = ("keras", "tensorflow", "h5py")
# Bounds the memory of a long call: VGG16 needs about 30 MB of activations per picture.
_BATCH = 16
_AT_ONCE = 2  # of all threads: TensorFlow computes each on all cores

# The URLs and MD5 sums of keras/src/applications/{vgg16,resnet}.py. They are repeated here so that
# a missing file is reported without the seconds that importing Keras takes.
_STORAGE = "https://storage.googleapis.com/tensorflow/keras-applications"
_VGG16_FILES = (
    OfficialFile(
        f"{_STORAGE}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5",
        "64373286793e3c8b2b4e3219cbf3544b",
    ),
)
_RESNET50_FILES = (
    OfficialFile(
        f"{_STORAGE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5",
        "2cb95161c43110f7111970584f804107",
    ),
    OfficialFile(
        f"{_STORAGE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
)
# Keras's documentation: ported from Oxford VGG's release, and from Kaiming He's.
_VGG16_LICENCE = "CC-BY-4.0 (Visual Geometry Group, University of Oxford)"
_RESNET50_LICENCE = "MIT (Kaiming He)"


@dataclass(frozen=True)
class _Used:
    """What is used of Keras Applications: a network up to one of its layers."""

    module: str
    builder: str
    layer: str
    dim: int
    files: tuple[OfficialFile, ...]
    licence: str


NETWORKS = {
    "vgg16": _Used("vgg16", "VGG16", "fc2", 4096, _VGG16_FILES, _VGG16_LICENCE),
    "vgg16_fc1": _Used("vgg16", "VGG16", "fc1", 4096, _VGG16_FILES, _VGG16_LICENCE),
    "resnet50": _Used("resnet50", "ResNet50", "avg_pool", 2048, _RESNET50_FILES, _RESNET50_LICENCE),
}


class KerasExtractor(Extractor):
    """A Keras network up to its last layer before the classes, run as one TensorFlow graph.

    The graph is several times faster than calling the network layer by layer, and unlike
    `Model.predict` it may be called from several threads.
    """

    lot = _BATCH

    def __init__(self, name: str, weights: Path | None) -> None:
        used = NETWORKS[name]
        _require_packages()
        file = weights_file(name, used.files, weights)
        keras = _import_keras()
        network = _network_up_to_layer(keras, used)
        load_weights(network, file, used.files[0].name)
        self._preprocess = getattr(keras.applications, used.module).preprocess_input
        self._run = _compiled(network)
        self._turns = BoundedSemaphore(_AT_ONCE)
        self.spec = ExtractorSpec(
            name=name,
            dim=used.dim,
            input_size=_INPUT_SIZE,
            preprocessing=_PREPROCESSING,
            weights_sha256=sha256_of(file),
            licence=used.licence,
        )

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        return stretched(image, _INPUT_SIZE)

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        outputs = np.empty((len(batch), self.spec.dim), dtype=np.float32)
        for start in range(0, len(batch), _BATCH):
            rows = slice(start, start + _BATCH)
            with self._turns:
                outputs[rows] = self._run(self._network_input(batch[rows]))
        return outputs

    def _network_input(self, batch: Sequence[Pixels]) -> Vectors:
        """Blue, green, red less ImageNet's means; on a copy, as Keras overwrites its argument."""
        copy = np.stack(batch).astype(np.float32)
        inputs: Vectors = self._preprocess(copy, data_format="channels_last")
        return inputs


def _require_packages() -> None:
    """Looks without importing: this comes before a long download, not after it."""
    for package in _PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise _dependency_missing(f"{package} is not installed")


def _dependency_missing(problem: str) -> DependencyMissingError:
    return DependencyMissingError(
        f"VGG16 and ResNet50 need Keras with TensorFlow ({problem}): pip install tensorflow-cpu"
    )


def _import_keras() -> ModuleType:
    """Keras with its TensorFlow backend, whatever the user's keras.json says."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        keras = importlib.import_module("keras")
    except ImportError as error:
        raise _dependency_missing(str(error).splitlines()[0]) from error
    if keras.config.backend() != "tensorflow":
        raise ExtractorError(
            f"Keras runs on {keras.config.backend()!r} here; set KERAS_BACKEND=tensorflow"
        )
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    return keras


def _network_up_to_layer(keras: ModuleType, used: _Used) -> Network:
    """The network with random weights: `weights=None` keeps Keras from downloading anything."""
    whole = getattr(getattr(keras.applications, used.module), used.builder)(weights=None)
    layer = whole.get_layer(used.layer)
    network: Network = keras.Model(whole.input, layer.output, name=whole.name)
    return network


def _compiled(network: Network) -> Callable[[Vectors], Vectors]:
    """The network as one graph for any batch size, traced now rather than on the first picture."""
    import tensorflow as tf

    shape = (None, _INPUT_SIZE, _INPUT_SIZE, 3)
    # The function, not only its trace, is kept: a trace alone would let the weights be deleted.
    graph = tf.function(
        lambda inputs: network(inputs, training=False),
        input_signature=[tf.TensorSpec(shape, tf.float32)],
    )
    graph.get_concrete_function()

    def run(inputs: Vectors) -> Vectors:
        outputs: Vectors = graph(tf.constant(inputs)).numpy()
        return outputs

    return run
