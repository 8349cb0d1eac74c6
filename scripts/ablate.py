"""Measure what each ingredient of better answers adds, and what it costs a photo.

Prints recall@1, recall@5 and category accuracy of photos (QUERIES) in a catalogue, each with the
interval of a bootstrap over products, and the processor time of a photo beside the plain
extractor's. What is adapted learns from the catalogue alone, by products. With --iconic: recall in
a catalogue of one shop picture each too; what is adapted learns from photos drawn of them there.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

import numpy as np

from features.adaptation import Adaptation, Method, fit
from features.cache import cache_dir
from features.catalog import read_catalog
from features.errors import RowError, VisualSearchError
from features.evaluation import Estimate, LabelledQuery, read_queries
from features.evaluation.bootstrap import mean_estimates
from features.extractors import Extractor
from features.extractors.coloured import ColouredExtractor
from features.extractors.efficientnet import EfficientNetLite, Variant
from features.pictures import locate
from features.types import Vectors
from scripts.ablation.cost import query_costs
from scripts.ablation.ingredients import INGREDIENTS, PLAIN, Ingredient
from scripts.ablation.ranking import expanded, nearest_products
from scripts.ablation.vectors import drawn_vectors, gallery_vectors, query_vectors
from scripts.benchmarks.table import as_table

_HEADINGS = ("", "kept", "recall@1", "recall@5", "category@1", "iconic @1", "@5", "cost")


@dataclass(frozen=True)
class _Catalogue:
    """Pictures with the product of each, and each product's category."""

    paths: list[Path]
    owners: list[str]
    categories: dict[str, str]


def main() -> int:
    """Exit status: 0 measured, 2 nothing could be measured."""
    arguments = _parser().parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            print(_table(arguments, arguments.vectors or Path(folder)))
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


def _table(arguments: argparse.Namespace, cache: Path) -> str:
    queries = read_queries(arguments.queries)
    catalogues = [_read(arguments.catalog)]
    if arguments.iconic is not None:
        catalogues.append(_read(arguments.iconic))
    ingredients = [one for one in INGREDIENTS if arguments.rows in one.name]
    used = list(dict.fromkeys([_Used(PLAIN, 0), *map(_used, ingredients)]))
    extractors = {one: _extractor(one) for one in used}
    costs = query_costs(list(extractors.values()), [query.path for query in queries])
    cost_of = dict(zip(used, costs, strict=True))
    rows = [
        (
            ingredient.name,
            "yes" if ingredient.kept else "no",
            *_figures(ingredient, extractors[_used(ingredient)], queries, catalogues, cache),
            f"{cost_of[_used(ingredient)] / costs[0]:.2f}",
        )
        for ingredient in ingredients
    ]
    return as_table(_HEADINGS, rows)


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


def _figures(
    ingredient: Ingredient,
    extractor: Extractor,
    queries: Sequence[LabelledQuery],
    catalogues: Sequence[_Catalogue],
    cache: Path,
) -> list[str]:
    cells = _cells(_estimates(ingredient, extractor, queries, catalogues[0], cache))
    if len(catalogues) == 1:
        return [*cells, "", ""]
    return [*cells, *_cells(_estimates(ingredient, extractor, queries, catalogues[1], cache)[:2])]


def _estimates(
    ingredient: Ingredient,
    extractor: Extractor,
    queries: Sequence[LabelledQuery],
    catalogue: _Catalogue,
    cache: Path,
) -> list[Estimate | None]:
    """Of recall@1, recall@5 and category@1."""
    gallery = gallery_vectors(extractor, catalogue.paths, cache)
    photos = query_vectors(extractor, [query.path for query in queries], cache)
    if ingredient.adapted:
        adaptation = _adaptation(gallery, extractor, catalogue, cache)
        gallery, photos = adaptation.apply(gallery), adaptation.apply(photos)
    photos = expanded(photos, gallery, ingredient.expanded)
    found = nearest_products(photos, gallery, catalogue.owners, ingredient.best)
    right = [
        (
            names[0] == query.product_id,
            query.product_id in names,
            catalogue.categories[names[0]] == query.category,
        )
        for names, query in zip(found, queries, strict=True)
    ]
    return mean_estimates(np.array(right, dtype=np.float64), [q.product_id for q in queries])


def _adaptation(
    gallery: Vectors, extractor: Extractor, catalogue: _Catalogue, cache: Path
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


def _read(path: Path) -> _Catalogue:
    catalogue = _Catalogue([], [], {})
    for entry in read_catalog(path):
        if isinstance(entry, RowError):
            raise entry
        catalogue.categories[entry.product.id] = entry.product.category
        for picture in entry.pictures:
            catalogue.paths.append(locate(path.parent, picture.location))
            catalogue.owners.append(entry.product.id)
    return catalogue


if __name__ == "__main__":
    sys.exit(main())
