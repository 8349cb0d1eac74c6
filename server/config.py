"""Every setting of the server, read once from environment variables named VISUAL_SEARCH_..."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from limits import parse_many

from features.cache import cache_dir
from features.detection import DEFAULT_DETECTOR, DetectorOptions, detector_names
from features.errors import ConfigError
from features.extractors import NO_WEIGHTS, Weights
from features.images import PictureLimits
from features.index import DEFAULT_INDEX, index_names
from features.index.milvus import MILVUS, MilvusAddress
from features.logs import FORMS, LEVELS
from features.people import THRESHOLD
from features.pictures import AddressGuard
from features.search import MAX_LIMIT
from features.videos import VideoLimits, videos_installed
from server.texts.catalogue import language_codes
from server.traffic.origins import checked_origin

PREFIX = "VISUAL_SEARCH_"
NO_DETECTOR = "none"
# Everything in a form but the photo. Werkzeug holds the photo's current chunk against it too, so
# it must be well above a chunk (64 KiB), or no larger photo passes.
_FORM_BYTES = 500_000
_VIDEO_PATIENCE_S = 20.0
_SHORTEST_KEY = 16
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_LARGEST_PICTURES = 10
_METRICS_FOR = ("off", "local", "all")
PEOPLE_OFF, PEOPLE_FOR_ADMINS, PEOPLE_FOR_ALL = _PEOPLE_FOR = ("off", "admin", "all")
_CHOICES = {
    "index": (*index_names(), MILVUS),
    "detector": (*detector_names(), NO_DETECTOR),
    "log_level": LEVELS,
    "log_format": FORMS,
    "metrics": _METRICS_FOR,
    "people": _PEOPLE_FOR,
}
_PATHS = (
    "store",
    "pictures",
    "examples",
    "detector_weights",
    "photos",
    "thumbnails",
    "keys",
    "events",
    "people_store",
    "logo",
    "theme",
)
_SIZES = (
    "max_bytes",
    "max_pixels",
    "photos_max_bytes",
    "feed_max_bytes",
    "thumbnails_max_bytes",
    "video_max_bytes",
)
# Read elsewhere: features/cache.py, and the tests.
_NOT_OURS = ("CACHE", "TEST_DATA")
# What Kubernetes tells all containers of a service that is called visual-search.
_OF_KUBERNETES = re.compile(r"SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?")


@dataclass(frozen=True)
class Settings:
    """What a shop may set. The variable of `max_bytes` is VISUAL_SEARCH_MAX_BYTES, and so on."""

    store: Path = Path("store")
    """The feature store's folder."""
    pictures: Path | None = None
    """Where the catalogue's pictures are, if they moved since the store was made."""
    weights: Weights = NO_WEIGHTS
    """Weights of extractors that need some: PATH, or NAME=PATH,NAME=PATH for several."""
    index: str = DEFAULT_INDEX
    """The search engine."""
    milvus_uri: str = field(default="", repr=False)
    """Where the index milvus is: http://HOST:19530, or the path of a Milvus Lite file (.db)."""
    milvus_token: str = field(default="", repr=False)
    """What opens it: a token, or user:password."""
    milvus_prefix: str = MilvusAddress.prefix
    """What the collections of this shop begin with."""
    milvus_timeout: float = MilvusAddress.timeout
    """How many seconds it may take to answer, reconnecting included."""
    max_bytes: int = PictureLimits.max_bytes
    """The largest photo, in bytes."""
    max_pixels: int = PictureLimits.max_pixels
    """The largest photo, in pixels."""
    video_max_bytes: int = 100_000_000
    """The largest video to search with, in bytes."""
    video_seconds: int = 600
    """The longest video to search with, in seconds."""
    at_once: int = 1
    """Searches that a worker computes at once; `gunicorn.conf.py` says its share of the cores."""
    waiting: int = 4
    """Searches of a burst that wait for that in a worker; it refuses more with Retry-After."""
    deadline_s: float = 30.0
    """Seconds after which a request that was received is given up, if it is not answered."""
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
    keys: Path | None = None
    """The file of API keys, see scripts/keys.py."""
    require_key: bool = False
    """Whether the API answers nobody without a key."""
    rate: str = "600 per minute; 50 per second"
    """How often one address (of IPv6, a /64) may ask the API without a key, or search on pages."""
    key_rate: str = "6000 per minute"
    """How often one key may be used."""
    rate_storage: str = "memory://"
    """Where requests are counted: memory:// for each worker, or redis://HOST for all together."""
    proxies: int = 0
    """How many proxies of its own stand before the server and tell the true address."""
    admin_key: str = field(default="", repr=False)
    """Who sends it may change the catalogue; without one nobody may."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts and networks of its own that the shop's pictures may be fetched from."""
    feed_max_bytes: int = 2_000_000_000
    """The largest feed or ZIP that may be sent."""
    shop_name: str = "Visual Search"
    """What the pages call the shop."""
    logo: Path | None = None
    """The shop's logo on the pages instead of its name: .svg, .png, .webp, .jpg or .avif."""
    theme: Path | None = None
    """A style sheet of the shop's own, read after the pages': colours, type, corners."""
    languages: tuple[str, ...] = ()
    """The pages' languages, separated by commas, the usual one first; all there are if empty."""
    thumbnails: Path = cache_dir() / "thumbnails"
    """Where small copies of the catalogue's pictures are kept; they may be deleted at any time."""
    thumbnails_max_bytes: int = 500_000_000
    """How much room they may take; those not asked for longest go first."""
    log_level: str = "info"
    """The least that is logged: debug, info, warning or error."""
    log_format: str = "json"
    """The form of log lines: json, or text for people."""
    metrics: str = "local"
    """Who may read /metrics: local (this machine, without a proxy between), all, or off."""
    people: str = PEOPLE_OFF
    """Who may look for pictures of a person: off, admin (with an admin key), or all."""
    people_store: Path = Path("people")
    """The folder of the faces that are kept, see scripts/people.py."""
    people_threshold: float = THRESHOLD
    """The largest distance of two faces of one person, between 0 and 1."""

    @property
    def limits(self) -> PictureLimits:
        """The limits on photos."""
        return PictureLimits(max_bytes=self.max_bytes, max_pixels=self.max_pixels)

    @property
    def takes_videos(self) -> bool:
        """Whether shoppers can search with videos: PyAV is installed."""
        return videos_installed()

    @property
    def video_limits(self) -> VideoLimits:
        """The limits on videos to search with."""
        return VideoLimits(
            max_bytes=self.video_max_bytes,
            max_seconds=self.video_seconds,
            patience_s=_VIDEO_PATIENCE_S,
        )

    @property
    def milvus(self) -> MilvusAddress | None:
        """Where the index milvus is; None for another index.

        Raises:
            ConfigError: no address is set, or the prefix cannot be part of a name.
        """
        if self.index != MILVUS:
            return None
        return MilvusAddress(
            self.milvus_uri, self.milvus_token, self.milvus_prefix, self.milvus_timeout
        )

    @property
    def detector_options(self) -> DetectorOptions:
        """What is set of the detector."""
        return DetectorOptions(
            self.detector_weights, self.detector_confidence, self.detector_classes
        )

    @property
    def max_form_bytes(self) -> int:
        """The largest part of a form that is not the photo."""
        return _FORM_BYTES

    @property
    def max_request_bytes(self) -> int:
        """The largest request body but for feeds: the photo or video and the form around it."""
        video = self.video_max_bytes if self.takes_videos else 0
        return max(self.max_bytes, video) + _FORM_BYTES

    @property
    def max_memory_bytes(self) -> int:
        """The largest request body that is not spooled to the disk: that of a photo."""
        return self.max_bytes + _FORM_BYTES

    @property
    def max_product_bytes(self) -> int:
        """The largest product with its pictures: as much as ten of the largest, however many."""
        return _LARGEST_PICTURES * self.max_bytes + _FORM_BYTES

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; an empty variable counts as not set.

        Raises:
            ConfigError: a value cannot be used, or there is no such setting.
        """
        _refuse_unknown(environment, cls.__dataclass_fields__)
        texts = {
            name: environment[PREFIX + name.upper()]
            for name in cls.__dataclass_fields__
            if environment.get(PREFIX + name.upper())
        }
        values = {name: _parse(name, text) for name, text in texts.items()}
        settings = cls(**values)  # type: ignore[arg-type]
        settings.milvus  # noqa: B018 - refuses what cannot be used
        return settings

    def to_environment(self) -> dict[str, str]:
        """The environment of another process with these settings."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        texts = {
            PREFIX + name.upper(): ",".join(value) if isinstance(value, tuple) else str(value)
            for name, value in named.items()
            if value is not None
        }
        return {**os.environ, **texts}


