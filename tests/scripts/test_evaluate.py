"""Measuring as a shop's owner does it: on the command line, with a page to look at."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.evaluation import Answers, ask, failures, own_probes
from features.extractors import Extractor
from features.pictures import Vault
from features.pipeline import build_store
from features.search import SearchService
from features.store import StoreSet
from scripts import evaluate as script
from scripts.evaluation.own_pictures import as_json, as_text, summarise
from scripts.evaluation.report import report_page
from tests.helpers import ROOT, drawing, encoded, pictures_in, run_python, shop, write_catalog
from tests.scripts.commands import Command, Done

EVALUATE = ROOT / "scripts" / "evaluate.py"
HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> Path:
    """A store in which two products have each other's second picture: both are always wrong."""
    folder = tmp_path_factory.mktemp("evaluate")
    rows = []
    for product in range(4):
        for size in (96, 80):
            name = f"{product}-{size}.png"
            (folder / name).write_bytes(encoded(drawing(product, (size, size))))
            owner = {0: 1, 1: 0}.get(product, product) if size == 80 else product
            row = {"id": f"p{owner}", "title": f"Thing {owner}", "category": "A & B > C"}
            rows.append({**row, "image": name})
    (folder / "alone.png").write_bytes(encoded(drawing(9)))
    rows.append({"id": "p9", "title": "Alone", "image": "alone.png"})
    build_store(
        read_catalog(write_catalog(folder, rows)), pictures_in(folder), folder / "store", extractor
    )
    return folder


@pytest.fixture
def service(folder: Path, extractor: Extractor) -> SearchService:
    return SearchService(folder / "store", extractor)


@pytest.fixture
def answers(service: SearchService) -> Answers:
    return ask(service, own_probes(service.view))


class Page(HTMLParser):
    """The elements of a page, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.unlabelled = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        self.sources += [known[name] or "" for name in ("src", "href") if name in known]
        self.unlabelled += tag == "img" and not known.get("alt")


def test_the_groups_are_told_apart_and_together(answers: Answers) -> None:
    summary = summarise(answers, "a network", 9)
    figures = as_json(summary)["groups"]
    assert list(figures) == ["taken_out", "altered", "together"]
    assert [figures[name]["pictures"] for name in figures] == [8, 1, 9]
    assert figures["taken_out"]["recall@1"]["value"] == 0.5
    text = as_text(summary)
    for word in ("taken out", "altered", "together", "recall@10", "mAP", "worst categories"):
        assert word in text


def test_the_page_shows_every_failure_beside_what_was_right(
    service: SearchService, answers: Answers
) -> None:
    text = report_page(service, answers, summarise(answers, "a network", 9))
    page = Page(text)
    assert page.tags.count("li") == 4
    assert page.tags.count("img") == 4 * 5
    assert text.count("Right answer") == 4


def test_the_page_needs_nothing_else_and_escapes_what_it_shows(
    service: SearchService, answers: Answers
) -> None:
    (failure, *_) = failures(answers.outcomes, 1)
    assert failure.right is not None
    product = replace(failure.right.product, title=HOSTILE, category=f"A & {HOSTILE}")
    hostile = replace(failure, right=replace(failure.right, product=product))
    answers = Answers((*answers.outcomes, hostile))
    text = report_page(service, answers, summarise(answers, "a network", 9))
    page = Page(text)
    assert page.sources
    assert all(source.startswith("data:image/webp;base64,") for source in page.sources)
    assert page.unlabelled == 0
    assert "script" not in page.tags
    assert "&lt;script&gt;" in text
    assert "A &amp; &lt;" in text


def test_a_picture_that_is_gone_is_shown_as_such(
    tmp_path: Path, folder: Path, extractor: Extractor, answers: Answers
) -> None:
    elsewhere = SearchService(folder / "store", extractor, pictures_root=tmp_path)
    text = report_page(elsewhere, answers, summarise(answers, "a network", 9))
    assert "img" not in Page(text).tags
    assert text.count("The picture is gone.") == 4 * 5


def test_without_failures_the_page_says_so(service: SearchService, answers: Answers) -> None:
    right = Answers(tuple(one for one in answers.outcomes if one.rank == 1))
    text = report_page(service, right, summarise(right, "a network", 9))
    assert "every picture found its product first" in text


@pytest.fixture
def evaluate(command: Command) -> Callable[..., Done]:
    """The command line, in this process."""
    return partial(command, script)


@pytest.mark.slow
def test_without_queries_a_store_is_asked_for_its_own_pictures(
    folder: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    options = ("--json", "--sample", 8, "--report", report)
    done = run_python(EVALUATE, "--store", folder / "store", *options)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert figures["of"] == 9
    assert (
        sum(one["pictures"] for name, one in figures["groups"].items() if name != "together") == 8
    )
    assert "</html>" in report.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_store_is_no_better_than_itself(folder: Path, evaluate: Callable[..., Done]) -> None:
    done = evaluate("--compare", folder / "store", folder / "store")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("no difference that these pictures can show") == 6
    photos = folder / "photos.csv"
    photos.write_text("image,product_id\n2-96.png,p2\n3-96.png,p3\n2-80.png,elsewhere\n")
    done = evaluate(photos, "--compare", folder / "store", folder / "store", "--json")
    figures = json.loads(done.stdout)
    assert (figures["pictures"], figures["missing_products"]) == (2, 1)
    assert figures["metrics"]["recall@1"]["A"] == figures["metrics"]["recall@1"]["B"] == 1
    assert figures["metrics"]["recall@1"]["better"] is None


@pytest.mark.slow
def test_stores_in_one_folder_find_the_pictures_that_are_kept_beside_them(
    tmp_path: Path, extractor: Extractor, evaluate: Callable[..., Done]
) -> None:
    catalog = shop(tmp_path / "shop", 3)
    stores = StoreSet(tmp_path / "stores")
    place = stores.place_for(extractor.spec.name)
    build_store(read_catalog(catalog), pictures_in(catalog.parent), place, extractor)
    stores.add(extractor.spec.name, place)
    for name in ("00.png", "01.png", "02.png"):
        Vault(stores.pictures_folder).put((catalog.parent / name).read_bytes())
        (catalog.parent / name).unlink()
    done = evaluate("--compare", stores.folder, place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The same 3 pictures of 3 products" in done.stdout


@pytest.mark.slow
def test_photos_have_a_page_too_and_figures_as_ever(
    folder: Path, tmp_path: Path, evaluate: Callable[..., Done]
) -> None:
    photos = folder / "asked.csv"
    photos.write_text("image,product_id\n2-96.png,p2\n3-96.png,p2\n2-80.png,elsewhere\n")
    report = tmp_path / "report.html"
    done = evaluate(photos, "--store", folder / "store", "--json", "--report", report)
    assert (done.returncode, done.stderr) == (0, "")
    names = "queries recall@1 recall@5 category@1 ms_median ms_p95"
    assert list(json.loads(done.stdout)) == names.split()
    assert "not in the store" in report.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--store"),
        (("--store", "X", "--compare", "A", "B"), "--store"),
        (("--store", "X", "--similarity"), "QUERIES"),
        (("--store", "X", "--sample", "0"), "--sample"),
        (("--store", "X", "--report", "nowhere/report.html"), "nowhere"),
        (("--store", "X"), "X"),
    ],
)
def test_what_cannot_be_measured_is_said(
    options: tuple[str, ...], words: str, evaluate: Callable[..., Done]
) -> None:
    done = evaluate(*options)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
