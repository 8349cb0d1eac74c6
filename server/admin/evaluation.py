"""How well searches answer: the last report of `scripts/evaluate.py`, where the shop put it."""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask import Response, abort

from features.json_text import read_json
from server.access.sessions import signed_in
from server.services.loading import current_settings

REPORT = "evaluation.html"
"""The file in the store's folder."""
_HEAD = 100_000
# A file is shown that somebody put there: it may style itself and show its own pictures, no more.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True)
class Group:
    """The figures of one kind of question: each a value, and the ends of its 95 % interval."""

    pictures: int
    metrics: Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Evaluation:
    """What the report says in short."""

    made: float
    """Seconds since 1970, UTC."""
    extractor: str
    groups: Mapping[str, Group]
    """By the kind of question."""

    @property
    def metrics(self) -> list[str]:
        """All that any group has, in order."""
        return list(dict.fromkeys(name for group in self.groups.values() for name in group.metrics))


def evaluation() -> Evaluation | None:
    """The last report; None where there is none."""
    path = current_settings().store / REPORT
    try:
        made = path.stat().st_mtime
        with path.open(encoding="utf-8", errors="replace") as file:
            said = _Figures(file.read(_HEAD))
    except OSError:
        return None
    return Evaluation(made, said.extractor, said.groups)


@signed_in
def report() -> Response:
    """The report itself."""
    try:
        content = (current_settings().store / REPORT).read_bytes()
    except OSError:
        abort(404)
    response = Response(content, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


class _Figures(HTMLParser):
    """The element `meta` that `evaluate.py --report` writes; no figures of any other page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.extractor = ""
        self.groups: dict[str, Group] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        said = dict(attrs)
        if tag == "meta" and said.get("name") == "figures":
            try:
                self.extractor, self.groups = _checked(read_json(said.get("content") or ""))
            except (ValueError, TypeError, KeyError, AttributeError):
                return


def _checked(data: Mapping[str, Any]) -> tuple[str, dict[str, Group]]:
    groups = {str(name): _group(figures) for name, figures in data["groups"].items()}
    return str(data["extractor"]), groups


def _group(figures: Mapping[str, Any]) -> Group:
    known = {name: value for name, value in figures.items() if isinstance(value, dict)}
    return Group(
        int(figures["pictures"]),
        {
            str(name): (float(value["value"]), float(value["low"]), float(value["high"]))
            for name, value in known.items()
        },
    )
