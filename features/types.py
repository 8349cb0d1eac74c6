"""The values that flow through the service: photo, vector, neighbours, products."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from features.errors import InvalidQueryError

Image = PillowImage.Image
Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""
Prepared = tuple[Pixels, ...]
"""One picture as a network sees it: its views, one at least."""
Vectors = NDArray[np.float32]
"""Shape (n, dim)."""
RowMask = NDArray[np.bool_]
"""Shape (rows,), true where a row may be found."""

NO_CROP = "none"


class Metric(StrEnum):
    """How a store tells distances; of each the least is the nearest.

    All are told from the Euclidean one, which searches rank by: of vectors of length 1, as every
    extractor here gives, |q - g|^2 = 2 - 2 q.g = 2 (1 - cos).
    """

    EUCLIDEAN = "euclidean"
    """0 to 2."""
    COSINE = "cosine"
    """1 - cos, 0 to 2."""
    DOT = "dot"
    """The inner product with its sign turned, -1 to 1: nearest is least, as in pgvector."""

    def of(self, euclidean: float) -> float:
        """The distance in this metric of two vectors of length 1."""
        if self is Metric.EUCLIDEAN:
            return euclidean
        cosine_distance = euclidean * euclidean / 2
        return cosine_distance if self is Metric.COSINE else cosine_distance - 1


@dataclass(frozen=True)
class Product:
    """One thing that a shop sells."""

    id: str
    title: str = ""
    description: str = ""
    category: str = ""
    price: Decimal | None = None
    currency: str = ""
    brand: str = ""
    url: str = ""
    availability: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PictureRef:
    """Where a catalogue says a picture is, and on which of its lines."""

    location: str
    line: int | None = None


@dataclass(frozen=True)
class CatalogEntry:
    """One product of a catalogue with its pictures, in the catalogue's order.

    `line` is where the feed describes it. A `variant` (a size, a colour, one more picture) belongs
    to the product of its id: it adds to what that product's own row says.
    """

    product: Product
    pictures: tuple[PictureRef, ...]
    line: int | None = None
    variant: bool = False


@dataclass(frozen=True)
class ExtractorSpec:
    """What makes two vectors comparable: network, weights, preprocessing and dimension.

    `crop` says what part of its pictures a store holds: "none" for the whole, or "auto:" and the
    detector that chose. It belongs to the store alone: queries are never cropped by it.
    """

    name: str
    dim: int
    input_size: int
    preprocessing: str
    weights_sha256: str
    normalized: bool = True
    licence: str = ""
    crop: str = NO_CROP

    @property
    def fingerprint(self) -> str:
        """A short digest; vectors mix in one store only when it is the same."""
        identity = asdict(self)
        del identity["licence"]
        if self.crop == NO_CROP:  # as it was before there were crops: older stores stay valid
            del identity["crop"]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]

    def cropped_as(self, other: "ExtractorSpec") -> "ExtractorSpec":
        """This extractor with the other's crop: whether only the extractors are the same."""
        return replace(self, crop=other.crop)

    def __str__(self) -> str:
        crop = "" if self.crop == NO_CROP else f", crop {self.crop}"
        return f"{self.name} ({self.dim} numbers, fingerprint {self.fingerprint}{crop})"


