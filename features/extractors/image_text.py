"""Image-text models: pictures and texts become vectors of one space."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.errors import InvalidWeightsError
from features.extractors.base import TextExtractor
from features.extractors.files import sha256_of
from features.extractors.hub import model_folder
from features.extractors.onnx_encoders import ImageEncoder, TextEncoder
from features.extractors.preprocessing import centre_of_shorter
from features.extractors.published import MODELS, TOKENIZER, Layout
from features.extractors.published_settings import read_settings
from features.extractors.tokenizing import TextTokenizer
from features.types import ExtractorSpec, Image, Pixels, Vectors
from features.vectors import unit


class ImageTextExtractor(TextExtractor):
    """UForm 3 (Unum) or CLIP (Radford et al., "Learning Transferable Visual Models", ICML 2021).

    Both sides belong to what makes vectors comparable, though pictures pass through one alone.
    """

    def __init__(self, name: str, weights: Path | None) -> None:
        """Load a published model, from a folder of the same files or from the hub.

        Raises:
            WeightsUnavailableError: its files are neither here nor can they be downloaded.
            InvalidWeightsError: a file is not what it should be.
            DependencyMissingError: a package is not installed.
        """
        model = MODELS[name]
        layout = model.layout
        folder = model_folder(name, model, weights)
        settings = read_settings(folder / layout.settings, layout)
        self._tokenizer = TextTokenizer(folder / TOKENIZER, settings.text)
        self._image = ImageEncoder(folder / layout.image, layout.image_output, settings.picture)
        self._text = TextEncoder(folder / layout.text, layout.text_output, settings.text.tokens)
        self._picture = settings.picture
        self.spec = ExtractorSpec(
            name=name,
            dim=self._image.dim,
            input_size=settings.picture.side,
            preprocessing=str(settings),
            weights_sha256=_digest(folder, layout),
            licence=model.licence,
        )
        self._require_one_space(folder, layout)

    @property
    def detail(self) -> int:
        """See `Extractor.detail`."""
        return 2 * self._picture.shorter

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        picture = self._picture
        return centre_of_shorter(image, picture.shorter, picture.side, picture.filter)

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        return self._image.run(batch)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """See `TextExtractor.embed_texts`."""
        return unit(self._text.run(*self._tokenizer.tokens(texts)))

    def _require_one_space(self, folder: Path, layout: Layout) -> None:
        """Both sides run, and what they give can be compared."""
        if self._image.dim != self._text.dim:
            raise InvalidWeightsError(
                f"{layout.image} in {folder} gives {self._image.dim} numbers and {layout.text} "
                f"{self._text.dim}, so they are not of one model; use an undamaged copy of the "
                "whole folder"
            )
        side = self._picture.side
        grey = np.full((side, side, 3), 128, dtype=np.uint8)
        for file, vector in (
            (layout.image, self.forward([grey])),
            (layout.text, self.embed_texts(["a thing"])),
        ):
            if not np.isfinite(vector).all():
                raise InvalidWeightsError(
                    f"{folder / file} gives no numbers; use an undamaged copy of the whole folder"
                )


def _digest(folder: Path, layout: Layout) -> str:
    """One digest of all files that vectors depend on."""
    lines = [f"{file} {sha256_of(folder / file)}" for file in layout.files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
