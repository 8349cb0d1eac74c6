"""How well a store answers, in numbers: to photos with known answers, and to its own pictures."""

from features.evaluation.asking import Answers, ask, probe_image
from features.evaluation.bootstrap import Estimate
from features.evaluation.comparison import (
    Difference,
    StoreComparison,
    compare,
    shared_photos,
    shared_pictures,
)
from features.evaluation.emphases import EmphasisFigures, measure_emphases
from features.evaluation.metrics import (
    METRICS,
    CategoryFigures,
    Figures,
    failures,
    measure,
    worst_categories,
)
from features.evaluation.outcomes import Found, Outcome
from features.evaluation.probes import (
    DEFAULT_SAMPLE,
    Kind,
    Probe,
    own_probes,
    photo_probes,
    sample,
)
from features.evaluation.queries import (
    Choice,
    LabelledQuery,
    known_box,
    query_vector,
    read_queries,
    whole_photo,
)
from features.evaluation.searching import Evaluation, evaluate, found_item

__all__ = [
    "DEFAULT_SAMPLE",
    "METRICS",
    "Answers",
    "CategoryFigures",
    "Choice",
    "Difference",
    "EmphasisFigures",
    "Estimate",
    "Evaluation",
    "Figures",
    "Found",
    "Kind",
    "LabelledQuery",
    "Outcome",
    "Probe",
    "StoreComparison",
    "ask",
    "compare",
    "evaluate",
    "failures",
    "found_item",
    "known_box",
    "measure",
    "measure_emphases",
    "own_probes",
    "photo_probes",
    "probe_image",
    "query_vector",
    "read_queries",
    "sample",
    "shared_photos",
    "shared_pictures",
    "whole_photo",
    "worst_categories",
]
