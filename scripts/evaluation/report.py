"""The figures as one page of HTML that needs nothing else, with the failures side by side."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2

from features.disk import write_problem
from features.errors import ConfigError, InvalidPictureError, PictureNotFoundError
from features.evaluation import METRICS, Answers, Found, Outcome, failures, probe_image
from features.images import decode
from features.search import SearchService
from features.types import Image
from scripts.evaluation.own_pictures import HEADINGS, Summary, as_json, cell, introduction

_MOST_FAILURES = 100
_SIDE = 240  # pixels
_QUALITY = 75
_KEPT = 500  # thumbnails of the store, which several failures share
_TEMPLATES = Path(__file__).parent


@dataclass(frozen=True)
class Shown:
    """A picture on the page; `source` is a data URI, or None where the picture is gone."""

    source: str | None
    product_id: str
    title: str
    category: str
    distance: float | None = None


@dataclass(frozen=True)
class Failure:
    """A picture that did not find its product first."""

    kind: str
    rank: int | None
    asked: Shown
    found: tuple[Shown, ...]
    right: Shown | None


def check_target(path: Path) -> None:
    """Refuse early what could not be written later.

    Raises:
        ConfigError: there is no such folder, or it is one itself.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise ConfigError(f"the report {path} cannot be written; name a file in a folder there is")


def write_report(
    path: Path, service: SearchService, answers: Answers, summary: Summary, seed: int = 0
) -> None:
    """Write the page; `seed` is that of the alterations.

    Raises:
        ConfigError: the file cannot be written.
    """
    page = report_page(service, answers, summary, seed)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the report {path} cannot be written: {write_problem(error)}") from error


def report_page(service: SearchService, answers: Answers, summary: Summary, seed: int = 0) -> str:
    """The page, everything in it escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shelf = _Thumbnails(service, seed)
    return environment.get_template("report.html").render(
        summary=summary,
        figures=json.dumps(as_json(summary)),
        introduction=introduction(summary),
        metrics=list(METRICS),
        cell=cell,
        failed=sum(outcome.rank != 1 for outcome in answers.outcomes),
        asked=len(answers.outcomes),
        failures=[shelf.failure(one) for one in failures(answers.outcomes, _MOST_FAILURES)],
    )


class _Thumbnails:
    """Small pictures of a store."""

    def __init__(self, service: SearchService, seed: int) -> None:
        self._service = service
        self._seed = seed
        self._of_store = lru_cache(_KEPT)(self._stored)

    def failure(self, outcome: Outcome) -> Failure:
        probe, right = outcome.probe, outcome.right
        return Failure(
            HEADINGS[probe.kind],
            outcome.rank,
            Shown(
                _source(lambda: probe_image(self._service, probe, self._seed)),
                probe.product_id,
                "" if right is None else right.product.title,
                outcome.category,
            ),
            tuple(self._found(one) for one in outcome.found),
            None if right is None else self._found(right),
        )

    def _found(self, found: Found) -> Shown:
        product = found.product
        source = self._of_store(found.content_hash)
        return Shown(source, product.id, product.title, product.category, found.distance)

    def _stored(self, digest: str) -> str | None:
        return _source(lambda: decode(self._service.picture(digest), detail=_SIDE))


def _source(read: Callable[[], Image]) -> str | None:
    """A data URI; None where the picture is gone."""
    try:
        image = read()
    except (PictureNotFoundError, InvalidPictureError):
        return None
    image.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
