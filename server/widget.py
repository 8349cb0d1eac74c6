"""The widgets' scripts at addresses that stay: shops' pages of any origin load them."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

blueprint = Blueprint("widget", __name__)

_FOLDER = Path(__file__).resolve().parents[1] / "static" / "widget"
_HOUR = 3_600


@blueprint.get("/widget/<name>.js")
def script(name: str) -> Response:
    """One of the ES modules; browsers load modules of other origins only with their leave."""
    response = send_from_directory(
        _FOLDER, f"{name}.js", mimetype="text/javascript", max_age=_HOUR, etag=True
    )
    response.cache_control.public = True
    response.access_control_allow_origin = "*"
    return response
