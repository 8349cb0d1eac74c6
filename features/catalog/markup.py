"""HTML in a feed's words, as the text that a reader would see."""

import html
import re

from lxml import etree

from features.catalog.cells import clean

LONGEST = 200_000
"""Characters of HTML that are read; nobody writes more about a product."""

_BLOCK_TAGS = """
address article aside blockquote br center dd div dl dt fieldset figcaption figure footer form h1 h2
h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul
"""
_HIDDEN_TAGS = "head iframe noscript object script style svg template title"
_INLINE_TAGS = """
a abbr acronym audio b bdo big body button caption cite code col colgroup em embed font html i img
input ins label link meta option picture q s samp select small source span strike strong sub sup td
textarea th tt u var video
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_HIDDEN = frozenset(_HIDDEN_TAGS.split())
_NAMES = "|".join(sorted({*_BLOCKS, *_HIDDEN, *_INLINE_TAGS.split()}, key=len, reverse=True))
# Attributes need a value: `a <b and c> d` is no tag.
_TAG = re.compile(
    rf"<(?:!--|/?(?:{_NAMES})(?:\s++[\w:-]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>]++))*+\s*+/?>)",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

_SPACES = re.compile(r"\s+")


def to_text(text: str) -> str:
    """The words without tags; text that is no HTML stays as it is, `<` and `&` with it.

    Of HTML, the first `LONGEST` characters are read, to the depth that the parser allows.
    """
    if "<" in text and _TAG.search(text):
        return _text_of(text)
    if "&" in text and _ENTITY.search(text):
        decoded = clean(_ENTITY.sub(lambda entity: html.unescape(entity[0]), text))
        return _text_of(decoded) if _TAG.search(decoded) else decoded
    return text


def _text_of(markup: str) -> str:
    seen = _SeenText()
    parser = etree.HTMLParser(target=seen, encoding="utf-8", no_network=True, huge_tree=True)
    try:
        parser.feed(f"<div>{markup[:LONGEST]}</div>".encode())
        parser.close()
    except etree.LxmlError:
        pass  # what was read until here is the text
    return seen.text()


class _SeenText:
    """Collects what a browser would show, a line for each block."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._hidden = 0

    def start(self, tag: str | bytes, attrib: dict[str | bytes, str | bytes]) -> None:
        self._hidden += tag in _HIDDEN
        self._part(tag)

    def end(self, tag: str | bytes) -> None:
        self._hidden -= tag in _HIDDEN
        self._part(tag)

    def data(self, data: str | bytes) -> None:
        if self._hidden <= 0:
            self._pieces.append(_SPACES.sub(" ", str(data)))

    def comment(self, text: str | bytes) -> None:
        """Not seen."""

    def close(self) -> None:
        """Nothing is left to do; the parser asks for it."""

    def text(self) -> str:
        """The lines, without empty ones."""
        lines = (" ".join(line.split()) for line in "".join(self._pieces).split("\n"))
        return clean("\n".join(line for line in lines if line))

    def _part(self, tag: str | bytes) -> None:
        if tag in _BLOCKS:
            self._pieces.append("\n")
        elif tag in {"td", "th"}:
            self._pieces.append(" ")
