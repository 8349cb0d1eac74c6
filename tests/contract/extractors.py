"""Every extractor that runs anywhere: weights from packages, or made here in the true format."""

import tempfile
from functools import cache
from pathlib import Path

from features.extractors import (
    Extractor,
    TextExtractor,
    extractor_names,
    load_extractor,
    takes_weights,
)

# Extractors whose weights come with the packages; each runs through the whole suite.
PACKAGED = [name for name in extractor_names() if not takes_weights(name)]
IMAGE_TEXT = ["uform3_english_small", "clip_vit_b32"]


def load(name: str) -> Extractor:
    """The extractor; an image-text model is a tiny one in that model's format."""
    return load_extractor(name, _tiny_model(name) if name in IMAGE_TEXT else None)


def load_text(name: str) -> TextExtractor:
    """An image-text model."""
    found = load(name)
    assert isinstance(found, TextExtractor)
    return found


@cache
def _tiny_model(name: str) -> Path:
    from tests.tiny_models import clip_folder, uform_folder

    folder = Path(_folder().name) / name
    return clip_folder(folder) if "clip" in name else uform_folder(folder)


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
