"""The documents as a reader sees them: headings, links, and blocks of code with their files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.helpers import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^ *(`{3,})(\w*)\s*$")
_PATH = re.compile(r"`([\w./-]+\.\w+)`")
_LINK = re.compile(
    r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)|<img[^>]*src=\"([^\"]+)\"", re.M
)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code, under the last heading of the second level.

    Its file is named in the line above; a diff without one goes on with the file of the last.
    """

    language: str
    text: str
    section: str
    file: str

    @property
    def commands(self) -> list[str]:
        """The shell commands: continued lines are one, comments none."""
        joined = self.text.replace("\\\n", " ")
        return [line.strip() for line in joined.splitlines() if line.split("#")[0].strip()]

    @property
    def is_shell(self) -> bool:
        return self.language in {"sh", "bash"}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def page(name: str) -> Path:
    return ROOT / name


def blocks(path: Path) -> list[Block]:
    return list(_blocks(path.read_text(encoding="utf-8").splitlines()))


def _blocks(lines: list[str]) -> Iterator[Block]:
    section, above, language, inside, changed = "", "", "", None, ""
    for line in lines:
        fence = _FENCE.match(line)
        if fence and inside is None:
            language, inside = fence[2], []
        elif fence and inside is not None:
            named = [*_PATH.findall(above), changed if language == "diff" else ""]
            above, changed = "", named[0]
            yield Block(language, "\n".join([*inside, ""]), section, named[0])
            inside = None
        elif inside is not None:
            inside.append(line)
        elif line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.strip():
            above = line


def prose(path: Path) -> str:
    """The page without its blocks of code."""
    kept, inside = [], False
    for line in path.read_text(encoding="utf-8").splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def links(path: Path) -> list[str]:
    return [next(filter(None, found)) for found in _LINK.findall(prose(path))]


def anchors(path: Path) -> set[str]:
    """What headings are called in links, as GitHub makes it."""
    headings = _HEADING.findall(prose(path))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
