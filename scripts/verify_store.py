"""Read every file of the stores, and compare it with what was written; mend what is damaged.

The stores of a folder, those of its collections, and the kept pictures are read whole; with
--extractor that one store of the catalogue, and nothing else. With --repair, pictures whose vectors
are damaged are embedded again, from the kept pictures or the catalogue's folder; files that are
whole are not touched. Rows and descriptions that cannot be known any more leave the store; name the
newest catalogue (--repair CATALOG) and they come back from it.
"""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.catalog import Catalog, read_catalog
from features.collections import CollectionShelf
from features.detection import Detector
from features.errors import CatalogNotFoundError, StoreCorruptError, VisualSearchError
from features.extractors import extractor_of
from features.pictures import Vault
from features.repairing import Repair, repair_store
from features.store import StoreSet, find_damage, open_store, read_manifest
from features.sync import SyncOptions, sync_stores
from features.types import NO_CROP
from scripts.detector_options import add_detector_options, chosen_detector, detector_options
from scripts.interrupting import interrupted
from scripts.shared_options import add_weights_option

_STATUSES = """
The exit status is 0 when all is whole, or was repaired without a loss; 1 when something is damaged
or lost (each is named); 2 when nothing could be verified or repaired.

  verify_store.py --store DIR
  verify_store.py --store DIR --repair
  verify_store.py --store DIR --repair products.csv
"""
DAMAGED, REFUSED = 1, 2
_KNOWN_PICTURES = ""
_PATIENCE = 600.0  # seconds that the import after a repair waits for another
_ADVICE_OF_CATALOG = (
    "what was mended stays; import the catalogue with scripts/extract_features.py, as what it was "
    "to bring back is missing until then, and what it does not name may be there"
)


@dataclass(frozen=True)
class Verdict:
    """One store: what is wrong with it, and what a repair did about that."""

    name: str
    pictures: int
    problems: tuple[str, ...]
    embedded: int = 0
    """Pictures that were embedded again."""
    restored: int = 0
    """Pictures that came back from the catalogue."""
    lost: tuple[str, ...] = ()
    """Pictures that the store knew and that are not there any more, and why."""
    missing: int | None = None
    """Pictures that can be found no more; None where nothing was repaired."""

    @property
    def is_whole(self) -> bool:
        """Nothing is damaged any more, and nothing was lost."""
        return not self.problems or self.missing == 0


def main() -> int:
    """Exit status: 0 all is whole, 1 something is damaged or lost, 2 nothing could be done."""
    arguments = _parser().parse_args()
    stores = StoreSet(arguments.store)
    try:
        stores.check_filled()
        if arguments.repair and not Path(arguments.repair).exists():
            raise CatalogNotFoundError(
                f"there is no catalogue {arguments.repair}; correct --repair"
            )
        verdicts = [_verdict(arguments, *place) for place in _places(arguments, stores)]
        whole = arguments.extractor is None
        torn = list(Vault(stores.pictures_folder).damaged()) if whole else []
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return interrupted(_ADVICE_OF_CATALOG if _names_catalog(arguments) else "run again")
    if arguments.json:
        print(json.dumps({"stores": [asdict(it) for it in verdicts], "damaged_pictures": torn}))
    else:
        _print(verdicts, torn)
    return DAMAGED if torn or not all(it.is_whole for it in verdicts) else 0


def _places(
    arguments: argparse.Namespace, stores: StoreSet
) -> Iterator[tuple[str, StoreSet, str, bool]]:
    """What to call a store, its set, its extractor, and whether the catalogue is its own."""
    if arguments.extractor is not None:
        yield arguments.extractor, stores, arguments.extractor, True
        return
    yield from ((name, stores, name, True) for name in stores.names())
    shelf = CollectionShelf(stores)
    for collection in shelf.collections():
        inside = shelf.stores_of(collection.id)
        for name in inside.names():
            yield f"{collection.name} ({name})", inside, name, False


