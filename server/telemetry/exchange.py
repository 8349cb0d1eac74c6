"""What is told of a request once it is answered, for the log and the metrics.

Nothing of what a client sent is in it: no address, query, name, key or picture.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, Response, g, request

Listener = Callable[["Exchange"], None]
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    route: str
    """The rule, such as `/photos/<token>`; empty where there is none."""
    method: str
    status: int
    ms: float
    received: int | None
    """Bytes of the request's body, if it said so."""
    sent: int | None
    """Bytes of the answer's body, if they are known before they are sent."""
    code: str
    """The problem's code; empty where all is well."""
    stages: Mapping[str, float]
    """Milliseconds of each stage of a search."""


def register(app: Flask, *listeners: Listener) -> None:
    """Tell the listeners of every exchange. Register it before all else that touches answers."""

    def tell(response: Response) -> Response:
        exchange = _exchange(response)
        for listener in listeners:
            listener(exchange)
        return response

    app.before_request(_start_clock)
    app.after_request(tell)


def record_stages(**milliseconds: float) -> None:
    """Note what a stage of the current request took."""
    stages = g.setdefault("stages", {})
    for name, took in milliseconds.items():
        stages[name] = stages.get(name, 0.0) + took


def record_problem(code: str) -> None:
    """Note the code of the problem that answers the current request."""
    g.problem = code


def _start_clock() -> None:
    g.started = time.perf_counter()


def _exchange(response: Response) -> Exchange:
    return Exchange(
        route="" if request.url_rule is None else request.url_rule.rule,
        method=request.method if request.method in _METHODS else "OTHER",
        status=response.status_code,
        ms=(time.perf_counter() - g.started) * 1000,
        received=request.content_length,
        sent=response.calculate_content_length(),
        code=g.get("problem", ""),
        stages=g.get("stages", {}),
    )
