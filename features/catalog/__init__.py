"""Product feeds to products. One reader per feed format, all behind `read_catalog`."""

from features.catalog.formats import format_names, read_catalog
from features.catalog.pictures import locate

__all__ = ["format_names", "locate", "read_catalog"]
