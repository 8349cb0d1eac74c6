"""Paste photos of different products into pictures with several, to measure choosing an item with.

QUERIES is a CSV with the columns image,product_id[,category]. OUT gets the pictures and
composites.csv, which scripts/evaluate.py reads: image,product_id,category,x1,y1,x2,y2.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.errors import VisualSearchError
from features.evaluation import read_queries
from scripts.composites.pictures import write_composites
from scripts.interrupting import interrupted
from scripts.shared_options import positive


def main() -> int:
    """Exit status: 0 written, 2 something could not be used."""
    options = _parser().parse_args()
    try:
        count = write_composites(
            read_queries(options.queries),
            options.out,
            photos=options.photos,
            count=options.count,
            seed=options.seed,
        )
    except (VisualSearchError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted("run again")
    print(f"{count} pictures in {options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("queries", type=Path, help="CSV: image,product_id[,category]")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--photos", type=positive, default=4, help="a picture (%(default)s)")
    parser.add_argument("--count", type=positive, help="pictures (until every photo is used)")
    parser.add_argument("--seed", type=int, default=0, help="another one, other pictures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
