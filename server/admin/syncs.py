"""What the last import of the catalogue could not use, whichever way it came."""

from flask import Response, abort

from features.synced import read_synced
from server.access.sessions import signed_in
from server.admin.formats import as_table
from server.services.loading import current_settings


@signed_in
def failures() -> Response:
    """All that is kept of it, as a table."""
    synced = read_synced(current_settings().store)
    if synced is None:
        abort(404)
    return as_table(synced.failed, "not-used.csv")
