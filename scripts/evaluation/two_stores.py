"""The comparison of two stores as text and JSON."""

from dataclasses import asdict
from typing import Any

from features.evaluation import Difference, StoreComparison
from scripts.benchmarks.table import as_table
from scripts.evaluation.own_pictures import cell

_VERDICTS = {1: "B is better", -1: "A is better", 0: "no difference that these pictures can show"}
_BETTER = {1: "B", -1: "A", 0: None}


def as_json(compared: StoreComparison, missing_products: int) -> dict[str, Any]:
    """The figures by their names."""
    return {
        "pictures": compared.pictures,
        "products": compared.products,
        "missing_products": missing_products,
        "unreadable": compared.unreadable,
        "metrics": {
            name: difference and _as_json(difference)
            for name, difference in compared.metrics.items()
        },
    }


def as_text(compared: StoreComparison, missing_products: int) -> str:
    """A table for the terminal, with a verdict on every metric."""
    said = [f"The same {compared.pictures} pictures of {compared.products} products, asked of both"]
    if missing_products:
        said.append(f"Left out because a store lacks them: {missing_products} products")
    if compared.unreadable:
        said.append(
            f"Left out because they cannot be read any more: {compared.unreadable} pictures"
        )
    rows = [(name, *_cells(difference)) for name, difference in compared.metrics.items()]
    head = ("", "A", "B", "B - A (95 % interval)", "verdict")
    return "\n".join([*said, "", as_table(head, rows)])


def _as_json(difference: Difference) -> dict[str, Any]:
    return {
        "A": difference.one,
        "B": difference.other,
        "difference": asdict(difference.difference),
        "better": _BETTER[difference.better],
    }


def _cells(difference: Difference | None) -> tuple[str, ...]:
    if difference is None:
        return "-", "-", "-", "no picture tells"
    return (
        f"{difference.one:.3f}",
        f"{difference.other:.3f}",
        cell(difference.difference),
        _VERDICTS[difference.better],
    )
