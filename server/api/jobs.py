"""`/api/v1/jobs`: how far imports are, and their end."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify

from features.jobs import Job
from server.access.admin import admin_only
from server.services.imports import current_imports
from server.services.loading import index_version


@admin_only
def list_jobs() -> Response:
    """The latest jobs, the newest first, without their failures."""
    jobs = [as_job(job) for job in reversed(current_imports().shelf.jobs())]
    for job in jobs:
        del job["failed"]
    return jsonify(index_version=index_version(), jobs=jobs)


@admin_only
def show_job(job_id: str) -> Response:
    """One job."""
    job = current_imports().shelf.get(job_id)
    return jsonify(index_version=index_version(), job=as_job(job))


@admin_only
def cancel_job(job_id: str) -> tuple[Response, int]:
    """Ask for the end of a job; it ends within moments, and what it has stored stays."""
    job = current_imports().shelf.cancel(job_id)
    return jsonify(index_version=index_version(), job=as_job(job)), 202


def as_job(job: Job) -> dict[str, Any]:
    """A job as JSON; times are UTC, `total` is null until it is known."""
    return {
        "id": job.id,
        "name": job.name,
        "state": job.state,
        "created": _time(job.created),
        "started": _time(job.started),
        "finished": _time(job.finished),
        "progress": {"done": job.done, "total": job.total or None},
        "result": dict(job.result),
        "rows_failed": job.failures,
        "failed": [
            {"line": failure.line, "code": failure.code, "detail": failure.message}
            for failure in job.failed
        ],
        "code": job.code or None,
        "detail": job.detail or None,
    }


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
