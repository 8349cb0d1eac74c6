"""Draw what imports what, and list why each package exists, into docs/architecture.md.

Both are read from the code itself: the imports, and the first sentence of each package. `--check`
writes nothing, and says whether the page is current, by its exit status too.
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
_BEGIN, _END = "<!-- drawn: {} -->\n", "<!-- end -->"
_TOPS = ("server", "scripts")
# Nearly all parts use these: arrows to them say nothing.
_EVERYWHERE = frozenset(
    {"cache", "closing", "disk", "errors", "json_text", "logs", "telemetry", "types"}
)
Uses = Mapping[str, frozenset[str]]
"""The parts that a part imports."""


def main() -> int:
    """Exit status: 0, or 1 where the page was not current and is only checked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    checked = parser.parse_args().check
    before = PAGE.read_text(encoding="utf-8")
    after = redrawn(before)
    if not checked:
        PAGE.write_text(after, encoding="utf-8")
    elif before != after:
        print(f"{PAGE.name} is not as the code is: run scripts/draw_architecture.py")
        return 1
    return 0


def redrawn(page: str) -> str:
    """The page with its drawn parts as the code is now."""
    for name, text in (("imports", diagram(uses())), ("packages", table())):
        begin = _BEGIN.format(name)
        above, _, rest = page.partition(begin)
        page = f"{above}{begin}{text}{_END}{rest.partition(_END)[2]}"
    return page


def uses() -> Uses:
    """What each part of `features`, the server and the scripts import of each other."""
    found: dict[str, set[str]] = {}
    for path in _files():
        names = set(map(_part_of, _imported(path)))
        found.setdefault(_part(path), set()).update(name for name in names if name)
    return {part: frozenset(used - {part}) for part, used in sorted(found.items())}


def diagram(found: Uses) -> str:
    """A Mermaid flow chart; arrows that follow from others are left out."""
    plain = {
        part: frozenset(used - _EVERYWHERE)
        for part, used in found.items()
        if part not in _EVERYWHERE
    }
    arrows = [
        f"    {part} --> {other}"
        for part, used in plain.items()
        for other in sorted(used)
        if not any(other in _reached(plain, between) for between in used - {other})
    ]
    return "\n".join(["```mermaid", "flowchart TD", *arrows, "```", ""])


def table() -> str:
    """Every part and package with the first sentence that it says of itself."""
    rows = [f"| `{name}` | {sentence} |" for name, sentence in sorted(_described())]
    return "\n".join(["| package | why |", "|---|---|", *rows, ""])


def _described() -> Iterator[tuple[str, str]]:
    for path in _files():
        is_package = path.name == "__init__.py"
        if is_package or path.parent == ROOT / "features":
            name = path.parent if is_package else path
            yield name.relative_to(ROOT).as_posix(), _sentence(path)


def _sentence(path: Path) -> str:
    words = ast.get_docstring(_parsed(path)) or ""
    return " ".join(words.partition("\n\n")[0].split()).replace("|", "\\|")


def _files() -> list[Path]:
    return sorted(path for top in ("features", *_TOPS) for path in (ROOT / top).rglob("*.py"))


def _imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, also inside functions."""
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _part(path: Path) -> str:
    return _part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _part_of(module: str) -> str:
    """`search` of `features.search.service`; the server and the scripts are one part each."""
    top, _, rest = module.partition(".")
    if top == "features":
        return rest.partition(".")[0].replace("__init__", "")
    return top if top in _TOPS else ""


def _reached(found: Uses, part: str) -> frozenset[str]:
    """All that a part uses, itself or through others."""
    direct = found.get(part, frozenset())
    return direct.union(*(_reached(found, other) for other in direct))


if __name__ == "__main__":
    sys.exit(main())
