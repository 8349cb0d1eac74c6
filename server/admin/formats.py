"""How moments and durations read on these pages, and failures as a table to download."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Response
from markupsafe import Markup

from features.synced import RowFailure

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# What spreadsheets take for a formula where a cell begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def moment(seconds: float) -> Markup:
    """`21 Nov 2026, 20:56 UTC` for seconds since 1970, as an element `time`."""
    when = datetime.fromtimestamp(seconds, UTC)
    shown = f"{when.day} {when:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat("T", "seconds"), shown)


def span(seconds: float) -> str:
    """`12 s`, `3 min 20 s`, `2 h 5 min`, `3 days`."""
    whole = int(seconds)
    if whole < 1:
        return "less than 1 s"
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} days"


def as_table(failures: Iterable[RowFailure], name: str) -> Response:
    """Failures as a CSV file to download: `line,code,reason`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("line", "code", "reason"))
    for failure in failures:
        line = "" if failure.line is None else failure.line
        writer.writerow((line, failure.code, _harmless(failure.message)))
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _harmless(cell: str) -> str:
    """A feed's own words are in it, and nothing of a feed may become a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
