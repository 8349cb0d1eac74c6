"""One collection of a Milvus: every operation within a deadline, every failure a typed error."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

from features.closing import Closing
from features.errors import (
    DependencyMissingError,
    IndexEngineError,
    IndexTimeoutError,
    IndexUnreachableError,
)
from features.index.milvus.address import MilvusAddress
from features.index.milvus.schema import FIELDS, KEY, VECTOR, Row
from features.telemetry import keeping_pymilvus_quiet
from features.types import Vectors

MOST_FOUND = 16_384
"""The most rows that Milvus returns at once."""
# Acknowledged writes of any process are seen by the next search of any other; "Session" would
# promise that to the writer alone.
_CONSISTENCY = "Strong"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_NOT_LOADED = 101
_CONNECT_FAILED = 2
_AWAY = {"UNAVAILABLE", "CANCELLED"}
Found = list[tuple[int, float]]
_Answer = TypeVar("_Answer")
_Target = Mapping[str, Any]
"""The arguments that every operation takes: which collection, and how long it may take."""


class Collection(Closing):
    """Rows with a key, a vector and fields. Safe to use from several threads."""

    def __init__(self, address: MilvusAddress, name: str) -> None:
        """Connects with the first operation."""
        self.address = address
        self.name = name
        self._client: Any = None

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def dim(self) -> int | None:
        """How many numbers its vectors have; None where there is no such collection."""
        if not self._call(lambda client, target: client.has_collection(**target)):
            return None
        described = self._call(lambda client, target: client.describe_collection(**target))
        fields = {field["name"]: field for field in described["fields"]}
        if not {*FIELDS} <= fields.keys():
            return 0
        return int(fields[VECTOR]["params"]["dim"])

    def create(self, dim: int) -> None:
        """Make the collection, searched exhaustively and so exactly, and load it."""
        pymilvus = _pymilvus()
        schema = pymilvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for name, (kind, options) in FIELDS.items():
            schema.add_field(name, pymilvus.DataType[kind], **_typed(options, pymilvus, dim))
        index = pymilvus.MilvusClient.prepare_index_params()
        index.add_index(VECTOR, index_type="FLAT", metric_type="L2")
        self._call(
            lambda client, target: client.create_collection(
                **target, schema=schema, index_params=index, consistency_level=_CONSISTENCY
            )
        )

    def drop(self) -> None:
        """Delete the collection with all its rows; nothing where there is none."""
        self._call(lambda client, target: client.drop_collection(**target))

    def upsert(self, rows: Sequence[Row]) -> None:
        """Add rows, or replace those of the same keys: doing it twice is as doing it once."""
        if rows:
            self._call(lambda client, target: client.upsert(**target, data=list(rows)))

    def delete(self, expression: str) -> None:
        """Delete the rows that an expression names."""
        self._call(lambda client, target: client.delete(**target, filter=expression))

    def count(self, expression: str) -> int:
        """How many rows an expression names."""
        (row,) = self._queried(expression, ["count(*)"])
        return int(row["count(*)"])

    def rows(self, first: int, last: int, fields: Sequence[str], chunk: int) -> Iterator[Row]:
        """Rows with keys from `first` to `last`, both included, by key; a chunk of keys at once."""
        for low in range(first, last + 1, chunk):
            high = min(low + chunk - 1, last)
            found = self._queried(f"{KEY} >= {low} and {KEY} <= {high}", fields, MOST_FOUND)
            yield from sorted(found, key=lambda row: int(row[KEY]))

    def get(self, keys: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """The rows of some keys, in no order; those that are not there are left out."""
        return self._queried(f"{KEY} in [{', '.join(map(str, keys))}]", fields, MOST_FOUND)

    def search(self, queries: Vectors, k: int, expression: str) -> list[Found]:
        """Keys and squared distances of each query as the engine computes them, nearest first.

        Args:
            queries: shape (q, dim).
            k: at most `MOST_FOUND`.
            expression: which rows may be found; empty for all.
        """
        answers = self._call(
            lambda client, target: client.search(
                **target,
                data=queries.tolist(),
                filter=expression,
                limit=k,
                anns_field=VECTOR,
                output_fields=[KEY],
                search_params={"metric_type": "L2"},
                consistency_level=_CONSISTENCY,
            )
        )
        return [[(int(hit[KEY]), float(hit["distance"])) for hit in found] for found in answers]

    def _queried(
        self, expression: str, fields: Sequence[str], limit: int | None = None
    ) -> list[Row]:
        """Counting takes no limit."""
        limited = {} if limit is None else {"limit": limit}
        found: list[Row] = self._call(
            lambda client, target: client.query(
                **target,
                filter=expression,
                output_fields=list(fields),
                consistency_level=_CONSISTENCY,
                **limited,
            )
        )
        return found

    def _call(self, operation: Callable[[Any, _Target], _Answer]) -> _Answer:
        """One operation, again after a pause while the engine is away, until the deadline."""
        until = time.monotonic() + self.address.timeout
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._once(operation, max(0.01, until - time.monotonic()))
            except Exception as error:
                failure = self._failure(error)
                if failure is None:
                    raise
                away = isinstance(failure, IndexUnreachableError)
                if not away or time.monotonic() + pause >= until:
                    raise failure from error
            self.close()
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _once(self, operation: Callable[[Any, _Target], _Answer], timeout: float) -> _Answer:
        client = self._connected(timeout)
        target = {"collection_name": self.name, "timeout": timeout}
        try:
            return operation(client, target)
        except Exception as error:
            if getattr(error, "code", None) != _NOT_LOADED:
                raise
        client.load_collection(**target)  # the engine was started anew
        return operation(client, target)

    def _connected(self, timeout: float) -> Any:  # noqa: ANN401 - the library has no types
        if self._client is None:
            self._client = _pymilvus().MilvusClient(
                self.address.uri, token=self.address.token, timeout=timeout, dedicated=True
            )
        return self._client

    def _failure(self, error: Exception) -> IndexEngineError | None:
        """What an exception of the library means; None of one that is not its own."""
        code = getattr(error, "code", None)
        if code is None:
            return None
        code = code() if callable(code) else code
        name = str(getattr(code, "name", ""))
        if name == "DEADLINE_EXCEEDED" or "deadline" in str(error).lower():
            return IndexTimeoutError(
                f"Milvus at {self.address} did not answer within {self.address.timeout:g} s; "
                "look whether it is overloaded, or allow it more time"
            )
        if name in _AWAY or code == _CONNECT_FAILED:
            return IndexUnreachableError(
                f"Milvus at {self.address} cannot be reached; look whether it runs, and whether "
                "the address and the token are right"
            )
        return IndexEngineError(
            f"Milvus at {self.address} refuses an operation on {self.name}: "
            f"{getattr(error, 'message', '') or name}"
        )


def _typed(options: Mapping[str, Any], pymilvus: ModuleType, dim: int) -> dict[str, Any]:
    """The options of a field with the library's own names in them."""
    typed = dict(options)
    if "element_type" in typed:
        typed["element_type"] = pymilvus.DataType[typed["element_type"]]
    return {**typed, "dim": dim} if "dim" in typed else typed


def _pymilvus() -> ModuleType:
    try:
        with keeping_pymilvus_quiet():
            import pymilvus
    except ImportError as error:
        raise DependencyMissingError(
            "the index 'milvus' needs the package pymilvus: pip install pymilvus"
        ) from error
    # Its own handlers write to stderr what comes back as an exception anyway.
    for name in ("pymilvus", "pymilvus.milvus_client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    found: ModuleType = pymilvus
    return found
