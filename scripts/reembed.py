"""Embed a catalogue with another extractor while the stores in use go on answering.

The products and pictures are those of the default store. The new store is built beside it and
swapped in as the default once it has everything; a running server follows with its next search.
Run it again after an interruption: only what is missing is done. The store that was replaced stays
for `--roll-back` until the next swap.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.detection import Detector
from features.errors import VisualSearchError
from features.extractors import extractor_names, load_extractor
from features.pictures import PictureFolder, PictureSource, Vault
from features.reembedding import Reembedding, clean_up, reembed, roll_back
from features.similarity import calibrate_store
from features.store import StoreSet, open_store, read_manifest
from features.types import NO_CROP
from scripts.detector_options import add_detector_options, chosen_detector
from scripts.interrupting import interrupt_on_sigterm, interrupted
from scripts.progress_bar import PictureBar
from scripts.shared_options import add_weights_option

SOME_MISSING, REFUSED = 1, 2


def main() -> int:
    """Exit status: 0 all well, 1 some pictures are missing, 2 nothing could be done."""
    arguments = _parser().parse_args()
    interrupt_on_sigterm()
    try:
        return _run(arguments, StoreSet(arguments.store))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return interrupted(
            "what was done is stored, the stores in use are as they were, run again to go on"
        )


def _run(arguments: argparse.Namespace, stores: StoreSet) -> int:
    if arguments.roll_back:
        roll_back(stores)
        print(
            f"the default is {stores.default} again, in {stores.folder_of()}; it lacks what "
            "changed while it was not in use: import the catalogue again"
        )
        return 0
    if arguments.clean_up:
        for folder in clean_up(stores):
            print(f"deleted {folder}")
        return 0
    return _reembed(arguments, stores)


def _reembed(arguments: argparse.Namespace, stores: StoreSet) -> int:
    cropper = _cropper(arguments, stores)
    name = arguments.extractor
    extractor = load_extractor(name, arguments.weights.of(name))
    with PictureBar() as bar:
        done = reembed(
            stores,
            extractor,
            cropper=cropper,
            progress=bar,
            keep_default=arguments.keep_default,
            allow_missing=arguments.allow_missing,
        )
    for error in done.missing:
        print(f"missing: {error}", file=sys.stderr)
    calibrate_store(done.folder, extractor, _pictures(stores))
    _report(done, stores)
    return SOME_MISSING if done.missing else 0


def _pictures(stores: StoreSet) -> PictureSource:
    root = PictureFolder(open_store(stores.folder_of()).pictures_root)
    return PictureSource(root, Vault(stores.pictures_folder))


def _cropper(arguments: argparse.Namespace, stores: StoreSet) -> Detector | None:
    crop = arguments.crop
    if crop is None:
        crop = read_manifest(stores.folder_of()).extractor.crop
    return None if crop == NO_CROP else chosen_detector(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument(
        "--extractor",
        choices=extractor_names(),
        help="what to embed with; the default store's own to build that anew",
    )
    action.add_argument(
        "--roll-back", action="store_true", help="take the last swap back (and again: redo it)"
    )
    action.add_argument(
        "--clean-up",
        action="store_true",
        help="delete stores that are neither in use nor there to go back to, unfinished ones too",
    )
    add_weights_option(parser)
    parser.add_argument(
        "--crop",
        choices=["auto", "none"],
        help="auto: embed each picture's main item where a detector is sure of it (as the default "
        "store)",
    )
    parser.add_argument(
        "--keep-default", action="store_true", help="put it to use beside the default store"
    )
    parser.add_argument(
        "--allow-missing",
        action="store_true",
        help="swap even if pictures are gone; products without any are left out",
    )
    add_detector_options(parser)
    return parser


def _report(done: Reembedding, stores: StoreSet) -> None:
    print(
        f"{done.extractor}: {done.products} products, {done.pictures} pictures: {done.new} new, "
        f"{len(done.missing)} missing; {done.seconds:.1f} s"
    )
    if done.swapped:
        print(f"swapped in: {done.folder}; the default is {stores.default}")
    else:
        print(
            "not swapped: bring the missing pictures back and run again, or add --allow-missing",
            file=sys.stderr,
        )


if __name__ == "__main__":
    sys.exit(main())
