"""Addresses of the search page: every state of it has one, and every control leads to another."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from flask import request, url_for

Pairs = list[tuple[str, str]]


def search_address(query: Mapping[str, object] | Iterable[tuple[str, object]]) -> str:
    """The address of the search page with a query that is whole; a collection is part of it."""
    pairs = [*query.items()] if isinstance(query, Mapping) else [*query]
    return f"{url_for('pages.search', collection=None, lang=None)}?{urlencode(pairs)}"


def given(*names: str) -> dict[str, str]:
    """What the current address says under these names."""
    return {name: request.args[name] for name in names if request.args.get(name)}


def given_all(*names: str) -> Pairs:
    """All that the current address says under these names, which may be repeated."""
    return [(name, value) for name in names for value in request.args.getlist(name) if value]


def given_besides(*names: str) -> Pairs:
    """All that the current address says under other names."""
    return [(name, value) for name, value in request.args.items(multi=True) if name not in names]
