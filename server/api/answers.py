"""Search results as JSON."""

from typing import Any

from features.types import Hit, Product, SearchResult
from server.formatting import web_link
from server.pictures import picture_url


def as_answer(result: SearchResult) -> dict[str, Any]:
    """The answer to a search; distances are Euclidean, nearest first."""
    times = result.took_ms
    return {
        "extractor": result.extractor,
        "index_version": result.index_version,
        "took_ms": {
            "decode": round(times.decode, 2),
            "embed": round(times.embed, 2),
            "search": round(times.search, 2),
            "total": round(times.total, 2),
        },
        "results": [_hit(hit) for hit in result.hits],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "product": _product(hit.product),
        "image_url": picture_url(hit.picture),
        "distance": hit.distance,
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "category": product.category,
        "price": None if product.price is None else str(product.price),
        "currency": product.currency,
        "brand": product.brand,
        "url": web_link(product.url),
        "availability": product.availability,
        "attributes": dict(product.attributes),
    }
