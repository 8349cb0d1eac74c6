"""How good the answers are, in numbers."""

from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.errors import QueriesError, VisualSearchError
from features.evaluation import evaluate, read_queries
from features.extractors import Extractor
from features.pipeline import build_store
from features.search import SearchService
from features.types import Query, Wanted
from tests.helpers import picture, pictures_in, shop, write_catalog


@pytest.fixture
def service(tmp_path: Path, extractor: Extractor) -> SearchService:
    shop(tmp_path, 8)
    rows = [
        {"id": f"p{n}", "category": "even" if n % 2 == 0 else "odd", "image": f"0{n}.png"}
        for n in range(8)
    ]
    catalog = write_catalog(tmp_path, rows)
    build_store(read_catalog(catalog), pictures_in(tmp_path), tmp_path / "store", extractor)
    return SearchService(tmp_path / "store", extractor)


def queries(folder: Path, text: str) -> Path:
    path = folder / "queries.csv"
    path.write_text(text)
    return path


def test_shares_count_what_was_found(tmp_path: Path, service: SearchService) -> None:
    path = queries(
        tmp_path,
        "image,product_id,category\n"
        "00.png,p0,even\n"  # right
        "01.png,p1,even\n"  # right, of another category than the photo's maker thought
        "02.png,p9,even\n"  # no such product, but the category is right
        "03.png,p3,\n",  # right, category unknown
    )
    heard: list[None] = []
    figures = evaluate(service, read_queries(path), on_query=lambda: heard.append(None))
    assert len(heard) == figures.queries == 4
    assert (figures.recall_at_1, figures.recall_at_5) == (0.75, 0.75)
    assert figures.category_at_1 == pytest.approx(2 / 3)
    assert 0 < figures.ms_median <= figures.ms_p95


def test_recall_at_5_reaches_further_than_recall_at_1(
    tmp_path: Path, service: SearchService
) -> None:
    found = [hit.product.id for hit in service.search(Query(picture(0)), Wanted(limit=6)).hits]
    rows = "".join(f"00.png,{name}\n" for name in found)
    figures = evaluate(service, read_queries(queries(tmp_path, "image,product_id\n" + rows)))
    assert figures.recall_at_1 == pytest.approx(1 / 6)
    assert figures.recall_at_5 == pytest.approx(5 / 6)
    assert figures.category_at_1 is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,product\n00.png,p0\n", "product_id"),
        ("image,product_id\n", "no rows"),
        ("image,product_id\n00.png,\n", "line 2"),
        ("image,product_id\n00.png,p0\n01.png,p1,odd\n", "line 3"),
        ("image,product_id\n../a.png,p0\n", "outside"),
        ("image,product_id\nhttps://x.example/a.png,p0\n", "web"),
        ("", "empty"),
    ],
)
def test_queries_that_cannot_be_used_say_why(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(VisualSearchError, match=words):
        read_queries(queries(tmp_path, text))


def test_a_query_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(QueriesError, match=r"none\.csv"):
        read_queries(tmp_path / "none.csv")


def test_a_photo_that_cannot_be_used_is_named(tmp_path: Path, service: SearchService) -> None:
    (tmp_path / "bad.png").write_bytes(picture(0)[:100])
    for name in ("bad.png", "missing.png"):
        path = queries(tmp_path, f"image,product_id\n00.png,p0\n{name},p1\n")
        with pytest.raises(VisualSearchError, match=name):
            evaluate(service, read_queries(path))


def test_without_queries_there_is_nothing_to_measure(service: SearchService) -> None:
    with pytest.raises(QueriesError):
        evaluate(service, [])
