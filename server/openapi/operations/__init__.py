"""Every operation of the API, by the endpoint of its route."""

from collections.abc import Mapping

from server.openapi.operation import Operation
from server.openapi.operations import catalog, collections, named, people, searches

OPERATIONS: Mapping[str, Operation] = {
    **searches.OPERATIONS,
    **catalog.OPERATIONS,
    **named.OPERATIONS,
    **collections.OPERATIONS,
    **people.OPERATIONS,
}
