"""Where extractors that do not ship with their weights find them."""

import re
from dataclasses import dataclass
from pathlib import Path

from features.errors import ConfigError
from features.extractors.registry import extractor_names, takes_weights

_NAMED = re.compile(r"([\w.-]+)=(.*)", re.DOTALL)
_NEXT = re.compile(r",(?=\s*[\w.-]+=)")  # any other comma belongs to a path


@dataclass(frozen=True)
class Weights:
    """Places of weights: a file, or for an image-text model a folder."""

    rest: Path | None = None
    """For every extractor that takes weights and is not named."""
    named: tuple[tuple[str, Path], ...] = ()
    """For one extractor each."""

    @classmethod
    def parse(cls, text: str) -> "Weights":
        """Read `PATH`, `NAME=PATH,NAME=PATH`, or a path for the rest before those with names.

        Raises:
            ConfigError: no extractor of a name takes weights, it has two places, or a path lacks.
        """
        first, *others = (part.strip() for part in _NEXT.split(text))
        if _NAMED.fullmatch(first) or not text.strip():
            return cls(None, _named([first, *others] if first else []))
        return cls(_path(first, text), _named(others))

    def of(self, extractor: str) -> Path | None:
        """The place for an extractor; None for one that takes no weights, or looks by itself."""
        return dict(self.named).get(extractor, self.rest) if takes_weights(extractor) else None

    def __str__(self) -> str:
        """As `parse` reads it."""
        rest = [] if self.rest is None else [str(self.rest)]
        rest = [f"./{path}" if _NAMED.fullmatch(path) else path for path in rest]
        return ",".join([*rest, *(f"{name}={path}" for name, path in self.named)])


NO_WEIGHTS = Weights()


def _named(parts: list[str]) -> tuple[tuple[str, Path], ...]:
    found: dict[str, Path] = {}
    for part in parts:
        name, _, path = part.partition("=")
        if not takes_weights(name):
            raise ConfigError(
                f"{part!r} gives weights to {name!r}, and no extractor of that name takes any; "
                f"choose of {', '.join(filter(takes_weights, extractor_names()))}, or begin a path "
                "that has such a name in it with ./"
            )
        if name in found:
            raise ConfigError(f"{name} has two places for its weights; name one")
        found[name] = _path(path, part)
    return tuple(found.items())


def _path(text: str, part: str) -> Path:
    if not text.strip():
        raise ConfigError(f"{part!r} names no file or folder of weights; write NAME=PATH")
    return Path(text.strip()).expanduser()
