"""`/api/v1/collections`: create one from a ZIP of pictures, list, show, rename and delete."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request, url_for

from features.collections import Collection
from features.errors import InvalidNameError
from features.jobs import Job, create_collection, delete_collection, latest_jobs
from features.json_text import read_json
from server.access.admin import admin_only
from server.api.jobs import as_job
from server.query.uploads import file_from
from server.services.collections import count_of, counted, current_collections
from server.services.imports import current_imports
from server.services.loading import current_settings, index_version

_ARCHIVE, _NAME = "archive", "name"


@admin_only
def create() -> tuple[Response, int]:
    """A multipart form: `name`, and the file `archive`, a ZIP of pictures."""
    collection, job = collection_from_form()
    said = jsonify(
        index_version=index_version(), collection=_described(collection, job, 0), job=as_job(job)
    )
    said.headers["Location"] = url_for("api.collection", collection_id=collection.id)
    return said, 202


@admin_only
def list_collections() -> Response:
    """All collections, the oldest first, each with its latest job."""
    jobs = latest_jobs(current_imports().shelf)
    described = [_described(known, jobs.get(known.id), count) for known, count in counted()]
    return jsonify(index_version=index_version(), collections=described)


@admin_only
def show(collection_id: str) -> Response:
    """One collection, and its job with the files that were not used."""
    collection = current_collections().shelf.get(collection_id)
    return _answer(collection)


@admin_only
def rename(collection_id: str) -> Response:
    """JSON: `{"name": "Holiday"}`."""
    request.max_content_length = current_settings().max_form_bytes
    name = _name(request.get_data())
    return _answer(current_collections().shelf.rename(collection_id, name))


@admin_only
def delete(collection_id: str) -> Response:
    """The collection with all its pictures; an import that fills it ends."""
    delete_collection(current_collections().shelf, current_imports().shelf, collection_id)
    return jsonify(index_version=index_version(), deleted=collection_id)


def _name(body: bytes) -> str:
    with suppress(ValueError):
        sent = read_json(body)
        if isinstance(sent, dict) and set(sent) == {_NAME} and isinstance(sent[_NAME], str):
            return str(sent[_NAME])
    raise InvalidNameError('Send the new name as JSON: {"name": "Holiday"}.')


def collection_from_form() -> tuple[Collection, Job]:
    """A new collection of the name and the archive that the request's form has; its job begins.

    Raises:
        InvalidQueryError: there is no archive in it.
        InvalidNameError: there can be no collection of that name.
        CatalogError: the archive cannot be read, or holds no pictures.
    """
    request.max_content_length = current_settings().feed_max_bytes
    archive = file_from(request, _ARCHIVE, "ZIP of pictures")
    imports = current_imports()
    collection, job = create_collection(
        current_collections().shelf,
        imports.shelf,
        request.form.get(_NAME, ""),
        archive.stream,
        archive.filename or _ARCHIVE,
    )
    imports.start()
    return collection, job


def _answer(collection: Collection) -> Response:
    job = latest_jobs(current_imports().shelf).get(collection.id)
    return jsonify(
        index_version=index_version(),
        collection=_described(collection, job, count_of(collection.id)),
        job=None if job is None else as_job(job),
    )


def _described(collection: Collection, job: Job | None, pictures: int) -> dict[str, Any]:
    """A collection as JSON; `state` is null once its job is forgotten."""
    return {
        "id": collection.id,
        "name": collection.name,
        "created": datetime.fromtimestamp(collection.created, UTC).isoformat(timespec="seconds"),
        "pictures": pictures,
        "state": None if job is None else job.state,
        "job_id": None if job is None else job.id,
        "search_url": url_for("pages.search", collection=collection.id),
    }