@dataclass(frozen=True)
class Box:
    """Part of a picture: left, top, right and bottom as shares of its width and height, 0 to 1."""

    x1: float
    y1: float
    x2: float
    y2: float

    def checked(self) -> "Box":
        """The box itself, if it is a part of a picture.

        Raises:
            InvalidQueryError: a side is no number or outside 0 to 1, or there is nothing between.
        """
        sides = (self.x1, self.y1, self.x2, self.y2)
        inside = all(math.isfinite(side) and 0 <= side <= 1 for side in sides)
        if not (inside and self.x1 < self.x2 and self.y1 < self.y2):
            raise InvalidQueryError(
                f"the box {self} is no part of a picture; left, top, right and bottom are shares "
                "from 0 to 1, left below right and top below bottom"
            )
        return self

    def __str__(self) -> str:
        return f"({self.x1:g}, {self.y1:g}, {self.x2:g}, {self.y2:g})"

    @property
    def area(self) -> float:
        """The share of the picture that the box covers."""
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)

    @property
    def shorter_side(self) -> float:
        """The shorter of width and height, as shares of the picture's."""
        return min(self.x2 - self.x1, self.y2 - self.y1)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def clipped(self) -> "Box":
        """The part of the box that lies in the picture."""
        return Box(*(min(1.0, max(0.0, side)) for side in (self.x1, self.y1, self.x2, self.y2)))

    def grown(self, share: float) -> "Box":
        """The box with a margin of `share` of its own size on each side, within the picture."""
        width, height = (self.x2 - self.x1) * share, (self.y2 - self.y1) * share
        return Box(self.x1 - width, self.y1 - height, self.x2 + width, self.y2 + height).clipped()

    def overlap(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        common = Box(
            max(self.x1, other.x1),
            max(self.y1, other.y1),
            min(self.x2, other.x2),
            min(self.y2, other.y2),
        ).area
        union = self.area + other.area - common
        return common / union if union else 0.0


@dataclass(frozen=True)
class Detection:
    """Something found in a picture."""

    box: Box
    label: str
    confidence: float


@dataclass(frozen=True)
class Neighbour:
    """A row of the gallery and its exact Euclidean distance from the query."""

    row: int
    distance: float


@dataclass(frozen=True)
class GalleryPicture:
    """One picture that the store holds a vector of.

    Of a video, `content_hash` is that of its still, and `time_s` the second that this shows.
    """

    product_id: str
    location: str
    content_hash: str
    time_s: float | None = None


@dataclass(frozen=True)
class PriceRange:
    """From `low` to `high`, both included."""

    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Filter:
    """What one field of a product must be: one of some words, or a price in one of some ranges.

    Words are as `features.filters.spelling` has them: without regard to case and the like.
    """

    field: str
    words: frozenset[str] = frozenset()
    ranges: tuple[PriceRange, ...] = ()


class Fallback(StrEnum):
    """What fills an answer up where too few products are similar enough."""

    NONE = "none"
    CATEGORY = "category"


class Emphasis(StrEnum):
    """What in a picture counts more than it usually does."""

    BALANCED = "balanced"
    """Nothing."""
    COLOUR = "colour"
    SHAPE = "shape"
    """The colours' part of vectors does not count."""


@dataclass(frozen=True)
class Query:
    """What a shopper asks with: the bytes of a photo.

    `box` is the part of the photo, as it is seen, to search with; None is the whole photo.
    """

    photo: bytes
    box: Box | None = None


@dataclass(frozen=True)
class TextQuery:
    """What a shopper asks in words, alone or beside photos and products.

    `weight` is how much the words count beside these, 0 to 1; the rest is the pictures'.
    """

    text: str
    weight: float = 0.5


@dataclass(frozen=True)
class Wanted:
    """What an answer should hold: `limit` products after the first `offset`.

    `threshold` is the least similarity, 0 to 100. Products must meet all `filters`, and are none
    of the ids in `exclude`. `facets` are fields to count. With an `emphasis` distances and
    similarities are those of vectors whose parts count otherwise.
    """

    limit: int = 20
    offset: int = 0
    threshold: float = 0.0
    filters: tuple[Filter, ...] = ()
    exclude: frozenset[str] = frozenset()
    facets: tuple[str, ...] = ()
    fallback: Fallback = Fallback.NONE
    emphasis: Emphasis = Emphasis.BALANCED


@dataclass(frozen=True)
class Hit:
    """One found product, by the nearest of its pictures.

    `similarity` is 0 to 100, as the store is calibrated. A `fallback` is not similar enough.
    """

    product: Product
    picture: GalleryPicture
    distance: float
    similarity: float = 0.0
    fallback: bool = False


@dataclass(frozen=True)
class Timings:
    """Milliseconds spent in each stage of one search."""

    decode: float
    embed: float
    search: float

    @property
    def total(self) -> float:
        """The sum of the stages."""
        return self.decode + self.embed + self.search


@dataclass(frozen=True)
class SearchResult:
    """The answer to one query, nearest product first."""

    extractor: str
    index_version: int
    hits: tuple[Hit, ...]
    took_ms: Timings
    searched_box: Box | None = None
    no_confident_match: bool = False
    """Not even the nearest product is above the store's own threshold."""
    has_similarities: bool = True
    """False where words were a part of the query: their distances to pictures are another matter
    than those between pictures, which similarities and the threshold are calibrated on."""
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    metric: Metric = Metric.EUCLIDEAN
    """How the store tells distances; those of the hits are Euclidean."""
    understood: tuple[Filter, ...] = ()
    """What the words beside a photo were taken for, where the extractor knows none."""


@dataclass(frozen=True)
class WordHit:
    """One product found by words, by its first picture, or the one that shows it.

    `score` is BM25, or the sum of reciprocal ranks where pictures were looked at too: more is
    better, and it is comparable only within one answer.
    """

    product: Product
    picture: GalleryPicture
    score: float


@dataclass(frozen=True)
class WordsResult:
    """The answer to some words, best product first."""

    extractor: str
    index_version: int
    hits: tuple[WordHit, ...]
    took_ms: float
    total: int
    """All products that were found, those of other pages too."""
    all_words: bool
    """Whether they have all words; if not, none has, and they have some."""
    did_you_mean: str = ""
    """What was searched instead: the words with their typos undone. Empty if they are as typed."""
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
