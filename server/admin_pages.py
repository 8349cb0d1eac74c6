"""The shop's own pages: sign in with an admin key, and look after the collections.

All work without JavaScript; with it an import is followed without loading the page again.
"""

from http import HTTPStatus

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from features.collections import LONGEST_NAME, Collection
from features.errors import VisualSearchError
from features.jobs import Job, delete_collection, latest_jobs
from server.access.callers import admin_digests
from server.access.sessions import is_signed_in, sign_in, sign_out, signed_in
from server.api.collections import collection_from_form
from server.collections import count_of, counted, current_collections
from server.errors import public_message, status_of
from server.exchange import record_problem
from server.health import trouble
from server.imports import current_imports

blueprint = Blueprint("admin", __name__)
Page = AnyResponse | str | tuple[str, int]


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Nothing of these pages is kept by browsers and caches."""
    response.cache_control.no_store = True
    return response


@blueprint.get("/admin")
def home() -> Page:
    """The collections, for whoever is signed in; the form that asks for the key for others."""
    return _overview() if is_signed_in() else _ask_for_key()


@blueprint.post("/admin/sign-in")
def begin() -> Page:
    """Begin a session."""
    response = redirect(url_for("admin.home"), code=303, Response=Response)
    try:
        sign_in(request.form.get("key", ""), response)
    except VisualSearchError as error:
        return _ask_for_key(_told(error)), status_of(error)
    return response


@blueprint.post("/admin/sign-out")
def end() -> AnyResponse:
    """End the session."""
    response = redirect(url_for("admin.home"), code=303, Response=Response)
    sign_out(response)
    return response


@blueprint.post("/admin/collections")
@signed_in
def create() -> Page:
    """A new collection of a ZIP."""
    try:
        collection, _ = collection_from_form()
    except VisualSearchError as error:
        return _overview(_told(error)), status_of(error)
    return _to(collection.id)


@blueprint.get("/admin/collections/<collection_id>")
@signed_in
def collection(collection_id: str) -> Page:
    """One collection: its import, and what can be done with it."""
    return _detail(current_collections().shelf.get(collection_id))


@blueprint.get("/admin/collections/<collection_id>/import")
@signed_in
def progress(collection_id: str) -> Page:
    """How far the import of a collection is, as a part of its page."""
    return render_template("_import.html", **_import_of(collection_id))


@blueprint.post("/admin/collections/<collection_id>/rename")
@signed_in
def rename(collection_id: str) -> Page:
    """Give it another name."""
    shelf = current_collections().shelf
    try:
        shelf.rename(collection_id, request.form.get("name", ""))
    except VisualSearchError as error:
        return _detail(shelf.get(collection_id), _told(error)), status_of(error)
    return _to(collection_id)


@blueprint.post("/admin/collections/<collection_id>/cancel")
@signed_in
def cancel(collection_id: str) -> Page:
    """End its import; what that has stored stays."""
    job = latest_jobs(current_imports().shelf).get(collection_id)
    if job is not None and not job.is_final:
        current_imports().shelf.cancel(job.id)
    return _to(collection_id)


@blueprint.post("/admin/collections/<collection_id>/delete")
@signed_in
def delete(collection_id: str) -> Page:
    """Delete it with its pictures."""
    delete_collection(current_collections().shelf, current_imports().shelf, collection_id)
    return redirect(url_for("admin.home"), code=303, Response=Response)


def _ask_for_key(problem: str = "") -> str:
    return render_template("admin_sign_in.html", problem=problem, possible=bool(admin_digests()))


def _overview(problem: str = "") -> str:
    jobs = latest_jobs(current_imports().shelf)
    listed = [(collection, jobs.get(collection.id), count) for collection, count in counted()]
    name = request.form.get("name", "") if problem else ""
    return render_template(
        "admin.html",
        listed=listed,
        problem=problem,
        trouble=trouble(),
        name=name,
        longest_name=LONGEST_NAME,
    )


def _detail(collection: Collection, problem: str = "") -> str:
    return render_template(
        "admin_collection.html",
        shown=collection,
        problem=problem,
        longest_name=LONGEST_NAME,
        **_import_of(collection.id),
    )


def _import_of(collection_id: str) -> dict[str, Job | int | str | None]:
    pictures = count_of(collection_id)
    job = latest_jobs(current_imports().shelf).get(collection_id)
    return {"collection_id": collection_id, "job": job, "pictures": pictures}


def _to(collection_id: str) -> AnyResponse:
    address = url_for("admin.collection", collection_id=collection_id)
    return redirect(address, code=303, Response=Response)


def _told(error: VisualSearchError) -> str:
    """What the page says of an error that its reader can mend; others have a page of their own."""
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    record_problem(error.code)
    return public_message(error)
