"""`scripts/measure_emphases.py` on the sample shop's photos."""

import json
import shutil
from pathlib import Path

import pytest

from features.types import Emphasis
from scripts import measure_emphases as script
from tests.shop import SAMPLE, make_shop_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop_store(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    """Three photos of the sample shop."""
    head, *lines = (SAMPLE / "photos.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "photos").mkdir()
    for line in lines[:3]:
        name = line.partition(",")[0]
        shutil.copy(SAMPLE / name, tmp_path / name)
    path = tmp_path / "queries.csv"
    path.write_text("\n".join([head, *lines[:3]]), encoding="utf-8")
    return path


def test_it_prints_the_shares_of_each_emphasis(
    store: Path,
    queries: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["x", str(queries), "--store", str(store), "--json"])
    assert script.main() == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["emphasis"] for one in found] == [*Emphasis]
    for one in found:
        shares = [value for name, value in one.items() if name != "emphasis"]
        assert all(0 <= share <= 1 for share in shares)
        assert one["category_in_other_colour"] <= one["same_category"]
    monkeypatch.setattr("sys.argv", ["x", str(queries), "--store", str(store)])
    assert script.main() == 0
    assert "category in other colours" in capsys.readouterr().out


def test_without_a_store_it_says_so(
    queries: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["x", str(queries), "--store", str(tmp_path / "none")])
    assert script.main() == 2
    assert "there is no feature store" in capsys.readouterr().err
