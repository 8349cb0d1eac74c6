"""Searches: what they ask, and what they answer."""

from itertools import combinations_with_replacement
from typing import Any, ClassVar

from marshmallow import fields, validate

from features.search import MAX_LIMIT, MAX_OFFSET, MAX_SEEDS, MAX_SUGGESTIONS
from features.text import LONGEST_QUERY
from features.types import Emphasis, Fallback, Metric
from server.api.fields import FIELDS
from server.openapi.schemas.base import (
    Described,
    Indexed,
    Strict,
    flag,
    given_text,
    given_whole,
    maybe_text,
    number,
    text,
    whole,
)
from server.openapi.schemas.products import Product


class Detection(Strict):
    """An item of a photo."""

    id = whole("Its number, for `item`.", minimum=0)
    box = fields.List(
        fields.Float(metadata={"minimum": 0, "maximum": 1}),
        required=True,
        metadata={
            "description": "Left, top, right and bottom: shares of the photo's width and height.",
            "minItems": 4,
            "maxItems": 4,
            "examples": [[0.24, 0.29, 0.76, 0.67]],
        },
    )
    label = text("What it is, in English.", "cup")
    confidence = number("From 0 to 1; 0 for the whole picture.", minimum=0, maximum=1)


def _milliseconds(description: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Float(metadata={"minimum": 0}),
        required=True,
        metadata={"description": description},
    )


def _facets(among: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        required=True,
        metadata={
            "description": f"How often each value is among {among}, by field; of `price` the "
            "whole numbers `min` and `max`.",
            "examples": [{"brand": {"Lumo": 3, "Cleo": 2}, "price": {"min": 7, "max": 31}}],
        },
    )


def second_of_video() -> fields.Float:
    """Which frame of a video is shown."""
    return fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a video the second of the frame that is shown; null of a picture.",
            "minimum": 0,
        },
    )


def metric_field() -> fields.String:
    """How a store tells distances."""
    return fields.String(
        required=True,
        validate=validate.OneOf([metric.value for metric in Metric]),
        metadata={
            "description": "How the store tells distances: `euclidean`, `cosine` (1 - cos), or "
            "`dot` (the inner product with its sign turned)."
        },
    )


class Hit(Strict):
    """A product that was found, with the nearest of its pictures."""

    product = fields.Nested(Product, required=True)
    image_url = text("Its nearest picture.", "/pictures/a9d0836ab80445c601b950c905426f3a")
    thumbnail_url = text("A small one.", "/pictures/a9d0836ab80445c601b950c905426f3a/320")
    time_s = second_of_video()
    distance = number("In the store's metric; the least is the nearest.", minimum=-1)
    similarity = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "From 0 to 100; null where words were searched with.",
            "minimum": 0,
            "maximum": 100,
        },
    )
    fallback = flag("Whether it only fills up the list.")


class SimilarAnswer(Indexed):
    """The products nearest to what was asked, one hit for each."""

    extractor = text("Whose store answered.", "efficientnet_lite2_shop")
    took_ms = _milliseconds("Milliseconds of each stage, and in `total`.")
    no_confident_match = flag("Whether not even the nearest product is likely to be the same.")
    metric = metric_field()
    understood = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "The filters that `text` was taken for, where the store's extractor "
            "knows no words.",
            "examples": [["colour:blue"]],
        },
    )
    results = fields.List(
        fields.Nested(Hit), required=True, metadata={"description": "Nearest first."}
    )
    facets = _facets("the nearest 200 similar products, whichever page is asked for")


class SearchAnswer(SimilarAnswer):
    """The same, and for a single photo what was seen in it."""

    image_token = given_text(
        "Names the photo in further requests.", "K-tXfax2DndV_QsIQk4dBXPt_6K_iczG"
    )
    objects = fields.List(
        fields.Nested(Detection),
        metadata={"description": "The photo's items; empty where a box made looking needless."},
    )
    searched_box = fields.List(
        fields.Float(metadata={"minimum": 0, "maximum": 1}),
        metadata={"description": "The part that was searched.", "minItems": 4, "maxItems": 4},
    )
    video_s = fields.Float(
        allow_none=True,
        metadata={
            "description": "Of a video that was sent, the second of the frame that shows it best; "
            "null of a photo.",
            "minimum": 0,
        },
    )


class WordHit(Strict):
    """A product that words found, with the first of its pictures, or the one that shows them."""

    product = fields.Nested(Product, required=True)
    image_url = text("Its first picture.", "/pictures/a9d0836ab80445c601b950c905426f3a")
    thumbnail_url = text("A small one.", "/pictures/a9d0836ab80445c601b950c905426f3a/320")
    time_s = second_of_video()
    score = number(
        "How well the words fit (BM25, or reciprocal ranks with an image-text model's store); "
        "comparable only within an answer. There is no distance and no similarity."
    )


