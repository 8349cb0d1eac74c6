"""Path traversal: every route of an application, asked with texts that lead elsewhere as paths."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import create_environ, run_wsgi_app

from scripts.attacks.paths import NAMED, encodings, texts
from scripts.attacks.tally import Tally

# Parameters that name something: a file is looked for under some of them.
_QUERIES = (
    "/search?photo={}",
    "/search?example={}",
    "/search?q=mug&collection={}",
    "/suggestions?q=mug&collection={}",
    "/api/v1/search?q=mug&collection={}",
    "/api/v1/suggest?q=mug&extractor={}",
    "/api/v1/stats?extractor={}",
    "/api/v1/products/mug/similar?extractor={}",
    "/embed/search?lang={}&scheme={}",
)
_FORMS = {
    "/search": ("photo", "collection", "extractor"),
    "/api/v1/search": ("image_token", "image_url", "product_id", "extractor", "collection"),
    "/api/v1/detect": ("image_token", "image_url"),
}
_SECRET = "a line that only files hold which nobody may read"  # noqa: S105
_MARKS = (_SECRET.encode(), b"root:x:0:0", b"[tool.ruff", b"root:*:0:0")
_RECORD = {"id": "0" * 16, "name": _SECRET, "created": 0.0}
_JOB = {**_RECORD, "feed": "feed.csv", "state": "queued", "failed": []}
# What is read under the id of a job or a collection, and what a path may name.
_LAID = {
    "job.json": json.dumps(_JOB),
    "collection.json": json.dumps(_RECORD),
    NAMED: _SECRET,
    f"{NAMED}.js": _SECRET,
}


@dataclass(frozen=True)
class Sent:
    """A request of the attack; `path` as it stands in the request line."""

    method: str
    path: str
    body: bytes = b""
    kind: str = "application/json"

    def __str__(self) -> str:
        """For reports."""
        return f"{self.method} {self.path[:120]} {self.body[:80]!r}"


def traversed(app: Flask, headers: Mapping[str, str], every: int = 1) -> Iterator[Tally]:
    """Ask every route that takes anything from its address, and the parameters that name things.

    Args:
        app: answers; files are laid beside its own folders that no answer may hold.
        headers: those of an admin, so that nothing is refused before it is looked at.
        every: take one text in so many.
    """
    settings = app.extensions["settings"]
    laid = _lay_secrets([settings.store, settings.photos])
    try:
        yield _tried(app, headers, laid, "paths in addresses", _to_routes(app, every))
        yield _tried(app, headers, laid, "paths in parameters", _with_parameters(every))
    finally:
        for path in laid:
            path.unlink(missing_ok=True)


def _tried(
    app: Flask, headers: Mapping[str, str], laid: Iterable[Path], kind: str, asked: Iterable[Sent]
) -> Tally:
    tried, through = 0, []
    for sent in asked:
        tried += 1
        status, body = _answer(app, headers, sent)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            through.append(f"{sent}: {status}")
        if any(mark in body for mark in _MARKS):
            through.append(f"{sent}: a file")
    through += [f"{path} is gone or changed" for path in laid if not _is_whole(path)]
    return Tally(kind, tried, tuple(through))


def _to_routes(app: Flask, every: int) -> Iterator[Sent]:
    chosen = list(texts())[::every]
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            for text in chosen:
                for encoded in encodings(text):
                    yield Sent(method, _filled(rule, encoded), b"{}")


def _with_parameters(every: int) -> Iterator[Sent]:
    for text in list(texts())[::every]:
        for encoded in encodings(text):
            for query in _QUERIES:
                yield Sent("GET", query.replace("{}", encoded))
            for path, names in _FORMS.items():
                for name in names:
                    form = f"{name}={encoded}".encode()
                    yield Sent("POST", path, form, "application/x-www-form-urlencoded")


def _filled(rule: Rule, text: str) -> str:
    """The rule's address with the text in the place of each argument, and 1 for numbers."""
    parts = []
    for is_argument, part in rule._trace:  # werkzeug's own account of what a rule is made of
        if not is_argument:
            parts.append(part)
        elif isinstance(rule._converters[part], IntegerConverter):
            parts.append("1")
        else:
            parts.append(text)
    return "".join(parts).removeprefix("|")


def _answer(app: Flask, headers: Mapping[str, str], sent: Sent) -> tuple[int, bytes]:
    """As a WSGI server has it: percent signs are decoded once, whatever comes of that."""
    path, _, query = sent.path.partition("?")
    environ = create_environ(
        method=sent.method,
        headers={**headers, "Content-Type": sent.kind},
        data=sent.body,
        query_string=query,
    )
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    pieces, status, _ = run_wsgi_app(app, environ, buffered=True)
    return int(status.split()[0]), b"".join(pieces)


def _lay_secrets(folders: Iterable[Path]) -> list[Path]:
    """Files in, above and beside the folders, also under the names that ids are looked up by."""
    laid = []
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for place in (folder, folder.parent):
            for name, text in _LAID.items():
                (place / name).write_text(text, encoding="utf-8")
                laid.append(place / name)
    return laid


def _is_whole(path: Path) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == _LAID[path.name]
