"""Which products may be found, and what those that were found have in common."""

from features.filters.facets import Facets, count_facets
from features.filters.fields import COLOURS, as_asked, field_named, values_of
from features.filters.masks import FilterMasks
from features.filters.naming import named_filters
from features.filters.parsing import parse_filters

__all__ = [
    "COLOURS",
    "Facets",
    "FilterMasks",
    "as_asked",
    "count_facets",
    "field_named",
    "named_filters",
    "parse_filters",
    "values_of",
]
