"""Measure what an emphasis on colour or shape brings, with photos whose products are known.

QUERIES is a CSV with the columns image,product_id,category[,x1,y1,x2,y2]; paths start from its
folder. Prints, of the first five products of each photo, how many have the photo's main colour, its
category, and its category in another colour; and recall@1. Colours are named by their hue.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.errors import VisualSearchError
from features.evaluation import EmphasisFigures, measure_emphases, read_queries
from features.search import open_service
from scripts.benchmarks.table import as_table
from scripts.interrupting import interrupted
from scripts.progress_bar import PictureBar


def main() -> int:
    """Exit status: 0 measured, 2 nothing could be measured."""
    arguments = _arguments()
    try:
        queries = read_queries(arguments.queries)
        service = open_service(arguments.store, extractor=arguments.extractor)
        with PictureBar() as bar:
            bar.start(len(queries))
            figures = measure_emphases(service, queries, bar.advance)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted("run again")
    print(json.dumps([asdict(one) for one in figures]) if arguments.json else _as_text(figures))
    return 0


def _as_text(figures: Sequence[EmphasisFigures]) -> str:
    heads = ("emphasis", "same colour", "same category", "category in other colours", "recall@1")
    rows = [
        (
            str(one.emphasis),
            f"{one.same_colour:.3f}",
            f"{one.same_category:.3f}",
            f"{one.category_in_other_colour:.3f}",
            f"{one.recall_at_1:.3f}",
        )
        for one in figures
    ]
    return as_table(heads, rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("queries", type=Path, help="CSV: image,product_id,category[,x1,y1,x2,y2]")
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    parser.add_argument("--extractor", help="whose store to measure (the default one)")
    parser.add_argument("--json", action="store_true", help="one JSON array")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