def _refuse_unknown(environment: Mapping[str, str], fields: Iterable[str]) -> None:
    """A setting with a typo in its name would be ignored in silence."""
    known = [*(name.upper() for name in fields), *_NOT_OURS]
    for variable, value in environment.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or not value or _OF_KUBERNETES.fullmatch(name):
            continue
        if name not in known:
            nearest = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise ConfigError(f"there is no setting {variable}; the nearest is {PREFIX}{nearest}")


def _parse(name: str, text: str) -> Path | Weights | int | float | str | tuple[str, ...]:
    if name == "require_key":
        return _switch(name, text)
    if name in ("rate", "key_rate"):
        return _rate(name, text)
    if name == "proxies":
        return _whole_number(name, text, low=0, high=10)
    if name == "weights":
        return _weights(text)
    if name in _PATHS:
        return Path(text).expanduser()
    if name in _CHOICES and text not in _CHOICES[name]:
        raise _error(name, text, f"one of {', '.join(_CHOICES[name])}")
    if name == "admin_key":
        return _admin_key(name, text.strip())
    if name in ("detector_classes", "allowed_hosts", "origins"):
        parts = tuple(part.strip() for part in text.split(",") if part.strip())
        if name == "allowed_hosts":
            AddressGuard(parts)  # refuses what is neither a host nor a network
        return tuple(map(_origin, parts)) if name == "origins" else parts
    if name == "languages":
        return _languages(name, text)
    if name in ("detector_confidence", "people_threshold"):
        return _share(name, text)
    if name in _SIZES:
        return _whole_number(name, text, low=1_000, high=2**40)
    if name in ("milvus_timeout", "deadline_s"):
        return _seconds(name, text)
    if name == "at_once":
        return _whole_number(name, text, low=1, high=1_000)
    if name == "waiting":
        return _whole_number(name, text, low=0, high=1_000)
    if name == "video_seconds":
        return _whole_number(name, text, low=1, high=24 * 3600)
    if name == "photo_seconds":
        return _whole_number(name, text, low=1, high=7 * 24 * 3600)
    if name == "results":
        return _whole_number(name, text, low=1, high=MAX_LIMIT)
    return text


