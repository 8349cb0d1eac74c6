"""Move a store into Milvus and out of it, and compare the two row by row.

to-milvus brings the store's collection up to date: only what changed since the last time, and what
an interrupted run left undone. from-milvus makes a store of a collection. Both compare every row
afterwards (vector bits, picture, product), as verify does alone. drop deletes the collection.
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

from features.errors import VisualSearchError
from features.extractors import DEFAULT_EXTRACTOR
from features.index.milvus import (
    Collection,
    Comparison,
    compare,
    read_into_store,
    sync,
)
from features.index.milvus.address import collection_name
from features.store import StoreSet, open_store
from scripts.index_options import add_milvus_options, chosen_milvus
from scripts.interrupting import interrupted

_NAMES = {"rows": "the same", "missing": "missing", "extra": "extra", "different": "different"}


def main() -> int:
    """Exit status: 0 all rows are the same, 1 some are not, 2 not done."""
    arguments = _parser().parse_args()
    try:
        report = _COMMANDS[arguments.command](arguments)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted("run again to go on")
    if report is None:
        return 0
    print(json.dumps(asdict(report)) if arguments.json else _as_text(report))
    return 0 if report.same else 1


def _to_milvus(arguments: argparse.Namespace) -> Comparison:
    view = open_store(_folder(arguments))
    with _collection(arguments, view.spec.name) as collection:
        done = sync(view, collection)
        print(
            f"{collection.name}: {done.added} rows added, {done.changed} described anew, "
            f"{done.deleted} deleted",
            file=sys.stderr,
        )
        return compare(view, collection)


def _from_milvus(arguments: argparse.Namespace) -> Comparison:
    with _collection(arguments, arguments.extractor or DEFAULT_EXTRACTOR) as collection:
        read_into_store(collection, arguments.store, arguments.pictures)
        return compare(open_store(arguments.store), collection)


def _verify(arguments: argparse.Namespace) -> Comparison:
    view = open_store(_folder(arguments))
    with _collection(arguments, view.spec.name) as collection:
        return compare(view, collection)


def _drop(arguments: argparse.Namespace) -> None:
    with _collection(arguments, arguments.extractor or DEFAULT_EXTRACTOR) as collection:
        collection.drop()


_COMMANDS = {
    "to-milvus": _to_milvus,
    "from-milvus": _from_milvus,
    "verify": _verify,
    "drop": _drop,
}


def _folder(arguments: argparse.Namespace) -> Path:
    folder: Path = StoreSet(arguments.store).folder_of(arguments.extractor)
    return folder


def _collection(arguments: argparse.Namespace, extractor: str) -> Collection:
    address = chosen_milvus(arguments)
    return Collection(address, collection_name(address.prefix, extractor))


def _as_text(report: Comparison) -> str:
    counts = [f"{getattr(report, name)} {word}" for name, word in _NAMES.items()]
    return "\n".join([f"rows: {', '.join(counts)}", *report.first])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "to-milvus": "bring a collection up to date with a store",
        "from-milvus": "make a store of a collection",
        "verify": "compare the two",
        "drop": "delete a collection",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text)
        if name != "drop":
            command.add_argument("store", type=Path, help="the store's folder")
            command.add_argument("--json", action="store_true", help="the report as JSON")
        if name == "from-milvus":
            command.add_argument("--pictures", type=Path, help="where the catalogue's pictures are")
        command.add_argument("--extractor", help="whose store and collection (the default one)")
        add_milvus_options(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
