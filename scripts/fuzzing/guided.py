"""Files that reach code which none before them reached, collected by Atheris.

Atheris is libFuzzer for Python: it counts the branches that each file takes, and damages further
what took a new one. Only Python is counted, so it serves what is read in Python.
"""

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.bootstrap import ROOT

GUIDED = ("feeds", "archives")
_LONGEST_S = 10
_REACHED = re.compile(r"#(\d+)\s+(INITED|DONE)\s+cov: (\d+)")


class NoGuideError(Exception):
    """Atheris is not installed, or did not run."""


@dataclass(frozen=True)
class Guidance:
    """What a guided run came to."""

    tried: int
    branches_before: int
    """That the sound files take, or those that were in the folder."""
    branches: int

    def as_text(self) -> str:
        """In a line."""
        return f"{self.tried} files tried, {self.branches_before} branches, then {self.branches}"


def collect(kind: str, folder: Path, seconds: int, seed: int) -> Guidance:
    """Fill a folder with files that reach new code, and with one that broke the reader, if any.

    Raises:
        NoGuideError: Atheris is missing, ended before it began, or sees nothing of this kind.
    """
    if kind not in GUIDED:
        raise NoGuideError(f"what reads {kind} is compiled; guided are {', '.join(GUIDED)}")
    if importlib.util.find_spec("atheris") is None:
        raise NoGuideError(
            "Atheris is not installed: `.venv/bin/pip install -r requirements-fuzz.txt`"
        )
    folder.mkdir(parents=True, exist_ok=True)
    options = [
        *(f"-max_total_time={seconds}", f"-seed={seed}", f"-timeout={_LONGEST_S}"),
        *("-rss_limit_mb=0", "-max_len=200000", "-len_control=0", "-detect_leaks=0"),
        *(f"-artifact_prefix={folder}/broken.", str(folder)),
    ]
    module = [sys.executable, "-m", "scripts.fuzzing.guiding"]
    with tempfile.TemporaryDirectory() as scratch:
        command = [*module, kind, str(seed), scratch, *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    reached = {mark: (int(runs), int(cov)) for runs, mark, cov in _REACHED.findall(done.stderr)}
    if "INITED" not in reached:
        raise NoGuideError(f"Atheris ended with {done.returncode}: {done.stderr[-500:]}")
    return _guidance(reached)


def _guidance(reached: Mapping[str, tuple[int, int]]) -> Guidance:
    """A run that a broken reader ended has no last line."""
    before = reached["INITED"]
    tried, branches = reached.get("DONE", before)
    return Guidance(tried, before[1], branches)
