"""One log line for each request: what was asked of which route, and how it went."""

import logging

from server.telemetry.exchange import Exchange

# Asked all the time, by machines.
_QUIET = frozenset(("/livez", "/readyz", "/metrics", "/static/<path:filename>"))
_log = logging.getLogger("server.requests")


def log_exchange(exchange: Exchange) -> None:
    """Write the line of a request."""
    told: dict[str, object] = {
        "route": exchange.route,
        "method": exchange.method,
        "status": exchange.status,
        "ms": round(exchange.ms, 2),
        "bytes": exchange.sent,
    }
    if exchange.code:
        told["code"] = exchange.code
    if exchange.stages:
        told["stages_ms"] = {name: round(took, 2) for name, took in exchange.stages.items()}
    _log.log(_level(exchange), "request", extra=told)


def _level(exchange: Exchange) -> int:
    if exchange.status >= 500 and exchange.route != "/readyz":
        return logging.WARNING
    return logging.DEBUG if exchange.route in _QUIET else logging.INFO
