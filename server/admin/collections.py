"""Collections: made of a ZIP, followed, renamed and deleted."""

from flask import render_template, request, url_for

from features.collections import LONGEST_NAME, Collection
from features.errors import VisualSearchError
from features.jobs import Job, delete_collection, latest_jobs
from server.access.sessions import signed_in
from server.admin.jobs import end
from server.admin.overview import overview
from server.admin.telling import Page, on_to, told
from server.api.collections import collection_from_form
from server.errors import status_of
from server.services.collections import count_of, current_collections
from server.services.imports import current_imports


@signed_in
def create() -> Page:
    """A new collection of a ZIP."""
    try:
        collection, _ = collection_from_form()
    except VisualSearchError as error:
        return overview(told(error)), status_of(error)
    return on_to(url_for("admin.collection", collection_id=collection.id))


@signed_in
def show(collection_id: str) -> Page:
    """One collection: its import, and what can be done with it."""
    return _detail(current_collections().shelf.get(collection_id))


@signed_in
def progress(collection_id: str) -> Page:
    """How far the import of a collection is, as a part of its page."""
    return render_template("admin/_import.html", **_import_of(collection_id))


@signed_in
def rename(collection_id: str) -> Page:
    """Give it another name."""
    shelf = current_collections().shelf
    try:
        shelf.rename(collection_id, request.form.get("name", ""))
    except VisualSearchError as error:
        return _detail(shelf.get(collection_id), told(error)), status_of(error)
    return on_to(url_for("admin.collection", collection_id=collection_id))


@signed_in
def cancel(collection_id: str) -> Page:
    """End its import; what that has stored stays."""
    end(latest_jobs(current_imports().shelf).get(collection_id))
    return on_to(url_for("admin.collection", collection_id=collection_id))


@signed_in
def delete(collection_id: str) -> Page:
    """Delete it with its pictures."""
    delete_collection(current_collections().shelf, current_imports().shelf, collection_id)
    return on_to(url_for("admin.home"))


def _detail(collection: Collection, problem: str = "") -> str:
    return render_template(
        "admin/collection.html",
        shown=collection,
        problem=problem,
        longest_name=LONGEST_NAME,
        **_import_of(collection.id),
    )


def _import_of(collection_id: str) -> dict[str, Job | int | str | None]:
    pictures = count_of(collection_id)
    job = latest_jobs(current_imports().shelf).get(collection_id)
    return {"collection_id": collection_id, "job": job, "pictures": pictures}
