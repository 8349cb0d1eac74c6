"""Build the indexes of large stores, of pictures and of words; a running server takes them up.

extract_features.py does so when it has finished, and a server for stores that changed under it. An
index is derived from its store: it may be deleted, and it is built again when much has changed.
Stores of less than 20,000 pictures are searched exactly and need none; the words of up to 5,000
products are indexed by the first search that needs them.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.errors import StoreLockedError, VisualSearchError
from features.index import DEFAULT_INDEX, index_names
from features.search import IndexReport, index_store, index_words
from features.store import StoreSet
from scripts.interrupting import interrupted

_NICENESS = 5  # searches first


def main() -> int:
    """Exit status: 0 all are built, 1 another process is building one, 2 one cannot be built."""
    arguments = _parser().parse_args()
    os.nice(_NICENESS)
    try:
        stores = StoreSet(arguments.store)
        stores.check_filled()
        for name in stores.names():
            folder = stores.folder_of(name)
            report = index_store(folder, arguments.index, wait=arguments.wait)
            named = index_words(folder, wait=arguments.wait)
            text = f"{name}: {as_text(report)}{_words_as_text(named)}"
            print(_as_json(name, report, named) if arguments.json else text)
    except StoreLockedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted("run again")
    return 0


def as_text(report: IndexReport | None) -> str:
    """One line on an index."""
    if report is None:
        return "nothing to build"
    return (
        f"index {report.engine} over {report.rows} pictures built in {report.seconds:.0f} s, "
        f"finds {report.recall:.2%} of the true neighbours"
    )


def _words_as_text(products: int | None) -> str:
    return "" if products is None else f"; words of {products} products indexed"


def _as_json(name: str, report: IndexReport | None, products: int | None) -> str:
    built = None if report is None else asdict(report)
    return json.dumps({"extractor": name, "built": built, "words": products})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path, help="the folder of the stores")
    parser.add_argument(
        "--index",
        choices=index_names(),
        default=DEFAULT_INDEX,
        help="the engine; auto chooses by the number of pictures (%(default)s)",
    )
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="for another process (0)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a store")
    return parser


if __name__ == "__main__":
    sys.exit(main())
