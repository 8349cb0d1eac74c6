"""`POST /api/v1/catalog`: import a feed in the background."""

from collections.abc import Iterable

from flask import Response, jsonify, request, url_for

from features.catalog import parse_column_map
from features.errors import InvalidQueryError
from server.access.admin import admin_only
from server.api.jobs import as_job
from server.query.uploads import file_from
from server.services.collections import refuse_in_form
from server.services.imports import current_imports
from server.services.loading import current_settings, index_version

_FIELD = "feed"
_FIELDS = frozenset({_FIELD, "format", "currency", "store_url", "encoding", "map", "keep_missing"})
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


@admin_only
def import_catalog() -> tuple[Response, int]:
    """A multipart form: the file `feed`, and any of the options of `extract_features.py`.

    `format`, `currency`, `store_url`, `encoding`, `keep_missing` (true or false), and `map`
    (`title=Name`), which may be repeated.
    """
    request.max_content_length = current_settings().feed_max_bytes
    refuse_in_form()
    _refuse_unknown({*request.form, *request.files})
    feed = file_from(request, _FIELD, "feed")
    options = {
        "format": request.form.get("format") or None,
        "currency": request.form.get("currency", "").upper(),
        "store_url": request.form.get("store_url", ""),
        "encoding": request.form.get("encoding", ""),
        "columns": dict(parse_column_map(request.form.getlist("map"))),
        "keep_missing": _switch("keep_missing"),
    }
    imports = current_imports()
    job = imports.shelf.create(feed.filename or _FIELD, feed.stream, options)
    imports.start()
    answer = jsonify(index_version=index_version(), job=as_job(job))
    answer.headers["Location"] = url_for("api.job", job_id=job.id)
    return answer, 202


def _refuse_unknown(sent: Iterable[str]) -> None:
    """A misspelt `keep_missing` would have products removed."""
    for name in sorted(set(sent) - _FIELDS):
        known = ", ".join(map(repr, sorted(_FIELDS)))
        raise InvalidQueryError(f"There is no field {name[:40]!r} in this form; it has {known}.")


def _switch(name: str) -> bool:
    text = request.form.get(name, "").lower()
    if text not in _TRUE | _FALSE:
        raise InvalidQueryError(f"{name} is {text[:20]!r}; it must be true or false.")
    return text in _TRUE
