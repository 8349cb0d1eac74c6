"""Every setting of the server, read once from environment variables named VISUAL_SEARCH_..."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.detection import DEFAULT_DETECTOR, DetectorOptions, detector_names
from features.errors import ConfigError
from features.images import PictureLimits
from features.index import DEFAULT_INDEX, index_names
from features.search import MAX_LIMIT

PREFIX = "VISUAL_SEARCH_"
NO_DETECTOR = "none"
# Everything in a form but the photo. Werkzeug holds the photo's current chunk against it too, so
# it must be well above a chunk (64 KiB), or no larger photo passes.
_FORM_BYTES = 500_000
_SHORTEST_KEY = 16
_PATHS = ("store", "pictures", "weights", "examples", "detector_weights", "photos", "events")


@dataclass(frozen=True)
class Settings:
    """What a shop may set. The variable of `max_bytes` is VISUAL_SEARCH_MAX_BYTES, and so on."""

    store: Path = Path("store")
    """The feature store's folder."""
    pictures: Path | None = None
    """Where the catalogue's pictures are, if they moved since the store was made."""
    weights: Path | None = None
    """The weights file of a vgg16 or resnet50 store."""
    index: str = DEFAULT_INDEX
    """The search engine."""
    max_bytes: int = PictureLimits.max_bytes
    """The largest photo, in bytes."""
    max_pixels: int = PictureLimits.max_pixels
    """The largest photo, in pixels."""
    results: int = 24
    """Products on the results page, and in an answer that asks for no number."""
    examples: Path | None = None
    """A CSV (image,title) of ready-made photos for the first page."""
    detector: str = DEFAULT_DETECTOR
    """What finds the items in a photo: yolo, regions, or none."""
    detector_weights: Path = DetectorOptions.weights
    """YOLO weights: .pt, an OpenVINO export's folder, or .onnx."""
    detector_confidence: float = DetectorOptions.confidence
    """The least confidence of an item, 0 to 1."""
    detector_classes: tuple[str, ...] = ()
    """The classes that count, separated by commas; all if empty."""
    photos: Path = Path(tempfile.gettempdir()) / f"visual-search-photos-{os.getuid()}"
    """Where shoppers' photos wait for another item of them to be searched."""
    photo_seconds: int = 1_800
    """How long a shopper's photo is kept."""
    photos_max_bytes: int = 1_000_000_000
    """How much room shoppers' photos may take; the oldest go first."""
    origins: tuple[str, ...] = ()
    """Shop pages of other origins that may search from the browser: https://shop.example."""
    events: Path | None = None
    """The folder that what shoppers did with the widgets is recorded in; nothing is without."""
    admin_key: str = ""
    """Who sends it may change the catalogue; without one nobody may."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts and networks of its own that the shop's pictures may be fetched from."""
    feed_max_bytes: int = 2_000_000_000
    """The largest feed or ZIP that may be sent."""
    shop_name: str = "Visual Search"
    """What the pages call the shop."""

    @property
    def limits(self) -> PictureLimits:
        """The limits on photos."""
        return PictureLimits(max_bytes=self.max_bytes, max_pixels=self.max_pixels)

    @property
    def max_form_bytes(self) -> int:
        """The largest part of a form that is not the photo."""
        return _FORM_BYTES

    @property
    def max_request_bytes(self) -> int:
        """The largest request body but for feeds: the photo and the form around it."""
        return self.max_bytes + _FORM_BYTES

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; an empty variable counts as not set.

        Raises:
            ConfigError: a value cannot be used.
        """
        texts = {
            name: environment[PREFIX + name.upper()]
            for name in cls.__dataclass_fields__
            if environment.get(PREFIX + name.upper())
        }
        values = {name: _parse(name, text) for name, text in texts.items()}
        return cls(**values)  # type: ignore[arg-type]

    def to_environment(self) -> dict[str, str]:
        """The environment of another process with these settings."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        texts = {
            PREFIX + name.upper(): ",".join(value) if isinstance(value, tuple) else str(value)
            for name, value in named.items()
            if value is not None
        }
        return {**os.environ, **texts}


def _parse(name: str, text: str) -> Path | int | float | str | tuple[str, ...]:
    if name in _PATHS:
        return Path(text).expanduser()
    if name == "index" and text not in index_names():
        raise _error(name, text, f"one of {', '.join(index_names())}")
    if name == "detector" and text not in (*detector_names(), NO_DETECTOR):
        raise _error(name, text, f"one of {', '.join((*detector_names(), NO_DETECTOR))}")
    if name == "admin_key" and len(text) < _SHORTEST_KEY:
        raise _error(
            name, "*" * len(text), f"at least {_SHORTEST_KEY} characters that none guesses"
        )
    if name in ("detector_classes", "allowed_hosts", "origins"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name == "detector_confidence":
        return _share(name, text)
    if name in ("max_bytes", "max_pixels", "photos_max_bytes", "feed_max_bytes"):
        return _whole_number(name, text, low=1_000, high=2**40)
    if name == "photo_seconds":
        return _whole_number(name, text, low=1, high=7 * 24 * 3600)
    if name == "results":
        return _whole_number(name, text, low=1, high=MAX_LIMIT)
    return text


def _whole_number(name: str, text: str, *, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise _error(name, text, f"a whole number from {low} to {high}")
    return number


def _share(name: str, text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise _error(name, text, "a number between 0 and 1")
    return share


def _error(name: str, text: str, wanted: str) -> ConfigError:
    return ConfigError(f"{PREFIX}{name.upper()} is {text!r}; it must be {wanted}")
