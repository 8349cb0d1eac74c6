"""What shoppers and their pages ask."""

from collections.abc import Mapping
from typing import Any

from features.errors import (
    CollectionEmptyError,
    InvalidQueryError,
    NoEmphasisError,
    NoTextSideError,
    PictureWriteError,
    UnknownCollectionError,
    UnknownProductError,
)
from server.openapi.operation import JSON, MULTIPART, URLENCODED, Body, Operation
from server.openapi.problems import COMPUTING, DETECTOR, FETCH, PHOTO, STORE, VIDEO, WORDS, Problems
from server.openapi.schemas import addresses, jobs, products, searches
from server.pictures.photos import PhotoGoneError
from server.query.uploads import MissingPhotoError
from server.telemetry.events import EventsNotKeptError, InvalidEventError

_COLLECTION: Problems = (UnknownCollectionError, CollectionEmptyError)
_SEED: Problems = (
    MissingPhotoError,
    InvalidQueryError,
    PhotoGoneError,
    *PHOTO,
    *FETCH,
    *STORE,
    *COMPUTING,
)
CACHED: Mapping[int, Mapping[str, Any]] = {
    status: {
        name: {"description": description, "schema": {"type": "string"}}
        for name, description in (
            ("ETag", "Changes with the store and the question."),
            ("Cache-Control", "How long the answer may be kept."),
        )
    }
    for status in (200, 304)
}
NOT_MODIFIED = ("The answer that is kept still holds.", None)

OPERATIONS: Mapping[str, Operation] = {
    "api.search": Operation(
        id="search",
        tag="Search",
        summary="Search with photos, products and words",
        description="The products nearest to a photo, a part of it, a video, a product, or the "
        "mean of several of these. Without `box` and `item` the part of a single photo that the "
        "catalogue matches best is searched. `text` is searched with beside these, or alone, where "
        "the store is an image-text model's; elsewhere it filters by the values that it names.",
        answers={200: ("What was found.", searches.SearchAnswer)},
        problems=(
            *_SEED,
            *VIDEO,
            PictureWriteError,
            NoTextSideError,
            NoEmphasisError,
            UnknownProductError,
            *DETECTOR,
            *_COLLECTION,
        ),
        bodies={
            MULTIPART: Body(searches.SearchForm),
            URLENCODED: Body(
                searches.SearchFields,
                examples={
                    "products": {"product_id": ["mug-001"], "limit": 3, "filter": ["price:,30"]}
                },
            ),
        },
    ),
    "api.search_words": Operation(
        id="search_words",
        tag="Search",
        summary="Search with words",
        description="The products whose title, brand, category, attributes or description have all "
        "words; those of whose names have them come first (BM25). Where no product has, typos are "
        "undone, the last word may be a beginning, and then any of the words will do. The store "
        "of an image-text model also finds products by what their pictures show. Nothing in `q` "
        "is syntax.",
        answers={200: ("What was found.", searches.WordsAnswer)},
        problems=(InvalidQueryError, *WORDS, *_COLLECTION, *STORE, *COMPUTING),
        parameters=(("query", searches.WordsQuery),),
    ),
    "api.suggest": Operation(
        id="suggest",
        tag="Search",
        summary="Suggest words",
        description="What words may become while they are typed: names of categories, of brands, "
        "and of products.",
        answers={200: ("The suggestions.", searches.SuggestAnswer)},
        problems=(InvalidQueryError, *WORDS, *_COLLECTION, *STORE),
        parameters=(("query", searches.SuggestQuery),),
    ),
    "api.detect": Operation(
        id="detect",
        tag="Search",
        summary="Find the items of a photo",
        description="The most likely first, the whole picture last. The token names the photo in "
        "a search for one of them.",
        answers={200: ("The items.", searches.DetectAnswer)},
        problems=(*_SEED, *DETECTOR, PictureWriteError),
        bodies={
            MULTIPART: Body(searches.PhotoForm),
            URLENCODED: Body(searches.PhotoFields),
        },
    ),
    "api.compare": Operation(
        id="compare",
        tag="Search",
        summary="Compare two photos",
        description="How alike they are, and whether they likely show the same.",
        answers={200: ("How alike they are.", searches.CompareAnswer)},
        problems=_SEED,
        bodies={
            MULTIPART: Body(searches.CompareForm),
            URLENCODED: Body(searches.CompareFields),
        },
    ),
    "api.similar": Operation(
        id="similar_products",
        tag="Search",
        summary="Products like a product",
        description="The other products that look most like one of the catalogue.",
        answers={200: ("What was found.", searches.SimilarAnswer), 304: NOT_MODIFIED},
        problems=(
            InvalidQueryError,
            NoEmphasisError,
            UnknownProductError,
            *_COLLECTION,
            *STORE,
            *COMPUTING,
        ),
        parameters=(
            ("path", addresses.ProductPath),
            ("query", searches.Wanted),
            ("headers", addresses.Revalidation),
        ),
        headers=CACHED,
    ),
    "api.product": Operation(
        id="show_product",
        tag="Products",
        summary="Show a product",
        description="With its pictures, as searches would find it now.",
        answers={200: ("The product.", products.ProductAnswer), 304: NOT_MODIFIED},
        problems=(UnknownProductError, *_COLLECTION, *STORE),
        parameters=(
            ("path", addresses.ProductPath),
            ("query", searches.InCollection),
            ("headers", addresses.Revalidation),
        ),
        headers=CACHED,
    ),
    "api.stats": Operation(
        id="stats",
        tag="Operations",
        summary="Counts, versions, sizes and timings",
        description="What the stores hold by extractor, and how long the latest searches of the "
        "worker that answers took.",
        answers={200: ("What the stores hold.", searches.StatsAnswer)},
        problems=STORE,
    ),
    "api.record": Operation(
        id="record_event",
        tag="Events",
        summary="Record what a shopper did",
        description="JSON under any media type, at most 8,000 bytes. Nothing about the shopper is "
        "kept.",
        answers={204: ("It is recorded.", None)},
        problems=(InvalidEventError, EventsNotKeptError),
        bodies={
            JSON: Body(
                jobs.Event,
                examples={"a click": {"type": "click", "product_id": "mug-001", "position": 1}},
            )
        },
    ),
}
