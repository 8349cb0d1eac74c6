"""Product feeds to products. One reader per feed format, all behind `read_catalog`."""

from features.catalog.formats import format_names
from features.catalog.grouping import GroupedProducts
from features.catalog.options import FeedOptions, parse_column_map
from features.catalog.reading import Catalog, read_catalog, read_pictures

__all__ = [
    "Catalog",
    "FeedOptions",
    "GroupedProducts",
    "format_names",
    "parse_column_map",
    "read_catalog",
    "read_pictures",
]
