"""How a published image-text model wants its pictures and texts, read from its settings file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from features.errors import InvalidWeightsError
from features.extractors.published import CLIP, UFORM, Layout
from features.json_text import read_json

_CLIP_TOKENS = 77
_CLIP_PADDING = "<|endoftext|>"
_LARGEST_SIDE = 2_048
_MOST_TOKENS = 8_192
_FEWEST_TOKENS = 3  # those that begin and end a text, and one of it


@dataclass(frozen=True)
class PictureSettings:
    """The shorter side after resizing, the square cut from the middle, and the normalisation."""

    shorter: int
    side: int
    filter: Pillow.Resampling
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    """Both of channels from 0 to 1."""

    def __str__(self) -> str:
        name = self.filter.name.lower()
        return (
            f"shorter side {self.shorter} {name}, centre {self.side}, "
            f"(x/255-{self.mean})/{self.deviation}"
        )


@dataclass(frozen=True)
class TextSettings:
    """How many tokens a text becomes, and the token, by id or name, that fills it up."""

    tokens: int
    padding: int | str

    def __str__(self) -> str:
        return f"{self.tokens} tokens padded with {self.padding}"


@dataclass(frozen=True)
class ModelSettings:
    """Both sides'."""

    picture: PictureSettings
    text: TextSettings

    def __str__(self) -> str:
        return f"{self.picture}; {self.text}"


def read_settings(file: Path, layout: Layout) -> ModelSettings:
    """The settings of a model of that layout.

    Raises:
        InvalidWeightsError: not such a file, or a setting is missing or makes no sense.
    """
    try:
        found = read_json(file.read_text(encoding="utf-8"))
        return _READERS[layout.family](found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InvalidWeightsError(
            f"{file} is not the settings file of a {layout.family} model ({what}); "
            "use an undamaged copy of the whole folder"
        ) from error


def _uform(found: Mapping[str, Any]) -> ModelSettings:
    """`config.json` of UForm 3 (unum-cloud/uform, python/uform/numpy_processors.py)."""
    image, text = found["image_encoder"], found["text_encoder"]
    side = _whole(image["image_size"], _LARGEST_SIDE)
    picture = PictureSettings(
        shorter=side,
        side=side,
        filter=Pillow.Resampling.BICUBIC,
        mean=_channels(image["normalization_means"]),
        deviation=_deviations(image["normalization_deviations"]),
    )
    tokens = _whole(text["max_position_embeddings"], _MOST_TOKENS, least=_FEWEST_TOKENS)
    padding = _whole(text["padding_idx"], 2**31 - 1, least=0)
    return ModelSettings(picture, TextSettings(tokens, padding))


def _clip(found: Mapping[str, Any]) -> ModelSettings:
    """`preprocessor_config.json` of CLIP; sides are numbers in older files, objects in newer."""
    picture = PictureSettings(
        shorter=_side(found["size"], "shortest_edge"),
        side=_side(found["crop_size"], "height"),
        filter=Pillow.Resampling(found.get("resample", Pillow.Resampling.BICUBIC)),
        mean=_channels(found["image_mean"]),
        deviation=_deviations(found["image_std"]),
    )
    if picture.shorter < picture.side:
        raise ValueError(f"a square of {picture.side} is cut from {picture.shorter} pixels")
    return ModelSettings(picture, TextSettings(_CLIP_TOKENS, _CLIP_PADDING))


_READERS: dict[str, Callable[[Mapping[str, Any]], ModelSettings]] = {
    UFORM.family: _uform,
    CLIP.family: _clip,
}


def _side(value: Any, name: str) -> int:  # noqa: ANN401 - JSON
    return _whole(value[name] if isinstance(value, dict) else value, _LARGEST_SIDE)


def _whole(value: Any, most: int, *, least: int = 1) -> int:  # noqa: ANN401
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{value!r} is no whole number from {least} to {most}")
    return value


def _channels(values: Any) -> tuple[float, ...]:  # noqa: ANN401
    numbers = tuple(float(value) for value in values)
    if len(numbers) != 3:
        raise ValueError(f"{values!r} are not three numbers, for red, green and blue")
    return numbers


def _deviations(values: Any) -> tuple[float, ...]:  # noqa: ANN401
    numbers = _channels(values)
    if not min(numbers) > 0:
        raise ValueError(f"{values!r} are not all above 0")
    return numbers
