"""Schemathesis on the application: valid values for what a schema's words alone cannot say."""

import gc
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import schemathesis
from flask import Flask
from hypothesis import strategies as st
from schemathesis import Case, HookContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from server.services.imports import Imports
from tests.helpers import drawing, encoded
from tests.server.conftest import KEY
from tests.shop import SAMPLE

_FEED = b"id,Name,image,Maker\nsheep-1,Sheep,products/bag-001.webp,Farm\n"
_SEEDS_OF = {"search": range(1, 11), "compare": range(2, 3), "detect": range(1, 2)}
_FIELD = re.compile("[a-z_]{2,}")
_PICTURES = (b"\x89PNG", b"RIFF")
_LETTERS = st.characters(codec="utf-8", categories=("L", "N"))
# Examples have a test of their own: they are put together here against the schema.
_PHASES = ("examples", "coverage", "fuzzing", "stateful")
_SEEDS = ("image", "image_url", "image_token", "product_id")
_MOST_FACETS = 20
_NONE_WHERE_EMPTY = ("extractor", "emphasis", "fallback")


@dataclass
class Findings:
    """What a run of Schemathesis came to."""

    cases: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class KeptImports(Imports):
    """Imports that stay queued: a run makes hundreds, each of them a process."""

    def start(self) -> None:
        """Nothing."""


def run(address: str, phases: Collection[str], examples: int) -> Findings:
    """Every check of Schemathesis in some of its phases, with so many examples an operation."""
    config = _config(phases, examples)
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    schema.hook("filter_case")(_is_meant_so)
    schema.hook("map_case")(_without_id)
    findings = Findings()
    with _collecting_only_between_events() as collect:
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                _note(findings, event)
            elif isinstance(event, events.NonFatalError):
                findings.failures.append(f"{event.label}: {event.info.traceback}")
            elif isinstance(event, events.FatalError):
                findings.failures.append(repr(event.exception))
            collect()
    return findings


@contextmanager
def _collecting_only_between_events() -> Iterator[Callable[[], object]]:
    """Python 3.11's `ast` fails when garbage is collected amid it (python/cpython#106905)."""
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.enable()


def _note(findings: Findings, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    findings.cases[event.phase.value] += len(recorder.cases)
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info is not None:
                failure = check.failure_info.failure
                answer = recorder.interactions[case_id].response
                if answer is not None and b'"store_empty"' in answer.content:
                    continue  # what came before has deleted every product
                findings.failures.append(
                    f"{recorder.label} {event.phase.value} {check.name}: {failure.title}\n"
                    f"{failure.message}\n{answer and (answer.status_code, answer.content[:300])}\n"
                    f"{check.failure_info.code_sample}"
                )


def _config(phases: Collection[str], examples: int) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 20260101,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "phases": {name: {"enabled": name in phases} for name in _PHASES},
            "generation": {"deterministic": True, "database": "none", "max-examples": examples},
        }
    )


def _is_meant_so(_: HookContext, case: Case) -> bool:
    """Whether a request is as valid, or as invalid, as it is meant to be.

    A valid one keeps to what only the description's prose says: one photo to look at, two to
    compare, one to ten seeds to search with; a part only of a single photo, and an item that it
    has; no words, as the shop's extractor knows none; twenty facets. Commas part values.
    """
    body, (_, _, name) = case.body, case.operation.path.rpartition("/")
    if case.meta is None:
        return True
    if case.meta.generation.mode.is_positive:
        if any(len(set(_listed(said.get("facets")))) > _MOST_FACETS for said in _said_by(case)):
            return False
    elif any(said.get(name) == "" for said in _said_by(case) for name in _NONE_WHERE_EMPTY):
        return False
    if name == "collections" and isinstance(body, dict) and body.get("name") == "":
        # Where one part of a form has an encoding of its own, Schemathesis leaves the others empty.
        return case.meta.generation.mode.is_negative
    if not isinstance(body, dict) or name not in _SEEDS_OF:
        return True
    if case.meta.generation.mode.is_negative:
        return not _is_valid_by_chance(body, _SEEDS_OF[name])
    photos = sum(_number(body[name]) for name in _SEEDS[:-1] if name in body)
    seeds = photos + len(_listed(body.get("product_id")))
    part = "box" in body or "item" in body
    alone = seeds == 1 and "product_id" not in body and body.get("item", 0) == 0
    known = not {"box", "item"} <= set(body) and "text" not in body
    return seeds in _SEEDS_OF[name] and (alone or not part) and known


