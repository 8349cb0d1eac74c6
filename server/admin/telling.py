"""What the views share: errors that are said on the same page, and where they lead to."""

from http import HTTPStatus

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from features.errors import VisualSearchError
from server.errors import public_message, status_of
from server.telemetry.exchange import record_problem

Page = AnyResponse | str | tuple[str, int]


def told(error: VisualSearchError) -> str:
    """What the page says of an error that its reader can mend; others have a page of their own."""
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    record_problem(error.code)
    return public_message(error)


def on_to(address: str) -> AnyResponse:
    """Where a form leads to once it is done: reloading sends nothing twice."""
    return redirect(address, code=303, Response=Response)
