"""The catalogue of texts: whole in every language, and nothing that shoppers read is outside it."""

import re
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from server.pages.widget import TEXTS
from server.texts.catalogue import ENGLISH, FOLDER, language, language_codes
from server.texts.problems import PROBLEMS
from tests.helpers import ROOT, run_python

LANGUAGES = [code for code in language_codes() if code != ENGLISH]
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
SCRIPTS = sorted(
    path
    for folder in ("static", "static/widget", "static/embed")
    for path in (ROOT / folder).glob("*.js")
)
PAGE = ROOT / "docs" / "page.md"
# Those who run the shop, and programmers, read English.
ENGLISH_ONLY = re.compile(r"^(admin.*|_import|api_docs)\.(html|js)$")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|\{\w+\}|[\[\]]")
SAID = r'(?:aria-label|placeholder|title|alt|data-[\w-]+)="([^"]*)"'
Key = tuple[str | None, str]


@cache
def extracted() -> dict[Key, tuple[str, ...]]:
    """What templates and code hold: the singular and the plural of each, by context and text."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[Key, tuple[str, ...]] = {}
    for _, _, text, _, context in extract_from_dir(ROOT, methods, options):
        texts = text if isinstance(text, tuple) else (text,)
        found[context, texts[0]] = texts
    return found


@cache
def catalog(code: str) -> Catalog:
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def messages(code: str) -> dict[Key, Message]:
    def singular(message: Message) -> str:
        return message.id if isinstance(message.id, str) else message.id[0]

    return {(m.context, singular(m)): m for m in catalog(code) if m.id}


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def test_there_are_two_languages_besides_english_and_one_is_read_from_the_right() -> None:
    assert len(LANGUAGES) >= 2 and len(extracted()) > 250
    assert {Locale.parse(code).text_direction for code in LANGUAGES} == {"ltr", "rtl"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_text_and_none_besides(code: str) -> None:
    assert messages(code).keys() == extracted().keys()
    assert not catalog(code).obsolete
    for message in messages(code).values():
        assert all(forms(message)) and not message.fuzzy, message.id


@pytest.mark.parametrize("code", LANGUAGES)
def test_placeholders_are_those_of_the_english_text(code: str) -> None:
    for key, message in messages(code).items():
        wanted = Counter(PLACEHOLDER.findall(extracted()[key][-1]))
        for said in forms(message):
            found = Counter(PLACEHOLDER.findall(said.replace("٪", "%%")))
            if message.pluralizable:  # "one product" needs no number
                wanted.pop("%(count)s", None)
                found.pop("%(count)s", None)
            assert found == wanted, said


@pytest.mark.parametrize("code", LANGUAGES)
def test_plurals_have_every_form_of_the_language(code: str) -> None:
    every = len(Locale.parse(code).plural_form.tags | {"other"})
    assert catalog(code).num_plurals == every
    for message in messages(code).values():
        if message.pluralizable:
            assert len(forms(message)) == every, message.id


def test_arabic_counts_in_six_ways() -> None:
    texts = language("ar").texts
    said = [
        texts.ngettext("%(count)s product", "%(count)s products", n) for n in (0, 1, 2, 3, 11, 100)
    ]
    assert len(set(said)) == 6
    assert said[4] == texts.ngettext("%(count)s product", "%(count)s products", 99)


@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES if not ENGLISH_ONLY.match(path.name)],
    ids=lambda path: path.name,
)
def test_a_template_says_nothing_outside_the_catalogue(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    literals = re.findall(r"(?<![(\w])(?<!, )'[A-Z][a-z]+[^']*'", text)
    plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    attributes = [said for said in re.findall(SAID, plain) if re.search(r"[A-Z][a-z]+ |…", said)]
    words = re.findall(r"[A-Za-z]{2,}[^<]*", re.sub(r"<[^>]*>", "<", plain))
    assert [literals, attributes, words] == [[], [], []]


@pytest.mark.parametrize(
    "path",
    [path for path in SCRIPTS if not ENGLISH_ONLY.match(path.name)],
    ids=lambda path: path.name,
)
def test_a_script_says_nothing_of_its_own(path: Path) -> None:
    code = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert re.findall(r"""["'`][A-Z][a-z]+[ ,.…][^"'`]*["'`]""", code) == []


def test_scripts_say_only_what_pages_and_server_give_them() -> None:
    widget = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS if "widget" in path.parts)
    named = set(re.findall(r'\btext\("([a-z-]+)"', widget))
    assert named and named <= TEXTS.keys() | {f"error-{code}" for code in PROBLEMS}
    for name in TEXTS:
        assert re.search(rf'"{name}"', widget) or name in {
            "out-of-stock",  # of the catalogue's words for what is available
            "preorder",
            "backorder",
        }
    camera = (ROOT / "templates" / "_camera.html").read_text(encoding="utf-8")
    scripts = "".join(
        (ROOT / "static" / name).read_text() for name in ("camera.js", "camera-stream.js")
    )
    reasons = re.findall(r'Error: "(\w+)"', scripts)
    for name in [*re.findall(r"\bwords\.(\w+)", scripts), *reasons]:
        attribute = re.sub("([A-Z])", r"-\1", name).lower()
        assert f"data-{attribute}=" in camera


def test_a_language_is_added_as_the_documents_say(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "translations")
    commands = re.findall(r"^\.venv/bin/pybabel (.+)$", PAGE.read_text(), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["extract", "init", "update"]
    for command in commands:
        words = command.replace("server/texts/translations", str(tmp_path / "translations"))
        placed = words.replace("messages.pot", str(tmp_path / "messages.pot"))
        done = run_python("-m", "babel.messages.frontend", *placed.split())
        assert done.returncode == 0, done.stderr
    with (tmp_path / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        assert len(read_po(file)) == len(extracted())
    with (tmp_path / "translations" / "ar" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        kept = {message.id: message.string for message in read_po(file) if message.id}
    assert kept == {message.id: message.string for message in catalog("ar") if message.id}


def test_every_code_with_words_is_one_that_the_server_has() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in [ROOT / "features" / "errors.py", *(ROOT / "server").rglob("*.py")]
    )
    of_http = {"not_found", "method_not_allowed", "too_many_requests"}
    known = set(re.findall(r'code = "(\w+)"', code)) | of_http | {"internal_error", "unavailable"}
    assert known >= PROBLEMS.keys()