def _is_valid_by_chance(body: Mapping[str, object], seeds: range) -> bool:
    """Whether one way to send photos was spoilt, and another one of the same schema was not.

    Names that no field has are no fault: forms may carry more than they are asked for.
    """
    named = {name for name in body if _FIELD.fullmatch(name)}
    sent = body.get("image")
    photos = [
        getattr(photo, "data", photo) for photo in (sent if isinstance(sent, list) else [sent])
    ]
    pictures = [data for data in photos if isinstance(data, bytes) and data.startswith(_PICTURES)]
    return named == {"image"} and len(pictures) == len(photos) and len(photos) in seeds


def _said_by(case: Case) -> list[Mapping[str, object]]:
    return [said for said in (case.body, case.query) if isinstance(said, Mapping)]


def _listed(said: object) -> list[str]:
    """The values of a parameter that may be repeated or hold commas."""
    texts = said if isinstance(said, list) else [said]
    parts = [part.strip() for text in texts if isinstance(text, str) for part in text.split(",")]
    return [part for part in parts if part]


def _number(seeds: object) -> int:
    return len(seeds) if isinstance(seeds, list) else 1


def _without_id(_: HookContext, case: Case) -> Case:
    """A product's id in the body has to be that of the address, which no schema can say."""
    if case.method == "PUT" and isinstance(case.body, dict) and "id" in case.body:
        case.body = {name: value for name, value in case.body.items() if name != "id"}
    return case


@contextmanager
def valid_values(app: Flask, photo_url: str) -> Iterator[None]:
    """Teach Schemathesis what this API's formats and files look like."""
    photo = (SAMPLE / "photos" / "mug-on-counter.webp").read_bytes()
    token = app.extensions["photos"].put(photo)
    drawings = [encoded(drawing(seed), "PNG") for seed in range(3)]
    schemathesis.openapi.media_type("text/csv", st.just(_FEED))
    schemathesis.openapi.media_type("application/zip", st.just(_zip_of(photo)))
    schemathesis.openapi.format("binary", st.sampled_from([photo, *drawings]))
    for name, strategy in _formats(photo_url, token).items():
        schemathesis.openapi.format(name, strategy)
    yield


def _zip_of(photo: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.webp", photo)
    return buffer.getvalue()


def _formats(photo_url: str, token: str) -> dict[str, st.SearchStrategy[str]]:
    return {
        "uri": st.just(photo_url),
        "uri-reference": st.sampled_from(["products/bag-001.webp", photo_url]),
        "image-token": st.just(token),
        "extractor": st.just("efficientnet_lite2_shop"),
        "words": st.text(_LETTERS, min_size=1, max_size=200),
        "filter": st.one_of(_words(), _prices()),
        "box": _boxes(),
        "collection": st.just(""),
        "collection-name": st.text(_LETTERS, min_size=1, max_size=80),
        "availability": st.sampled_from(["in_stock", "preorder", "sold out", ""]),
        "product-json": st.just(json.dumps({"title": "A sheep", "price": 12.5})),
        "currency": st.sampled_from(["EUR", "usd", ""]),
        "column-map": st.sampled_from(["title=Name", "brand=Maker"]),
        "encoding": st.sampled_from(["utf-8", "windows-1252"]),
        "feed-format": st.just("csv"),
    }


def _words() -> st.SearchStrategy[str]:
    text = st.text(_LETTERS, min_size=1, max_size=40)
    return st.tuples(text, text).map(":".join).filter(lambda said: "price" not in said.casefold())


def _prices() -> st.SearchStrategy[str]:
    low = st.integers(0, 500)
    return st.tuples(low, low).map(lambda sides: f"price:{sides[0]},{sum(sides)}")


def _boxes() -> st.SearchStrategy[str]:
    near, far = st.integers(0, 40), st.integers(60, 100)
    return st.tuples(near, near, far, far).map(
        lambda sides: ",".join(str(side / 100) for side in sides)
    )
