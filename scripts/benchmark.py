"""Measure this machine: extraction against its limit, search engines side by side, the server,
the items found in photos, a catalogue brought up to date.

    benchmark.py extract [CATALOG]   pictures per second, and the share of what the cores allow
    benchmark.py extractors          all extractors: recall, time, memory, licence
    benchmark.py search              this project's indexes beside FAISS, numpy and naive code
    benchmark.py scale               a store of a million: its index, filters, memory
    benchmark.py regions             items of a photo that are found without a network's weights
    benchmark.py video               a folder of clips indexed, beside decoding all frames
    benchmark.py serve               seconds to ready, milliseconds per search over HTTP
    benchmark.py serve --n 100000    the same of a large store, beside the machine's limit; memory
    benchmark.py similar             the products like another one, in a store of 100,000
    benchmark.py words               products found by words, in a catalogue of 100,000
    benchmark.py adapt               adapting 100,000 vectors, beside the textbooks' way
    benchmark.py sync                seconds of a first run, and of one where nothing changed

Every comparison is from one run, by turns. Use a machine that does nothing else.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in server/__init__.py

from contextlib import nullcontext

from features.catalog import read_catalog
from features.detection import detector_names, load_detector
from features.errors import VisualSearchError
from features.extractors import DEFAULT_EXTRACTOR, extractor_names, load_extractor
from features.images import read_picture
from features.index import DEFAULT_INDEX, index_names
from scripts.benchmarks import (
    adapt,
    change,
    extract,
    extractors,
    limit,
    regions,
    scale,
    search,
    serve,
    similar,
    sync,
    video,
    words,
)
from scripts.benchmarks.enlarged import large_photo
from scripts.benchmarks.machine import description
from scripts.bootstrap import ROOT
from scripts.shared_options import positive

SAMPLE = ROOT / "static" / "sample" / "catalog.csv"
PHOTOS = SAMPLE.parent / "photos"
_MEGAPIXELS = 2.0


def main() -> int:
    """Exit status: 0 measured, 2 nothing could be measured."""
    arguments = _parser().parse_args()
    if not arguments.json:
        print(description(), end="\n\n", flush=True)
    try:
        print(arguments.run(arguments))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _extract(arguments: argparse.Namespace) -> str:
    catalog: Path = arguments.catalog
    figures = extract.measure_extraction(
        read_catalog(catalog),
        catalog if catalog.is_dir() else catalog.parent,
        load_extractor(arguments.extractor),
        pictures=arguments.pictures,
        rounds=arguments.rounds,
        megapixels=arguments.megapixels,
    )
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _extractors(arguments: argparse.Namespace) -> str:
    asked = extractors.Questions.of(*arguments.recall) if arguments.recall else None
    photos = [one.path for one in asked.queries] if asked else sorted(PHOTOS.glob("*.webp"))
    names = arguments.extractor or extractor_names()
    figures = extractors.measure_extractors(names, photos, asked, arguments.vectors)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _search(arguments: argparse.Namespace) -> str:
    figures = search.measure_search(
        n=arguments.n,
        dim=arguments.dim,
        k=arguments.k,
        queries=arguments.queries,
        centres=arguments.centres,
    )
    return json.dumps(search.as_json(figures)) if arguments.json else search.as_text(figures)


def _scale(arguments: argparse.Namespace) -> str:
    figures = scale.measure_scale(
        n=arguments.n,
        dim=arguments.dim,
        k=arguments.k,
        queries=arguments.queries,
        index=arguments.index,
        centres=arguments.centres,
    )
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _regions(arguments: argparse.Namespace) -> str:
    detector = load_detector(arguments.detector)
    figures = regions.measure_regions(detector, arguments.montages, arguments.seed)
    return json.dumps(regions.as_json(figures)) if arguments.json else regions.as_text(figures)


def _video(arguments: argparse.Namespace) -> str:
    photos = [read_picture(path) for path in sorted(arguments.photos.glob("*"))]
    figures = video.measure_videos(
        photos,
        load_extractor(arguments.extractor),
        clips=arguments.clips,
        seconds=arguments.seconds,
    )
    return json.dumps(video.as_json(figures)) if arguments.json else video.as_text(figures)


def _serve(arguments: argparse.Namespace) -> str:
    if arguments.n:
        return _serve_many(arguments)
    with nullcontext(arguments.store) if arguments.store else serve.sample_store(SAMPLE) as store:
        figures = serve.measure_serving(store, arguments.requests)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _serve_many(arguments: argparse.Namespace) -> str:
    work = limit.Work(
        arguments.requests,
        arguments.clients,
        arguments.seconds,
        arguments.workers,
        arguments.threads,
    )
    photo = (
        read_picture(arguments.photo)
        if arguments.photo
        else large_photo(sorted(PHOTOS.glob("*.webp")), _MEGAPIXELS)
    )
    with nullcontext(arguments.store) if arguments.store else serve.sample_store(SAMPLE) as store:
        figures = limit.measure_large(store, photo, arguments.n, work)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _similar(arguments: argparse.Namespace) -> str:
    figures = similar.measure_similar(arguments.n, arguments.requests)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _words(arguments: argparse.Namespace) -> str:
    figures = words.measure_words(arguments.n, arguments.queries)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _adapt(arguments: argparse.Namespace) -> str:
    figures = adapt.measure_adapting(arguments.n, arguments.dim, arguments.each)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _sync(arguments: argparse.Namespace) -> str:
    figures = sync.measure_sync(arguments.products, arguments.runs)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _change(arguments: argparse.Namespace) -> str:
    figures = change.measure_changes(arguments.n, arguments.changes)
    return json.dumps(figures.as_json()) if arguments.json else figures.as_text()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = "{extract,extractors,search,scale,regions,video,serve,similar,words,adapt,sync,change}"
    commands = parser.add_subparsers(required=True, metavar=names)

    one = commands.add_parser("extract", help="pictures per second against the machine's limit")
    one.set_defaults(run=_extract)
    one.add_argument(
        "catalog", type=Path, nargs="?", default=SAMPLE, help="the sample catalogue if not given"
    )
    one.add_argument(
        "--extractor", default=DEFAULT_EXTRACTOR, choices=extractor_names(), help="%(default)s"
    )
    one.add_argument("--pictures", type=positive, help="use so many, spread evenly (all)")
    one.add_argument("--rounds", type=positive, default=3, help="%(default)s, after one to warm")
    one.add_argument("--megapixels", type=_size, help="of JPEGs tiled with pictures (as they are)")

    one = commands.add_parser("extractors", help="all of them: recall, time, memory, licence")
    one.set_defaults(run=_extractors)
    one.add_argument(
        "--extractor", action="append", choices=extractor_names(), help="this one; may be repeated"
    )
    one.add_argument(
        "--recall",
        nargs=3,
        type=Path,
        metavar=("QUERIES", "PHOTOS", "SHOP"),
        help="photos with known answers, and catalogues of photos and of shop pictures",
    )
    one.add_argument("--vectors", type=Path, help="an existing folder that keeps their vectors")

    one = commands.add_parser("search", help="milliseconds per query of several engines")
    one.set_defaults(run=_search)
    _add_gallery_options(one, n=10_000)

    one = commands.add_parser("scale", help="a large store: building, filters, memory")
    one.set_defaults(run=_scale)
    _add_gallery_options(one, n=1_000_000)
    one.add_argument("--index", choices=index_names(), default=DEFAULT_INDEX, help="%(default)s")

    one = commands.add_parser("regions", help="items found in photos and montages")
    one.set_defaults(run=_regions)
    one.add_argument("--detector", default="regions", choices=detector_names(), help="%(default)s")
    one.add_argument("--montages", type=positive, default=60, help="of each kind (%(default)s)")
    one.add_argument("--seed", type=int, default=0, help="of the montages (%(default)s)")

    one = commands.add_parser("video", help="a folder of clips indexed, beside decoding all frames")
    one.set_defaults(run=_video)
    one.add_argument("--photos", type=Path, default=PHOTOS, help="a folder of photos to film")
    one.add_argument(
        "--clips", type=positive, default=100, help="of each kind, ten of them made (%(default)s)"
    )
    one.add_argument("--seconds", type=positive, default=10, help="of each (%(default)s)")
    one.add_argument(
        "--extractor", default=DEFAULT_EXTRACTOR, choices=extractor_names(), help="%(default)s"
    )

    one = commands.add_parser("serve", help="the real server, over HTTP")
    one.set_defaults(run=_serve)
    one.add_argument("--store", type=Path, help="a store; without, one of the sample is made")
    one.add_argument("--requests", type=positive, default=50, help="%(default)s")
    one.add_argument("--n", type=positive, help="so many products, made of the store's vectors")
    one.add_argument(
        "--photo",
        type=Path,
        help="with --n: what to search with (2 megapixels of the sample's photos)",
    )
    one.add_argument("--clients", type=positive, default=8, help="with --n: at once (%(default)s)")
    one.add_argument("--seconds", type=positive, default=10, help="of it (%(default)s)")
    one.add_argument("--workers", type=positive, help="with --n: as gunicorn.conf.py says")
    one.add_argument("--threads", type=positive, help="with --n: as gunicorn.conf.py says")

    one = commands.add_parser("similar", help="the products like another one, over HTTP")
    one.set_defaults(run=_similar)
    one.add_argument("--n", type=positive, default=100_000, help="products (%(default)s)")
    one.add_argument("--requests", type=positive, default=200, help="%(default)s")

    one = commands.add_parser("words", help="products found by words in a large catalogue")
    one.set_defaults(run=_words)
    one.add_argument("--n", type=positive, default=100_000, help="products (%(default)s)")
    one.add_argument("--queries", type=positive, default=30, help="of each kind (%(default)s)")

    one = commands.add_parser("adapt", help="a large store adapted, beside the textbooks' way")
    one.set_defaults(run=_adapt)
    one.add_argument("--n", type=positive, default=100_000, help="pictures (%(default)s)")
    one.add_argument("--dim", type=positive, default=1280, help="their numbers (%(default)s)")
    one.add_argument("--each", type=positive, default=10, help="of a product (%(default)s)")

    one = commands.add_parser("sync", help="a first run beside one where nothing changed")
    one.set_defaults(run=_sync)
    one.add_argument("--products", type=positive, default=10_000, help="%(default)s")
    one.add_argument("--runs", type=positive, default=3, help="unchanged ones (%(default)s)")

    one = commands.add_parser("change", help="a product put over HTTP until every worker finds it")
    one.set_defaults(run=_change)
    one.add_argument("--n", type=positive, default=10_000, help="vectors before (%(default)s)")
    one.add_argument("--changes", type=positive, default=10, help="%(default)s")

    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="JSON instead of tables")
    return parser


def _add_gallery_options(command: argparse.ArgumentParser, n: int) -> None:
    command.add_argument("--n", type=positive, default=n, help="vectors to search (%(default)s)")
    command.add_argument("--dim", type=positive, default=1280, help="their length (%(default)s)")
    command.add_argument("--k", type=positive, default=20, help="neighbours to find (%(default)s)")
    command.add_argument("--queries", type=positive, default=50, help="%(default)s")
    command.add_argument(
        "--centres", type=positive, help="of their clusters (one for each hundred vectors)"
    )


def _size(text: str) -> float:
    megapixels = float(text)
    if not 0.01 <= megapixels <= 64:  # what pictures may have, see features.images
        raise ValueError(text)
    return megapixels


if __name__ == "__main__":
    sys.exit(main())
