"""The audit of packages says what is known, and never that all is well where nobody could say."""

from pathlib import Path

import pytest

from scripts.audit import read_audit
from tests.helpers import ROOT, run_python

KNOWN = {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": [], "description": "..."}
REPORT = {
    "dependencies": [
        {"name": "jinja2", "version": "2.10", "vulns": [KNOWN]},
        {"name": "markupsafe", "version": "3.0.4", "vulns": []},
        {"name": "nobodys", "skip_reason": "Dependency not found on PyPI"},
    ],
    "fixes": [],
}


def test_what_is_known_is_told_with_what_mends_it() -> None:
    audit = read_audit(REPORT)
    assert (audit.asked, audit.unknown) == (2, ("nobodys",))
    assert audit.found == ("jinja2 2.10: PYSEC-2019-217, mended in 2.10.1",)


@pytest.mark.parametrize("report", [{}, {"dependencies": [{}]}, {"dependencies": None}])
def test_another_answer_is_no_audit(report: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no report"):
        read_audit(report)


@pytest.mark.slow
def test_a_service_that_cannot_be_asked_is_no_good_news(tmp_path: Path) -> None:
    pytest.importorskip("pip_audit")
    named = tmp_path / "requirements.txt"
    named.write_text("jinja2==2.10\n")
    # A proxy that nobody listens on: no name is resolved, no machine is asked.
    done = run_python(
        ROOT / "scripts" / "audit.py", named, HTTPS_PROXY="http://127.0.0.1:1", NO_PROXY=""
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nothing could be asked of pypi: ")
