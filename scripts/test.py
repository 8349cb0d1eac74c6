"""Run every check: ruff, mypy, and the tests. Sets itself up first, like the demo.

`--fast` leaves out the slow tests; further arguments go to pytest.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import (
    DEV_REQUIREMENTS,
    PEOPLE_REQUIREMENTS,
    REQUIREMENTS,
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
    "mypy": ("-m", "mypy"),
}


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
    selection = ["-m", "not slow"] if "--fast" in arguments else []
    rest = [argument for argument in arguments if argument != "--fast"]
    say("\n== tests")
    tests = run_in_project("-m", "pytest", *selection, *rest)
    if failed:
        say(f"failed: {', '.join(failed)}")
    return tests or int(bool(failed))


def _passes(name: str, command: tuple[str, ...]) -> bool:
    say(f"\n== {name}")
    return run_in_project(*command) == 0


if __name__ == "__main__":
    sys.exit(main())
