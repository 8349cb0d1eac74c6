"""Measure what each ingredient of better answers adds, and what it costs a photo.

Prints recall@1, recall@5 and category accuracy of photos (QUERIES) in a catalogue, each with the
interval of a bootstrap over products, and the processor time of a photo beside the plain
extractor's. What is adapted learns from the catalogue alone, by products. With --iconic: recall in
a catalogue of one shop picture each too; what is adapted learns from photos drawn of them there.

A second table has ways of ranking by the default extractor's vectors: what each changes beside the
nearest picture, photo by photo, and the processor milliseconds of ranking one. `1/place` is of the
right product, which is what a shopper sees; mAP counts all its pictures, of which one is shown.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in server/__init__.py

import numpy as np

from features.adaptation import Adaptation, Method, fit
from features.cache import cache_dir
from features.errors import VisualSearchError
from features.evaluation import Estimate, LabelledQuery, read_queries
from features.evaluation.bootstrap import mean_estimates
from features.extractors import Extractor
from features.extractors.coloured import ColouredExtractor
from features.extractors.efficientnet import EfficientNetLite, Variant
from features.types import Vectors
from scripts.ablation.answers import (
    CATEGORY,
    PLACE,
    PRECISION,
    RECALL_1,
    RECALL_5,
    Answers,
    Catalogue,
    answers,
    read_pictures,
)
from scripts.ablation.cost import query_costs
from scripts.ablation.ingredients import INGREDIENTS, OFFERED, PLAIN, Ingredient
from scripts.ablation.ranking import NEAREST, RANKINGS, Ranking
from scripts.ablation.vectors import drawn_vectors, gallery_vectors, query_vectors
from scripts.benchmarks.table import as_table

_INGREDIENTS = ("", "kept", "recall@1", "recall@5", "category@1", "iconic @1", "@5", "cost")
_RANKINGS = ("", "kept", "recall@1", "+@1", "+1/place", "+mAP", "ms")


@dataclass(frozen=True)
class _Asked:
    """What is asked, of which catalogues, and where vectors are kept meanwhile."""

    queries: Sequence[LabelledQuery]
    catalogues: Sequence[Catalogue]
    cache: Path

    @property
    def owners(self) -> list[str]:
        """The product of each photo."""
        return [query.product_id for query in self.queries]


def main() -> int:
    """Exit status: 0 measured, 2 nothing could be measured."""
    arguments = _parser().parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            print(_tables(arguments, arguments.vectors or Path(folder)))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("queries", type=Path, help="CSV: image,product_id,category")
    parser.add_argument("catalog", type=Path, help="a feed with several pictures a product")
    parser.add_argument("--iconic", type=Path, help="a feed with one shop picture a product")
    parser.add_argument("--rows", default="", help="only rows whose name holds this text")
    parser.add_argument("--vectors", type=Path, help="an existing folder that keeps the vectors")
    return parser


def _tables(arguments: argparse.Namespace, cache: Path) -> str:
    catalogues = [read_pictures(arguments.catalog)]
    if arguments.iconic is not None:
        catalogues.append(read_pictures(arguments.iconic))
    asked = _Asked(read_queries(arguments.queries), catalogues, cache)
    ingredients = [one for one in INGREDIENTS if arguments.rows in one.name]
    rankings = [one for one in RANKINGS if arguments.rows in one.name]
    tables = []
    if ingredients:
        tables.append(as_table(_INGREDIENTS, _ingredient_rows(ingredients, asked)))
    if rankings:
        tables.append(as_table(_RANKINGS, _ranking_rows(rankings, asked)))
    return "\n\n".join(tables)


def _ingredient_rows(ingredients: Sequence[Ingredient], asked: _Asked) -> list[Sequence[str]]:
    used = list(dict.fromkeys([_Used(PLAIN, 0), *map(_used, ingredients)]))
    extractors = {one: _extractor(one) for one in used}
    costs = query_costs(list(extractors.values()), [query.path for query in asked.queries])
    cost_of = dict(zip(used, costs, strict=True))
    return [
        (
            ingredient.name,
            "yes" if ingredient.kept else "no",
            *_figures(ingredient, extractors[_used(ingredient)], asked),
            f"{cost_of[_used(ingredient)] / costs[0]:.2f}",
        )
        for ingredient in ingredients
    ]


def _ranking_rows(rankings: Sequence[Ranking], asked: _Asked) -> list[Sequence[str]]:
    extractor = _extractor(_used(OFFERED[0]))
    rows: list[Sequence[str]] = []
    for number, catalogue in enumerate(asked.catalogues):
        for offered in OFFERED:
            place = f"{'iconic' if number else 'photos'}, {_space(offered)}"
            gallery, photos = _vectors(offered, extractor, asked, catalogue)
            before = answers(NEAREST, photos, gallery, asked.queries, catalogue)
            for ranking in rankings:
                found = answers(ranking, photos, gallery, asked.queries, catalogue)
                rows.append(_ranking_row(place, ranking, before, found, asked.owners))
    return rows


def _ranking_row(
    place: str, ranking: Ranking, before: Answers, found: Answers, owners: Sequence[str]
) -> Sequence[str]:
    values = mean_estimates(found.right, owners)
    changes = mean_estimates(found.right - before.right, owners)
    return (
        f"{place}: {ranking.name}",
        "yes" if ranking.kept else "no",
        *_cells([values[RECALL_1], changes[RECALL_1], changes[PLACE], changes[PRECISION]]),
        f"{found.milliseconds:.2f}",
    )


def _space(ingredient: Ingredient) -> str:
    return "adapted" if ingredient.adapted else "plain"


@dataclass(frozen=True)
class _Used:
    """What makes the vectors of a row: a network, and how much colours weigh beside it."""

    variant: Variant
    colours: float


def _used(ingredient: Ingredient) -> _Used:
    return _Used(ingredient.variant, ingredient.colours)


def _extractor(used: _Used) -> Extractor:
    plain = EfficientNetLite(used.variant.network, used.variant, cache_dir())
    if not used.colours:
        return plain
    return ColouredExtractor(f"{used.variant.network} in colours", plain, used.colours)


def _figures(ingredient: Ingredient, extractor: Extractor, asked: _Asked) -> list[str]:
    columns = [
        _estimates(ingredient, extractor, asked, catalogue) for catalogue in asked.catalogues
    ]
    cells = _cells(columns[0][: CATEGORY + 1])
    if len(columns) == 1:
        return [*cells, "", ""]
    return [*cells, *_cells([columns[1][RECALL_1], columns[1][RECALL_5]])]


def _estimates(
    ingredient: Ingredient, extractor: Extractor, asked: _Asked, catalogue: Catalogue
) -> list[Estimate | None]:
    """Of the columns of `Answers.right`."""
    gallery, photos = _vectors(ingredient, extractor, asked, catalogue)
    found = answers(NEAREST, photos, gallery, asked.queries, catalogue)
    return mean_estimates(found.right, asked.owners)


def _vectors(
    ingredient: Ingredient, extractor: Extractor, asked: _Asked, catalogue: Catalogue
) -> tuple[Vectors, Vectors]:
    """Of the catalogue's pictures, and of the photos that are asked with."""
    gallery = gallery_vectors(extractor, catalogue.paths, asked.cache)
    photos = query_vectors(extractor, [query.path for query in asked.queries], asked.cache)
    if not ingredient.adapted:
        return gallery, photos
    adaptation = _adaptation(gallery, extractor, catalogue, asked.cache)
    return adaptation.apply(gallery), adaptation.apply(photos)


def _adaptation(
    gallery: Vectors, extractor: Extractor, catalogue: Catalogue, cache: Path
) -> Adaptation:
    """As `features.adapting` learns: from products, or from drawn photos where each has one."""
    if len(catalogue.categories) < len(catalogue.owners):
        return fit(gallery, catalogue.owners, extractor.spec, Method.PRODUCT)
    drawn = drawn_vectors(extractor, catalogue.paths, cache)
    labels = np.repeat(catalogue.owners, len(drawn) // len(catalogue.owners)).tolist()
    return fit(drawn, labels, extractor.spec, Method.SCENES)


def _cells(estimates: Sequence[Estimate | None]) -> list[str]:
    return [
        "-" if one is None else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
        for one in estimates
    ]


if __name__ == "__main__":
    sys.exit(main())
