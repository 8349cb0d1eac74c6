"""One form for the log lines of all processes: JSON for machines, or text for people."""

import logging
from typing import Any

import structlog

LEVELS = ("debug", "info", "warning", "error")
FORMS = ("json", "text")
_OWN = ("server", "features")
_GUNICORN = "gunicorn.error"
# gunicorn quotes the requests that it cannot handle: their addresses, headers, senders.
_QUOTING = {"Error handling request": "error handling a request", "Invalid request": "bad request"}


def logging_config(level: str, form: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: lines on stderr; of other packages only their warnings.

    Args:
        level: one of `LEVELS`, for what this program says itself.
        form: one of `FORMS`.
    """
    own = {"level": level.upper(), "handlers": [], "propagate": True}
    # At debug it writes down the address of every request.
    gunicorn = {**own, "level": "INFO" if level == "debug" else level.upper()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": line_formatter, "form": form}},
        "filters": {"discreet": {"()": _Discreet}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["discreet"],
            }
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {**{name: dict(own) for name in _OWN}, _GUNICORN: gunicorn},
    }


def line_formatter(form: str) -> logging.Formatter:
    """What makes a line of a record, of its `extra`, and of what is bound to the request."""
    rendered: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
    ]
    if form == "json":
        rendered.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        rendered.append(
            structlog.dev.ConsoleRenderer(
                colors=False,
                timestamp_key="time",
                exception_formatter=structlog.dev.plain_traceback,
            )
        )
    return structlog.stdlib.ProcessorFormatter(
        processors=rendered,
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ExtraAdder(),
        ],
    )


class _Discreet(logging.Filter):
    """Takes what a client sent out of gunicorn's own lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        for start, discreet in _QUOTING.items():
            if record.name == _GUNICORN and str(record.msg).startswith(start):
                record.msg, record.args = discreet, ()
        return True
