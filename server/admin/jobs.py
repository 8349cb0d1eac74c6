"""Imports that wait, run, or are over: how far they are, what they could not use, their end."""

from typing import Any

from flask import Response, render_template, url_for

from features.jobs import Job
from server.access.sessions import signed_in
from server.admin.formats import as_table
from server.admin.telling import Page, on_to
from server.services.collections import current_collections
from server.services.imports import current_imports

_LATEST = 5


@signed_in
def list_jobs() -> Page:
    """All that are remembered, the newest first."""
    jobs = [*reversed(current_imports().shelf.jobs())]
    return render_template("admin/jobs.html", live=url_for("admin.jobs"), **_listed(jobs))


@signed_in
def latest() -> Page:
    """The latest, as a part of the overview."""
    return render_template("admin/_jobs.html", **latest_listed())


@signed_in
def show(job_id: str) -> Page:
    """One job, with what it could not use."""
    return render_template("admin/job.html", **_one(job_id))


@signed_in
def progress(job_id: str) -> Page:
    """How far it is, as a part of its page."""
    return render_template("admin/_job.html", **_one(job_id))


@signed_in
def failures(job_id: str) -> Response:
    """What it could not use, as a table."""
    job = current_imports().shelf.get(job_id)
    return as_table(job.failed, f"not-used-{job.id}.csv")


@signed_in
def cancel(job_id: str) -> Page:
    """Ask for its end; what it has stored stays."""
    end(current_imports().shelf.get(job_id))
    return on_to(url_for("admin.job", job_id=job_id))


def end(job: Job | None) -> None:
    """Cancel a job unless it is over: a second click does no harm."""
    if job is not None and not job.is_final:
        current_imports().shelf.cancel(job.id)


def latest_listed() -> dict[str, Any]:
    """What the template of the latest jobs is given."""
    jobs = current_imports().shelf.latest(_LATEST)
    return {"live": url_for("admin.latest_jobs"), **_listed(jobs)}


def _listed(jobs: list[Job]) -> dict[str, Any]:
    names = {known.id: known.name for known in current_collections().shelf.collections()}
    return {"jobs": jobs, "collection_names": names}


def _one(job_id: str) -> dict[str, Any]:
    job = current_imports().shelf.get(job_id)
    return {"job": job, **_listed([job])}
