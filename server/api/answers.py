"""Search results as JSON."""

from dataclasses import asdict
from typing import Any

from features.detection import FoundItems, ItemFinder
from features.types import Box, Hit, SearchResult, WordHit, WordsResult
from server.api.fields import as_product, only
from server.pictures.catalog import picture_url, thumbnail_url
from server.query.asked import Answer


def as_answer(answer: Answer, token: str, fields: frozenset[str]) -> dict[str, Any]:
    """The answer to a search; distances are in the store's metric, boxes shares of 1."""
    result = answer.result
    times = {
        "detect": answer.look_ms,
        "choose": answer.choose_ms,
        **asdict(result.took_ms),
    }
    return {
        "extractor": result.extractor,
        "index_version": result.index_version,
        "image_token": token,
        "objects": _objects(answer.found),
        "searched_box": _box(answer.choice.box),
        "video_s": None if answer.video is None else round(answer.video.time_s, 3),
        "took_ms": _rounded({**times, "total": sum(times.values())}),
        **_found(result, fields),
    }


def as_results(result: SearchResult, fields: frozenset[str]) -> dict[str, Any]:
    """The answer to a search that asks with products."""
    times = asdict(result.took_ms)
    return {
        "extractor": result.extractor,
        "index_version": result.index_version,
        "took_ms": _rounded({**times, "total": sum(times.values())}),
        **_found(result, fields),
    }


def as_words(result: WordsResult, fields: frozenset[str]) -> dict[str, Any]:
    """The answer to words: the shape of other searches, but scores where these have distances."""
    return {
        "extractor": result.extractor,
        "index_version": result.index_version,
        "took_ms": _rounded({"words": result.took_ms, "total": result.took_ms}),
        "total": result.total,
        "did_you_mean": result.did_you_mean or None,
        "no_confident_match": not result.all_words,
        "results": [_word_hit(hit, fields) for hit in result.hits],
        "facets": {field: dict(counts) for field, counts in result.facets.items()},
    }


def _found(result: SearchResult, fields: frozenset[str]) -> dict[str, Any]:
    return {
        "no_confident_match": result.no_confident_match,
        "metric": result.metric,
        "understood": [
            f"{it.field}:{word}" for it in result.understood for word in sorted(it.words)
        ],
        "results": [_hit(hit, result, fields) for hit in result.hits],
        "facets": {field: dict(counts) for field, counts in result.facets.items()},
    }


def as_items(found: FoundItems, finder: ItemFinder, token: str, took_ms: float) -> dict[str, Any]:
    """The items of a photo, the most likely first, the whole picture last."""
    return {
        "image_token": token,
        "detector": finder.name,
        "automatic": not finder.notice,
        "objects": _objects(found),
        "took_ms": _rounded({"detect": took_ms}),
    }


def _objects(found: FoundItems | None) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "box": _box(item.box),
            "label": item.label,
            "confidence": round(item.confidence, 4),
        }
        for number, item in enumerate(found.items if found else ())
    ]


def _box(box: Box) -> list[float]:
    return [round(side, 6) for side in (box.x1, box.y1, box.x2, box.y2)]


def _rounded(milliseconds: dict[str, float]) -> dict[str, float]:
    return {stage: round(time, 2) for stage, time in milliseconds.items()}


def _hit(hit: Hit, result: SearchResult, fields: frozenset[str]) -> dict[str, Any]:
    return {
        **_shown(hit, fields),
        "distance": result.metric.of(hit.distance),
        "similarity": round(hit.similarity, 1) if result.has_similarities else None,
        "fallback": hit.fallback,
    }


def _word_hit(hit: WordHit, fields: frozenset[str]) -> dict[str, Any]:
    return {**_shown(hit, fields), "score": float(f"{hit.score:.6g}")}


def _shown(hit: Hit | WordHit, fields: frozenset[str]) -> dict[str, Any]:
    return {
        "product": only(as_product(hit.product), fields),
        "image_url": picture_url(hit.picture),
        "thumbnail_url": thumbnail_url(hit.picture),
        "time_s": hit.picture.time_s,
    }
