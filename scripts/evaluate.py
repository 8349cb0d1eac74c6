"""Measure how well a store answers.

Without QUERIES the store is asked for its own pictures: those of products with several pictures are
taken out one at a time, those of products with one are altered a little (turned, cropped, mirrored,
other light, JPEG). Prints recall@1, @5, @10, mean average precision and category accuracy with 95 %
intervals, and the categories that do worst; --report writes a page with the failures side by side.

QUERIES is a CSV with the columns image,product_id[,category][,x1,y1,x2,y2]; paths start from its
folder, and the box around the product is in shares of the photo, 0 to 1.
Prints recall@1, recall@5, category accuracy of the first answer, and milliseconds per query.
With --similarity: whether the store's similarities tell what it sells from what it does not. Each
photo is searched as it is, with its product left out, and with its category left out; photos of
products that the store does not have may be among them.

--compare A B asks two stores the same, and says which is better, as far as the pictures can tell.
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

from features.confidence import Confidence, measure_confidence
from features.errors import VisualSearchError
from features.evaluation import (
    DEFAULT_SAMPLE,
    Answers,
    Choice,
    Estimate,
    Evaluation,
    LabelledQuery,
    Probe,
    ask,
    compare,
    evaluate,
    found_item,
    known_box,
    own_probes,
    photo_probes,
    read_queries,
    sample,
    shared_photos,
    shared_pictures,
    whole_photo,
)
from features.index.milvus import MILVUS
from features.search import SearchService, open_service
from scripts.benchmarks.table import as_table
from scripts.detector_options import add_detector_options, chosen_detector
from scripts.evaluation import own_pictures, two_stores
from scripts.evaluation.report import check_target, write_report
from scripts.index_options import add_index_options, chosen_milvus
from scripts.interrupting import interrupted
from scripts.progress_bar import PictureBar
from scripts.shared_options import add_weights_option

_EXAMPLES = """
  evaluate.py --store DIR --report report.html
  evaluate.py --compare OLD NEW
  evaluate.py QUERIES.csv --store DIR

