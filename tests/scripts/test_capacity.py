"""What a store of some size needs, from what a row was measured to cost."""

import json

import pytest

from scripts import capacity
from scripts.capacity import Footprint, footprint, need
from tests.helpers import run_python


def test_a_machine_is_filled_to_three_quarters() -> None:
    row = Footprint("milvus", memory=4_800.0, disk=10_000.0)
    small = need(10_000_000, row, price=5.0)
    assert (small.memory_gb, small.disk_gb, small.nodes) == (48.0, 100.0, 1)
    assert small.month == 320.0
    assert need(10_000_001, row, price=5.0).nodes == 2
    assert need(1_000_000_000, row, price=5.0).nodes == 100


@pytest.mark.slow
def test_a_row_costs_at_least_its_vector() -> None:
    exact = footprint("exact", 300, 512)
    assert 4 * 512 <= exact.memory < 8 * 512
    assert 4 * 512 < exact.disk < 8 * 512
    done = run_python(
        "scripts/capacity.py",
        *("--rows", "100", "--dim", "64", "--engines", "exact", "--json"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [row["engine"] for row in told["rows"]] == ["exact", "server"]
    assert len(told["needs"]) == len(capacity.SIZES)
