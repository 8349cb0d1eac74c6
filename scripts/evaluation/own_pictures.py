"""The figures of a store that is asked for its own pictures, or of photos: as text and JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from features.evaluation import (
    METRICS,
    Answers,
    CategoryFigures,
    Estimate,
    Figures,
    Kind,
    measure,
    worst_categories,
)
from scripts.benchmarks.table import as_table

HEADINGS = {Kind.TAKEN_OUT: "taken out", Kind.ALTERED: "altered", Kind.PHOTO: "photos"}
TOGETHER = "together"


@dataclass(frozen=True)
class Summary:
    """The figures of each kind of question, and of all together where there are several."""

    extractor: str
    of: int
    """Pictures that could have been asked for; fewer may have been."""
    unreadable: int
    groups: Mapping[str, Figures]
    worst: tuple[CategoryFigures, ...]


def summarise(answers: Answers, extractor: str, of: int) -> Summary:
    """All figures of some answers."""
    outcomes = answers.outcomes
    groups = {
        heading: measure([outcome for outcome in outcomes if outcome.probe.kind is kind])
        for kind, heading in HEADINGS.items()
        if any(outcome.probe.kind is kind for outcome in outcomes)
    }
    if len(groups) > 1:
        groups[TOGETHER] = measure(outcomes)
    return Summary(extractor, of, answers.unreadable, groups, tuple(worst_categories(outcomes)))


def as_json(summary: Summary) -> dict[str, Any]:
    """The figures by their names."""
    return {
        "extractor": summary.extractor,
        "of": summary.of,
        "unreadable": summary.unreadable,
        "groups": {
            name.replace(" ", "_"): {
                "pictures": figures.pictures,
                "products": figures.products,
                **{metric: estimate and asdict(estimate) for metric, estimate in _rows(figures)},
            }
            for name, figures in summary.groups.items()
        },
        "worst_categories": [asdict(category) for category in summary.worst],
    }


def as_text(summary: Summary) -> str:
    """Tables for the terminal, and what the groups are."""
    parts = [introduction(summary), _figures(summary.groups)]
    if summary.worst:
        parts.append(_worst(summary.worst))
    return "\n\n".join(parts)


def introduction(summary: Summary) -> str:
    """What was asked, in sentences."""
    asked = sum(f.pictures for name, f in summary.groups.items() if name != TOGETHER)
    said = [f"{asked} of {summary.of} pictures, with {summary.extractor}."]
    if HEADINGS[Kind.TAKEN_OUT] in summary.groups:
        said.append("Taken out: of products with several pictures; the others should be found.")
    if HEADINGS[Kind.ALTERED] in summary.groups:
        said.append("Altered: of products with one picture, changed a little; it should be found.")
    if summary.unreadable:
        said.append(f"Left out because they cannot be read any more: {summary.unreadable}.")
    return "\n".join(said)


def cell(estimate: Estimate | None) -> str:
    """A figure with its interval."""
    if estimate is None:
        return "-"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _rows(figures: Figures) -> list[tuple[str, Estimate | None]]:
    return [(name, figures.metrics[name]) for name in METRICS]


def _figures(groups: Mapping[str, Figures]) -> str:
    rows = [
        ("pictures", *(f"{figures.pictures}" for figures in groups.values())),
        ("products", *(f"{figures.products}" for figures in groups.values())),
        *((name, *(cell(f.metrics[name]) for f in groups.values())) for name in METRICS),
    ]
    return as_table(("(95 % interval)", *groups), rows)


def _worst(categories: Sequence[CategoryFigures]) -> str:
    rows = [
        (one.category, f"{one.recall_at_1:.3f}", str(one.pictures), str(one.products))
        for one in categories
    ]
    return as_table(("worst categories", "recall@1", "pictures", "products"), rows)
