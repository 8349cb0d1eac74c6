"""Measure a store with photos whose products are known.

QUERIES is a CSV with the columns image,product_id[,category][,x1,y1,x2,y2]; paths start from its
folder, and the box around the product is in shares of the photo, 0 to 1.
Prints recall@1, recall@5, category accuracy of the first answer, and milliseconds per query.
With --similarity: whether the store's similarities tell what it sells from what it does not. Each
photo is searched as it is, with its product left out, and with its category left out; photos of
products that the store does not have may be among them.
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

from features.confidence import Confidence, Estimate, measure_confidence
from features.errors import VisualSearchError
from features.evaluation import (
    Choice,
    Evaluation,
    LabelledQuery,
    evaluate,
    found_item,
    known_box,
    read_queries,
    whole_photo,
)
from features.index.milvus import MILVUS
from features.search import SearchService, open_service
from scripts.benchmarks.table import as_table
from scripts.detector_options import add_detector_options, chosen_detector
from scripts.index_options import add_index_options, chosen_milvus


def main() -> int:
    """Exit status: 0 measured, 2 nothing could be measured."""
    arguments = _parser().parse_args()
    try:
        service = open_service(
            arguments.store,
            extractor=arguments.extractor,
            weights=arguments.weights,
            index=arguments.index,
            milvus=chosen_milvus(arguments) if arguments.index == MILVUS else None,
        )
        queries = read_queries(arguments.queries)
        measure = _similarity if arguments.similarity else _ranking
        print(measure(arguments, service, queries))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("queries", type=Path, help="CSV: image,product_id[,category][,x1,y1,x2,y2]")
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    parser.add_argument("--extractor", help="whose store to measure (the default one)")
    parser.add_argument(
        "--weights", type=Path, help="the weights file that the store was made with"
    )
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