def _weights(text: str) -> Weights:
    try:
        return Weights.parse(text)
    except ConfigError as error:
        raise ConfigError(f"{PREFIX}WEIGHTS: {error}") from error


def _origin(text: str) -> str:
    try:
        return checked_origin(text)
    except ConfigError as error:
        raise ConfigError(f"{PREFIX}ORIGINS: {error}") from error


def _languages(name: str, text: str) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in text.split(",") if code.strip())
    if not set(codes) <= set(language_codes()):
        raise _error(name, text, f"some of {', '.join(language_codes())}, separated by commas")
    return codes


def _admin_key(name: str, text: str) -> str:
    if len(text) < _SHORTEST_KEY or not text.isprintable():
        raise _error(name, "***", f"at least {_SHORTEST_KEY} characters that nobody guesses")
    return text


def _whole_number(name: str, text: str, *, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise _error(name, text, f"a whole number from {low} to {high}")
    return number


def _switch(name: str, text: str) -> bool:
    if text.lower() not in {*_YES, *_NO}:
        raise _error(name, text, "true or false")
    return text.lower() in _YES


def _rate(name: str, text: str) -> str:
    try:
        parse_many(text)
    except ValueError as error:
        raise _error(name, text, 'a rate such as "600 per minute; 50 per second"') from error
    return text


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 3_600:
        raise _error(name, text, "seconds from 0.1 to 3600")
    return seconds


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
