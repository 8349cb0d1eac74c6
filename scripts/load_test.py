"""Load the real server on this machine, on the sample shop, and count what becomes of each request.

steady: half of what it can do. spike: eight times what it can do for a tenth of the time.
overload: four times, all the time. slow: beside 200 clients that send a byte a second. uploads:
photos of twelve megapixels. mixed: words, pages and changes too, each answer to a photo compared
with an exact one. soak: the same, workers restarted and another extractor swapped in.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from scripts.load.scenarios import SCENARIOS
from scripts.load.shop import open_shop


def main() -> int:
    """Exit status: 0 all is as it should be, 1 something failed, grew, or took too long."""
    arguments = _parser().parse_args()
    with open_shop(arguments.workers) as shop:
        tally = SCENARIOS[arguments.scenario](shop, arguments.minutes * 60)
        if tally.problems:  # what the server said of them is gone with it
            print(shop.server.last_said(), file=sys.stderr)
    print(json.dumps(tally.as_json()) if arguments.json else tally.as_text())
    return 1 if tally.findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--minutes", type=float, default=1.0, help="%(default)s")
    parser.add_argument("--workers", type=int, help="of the server; as gunicorn.conf.py says")
    parser.add_argument("--json", action="store_true", help="the figures for machines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
