"""Copy the stores of a folder, its collections and kept pictures, while the server goes on.

Run it again with the same target: only what changed since is copied, and at every moment the target
holds a whole copy. To restore, copy the target back, or serve it where it is: see docs/backup.md.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.backup import back_up
from features.errors import VisualSearchError
from features.store import StoreSet
from scripts.interrupting import interrupted

SOME_DAMAGED, REFUSED = 1, 2


def main() -> int:
    """Exit status: 0 all is copied, 1 all but some damaged pictures, 2 an error ended the run."""
    arguments = _parser().parse_args()
    try:
        done = back_up(StoreSet(arguments.store), arguments.target)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return interrupted("run again to go on")
    if arguments.json:
        print(json.dumps(asdict(done)))
    else:
        print(
            f"{done.stores} stores: {done.files} files ({done.bytes / 1e6:.1f} MB) and "
            f"{done.pictures} pictures were new, {done.damaged_pictures} pictures are damaged"
        )
    return SOME_DAMAGED if done.damaged_pictures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    parser.add_argument("target", type=Path, help="the folder of the copy, on another disk")
    parser.add_argument("--json", action="store_true", help="the counts as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
