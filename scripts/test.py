"""Run every check: ruff, mypy, and the tests. Sets itself up first, like the demo.

The whole suite runs in one process per core, four at most. `--fast` leaves out the slow tests.
Further arguments go to pytest, and what they choose runs in a single process: `-k words`,
`tests/server`, `-x`; with `-n 2` in two.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import (
    DEV_REQUIREMENTS,
    PEOPLE_REQUIREMENTS,
    PYTHON,
    REQUIREMENTS,
    ROOT,
    TEXT_REQUIREMENTS,
    VIDEO_REQUIREMENTS,
    ensure_browser,
    ensure_environment,
    ensure_optional,
    run_in_project,
    say,
)

CHECKS = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
}

_MOST_WORKERS = 4  # each holds the networks that its tests load: up to 3 GB
# Tests start hundreds of Python processes, which begin sooner with compiled modules at hand.
_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": ""}


def main() -> int:
    """Exit status: 0 when every check and test passed."""
    arguments = sys.argv[1:]
    if "--help" in arguments or "-h" in arguments:
        say(__doc__ or "")
        return 0
    ensure_environment(REQUIREMENTS, DEV_REQUIREMENTS, TEXT_REQUIREMENTS, VIDEO_REQUIREMENTS)
    ensure_optional(PEOPLE_REQUIREMENTS)
    ensure_browser()
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    types = _begin_types()
    tests = _test(arguments)
    say("\n== mypy")
    say(types.communicate()[0].strip())
    failed += ["mypy"] if types.returncode else []
    if failed:
        say(f"failed: {', '.join(failed)}")
    return tests or int(bool(failed))


def _passes(name: str, command: tuple[str, ...]) -> bool:
    say(f"\n== {name}")
    return run_in_project(*command) == 0


def _begin_types() -> "subprocess.Popen[str]":
    """mypy, beside the tests: it keeps one core busy for up to a minute."""
    command = [str(PYTHON), "-m", "mypy"]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _test(arguments: list[str]) -> int:
    say("\n== tests")
    return run_in_project("-m", "pytest", *pytest_options(arguments), **_ENVIRONMENT)


def pytest_options(arguments: list[str]) -> list[str]:
    """What pytest is told."""
    selection = ["-m", "not slow"] if "--fast" in arguments else []
    rest = [argument for argument in arguments if argument != "--fast"]
    return ["--durations=15", *selection, *(rest or _in_parallel())]


def _in_parallel() -> list[str]:
    """Whoever is done first takes over tests of the others."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = min(cores or 1, _MOST_WORKERS)
    return ["-n", str(workers), "--dist", "worksteal"] if workers > 1 else []


if __name__ == "__main__":
    sys.exit(main())
