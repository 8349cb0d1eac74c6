"""Bring the feature stores of a catalogue up to date: every picture becomes a vector.

CATALOG is a feed as shops export it (Google Merchant Center, Shopify, WooCommerce, Flipkart, plain
CSV), a folder of pictures, or a ZIP of either; its format is recognised. Pictures are files beside
it, or addresses on the web. Run it again after the catalogue changed, or after an interruption:
only what is missing is done, and what the catalogue no longer names is removed (but not while rows
of it cannot be read).
"""

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.catalog import FeedOptions, format_names, parse_column_map, read_catalog
from features.errors import (
    CatalogNotFoundError,
    PictureWriteError,
    RowError,
    StoreError,
    StoreWriteError,
    TextSearchError,
    VisualSearchError,
)
from features.extractors import DEFAULT_EXTRACTOR, extractor_names
from features.index import DEFAULT_INDEX, index_names
from features.jobs.tidying import discard_unused
from features.pictures import FetchOptions
from features.pipeline import SyncPlan
from features.search import index_store, index_words
from features.store import StoreSet, open_store, write_csv
from features.sync import StoreUpdate, SyncOptions, plan_stores, sync_stores
from features.types import Metric
from scripts.build_index import as_text
from scripts.detector_options import add_detector_options, detector_options
from scripts.interrupting import interrupt_on_sigterm, interrupted
from scripts.progress_bar import PictureBar
from scripts.shared_options import add_weights_option

_EXAMPLES = """
The exit status is 0 when all went well, 1 when some rows or pictures failed (each is named), 2 when
an error ended the run, 130 when it was interrupted; what was done by then is stored.

  extract_features.py products.csv --store DIR --dry-run
  extract_features.py products_export.csv --store DIR --currency EUR --store-url https://shop.example
  extract_features.py list.csv --store DIR --map id=SKU --map title=Name --map image=Photo
"""
SOME_FAILED, REFUSED = 1, 2
_INDEX_WAIT_S = 3_600.0


def main() -> int:
    """Exit status: 0 all well, 1 some rows or pictures failed, 2 an error ended the run."""
    arguments = _parser().parse_args()
    interrupt_on_sigterm()
    try:
        failed = _plan(arguments) if arguments.dry_run else _run(arguments)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return interrupted("what was done is stored, run again to go on")
    return SOME_FAILED if failed else 0


def _plan(arguments: argparse.Namespace) -> Sequence[RowError]:
    catalog = read_catalog(arguments.catalog, _feed_options(arguments))
    plan = plan_stores(StoreSet(arguments.store), catalog, _sync_options(arguments))
    if arguments.json:
        print(json.dumps({"format": catalog.format, **_plan_as_json(plan)}))
    else:
        _name_failures(plan.failed)
        print(
            f"{catalog.format}: {plan.products} products, {plan.pictures} pictures, "
            f"{len(plan.failed)} rows failed; a run would add {plan.added} products, update "
            f"{plan.updated} and remove {plan.dropped}, with {plan.new_pictures} new pictures and "
            f"{plan.removed_pictures} removed"
        )
        _name_spared(plan.spared)
    return plan.failed


def _run(arguments: argparse.Namespace) -> Sequence[RowError]:
    _check_place(arguments.csv)
    catalog = read_catalog(arguments.catalog, _feed_options(arguments))
    stores, options = StoreSet(arguments.store), _sync_options(arguments)
    # Ultralytics announces its loading on stdout, where the figures belong.
    with PictureBar() as bar, contextlib.redirect_stdout(sys.stderr):
        updates = sync_stores(stores, catalog, options, bar)
    failed = _all_failures(updates)
    if arguments.json:
        print(json.dumps([_update_as_json(catalog.format, update) for update in updates]))
    else:
        _name_failures(failed)
        for update in updates:
            _report(update, named=len(updates) > 1)
    with contextlib.suppress(StoreError, PictureWriteError):  # in use: the next run tries again
        discard_unused(stores)
    _build_indexes(updates, arguments.index)
    if arguments.csv:
        rows = write_csv(open_store(updates[0].folder), arguments.csv)
        print(f"{arguments.csv}: {rows} lines", file=sys.stderr if arguments.json else sys.stdout)
    return failed


def _build_indexes(updates: Sequence[StoreUpdate], name: str) -> None:
    for update in updates:
        report = index_store(update.folder, name, wait=_INDEX_WAIT_S)
        if report is not None:
            print(as_text(report), file=sys.stderr)
        try:
            index_words(update.folder, wait=_INDEX_WAIT_S)
        except TextSearchError as error:
            print(f"products cannot be found by words: {error}", file=sys.stderr)


def _feed_options(arguments: argparse.Namespace) -> FeedOptions:
    return FeedOptions(
        format=arguments.format,
        columns=parse_column_map(arguments.map),
        currency=arguments.currency,
        store_url=arguments.store_url,
        encoding=arguments.encoding,
    )


def _sync_options(arguments: argparse.Namespace) -> SyncOptions:
    return SyncOptions(
        extractors=(arguments.extractor,) if arguments.extractor else (),
        weights=arguments.weights,
        pictures=_folder(arguments.pictures),
        crop=arguments.crop,
        detector=arguments.detector,
        detector_options=detector_options(arguments),
        keep_missing=arguments.keep_missing,
        fetch=FetchOptions(revalidate=arguments.refetch),
        allowed_hosts=tuple(arguments.allow_host),
        metric=None if arguments.metric is None else Metric(arguments.metric),
        purpose=f"importing {arguments.catalog.name}",
    )


