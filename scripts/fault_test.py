"""Bring faults about while a small shop is searched, and count what became of its answers.

kill -9 of workers, decoders, the master and an import; a full and a read-only disk; a file of
vectors that is cut, a store that is moved away or swapped; a clock that is set; Milvus gone and
back; a back-up while the shop changes. Each happens to a copy of the shop, with the real server.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from scripts.faults.catalog import FAULTS, bring_about
from scripts.faults.place import Place


def main() -> int:
    """Exit status: 0 all went as it should, 1 something did not."""
    parser = _parser()
    arguments = parser.parse_args()
    unknown = set(arguments.faults) - set(FAULTS)
    if unknown:
        parser.error(f"no such fault: {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    started, outcomes = time.monotonic(), []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shop = Place.made(Path(folder) / "shop")
        for name in arguments.faults or FAULTS:
            outcome = bring_about(name, shop, Path(folder) / name)
            outcomes.append(outcome)
            if not arguments.json:
                print(outcome.as_text(), flush=True)
    problems = sum(len(outcome.problems) for outcome in outcomes)
    if arguments.json:
        print(json.dumps([asdict(outcome) for outcome in outcomes]))
    else:
        took = time.monotonic() - started
        print(f"{len(outcomes)} faults, {problems} problems; {took:.0f} s")
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("faults", nargs="*", help=f"which (all of {', '.join(FAULTS)})")
    parser.add_argument("--json", action="store_true", help="the counts as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
