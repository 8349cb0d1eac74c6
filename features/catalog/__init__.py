"""Product feeds to products. One reader per feed format, all behind `read_catalog`."""

from features.catalog.formats import Catalog, format_names, read_catalog
from features.catalog.options import FeedOptions, parse_column_map

__all__ = ["Catalog", "FeedOptions", "format_names", "parse_column_map", "read_catalog"]
