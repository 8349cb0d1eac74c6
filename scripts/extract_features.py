"""Turn a product catalogue into a feature store: every picture becomes a vector.

Run it again after the catalogue changed, or after an interruption: only what is missing is done.
"""

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from tqdm import tqdm

from features.catalog import read_catalog
from features.errors import VisualSearchError
from features.extractors import DEFAULT_EXTRACTOR, extractor_names, load_extractor
from features.pipeline import BuildSummary, Progress, build_store
from features.store import open_store, write_csv
from scripts.detector_options import add_detector_options, chosen_detector

SOME_FAILED, REFUSED, INTERRUPTED = 1, 2, 130


def main() -> int:
    """Exit status: 0 all well, 1 some rows or pictures failed, 2 nothing could be done."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    catalog: Path = arguments.catalog
    root: Path = arguments.pictures or (catalog if catalog.is_dir() else catalog.parent)
    try:
        extractor = load_extractor(arguments.extractor, arguments.weights)
        cropper = chosen_detector(arguments) if arguments.crop == "auto" else None
        with _Bar() as bar:
            summary = build_store(
                read_catalog(catalog),
                root,
                arguments.store,
                extractor,
                cropper=cropper,
                progress=bar,
            )
        _report(summary)
        if arguments.csv:
            rows = write_csv(open_store(arguments.store, extractor.spec), arguments.csv)
            print(f"{arguments.csv}: {rows} lines")
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("\ninterrupted; what was done is stored, run again to go on", file=sys.stderr)
        return INTERRUPTED
    return SOME_FAILED if summary.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "catalog", type=Path, help="a CSV (id,title,description,category,image,...) or a folder"
    )
    parser.add_argument("--store", type=Path, required=True, help="the folder of the store")
    parser.add_argument(
        "--extractor", default=DEFAULT_EXTRACTOR, choices=extractor_names(), help="%(default)s"
    )
    parser.add_argument(
        "--weights", type=Path, help="a weights file for vgg16 or resnet50, Keras's .h5 format"
    )
    parser.add_argument(
        "--pictures", type=Path, help="the folder that picture paths start from (the catalogue's)"
    )
    parser.add_argument(
        "--crop",
        default="none",
        choices=["auto", "none"],
        help="auto: embed each picture's main item where a detector is sure of it (%(default)s)",
    )
    add_detector_options(parser)
    parser.add_argument(
        "--csv", type=Path, help="write the vectors as a table too: id,image,f0,f1,..."
    )
    return parser


class _Bar(Progress):
    """A bar with rate and time left."""

    def __enter__(self) -> "_Bar":
        self._bar = tqdm(unit=" pictures", total=0, disable=None, smoothing=0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def start(self, total: int) -> None:
        self._bar.reset(total)

    def advance(self) -> None:
        self._bar.update()


def _report(summary: BuildSummary) -> None:
    for error in summary.failed:
        print(f"failed: {error}", file=sys.stderr)
    print(
        f"{summary.products} products, {summary.pictures} pictures: {summary.new} new, "
        f"{summary.reused} reused, {summary.removed} removed, {len(summary.failed)} failed; "
        f"{summary.pictures_per_second:.1f} pictures per second, {summary.seconds:.1f} s"
    )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
