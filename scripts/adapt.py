"""Learn a space of the catalogue's own from the vectors of its default store.

What differs between pictures of one product counts less there, and what differs between products
more. Nothing is embedded again: an adapted store is made of the plain one's vectors and swapped in
as the default; a running server follows with its next search. Where few products have three
pictures or more, photos are drawn of some of them to learn from; the pictures must still be there.
Pictures held out of the learning decide: where they are not found better than before, all stays as
it was. Later imports keep both stores up to date in the space as it is; run it again to learn anew.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.adaptation import Method
from features.adapting import Adapting, adapt
from features.errors import VisualSearchError
from features.extractors import Weights, extractor_of
from features.pictures import PictureFolder, PictureSource, Vault
from features.reembedding import roll_back
from features.similarity import calibrate_store
from features.store import StoreSet, open_store
from scripts.interrupting import interrupted
from scripts.shared_options import add_weights_option

DECLINED, REFUSED = 1, 2


def main() -> int:
    """Exit status: 0 all well, 1 it does not help and nothing was changed, 2 nothing was tried."""
    arguments = _parser().parse_args()
    try:
        return _run(arguments, StoreSet(arguments.store))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return interrupted("run again")


def _run(arguments: argparse.Namespace, stores: StoreSet) -> int:
    if arguments.roll_back:
        roll_back(stores)
        print(f"the default is {stores.default} again, in {stores.folder_of()}")
        return 0
    method = None if arguments.supervised is None else Method(arguments.supervised)
    _check_extractor(stores.folder_of(), arguments.weights)
    done = adapt(stores, method, arguments.weights)
    if done.folder is not None:
        _calibrate(done.folder, stores, arguments.weights)
    print(json.dumps(_as_json(done)) if arguments.json else _as_text(done))
    return DECLINED if done.folder is None else 0


def _check_extractor(folder: Path, weights: Weights) -> None:
    """Nothing is learned from a store that this program could not search afterwards."""
    open_store(folder, extractor_of(folder, weights).spec)


def _calibrate(folder: Path, stores: StoreSet, weights: Weights) -> None:
    root = PictureFolder(open_store(folder).pictures_root)
    pictures = PictureSource(root, Vault(stores.pictures_folder))
    calibrate_store(folder, extractor_of(folder, weights), pictures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    parser.add_argument(
        "--supervised",
        choices=[method.value for method in Method],
        help="what belongs together: pictures of a product, or of a category; scenes: photos drawn "
        "of each picture; none: all pictures alike (product where most have three or more, else "
        "scenes)",
    )
    add_weights_option(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--roll-back",
        action="store_true",
        help="take the last swap back (and again: redo it)",
    )
    return parser


def _as_json(done: Adapting) -> dict[str, object]:
    return {
        "adapted": done.folder is not None,
        "extractor": done.extractor,
        "supervised": done.method.value,
        "folder": None if done.folder is None else str(done.folder),
        "dim": done.dim,
        "pictures": done.pictures,
        "held_out": done.verdict.queries,
        "right": done.verdict.by.value,
        "plain@1": done.verdict.plain,
        "adapted@1": done.verdict.adapted,
        "gained": done.verdict.gained,
        "lost": done.verdict.lost,
        "seconds": round(done.seconds, 3),
    }


def _as_text(done: Adapting) -> str:
    verdict = done.verdict
    asking = "drawn photos" if done.method is Method.SCENES else "pictures"
    figures = (
        f"{done.extractor}, supervised by {done.method}: of {verdict.queries} {asking} held out, "
        f"the nearest has the right {verdict.by} for {verdict.adapted:.1%} "
        f"(before: {verdict.plain:.1%}; {verdict.gained} gained, {verdict.lost} lost); "
        f"{done.seconds:.1f} s"
    )
    if done.folder is None:
        return f"{figures}\nnot adapted: it does not help; all is as it was"
    return f"{figures}\nswapped in: {done.folder}, {done.dim} numbers a picture"


if __name__ == "__main__":
    sys.exit(main())
