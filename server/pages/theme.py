"""The shop's own look: its logo, and a style sheet that is read after the pages' own."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, send_file

from features.errors import ConfigError

blueprint = Blueprint("theme", __name__)

_HOUR = 3_600
_LOGOS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".avif": "image/avif",
}
# A drawing may style itself, and run or load nothing.
_LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Theme:
    """The files of a shop's look; None for the pages' own."""

    logo: Path | None = None
    styles: Path | None = None


def read_theme(logo: Path | None, styles: Path | None) -> Theme:
    """The theme of the settings.

    Raises:
        ConfigError: a file is not there, or the logo is no picture that browsers show.
    """
    for name, path in (("LOGO", logo), ("THEME", styles)):
        if path is not None and not path.is_file():
            raise ConfigError(f"VISUAL_SEARCH_{name} names {path}, which is not there")
    if logo is not None and logo.suffix.lower() not in _LOGOS:
        raise ConfigError(f"VISUAL_SEARCH_LOGO is {logo}; it must be one of {', '.join(_LOGOS)}")
    return Theme(logo and logo.resolve(), styles and styles.resolve())


def current_theme() -> Theme:
    """The running application's theme."""
    theme: Theme = current_app.extensions["theme"]
    return theme


@blueprint.get("/logo")
def logo() -> Response:
    """The shop's logo."""
    path = current_theme().logo or abort(404, "The shop has no logo here.")
    response = send_file(path, mimetype=_LOGOS[path.suffix.lower()], max_age=_HOUR)
    response.headers["Content-Security-Policy"] = _LOGO_POLICY
    return response


@blueprint.get("/theme.css")
def styles() -> Response:
    """The shop's style sheet."""
    path = current_theme().styles or abort(404, "The shop has no style sheet here.")
    return send_file(path, mimetype="text/css", max_age=_HOUR)