class WordsAnswer(Indexed):
    """The products that words describe, best first."""

    extractor = text("Whose store answered.", "efficientnet_lite2_shop")
    took_ms = _milliseconds("Milliseconds, in `words` and in `total`.")
    total = whole("How many products were found, those of other pages too.", minimum=0)
    did_you_mean = maybe_text(
        "What was searched instead: the words with their typos undone. Null if they are as typed.",
        "red running shoe",
    )
    no_confident_match = flag("Whether nothing has all words; results, if any, have some.")
    results = fields.List(
        fields.Nested(WordHit), required=True, metadata={"description": "Best first."}
    )
    facets = _facets("the first 1,000 products found, whichever page is asked for")


class Suggestion(Strict):
    """A name that begins as what is typed."""

    kind = text("What it names.", enum=["category", "brand", "product"])
    text = text("The name.", "Running Shoes")


class SuggestAnswer(Indexed):
    """What words may become, the likeliest first; categories and brands before products."""

    suggestions = fields.List(fields.Nested(Suggestion), required=True)


class DetectAnswer(Indexed):
    """The items of a photo, the most likely first, the whole picture last."""

    image_token = text("Names the photo in further requests.", "K-tXfax2DndV_QsIQk4dBXPt_6K_iczG")
    detector = text("What looked for items.", "yolo+regions")
    automatic = flag("Whether items are found; if not, the whole picture is the only one.")
    objects = fields.List(fields.Nested(Detection), required=True)
    took_ms = _milliseconds("Milliseconds.")


class CompareAnswer(Indexed):
    """How alike two photos are."""

    extractor = text("What compared them.", "efficientnet_lite2_shop")
    metric = metric_field()
    distance = number("In this metric; the least is the nearest.", minimum=-1)
    similarity = number("From 0 to 100.", minimum=0, maximum=100)
    same_thing = flag("Whether both likely show the same.")


class StageTimes(Strict):
    """Milliseconds of one stage."""

    median = number("Half of the searches took less.", minimum=0)
    p95 = number("95 % of the searches took less.", minimum=0)


class Timings(Strict):
    """How long the latest searches of the worker that answers took."""

    searches = whole("How many they are.", minimum=0, maximum=200)
    stages_ms = fields.Dict(keys=fields.String(), values=fields.Nested(StageTimes), required=True)


class StoreStats(Strict):
    """One store."""

    index_version = whole("Grows with every change.", minimum=0)
    products = whole("That have a picture.", minimum=0)
    pictures = whole("Of all products.", minimum=0)
    dim = whole("How many numbers a picture becomes.", minimum=1)
    fingerprint = text("Of the extractor that made it.")
    bytes = whole("Of all its files.", minimum=0)
    threshold = number("The similarity below which pictures hardly show the same thing.")


class StatsAnswer(Indexed):
    """What the stores hold, and how long searches take."""

    extractor = text("The default one.", "efficientnet_lite2_shop")
    extractors = fields.Dict(keys=fields.String(), values=fields.Nested(StoreStats), required=True)
    timings = fields.Nested(Timings, required=True)


def _listed(
    description: str,
    items: dict[str, Any],
    *,
    data_key: str | None = None,
    **keywords: object,
) -> fields.List[Any]:
    return fields.List(
        fields.Raw(metadata=items),
        data_key=data_key,
        metadata={"description": description, **keywords},
    )


def _words(description: str, example: str) -> fields.String:
    return text(description, example, minLength=1, maxLength=LONGEST_QUERY, format="words")


class InCollection(Described):
    """Where to look."""

    collection = given_text(
        "The id of a collection to look in, instead of the catalogue.", format="collection"
    )


class Narrowed(InCollection):
    """What all searches take, with words too."""

    limit = given_whole("How many products.", minimum=1, maximum=MAX_LIMIT)
    offset = given_whole("How many of the nearest to leave out.", minimum=0, maximum=MAX_OFFSET)
    filter = _listed(
        "`field:value`, repeated. Values of one field are alternatives, fields must all hold. "
        "Case, width, typographic signs and how letters are composed make no other value. "
        "Ranges of prices: `price:10,199`, `price:10,`, `price:,199`; `price:50` is that alone.",
        {"type": "string", "format": "filter", "maxLength": 300},
        maxItems=50,
        examples=[["brand:Lumo", "price:10,199"]],
    )
    facets = _listed(
        "Fields whose values are counted, the same on every page: of a photo over the nearest 200 "
        "similar products, of words over the first 1,000 found.",
        {"type": "string"},
        examples=[["brand", "price"]],
    )
    fields_ = fields.List(
        fields.String(metadata={"enum": list(FIELDS)}),
        data_key="fields",
        metadata={
            "description": "The members of products in the answer; all without it.",
            "examples": [["id", "title", "price"]],
        },
    )
    exclude_ = _listed(
        "Ids of products to leave out.",
        {"type": "string"},
        data_key="exclude",
        examples=[["mug-002"]],
    )
    extractor = given_text(
        "Whose store to search, where there are several; see `stats`.",
        "efficientnet_lite2_shop",
        format="extractor",
    )


