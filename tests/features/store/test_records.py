"""Tables that are read where they lie, record by record and column by column."""

import random
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from features.store.disk import write_file
from features.store.manifest import SegmentFile
from features.store.records import Table

COLUMNS = ["id", "text", "last"]
ODD = ["", '"', '""', ",", "\r\n", "\n", "\r", 'a "b", c\r\nd', " x ", "靴", "x" * 200_000, "NA"]


def written(folder: Path, rows: Sequence[Sequence[str]]) -> SegmentFile:
    """A table as the store writes it."""
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype=str)
    return write_file(folder, "t.csv", [frame.to_csv(index=False, lineterminator="\r\n").encode()])


def test_records_and_columns_are_what_was_written(tmp_path: Path) -> None:
    chance = random.Random(4)
    rows = [tuple(chance.choices(ODD[:-2], k=3)) for _ in range(9_000)]
    rows += [(text, text, text) for text in ODD]
    table = Table(tmp_path, written(tmp_path, rows), COLUMNS)
    assert len(table) == len(rows)
    assert list(table.records()) == rows
    for n in (*range(0, 9_000, 97), *range(9_000, len(rows))):
        assert tuple(table.record(n)) == rows[n]
    for place, name in enumerate(COLUMNS):
        assert list(table.column(name)) == [row[place] for row in rows]


def test_quotes_that_are_open_across_a_read_stay_open(tmp_path: Path) -> None:
    rows = [("a", "line\n" * 300_000, "b"), ("c", '"', "d")]
    table = Table(tmp_path, written(tmp_path, rows), COLUMNS)
    assert list(table.records()) == rows


def test_lines_may_end_in_a_line_feed_alone(tmp_path: Path) -> None:
    file = write_file(tmp_path, "t.csv", [b'id,text,last\n1,"a\nb",\n2,,z\n'])
    table = Table(tmp_path, file, COLUMNS)
    assert [table.record(n) for n in range(2)] == [["1", "a\nb", ""], ["2", "", "z"]]
    assert list(table.column("last")) == ["", "z"]


@pytest.mark.parametrize("count", [3, 9_000])
def test_a_table_is_readable_after_its_file_was_deleted(tmp_path: Path, count: int) -> None:
    rows = [(str(n), "text", "last") for n in range(count)]
    table = Table(tmp_path, written(tmp_path, rows), COLUMNS)
    (tmp_path / "t.csv").unlink()
    assert list(table.records()) == rows


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,other,last\r\n", "columns"),
        (b"id,text,last", "within"),
        (b'id,text,last\r\n1,"2\r\n', "within"),
        (b"", "within"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Table(tmp_path, write_file(tmp_path, "t.csv", [content]), COLUMNS)