def _verdict(
    arguments: argparse.Namespace, name: str, stores: StoreSet, extractor: str, is_catalog: bool
) -> Verdict:
    folder = stores.folder_of(extractor)
    try:
        problems = find_damage(folder).problems
    except StoreCorruptError as error:  # nothing is known without a manifest
        return Verdict(name, 0, (str(error),))
    rows = read_manifest(folder).rows
    if not problems or arguments.repair is None:
        return Verdict(name, rows, problems)
    follows = is_catalog and _names_catalog(arguments)
    catalog = read_catalog(Path(arguments.repair)) if follows else None
    repair = repair_store(
        folder,
        extractor_of(folder, arguments.weights),
        Vault(stores.pictures_folder),
        pictures=arguments.pictures if is_catalog else None,
        cropper=_cropper(arguments, folder),
        catalog=catalog,
    )
    restored = 0 if catalog is None else _restored(arguments, stores, extractor, repair, catalog)
    return Verdict(
        name,
        read_manifest(folder).rows,
        problems,
        embedded=repair.embedded,
        restored=restored,
        lost=_lost(folder, repair),
        missing=max(0, repair.missing - restored),
    )


def _names_catalog(arguments: argparse.Namespace) -> bool:
    return arguments.repair not in (None, _KNOWN_PICTURES)


def _restored(
    arguments: argparse.Namespace,
    stores: StoreSet,
    extractor: str,
    repair: Repair,
    catalog: Catalog,
) -> int:
    """Import the catalogue; how many pictures came. Only it knows what was deleted, if need be."""
    folder = stores.folder_of(extractor)
    before = open_store(folder).picture_count
    options = SyncOptions(
        extractors=(extractor,),
        weights=arguments.weights,
        pictures=arguments.pictures,
        detector=arguments.detector,
        detector_options=detector_options(arguments),
        keep_missing=not repair.damage.deleted,
        purpose="repairing the store",
        patience=_PATIENCE,
    )
    with contextlib.redirect_stdout(sys.stderr):
        (update,) = sync_stores(stores, catalog, options)
    for error in update.summary.failed:
        print(f"failed: {error}", file=sys.stderr)
    return open_store(folder).picture_count - before + update.summary.removed


def _lost(folder: Path, repair: Repair) -> tuple[str, ...]:
    """The pictures that the repair had to give up and no import brought back."""
    there = {(it.product_id, it.location) for it in open_store(folder).live_pictures}
    return tuple(
        f"{it.product_id} {it.location}: {it.reason}"
        for it in repair.lost
        if (it.product_id, it.location) not in there
    )


def _cropper(arguments: argparse.Namespace, folder: Path) -> Detector | None:
    crop = read_manifest(folder).extractor.crop
    return None if crop == NO_CROP else chosen_detector(arguments)


def _print(verdicts: list[Verdict], torn: list[str]) -> None:
    for verdict in verdicts:
        print(f"{verdict.name}: {verdict.pictures:,} rows, {_said(verdict)}")
        for problem in verdict.problems:
            print(f"damaged: {problem}", file=sys.stderr)
        for lost in verdict.lost:
            print(f"lost: {lost}", file=sys.stderr)
    for digest in torn:
        print(
            f"damaged: the kept picture {digest}; the next import that names it brings it back",
            file=sys.stderr,
        )


def _said(verdict: Verdict) -> str:
    if not verdict.problems:
        return "all files are whole"
    if verdict.missing is None:
        return f"{len(verdict.problems)} files are damaged; --repair mends them"
    return (
        f"{len(verdict.problems)} files were damaged: {verdict.embedded} pictures embedded again, "
        f"{verdict.restored} restored from the catalogue, {verdict.missing} lost"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    parser.add_argument(
        "--extractor",
        help="the catalogue's store of this one only (all stores, collections and kept pictures)",
    )
    parser.add_argument(
        "--repair",
        nargs="?",
        const=_KNOWN_PICTURES,
        metavar="CATALOG",
        help="mend what is damaged; with a feed or folder, bring back from it what cannot be known",
    )
    parser.add_argument(
        "--pictures", type=Path, help="the catalogue's pictures (where they were at the import)"
    )
    add_weights_option(parser)
    parser.add_argument("--json", action="store_true", help="the verdicts as JSON")
    add_detector_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