Pictures of one product are alike, and altered ones are easy: such figures find what is wrong in a
catalogue and compare stores, but photos of shoppers find less. Recall on them needs QUERIES.
"""


def main() -> int:
    """Exit status: 0 measured, 2 nothing could be measured."""
    arguments = _arguments()
    try:
        if arguments.report:
            check_target(arguments.report)
        queries = read_queries(arguments.queries) if arguments.queries else []
        if arguments.compare:
            print(_comparison(arguments, queries))
        else:
            print(_measured(arguments, _service(arguments, arguments.store), queries))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted("run again")
    return 0


def _service(arguments: argparse.Namespace, store: Path) -> SearchService:
    return open_service(
        store,
        extractor=arguments.extractor,
        weights=arguments.weights,
        index=arguments.index,
        milvus=chosen_milvus(arguments) if arguments.index == MILVUS else None,
    )


def _measured(
    arguments: argparse.Namespace, service: SearchService, queries: list[LabelledQuery]
) -> str:
    if not queries:
        return _own_pictures(arguments, service)
    if arguments.similarity:
        return _similarity(arguments, service, queries)
    if arguments.report:
        _report(arguments, service, photo_probes(queries))
    return _ranking(arguments, service, queries)


def _own_pictures(arguments: argparse.Namespace, service: SearchService) -> str:
    probes = own_probes(service.view)
    chosen = sample(probes, arguments.sample, arguments.seed)
    answers = _asked(arguments, service, chosen)
    summary = own_pictures.summarise(answers, service.extractor.spec.name, len(probes))
    if arguments.report:
        write_report(arguments.report, service, answers, summary, arguments.seed)
    if arguments.json:
        return json.dumps(own_pictures.as_json(summary))
    return own_pictures.as_text(summary)


def _report(arguments: argparse.Namespace, service: SearchService, photos: Sequence[Probe]) -> None:
    answers = _asked(arguments, service, photos)
    summary = own_pictures.summarise(answers, service.extractor.spec.name, len(photos))
    write_report(arguments.report, service, answers, summary)


def _comparison(arguments: argparse.Namespace, queries: list[LabelledQuery]) -> str:
    one, other = (_service(arguments, store) for store in arguments.compare)
    if queries:
        shared = shared_photos(one, other, photo_probes(queries))
        chosen = shared.probes
    else:
        shared = shared_pictures(one, other)
        chosen = tuple(sample(shared.probes, arguments.sample, arguments.seed))
    compared = compare(*(_asked(arguments, service, chosen) for service in (one, other)))
    if arguments.json:
        return json.dumps(two_stores.as_json(compared, shared.missing_products))
    return two_stores.as_text(compared, shared.missing_products)


def _asked(
    arguments: argparse.Namespace, service: SearchService, probes: Sequence[Probe]
) -> Answers:
    with PictureBar() as bar:
        bar.start(len(probes))
        return ask(
            service,
            probes,
            seed=arguments.seed,
            choose=_choice(arguments, service),
            on_probe=bar.advance,
        )


def _ranking(
    arguments: argparse.Namespace, service: SearchService, queries: list[LabelledQuery]
) -> str:
    figures = evaluate(service, queries, choose=_choice(arguments, service))
    return json.dumps(_as_json(figures)) if arguments.json else _as_text(figures)


def _similarity(
    arguments: argparse.Namespace, service: SearchService, queries: list[LabelledQuery]
) -> str:
    figures = measure_confidence(service, queries, choose=_choice(arguments, service))
    return json.dumps(asdict(figures)) if arguments.json else _confidence_as_text(figures)


def _choice(arguments: argparse.Namespace, service: SearchService) -> Choice:
    if arguments.search == "item":
        return found_item(service, chosen_detector(arguments))
    return known_box if arguments.search == "box" else whole_photo


def _arguments() -> argparse.Namespace:
    parser = _parser()
    arguments = parser.parse_args()
    if bool(arguments.store) == bool(arguments.compare):
        parser.error("name one store with --store DIR, or two with --compare A B")
    if arguments.similarity and (arguments.compare or not arguments.queries):
        parser.error("--similarity needs QUERIES and one store")
    if arguments.report and (arguments.compare or arguments.similarity):
        parser.error("--report shows the answers of one store, without --similarity")
    if arguments.sample < 1:
        parser.error("--sample must be at least 1")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "queries",
        type=Path,
        nargs="?",
        help="CSV: image,product_id[,category][,x1,y1,x2,y2]; without it the store's own pictures",
    )
    parser.add_argument("--store", type=Path, help="the folder of the stores")
    parser.add_argument(
        "--compare",
        type=Path,
        nargs=2,
        metavar=("A", "B"),
        help="two folders of stores, or two stores in one",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.html", help="write a page with the failures"
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=DEFAULT_SAMPLE,
        metavar="N",
        help="of the store's own pictures; %(default)s",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another sample, other alterations; %(default)s"
    )
    parser.add_argument("--extractor", help="whose store to measure (the default one)")
    add_weights_option(parser)
    parser.add_argument(
        "--search",
        default="box",
        choices=["box", "whole", "item"],
        help="search with the boxes of the queries (whole photos where they have none), with "
        "whole photos, or with the item that the detector finds there",
    )
    parser.add_argument(
        "--similarity",
        action="store_true",
        help="how often things sold are above the store's threshold, and others below it",
    )
    add_index_options(parser)
    add_detector_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def _as_json(figures: Evaluation) -> dict[str, float | int | None]:
    return {
        "queries": figures.queries,
        "recall@1": figures.recall_at_1,
        "recall@5": figures.recall_at_5,
        "category@1": figures.category_at_1,
        "ms_median": figures.ms_median,
        "ms_p95": figures.ms_p95,
    }


def _as_text(figures: Evaluation) -> str:
    category = "" if figures.category_at_1 is None else f"{figures.category_at_1:.3f}"
    return "\n".join(
        [
            f"queries      {figures.queries}",
            f"recall@1     {figures.recall_at_1:.3f}",
            f"recall@5     {figures.recall_at_5:.3f}",
            f"category@1   {category or '- (the queries name no category)'}",
            f"ms median    {figures.ms_median:.1f}",
            f"ms p95       {figures.ms_p95:.1f}",
        ]
    )


def _confidence_as_text(figures: Confidence) -> str:
    estimates = [
        ("sold: right product above the threshold", figures.right_above_threshold),
        ("sold: first answer above it", figures.first_confident),
        ("product left out: refused", figures.refused_product_left_out),
        ("category left out: refused", figures.refused_category_left_out),
        ("area under ROC, product left out", figures.auc_product_left_out),
        ("area under ROC, category left out", figures.auc_category_left_out),
    ]
    rows = [
        ("queries", f"{figures.queries}", ""),
        ("of products in the store (sold)", f"{figures.sold}", ""),
        ("threshold", f"{figures.threshold:g}", ""),
        *((name, *_cells(estimate)) for name, estimate in estimates),
    ]
    return as_table(("", "", "95 % interval"), rows)


def _cells(estimate: Estimate | None) -> tuple[str, str]:
    if estimate is None:
        return "-", ""
    return f"{estimate.value:.3f}", f"{estimate.low:.3f} to {estimate.high:.3f}"


if __name__ == "__main__":
    sys.exit(main())
