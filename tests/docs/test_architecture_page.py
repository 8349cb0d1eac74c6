"""What docs/architecture.md draws is the code as it is."""

from pathlib import Path

import pytest

from scripts import draw_architecture
from scripts.draw_architecture import PAGE, diagram, redrawn, uses
from tests.helpers import run_python


def test_the_page_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert redrawn(page) == page, "run scripts/draw_architecture.py"


def test_a_stale_page_is_drawn_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    stale = page.replace("    server --> search\n", "")
    assert stale != page
    assert redrawn(stale) == page


@pytest.mark.slow
def test_whether_the_page_is_current_is_told_by_the_exit_status() -> None:
    assert run_python("scripts/draw_architecture.py", "--check").returncode == 0


def test_a_check_leaves_a_stale_page_alone_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "architecture.md"
    stale.write_text(PAGE.read_text(encoding="utf-8").replace("    server --> search\n", ""))
    monkeypatch.setattr(draw_architecture, "PAGE", stale)
    monkeypatch.setattr("sys.argv", ["draw_architecture.py", "--check"])
    before = stale.read_text()
    assert draw_architecture.main() == 1
    assert "run scripts/draw_architecture.py" in capsys.readouterr().out
    assert stale.read_text() == before


def test_arrows_that_follow_from_others_are_left_out() -> None:
    found = {"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset({"errors"})}
    assert diagram(found).splitlines()[2:-1] == ["    a --> b", "    b --> c"]


def test_the_server_and_the_pipeline_are_seen() -> None:
    found = uses()
    assert "search" in found["server"]
    assert {"catalog", "extractors", "store"} <= found["pipeline"]
    assert not any("server" in used for part, used in found.items() if part != "scripts")
