"""What is asked of a product that a parameter names: the same as of one in the path."""

from collections.abc import Mapping
from dataclasses import replace

from marshmallow import Schema

from features.errors import InvalidQueryError
from server.openapi.operation import Operation
from server.openapi.operations import catalog, searches
from server.openapi.schemas import addresses


def _named(operation: Operation, name: str, *path: type[Schema]) -> Operation:
    elsewhere = [(place, schema) for place, schema in operation.parameters if place != "path"]
    return replace(
        operation,
        id=name,
        summary=f"{operation.summary}, by any id",
        description=f"{operation.description} The id may be one that cannot stand in a path.",
        problems=tuple(dict.fromkeys((InvalidQueryError, *operation.problems))),
        parameters=(
            *(("path", schema) for schema in path),
            ("query", addresses.NamedProduct),
            *elsewhere,
        ),
    )


OPERATIONS: Mapping[str, Operation] = {
    "api.named_similar": _named(searches.OPERATIONS["api.similar"], "similar_to_named"),
    "api.named_product": _named(searches.OPERATIONS["api.product"], "show_named_product"),
    "api.put_named_product": _named(catalog.OPERATIONS["api.put_product"], "put_named_product"),
    "api.delete_named_product": _named(
        catalog.OPERATIONS["api.delete_product"], "delete_named_product"
    ),
    "api.delete_named_picture": _named(
        catalog.OPERATIONS["api.delete_picture"], "delete_named_picture", addresses.PictureNumber
    ),
}
