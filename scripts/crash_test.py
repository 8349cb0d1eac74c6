"""Kill indexing, updating, deleting, compacting, swapping and HTTP changes at random moments.

After each kill the store must open, hold every acknowledged change and nothing that nobody asked
for, and the next run must complete. A loss ends the test.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from tqdm import tqdm

from scripts.benchmarks.table import as_table
from scripts.crashes.rounds import CrashTest, Tally
from scripts.crashes.steps import KINDS


def main() -> int:
    """Exit status: 0 nothing was lost, 1 something was."""
    arguments = _parser().parse_args()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    started, tally = time.monotonic(), Tally()
    with tempfile.TemporaryDirectory() as folder:
        rounds = CrashTest(Path(folder), seed).run(arguments.kills)
        tally.outcomes.extend(tqdm(rounds, total=arguments.kills, unit=" kills", disable=None))
    print(_report(tally))
    print(f"losses {len(tally.losses)}; {time.monotonic() - started:.0f} s")
    for loss in tally.losses:
        print(loss, file=sys.stderr)
    return 1 if tally.losses else 0


def _report(tally: Tally) -> str:
    rows = [
        (kind, str(tally.kills[kind]), str(tally.inside[kind]))
        for kind in KINDS
        if tally.kills[kind]
    ]
    total = ("all", str(tally.kills.total()), str(tally.inside.total()))
    table = as_table(("killed while working on", "kills", "in mid-step"), [*rows, total])
    return f"{table}\n{tally.acknowledged} changes had been acknowledged before"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200, help="%(default)s")
    parser.add_argument("--seed", type=int, help="of what is done and when it is killed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
