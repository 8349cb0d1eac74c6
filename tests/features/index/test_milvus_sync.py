"""A collection follows its store: only what changed, whatever came between."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from features.errors import ConfigError, IndexEngineError, IndexMismatchError
from features.filters import FilterMasks, parse_filters
from features.index import build_index
from features.index.milvus import Collection, MilvusAddress, compare, open_index, sync
from features.index.milvus.keys import key_of
from features.index.milvus.records import read_records
from features.index.milvus.schema import FIELDS, Row
from features.index.scope import Scope
from features.store import StoreView, StoreWriter, open_store
from features.types import Product
from tests.helpers import TINY, gallery


def grown(folder: Path, count: int = 30, start: int = 0) -> StoreView:
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(count, seed=start, start=start))
    return open_store(folder)


def collection_of(address: MilvusAddress) -> Collection:
    return Collection(address, address.collection(TINY))


def test_only_what_changed_is_written(folder: Path, address: MilvusAddress) -> None:
    with collection_of(address) as collection:
        assert sync(grown(folder), collection).added == 30
        view = grown(folder, 5, start=30)
        done = sync(view, collection)
        assert (done.added, done.changed, done.deleted) == (5, 0, 0)
        with StoreWriter(folder, TINY) as writer:
            pictures, vectors, products = gallery(1, start=60)
            dearer = replace(products[0], id="p0003", price=Decimal("9.99"))
            writer.append(pictures, vectors, [*products, dearer], replacing=[7, 8])
        done = sync(open_store(folder), collection)
        assert (done.added, done.changed, done.deleted) == (1, 1, 2)
        assert sync(open_store(folder), collection).added == 0
        assert compare(open_store(folder), collection).same


def test_a_compaction_is_followed(folder: Path, address: MilvusAddress) -> None:
    with collection_of(address) as collection:
        for start in (0, 30, 60):
            sync(grown(folder, start=start), collection)
        with StoreWriter(folder, TINY) as writer:
            writer.delete(range(20))
            writer.compact(everything=True)
        view = open_store(folder)
        done = sync(view, collection)
        assert (done.added, done.deleted) == (70, 90)
        report = compare(view, collection)
        assert (report.same, report.rows) == (True, 70)


def test_filters_see_a_product_that_was_described_anew(
    folder: Path, address: MilvusAddress
) -> None:
    before = open_index(grown(folder), address)
    with StoreWriter(folder, TINY) as writer:
        writer.append([], np.empty((0, 4), np.float32), [Product("p0003", brand="Fleet")])
    view = open_store(folder)
    after = open_index(view, address, before)
    assert after.collection is before.collection
    filters = parse_filters(["brand:fleet"])
    scope = Scope(filters, frozenset(), lambda: FilterMasks(view).rows(filters))
    (found,) = after.search_scope(view.vectors(np.arange(1)), 10, scope)
    assert [near.row for near in found] == [3]


def test_a_collection_of_an_earlier_program_gets_the_terms_that_filters_ask_for(
    folder: Path, address: MilvusAddress
) -> None:
    with StoreWriter(folder, TINY) as writer:
        pictures, vectors, products = gallery(5)
        products[3] = replace(products[3], brand="Gru\u0308n")
        writer.append(pictures, vectors, products)
    view = open_store(folder)
    with collection_of(address) as collection:
        sync(view, collection)
        key = key_of(1, 3)
        (row,) = collection.get([key], list(FIELDS))
        terms = [term for term in row["terms"] if not term.startswith("brand:")]
        collection.upsert([{**row, "terms": [*terms, "brand:gru\u0308n"]}])
        records = read_records(collection, view)
        before = records.segments[1]
        records.write_segment(1, replace(before, stamp=before.stamp.split()[0]))
        done = sync(view, collection)
        assert (done.added, done.changed, done.deleted) == (0, 1, 0)
        assert sync(view, collection).changed == 0
        assert collection.get([key], ["terms"])[0]["terms"] == row["terms"]
        assert compare(view, collection).same


def test_an_earlier_version_goes_on_with_its_own_answers(
    folder: Path, address: MilvusAddress
) -> None:
    view = grown(folder)
    index = open_index(view, address)
    queries = np.random.default_rng(5).normal(size=(4, 4)).astype(np.float32)
    expected = build_index(view.blocks).search(queries, 6)
    open_index(grown(folder, start=30), address)  # more rows
    assert index.search(queries, 6) == expected
    with StoreWriter(folder, TINY) as writer:  # fewer rows
        writer.delete([near.row for near in expected[0]])
    open_index(open_store(folder), address)
    assert index.search(queries, 6) == expected


class KilledError(Exception):
    """The process ends here."""


class Mortal(Collection):
    """Ends its process at the n-th write."""

    def __init__(self, address: MilvusAddress, name: str, writes: int) -> None:
        super().__init__(address, name)
        self.left = writes

    def upsert(self, rows: Sequence[Row]) -> None:
        self._live()
        super().upsert(rows)

    def delete(self, expression: str) -> None:
        self._live()
        super().delete(expression)

    def _live(self) -> None:
        if not self.left:
            raise KilledError
        self.left -= 1


@pytest.mark.slow
def test_a_sync_that_is_killed_at_any_write_is_completed(
    folder: Path, address: MilvusAddress
) -> None:
    before = open_index(grown(folder, 300), address)
    queries = np.random.default_rng(5).normal(size=(2, 4)).astype(np.float32)
    expected = before.search(queries, 40)
    with StoreWriter(folder, TINY) as writer:
        pictures, vectors, products = gallery(300, start=300)
        described = [replace(products[0], id=f"p{n:04}") for n in range(20)]
        writer.append(pictures, vectors, [*products, *described], replacing=range(40, 60))
    view = open_store(folder)
    killed = 0
    for writes in [*range(5), *range(5)]:
        with Mortal(address, address.collection(TINY), writes) as mortal:
            try:
                sync(view, mortal)
            except KilledError:
                killed += 1
        assert before.search(queries, 40) == expected
    assert killed > 5
    with collection_of(address) as collection:
        sync(view, collection)
        report = compare(view, collection)
        assert report.same, report.first
        assert report.rows == 580


def test_a_collection_of_another_store_is_refused(tmp_path: Path, address: MilvusAddress) -> None:
    open_index(grown(tmp_path / "one"), address)
    with pytest.raises(IndexMismatchError, match="belongs to another store"):
        open_index(grown(tmp_path / "other", start=500), address)
    with StoreWriter(tmp_path / "wide", replace(TINY, dim=8)) as writer:
        writer.append(*gallery(3, 8))
    with pytest.raises(IndexMismatchError, match="belongs to another store"):
        open_index(open_store(tmp_path / "wide"), address)


def test_a_text_that_milvus_cannot_hold_is_named(folder: Path, address: MilvusAddress) -> None:
    with StoreWriter(folder, TINY) as writer:
        pictures, vectors, _ = gallery(1)
        writer.append(pictures, vectors, [Product("p0000", description="é" * 40_000)])
    with pytest.raises(IndexEngineError, match=r"'p0000' does not fit .* description"):
        open_index(open_store(folder), address)


def test_an_address_is_needed_and_a_token_never_shown() -> None:
    with pytest.raises(ConfigError, match="--milvus-uri"):
        MilvusAddress("")
    with pytest.raises(ConfigError, match="cannot begin"):
        MilvusAddress("http://localhost:19530", prefix="my-shop")
    address = MilvusAddress("http://root:secret@localhost:19530", "secret")
    assert "secret" not in str(address)