def _check_place(table: Path | None) -> None:
    """A table that cannot be written would be told once all is extracted."""
    if table is not None and not table.parent.is_dir():
        raise StoreWriteError(f"there is no folder {table.parent}; make it, or correct --csv")


def _folder(pictures: Path | None) -> Path | None:
    """A folder that is not there would fail for each picture anew."""
    if pictures is not None and not pictures.is_dir():
        raise CatalogNotFoundError(f"there is no folder {pictures}; correct --pictures")
    return pictures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("catalog", type=Path, help="a feed, a folder of pictures, or a ZIP of them")
    parser.add_argument(
        "--store", type=Path, required=True, help="the folder of the stores, one for each extractor"
    )
    parser.add_argument(
        "--extractor",
        choices=extractor_names(),
        help="whose store to bring up to date, or to make (all that there are; at first "
        f"{DEFAULT_EXTRACTOR})",
    )
    add_weights_option(parser)
    parser.add_argument(
        "--metric",
        choices=[metric.value for metric in Metric],
        help="how a new store tells distances; all rank alike, as vectors have length 1 "
        f"({Metric.EUCLIDEAN})",
    )
    _add_feed_options(parser.add_argument_group("the feed"))
    _add_picture_options(parser.add_argument_group("its pictures"))
    add_detector_options(parser)
    parser.add_argument(
        "--index",
        choices=index_names(),
        default=DEFAULT_INDEX,
        help="what makes searches of large stores quick, see build_index.py (%(default)s)",
    )
    output = parser.add_argument_group("what happens, and what is told")
    output.add_argument(
        "--keep-missing", action="store_true", help="keep products that the feed does not name"
    )
    output.add_argument(
        "--dry-run",
        action="store_true",
        help="only say what would be done; read and fetch no picture, write nothing",
    )
    output.add_argument("--json", action="store_true", help="say it as JSON")
    output.add_argument(
        "--csv", type=Path, help="write the (first) store as a table too: id,image,f0,f1,..."
    )
    return parser


def _add_feed_options(feed: "argparse._ArgumentGroup") -> None:
    feed.add_argument("--format", choices=format_names(), help="instead of recognising it")
    feed.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="a column by another name, for example title=Name; may be repeated",
    )
    feed.add_argument("--currency", default="", help="of prices that name none, such as EUR")
    feed.add_argument(
        "--store-url", default="", help="the shop's address, for feeds without product links"
    )
    feed.add_argument(
        "--encoding",
        default="",
        help="of a table that is not UTF-8, such as windows-1252 (Excel in Western Europe)",
    )


def _add_picture_options(pictures: "argparse._ArgumentGroup") -> None:
    pictures.add_argument(
        "--pictures", type=Path, help="the folder that picture paths start from (the catalogue's)"
    )
    pictures.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="fetch pictures from this private host or network too (10.0.0.0/8); may be repeated",
    )
    pictures.add_argument(
        "--refetch",
        action="store_true",
        help="ask the web again for all pictures; otherwise for those fetched longer ago than "
        "their server says they last, a day where it says nothing",
    )
    pictures.add_argument(
        "--crop",
        choices=["auto", "none"],
        help="auto: embed each picture's main item where a detector is sure of it (none)",
    )


def _name_failures(failed: Sequence[RowError]) -> None:
    for error in failed:
        print(f"failed: {error}", file=sys.stderr)


def _all_failures(updates: Sequence[StoreUpdate]) -> list[RowError]:
    """A row fails for every store alike; a picture on the web may fail for one alone."""
    failed = {str(error): error for update in updates for error in update.summary.failed}
    return list(failed.values())


def _report(update: StoreUpdate, *, named: bool) -> None:
    summary = update.summary
    print(
        f"{f'{update.extractor}: ' if named else ''}"
        f"{summary.products} products, {summary.pictures} pictures: {summary.new} new, "
        f"{summary.reused} reused, {summary.removed} removed, {len(summary.failed)} failed; "
        f"{summary.pictures_per_second:.1f} pictures per second, {summary.seconds:.1f} s; "
        f"products: {summary.added} added, {summary.updated} updated, {summary.dropped} removed"
    )
    _name_spared(summary.spared)


def _name_spared(products: int) -> None:
    if products:
        print(
            f"{products} products that the feed does not name stay, as some of its rows could not "
            "be read; correct these and run again"
        )


def _plan_as_json(plan: SyncPlan) -> dict[str, Any]:
    return {
        "products": plan.products,
        "pictures": plan.pictures,
        "rows_failed": len(plan.failed),
        "added": plan.added,
        "updated": plan.updated,
        "removed": plan.dropped,
        "spared": plan.spared,
        "new_pictures": plan.new_pictures,
        "removed_pictures": plan.removed_pictures,
        "failed": _failures_as_json(plan.failed),
    }


def _update_as_json(form: str, update: StoreUpdate) -> dict[str, Any]:
    summary = update.summary
    return {
        "extractor": update.extractor,
        "format": form,
        "products": summary.products,
        "pictures": summary.pictures,
        "rows_failed": len(summary.failed),
        "added": summary.added,
        "updated": summary.updated,
        "removed": summary.dropped,
        "spared": summary.spared,
        "new_pictures": summary.new,
        "reused_pictures": summary.reused,
        "removed_pictures": summary.removed,
        "seconds": round(summary.seconds, 3),
        "failed": _failures_as_json(summary.failed),
    }


def _failures_as_json(failed: Sequence[RowError]) -> list[dict[str, Any]]:
    return [{"line": e.line, "code": e.row_code, "detail": str(e.args[0])} for e in failed]


if __name__ == "__main__":
    sys.exit(main())
