"""The widgets' scripts as they are served: those of one release ask for one another's.

Browsers, and caches on the way, keep each file for itself. Where parts of two releases met, a
widget would stop; so a script names its release in the addresses of its parts.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "static" / "widget"
# What shops' pages load has one address: a page that loads it twice defines its element once.
_OF_PAGES = frozenset(("widget", "similar-products", "visual-search"))
_PART = re.compile(r'(?<=["`]\./)(?P<name>[a-z-]+)\.js(?P<query>\?)?')


@dataclass(frozen=True)
class Release:
    """All scripts by their names, and what tells them from those of any other release."""

    id: str
    scripts: Mapping[str, str]


@cache
def current_release() -> Release:
    """Read once: what is served stays with its name while an update replaces the files."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.js"))}
    told = "\0".join((*texts, *texts.values()))
    release_id = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def named(part: re.Match[str]) -> str:
        if part["name"] in _OF_PAGES:
            return part[0]
        return f"{part['name']}.js?v={release_id}{'&' if part['query'] else ''}"

    return Release(release_id, {name: _PART.sub(named, text) for name, text in texts.items()})
