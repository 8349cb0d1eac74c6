"""The catalogue of texts: what the pages say, in each language, read by Babel from gettext's files.

English is what templates and code hold themselves; `translations/LANGUAGE/LC_MESSAGES/messages.po`
has the rest. The files are compiled in memory, so that no other form of them can be out of date.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "translations"
ENGLISH = "en"
_FILE = Path("LC_MESSAGES", "messages.po")


@dataclass(frozen=True)
class Language:
    """One language: its texts, and how it writes."""

    code: str
    """As HTTP and HTML name it: `de`, `pt-BR`."""
    locale: Locale
    texts: NullTranslations

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction


def N_(text: str) -> str:  # noqa: N802 - gettext's own name, which extractors look for
    """Mark a text for the catalogue where it is translated only later."""
    return text


@cache
def language_codes() -> tuple[str, ...]:
    """The languages that there are, English first."""
    return (ENGLISH, *sorted(path.parents[1].name for path in FOLDER.glob(f"*/{_FILE}")))


def nearest(tags: Sequence[str], codes: Sequence[str]) -> str | None:
    """The one of some languages that the first of the tags stands for: `de` for `de-AT`."""
    found = negotiate_locale([tag for tag in tags if tag], codes, sep="-")
    return next((code for code in codes if found and code.lower() == found.lower()), None)


@cache
def language(code: str) -> Language:
    """One of `language_codes`, read at its first use."""
    locale = Locale.parse(code, sep="-")
    if code == ENGLISH:
        return Language(code, locale, NullTranslations())
    with (FOLDER / code / _FILE).open("rb") as file:
        catalog = read_po(file, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Language(code, locale, GNUTranslations(compiled))