class Wanted(Narrowed):
    """What searches with photos and products take."""

    threshold = fields.Float(
        metadata={"description": "The least similarity.", "minimum": 0, "maximum": 100}
    )
    fallback = given_text(
        "`category` fills the list up with products of the seed's category.",
        enum=[choice.value for choice in Fallback],
    )
    emphasis = given_text(
        "What counts more than usual: `colour`, or `shape`, which leaves the colours out. The "
        "distances and similarities are those of vectors whose parts count so. Where the default "
        "store is adapted, the plain one beside it answers.",
        enum=[choice.value for choice in Emphasis],
    )


class WordsQuery(Narrowed):
    """Words, and what is wanted."""

    q = _words("What to look for.", "red running shoe")


class SuggestQuery(InCollection):
    """Words that are being typed."""

    q = _words("What is typed so far.", "runn")
    limit = given_whole("How many suggestions.", minimum=1, maximum=MAX_SUGGESTIONS)
    extractor = given_text(
        "Whose store to search, where there are several.",
        "efficientnet_lite2_shop",
        format="extractor",
    )


def _token() -> dict[str, Any]:
    return {"type": "string", "format": "image-token"}


class SentPhotos(Described):
    """Photos by address and token."""

    image_url = _listed(
        "Addresses of photos on the web.",
        {"type": "string", "format": "uri"},
        maxItems=MAX_SEEDS,
    )
    image_token = _listed("Tokens of photos of earlier answers.", _token(), maxItems=MAX_SEEDS)


class PhotoFields(Described):
    """One photo, by address or token."""

    constraints: ClassVar = {"oneOf": [{"required": ["image_url"]}, {"required": ["image_token"]}]}

    image_url = given_text("The address of a photo on the web.", format="uri")
    image_token = given_text("The token of an earlier answer.", format="image-token")


class PhotoForm(Described):
    """One photo."""

    constraints: ClassVar = {
        "oneOf": [
            {"required": ["image"]},
            {"required": ["image_url"]},
            {"required": ["image_token"]},
        ]
    }

    image = fields.Raw(
        metadata={
            "type": "string",
            "format": "binary",
            "description": "The photo, as a file: JPEG, PNG, WebP, GIF, AVIF, HEIC.",
        }
    )
    image_url = given_text("Instead: its address on the web.", format="uri")
    image_token = given_text("Instead: the token of an earlier answer.", format="image-token")


def _files(most: int) -> fields.List[Any]:
    return fields.List(
        fields.Raw(metadata={"type": "string", "format": "binary"}),
        metadata={
            "description": "Photos, as files: JPEG, PNG, WebP, GIF, AVIF, HEIC.",
            "maxItems": most,
        },
    )


def _together(number: int, *names: str) -> list[dict[str, Any]]:
    """Each way to send so many values in these members."""
    mixtures = combinations_with_replacement(names, number)
    return [_exactly({name: mixture.count(name) for name in names}) for mixture in mixtures]


def _exactly(numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "required": [name for name, number in numbers.items() if number],
        "properties": {
            name: {"minItems": number, "maxItems": number} for name, number in numbers.items()
        },
    }


class CompareFields(SentPhotos):
    """Two photos, by address and token in any mixture."""

    constraints: ClassVar = {"oneOf": _together(2, "image_url", "image_token")}

    extractor = given_text("Which one compares them.", format="extractor")


class CompareForm(CompareFields):
    """Two photos: files, addresses and tokens in any mixture."""

    constraints: ClassVar = {"oneOf": _together(2, "image", "image_url", "image_token")}

    image = _files(2)


class SearchFields(SentPhotos, Wanted):
    """Seeds (photos and products, together at most 10), words, and what is wanted.

    Several seeds are searched by their mean; their own products are left out.
    """

    constraints: ClassVar = {
        "anyOf": [
            {"required": [seed]} for seed in ("image_url", "image_token", "product_id", "text")
        ],
    }

    product_id = _listed(
        "Ids of products to search with.",
        {"type": "string", "pattern": r"[^,\s]"},
        maxItems=MAX_SEEDS,
        examples=[["mug-001"]],
    )
    box = given_text(
        "The part of a single photo to search: left, top, right, bottom, shares of 1.",
        "0.24,0.29,0.76,0.67",
        format="box",
    )
    item = given_whole("Instead: the number of an item of the photo.", minimum=0)
    text = given_text(
        "Words to search with: alone or beside the seeds with the store of an image-text model, "
        "which goes without `threshold`; with another store beside the seeds, where they name a "
        "colour, brand, category, material or the like.",
        "in blue",
        maxLength=LONGEST_QUERY,
    )
    text_weight = fields.Float(
        metadata={
            "description": "How much the words count beside the seeds; 0.5 without it.",
            "minimum": 0,
            "maximum": 1,
        }
    )


class SearchForm(SearchFields):
    """The same, with photos as files."""

    constraints: ClassVar = {
        **SearchFields.constraints,
        "anyOf": [{"required": ["image"]}, *SearchFields.constraints["anyOf"]],
    }

    image = _files(MAX_SEEDS)
