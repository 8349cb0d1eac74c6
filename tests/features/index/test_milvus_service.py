"""A service that searches Milvus answers as one that searches itself."""

from dataclasses import replace
from pathlib import Path

from features.catalog import read_catalog
from features.extractors import Extractor
from features.filters import parse_filters
from features.index.milvus import MilvusAddress
from features.pipeline import build_store
from features.search import SearchService
from features.store import StoreWriter
from features.types import Query, Wanted
from tests.helpers import picture, pictures_in, shop


def test_hits_filters_and_changes_are_the_same(
    tmp_path: Path, folder: Path, address: MilvusAddress, extractor: Extractor
) -> None:
    build_store(read_catalog(shop(tmp_path, 8)), pictures_in(tmp_path), folder, extractor)
    here = SearchService(folder, extractor)
    there = SearchService(folder, extractor, index="milvus", milvus=address)
    wanted = Wanted(limit=5, filters=parse_filters(["id:p01", "id:p03", "id:p05"]))
    for asked in (Wanted(limit=5), wanted, replace(wanted, exclude=frozenset({"p03"}))):
        expected = here.search(Query(picture(3)), asked).hits
        assert there.search(Query(picture(3)), asked).hits == expected
    with StoreWriter(folder, extractor.spec) as writer:
        writer.delete(writer.view().rows_of("p03"))
    assert [hit.product.id for hit in there.search(Query(picture(3)), wanted).hits] == [
        hit.product.id for hit in here.search(Query(picture(3)), wanted).hits
    ]
    assert "p03" not in there.view.products
