"""One operation of the API as its description has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

from server.openapi.problems import Problems

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Body:
    """What a request sends. `encoding` says what the parts of a form are."""

    schema: type[Schema]
    encoding: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The media type object of OpenAPI."""
        named = {name: {"value": value} for name, value in self.examples.items()}
        said = {"schema": self.schema, "encoding": dict(self.encoding), "examples": named}
        return {word: value for word, value in said.items() if value}


@dataclass(frozen=True)
class Operation:
    """What a client may send, and what it may get."""

    id: str
    tag: str
    summary: str
    description: str
    answers: Mapping[int, tuple[str, type[Schema] | None]]
    """By status: what it means, and what it says."""
    problems: Problems = ()
    parameters: tuple[tuple[str, type[Schema]], ...] = ()
    """Where they are (path, query, headers), and which."""
    bodies: Mapping[str, Body] = field(default_factory=dict)
    """By media type."""
    admin: bool = False
    """Whether it needs the admin key."""
    headers: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Of answers, by status."""
