"""The shop's own pages: sign in with an admin key, see how all goes, and look after it.

All work without JavaScript; with it imports are followed without loading the page again.
"""

from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState

from server.admin import collections, evaluation, formats, jobs, pages, syncs, trying
from server.admin.catalogue import Categories


def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["categories"] = Categories()
    state.app.jinja_env.filters.update(moment=formats.moment, span=formats.span)


blueprint = Blueprint("admin", __name__)
blueprint.record(_set_up)
blueprint.get("/admin")(pages.home)
blueprint.post("/admin/sign-in")(pages.begin)
blueprint.post("/admin/sign-out")(pages.end)
blueprint.get("/admin/evaluation")(evaluation.report)
blueprint.get("/admin/sync/failures.csv", endpoint="sync_failures")(syncs.failures)
blueprint.get("/admin/try")(trying.try_form)
blueprint.post("/admin/try")(trying.try_photo)
blueprint.get("/admin/jobs", endpoint="jobs")(jobs.list_jobs)
blueprint.get("/admin/jobs/latest", endpoint="latest_jobs")(jobs.latest)
blueprint.get("/admin/jobs/<job_id>", endpoint="job")(jobs.show)
blueprint.get("/admin/jobs/<job_id>/progress", endpoint="job_progress")(jobs.progress)
blueprint.get("/admin/jobs/<job_id>/failures.csv", endpoint="job_failures")(jobs.failures)
blueprint.post("/admin/jobs/<job_id>/cancel", endpoint="cancel_job")(jobs.cancel)
blueprint.post("/admin/collections", endpoint="create")(collections.create)
blueprint.get("/admin/collections/<collection_id>", endpoint="collection")(collections.show)
blueprint.get("/admin/collections/<collection_id>/import", endpoint="progress")(
    collections.progress
)
blueprint.post("/admin/collections/<collection_id>/rename", endpoint="rename")(collections.rename)
blueprint.post("/admin/collections/<collection_id>/cancel", endpoint="cancel")(collections.cancel)
blueprint.post("/admin/collections/<collection_id>/delete", endpoint="delete")(collections.delete)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Nothing of these pages is kept by browsers and caches."""
    response.cache_control.no_store = True
    return response
