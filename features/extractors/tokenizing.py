"""Texts to tokens, by a model's own `tokenizer.json`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.errors import DependencyMissingError, InvalidWeightsError
from features.extractors.onnx_encoders import Tokens
from features.extractors.published_settings import TextSettings


class TextTokenizer:
    """Safe to use from several threads."""

    def __init__(self, file: Path, settings: TextSettings) -> None:
        """Load it.

        Raises:
            DependencyMissingError: the package tokenizers is not installed.
            InvalidWeightsError: not a tokenizer, or not of such a model.
        """
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise DependencyMissingError(
                "image-text models need the package tokenizers: "
                "pip install -r requirements-text.txt"
            ) from error
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # tokenizers raises nothing more precise
            raise InvalidWeightsError(
                f"{file} is not a tokenizer ({error}); use an undamaged copy of the whole folder"
            ) from error
        self._tokenizer.no_padding()
        # What is cut off is text: the tokens that begin and end it stay.
        self._tokenizer.enable_truncation(settings.tokens)
        self._length = settings.tokens
        self._padding = self._padding_id(file, settings.padding)

    def tokens(self, texts: Sequence[str]) -> tuple[Tokens, Tokens]:
        """The ids, and 1 where there is text: each of shape (len(texts), tokens)."""
        ids = np.full((len(texts), self._length), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(self._tokenizer.encode_batch([*map(_unicode, texts)])):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        return ids, mask

    def _padding_id(self, file: Path, padding: int | str) -> int:
        if isinstance(padding, int):
            return padding
        found = self._tokenizer.token_to_id(padding)
        if found is None:
            raise InvalidWeightsError(
                f"the tokenizer {file} knows no {padding}, so it is not this model's; use an "
                "undamaged copy of the whole folder"
            )
        return int(found)


def _unicode(text: str) -> str:
    """The text without halves of surrogate pairs, which are no characters."""
    return text.encode("utf-8", "replace").decode("utf-8")
