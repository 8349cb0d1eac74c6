"""Run every check: ruff, mypy, and the tests. Sets itself up first, like the demo.

The whole suite runs in one process more than there are cores, four at most: tests wait for servers.
`--fast` leaves out the slow tests; `--long` does more of what some do in short: a million rows
instead of 200,000. Further arguments go to pytest, and what they choose runs in a single process:
`-k words`, `tests/server`, `-x`; with `-n 2` in two.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from features.cores import usable_cores
from scripts.bootstrap import (
    DEV_REQUIREMENTS,
    FUZZ_REQUIREMENTS,
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

_MOST_WORKERS = 4
_WORKER_BYTES = 3 * 2**30  # each holds the networks that its tests load
# Tests start hundreds of Python processes, which begin sooner with compiled modules at hand.
# OpenMP's threads would spin while they wait, on cores that other workers need.
_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "", "OMP_WAIT_POLICY": "PASSIVE"}


def main() -> int:
    """Exit status: 0 when every check and test passed."""
    arguments = sys.argv[1:]
    if "--help" in arguments or "-h" in arguments:
        say(__doc__ or "")
        return 0
    ensure_environment(REQUIREMENTS, DEV_REQUIREMENTS, TEXT_REQUIREMENTS, VIDEO_REQUIREMENTS)
    ensure_optional(PEOPLE_REQUIREMENTS)
    ensure_optional(FUZZ_REQUIREMENTS)
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
    environment = {**_ENVIRONMENT, "VISUAL_SEARCH_TEST_LONG": "1" if "--long" in arguments else ""}
    return run_in_project("-m", "pytest", *pytest_options(arguments), **environment)


def pytest_options(arguments: list[str]) -> list[str]:
    """What pytest is told."""
    selection = ["-m", "not slow"] if "--fast" in arguments else []
    rest = [argument for argument in arguments if argument not in ("--fast", "--long")]
    return ["--durations=15", *selection, *(rest or _in_parallel())]


def _in_parallel() -> list[str]:
    """Whoever is done first takes over tests of the others."""
    workers = min(usable_cores() + 1, _MOST_WORKERS, max(1, _memory_bytes() // _WORKER_BYTES))
    return ["-n", str(workers), "--dist", "worksteal"] if workers > 1 else []


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


if __name__ == "__main__":
    sys.exit(main())
