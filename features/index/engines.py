"""FAISS indexes that name likely neighbours quickly: their distances are never used.

Of a vector they keep a code of a few bytes, so that a query reads a small share of what a full scan
reads. Which of the likely ones are nearest is then told by the vectors themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.cores import usable_cores
from features.errors import DependencyMissingError
from features.index.coder import Coder
from features.types import RowMask, Vectors

TUNED_FOR = 50
"""Neighbours that efforts are found for; more of them take more breadth in proportion."""

_LINKS = 32  # of a vector in the graph, twice as many at its ground floor
_BUILD_BREADTH = 128  # vectors that compete for the links of a new one
_CODE_BYTES = 64  # of a product-quantised vector, at two numbers a byte
_ROTATED = 256  # numbers that are left of a vector before it is product-quantised
_TRAINED = 64  # vectors a cell
_ADDED = 8_192


@dataclass(frozen=True)
class Effort:
    """How much of an index a query looks at.

    `breadth` is the engine's own measure; `depth` is how many likely neighbours are ranked by their
    true distance, as a multiple of those that are wanted.
    """

    breadth: int
    depth: float

    def breadth_for(self, k: int) -> int:
        """The breadth for k neighbours."""
        return round(self.breadth * max(1.0, k / TUNED_FOR))

    def count_for(self, k: int) -> int:
        """How many likely neighbours the k nearest are chosen from."""
        return round(k * self.depth)


@dataclass(frozen=True)
class Kind:
    """An engine: how it is made, and the efforts that it can be asked for, the least first."""

    name: str
    make: Callable[[ModuleType, int, int], object]
    """From the library, the number of dimensions and the number of rows."""
    parameters: Callable[[ModuleType, int, int], object]
    """From the library, a breadth, and how many neighbours are asked for."""
    efforts: tuple[Effort, ...]
    codes: Callable[[ModuleType, object], object] | None = None
    """From the library and an index: the part with its codes, where these are a `Coder`'s."""
    taught: int = 20_000
    """Rows of the sample that it is trained with."""


class FaissEngine:
    """One FAISS index, in memory or memory-mapped from its file."""

    def __init__(self, kind: Kind, index: object, coder: Coder | None) -> None:
        """Args: coder: what the index was given codes by; None if it was given vectors."""
        self.kind = kind
        self.coder = coder
        self._faiss = library()
        self._index: Any = index

    @classmethod
    def trained(cls, kind: Kind, sample: Vectors, rows: int) -> "FaissEngine":
        """An empty engine for so many rows, taught with a sample of them: shape (n, dim)."""
        coder = Coder.fitted(sample) if kind.codes else None
        dim = coder.width if coder else sample.shape[1]
        engine = cls(kind, kind.make(library(), dim, rows), coder)
        engine._use_all_cores()
        engine._index.train(engine._coded(sample))
        return engine

    @classmethod
    def opened(cls, kind: Kind, path: Path, coder: Coder | None) -> "FaissEngine":
        """A saved engine, memory-mapped: workers share it, and it is ready at once."""
        faiss = library()
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # what FAISS raises on a file that it cannot read
            raise ValueError(f"{path.name} is no index: {error}") from error
        return cls(kind, index, coder)

    @property
    def rows(self) -> int:
        """How many vectors it holds."""
        return int(self._index.ntotal)

    @property
    def code_bytes(self) -> int:
        """What scanning one of them reads, where they are codes."""
        return int(self._index.d)

    def add(self, vectors: Vectors) -> None:
        """Add vectors behind those that it holds: shape (n, dim)."""
        self._use_all_cores()
        for start in range(0, len(vectors), _ADDED):  # no second copy of all of them
            self._index.add(self._coded(vectors[start : start + _ADDED]))

    def likely(self, query: Vectors, k: int, effort: Effort) -> NDArray[np.int64]:
        """The numbers of vectors among which the k nearest probably are, in any order."""
        count = min(effort.count_for(k), self.rows)
        parameters = self.kind.parameters(self._faiss, effort.breadth_for(k), count)
        return self._named(self._index, query, count, parameters)

    def likely_of(
        self, query: Vectors, k: int, effort: Effort, allowed: RowMask
    ) -> NDArray[np.int64]:
        """As `likely`, by the codes of the allowed numbers alone: shape (rows,)."""
        selector = self._faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = self._faiss.SearchParameters(sel=selector)
        return self._named(self._codes, query, min(effort.count_for(k), self.rows), parameters)

    def subset(self, kind: Kind, numbers: NDArray[np.int64]) -> "FaissEngine":
        """A scan of some numbers' codes, which are copied; they are numbered anew."""
        codes = self._codes
        table = self._faiss.rev_swig_ptr(codes.codes.data(), codes.ntotal * codes.code_size)
        index = kind.make(self._faiss, codes.d, len(numbers))
        engine = FaissEngine(kind, index, self.coder)
        picked = table.reshape(codes.ntotal, codes.code_size)[numbers]
        engine._index.add_sa_codes(np.ascontiguousarray(picked))
        return engine

    @property
    def has_codes(self) -> bool:
        """Whether it keeps a byte a number, so that some of its vectors can be scanned alone."""
        return self.kind.codes is not None

    @property
    def _codes(self) -> Any:  # noqa: ANN401 - FAISS has no types
        return self.kind.codes and self.kind.codes(self._faiss, self._index)

    def _named(
        self,
        index: Any,  # noqa: ANN401 - FAISS has no types
        query: Vectors,
        count: int,
        parameters: object,
    ) -> NDArray[np.int64]:
        if not count:  # FAISS has to be asked for one at least
            return np.zeros(0, dtype=np.int64)
        # FAISS's own choice, a thread a core, is its slowest for a single query; the setting is
        # the calling thread's own.
        self._faiss.omp_set_num_threads(1)
        _, found = index.search(self._coded(query[None]), count, params=parameters)
        numbers: NDArray[np.int64] = found[0][found[0] >= 0]  # short answers are padded with -1
        return numbers

    def _coded(self, vectors: Vectors) -> Vectors:
        """What the index is given for them."""
        return (
            np.ascontiguousarray(vectors, dtype=np.float32)
            if self.coder is None
            else self.coder.codes(vectors)
        )

    def save(self, path: Path) -> None:
        """Write the index to a file, without its coder.

        Raises:
            OSError: it cannot be written.
        """
        try:
            self._faiss.write_index(self._index, str(path))
        except RuntimeError as error:  # what FAISS raises, whatever the reason
            raise OSError(f"{path.name} cannot be written: {_reason(error)}") from error

    def _use_all_cores(self) -> None:
        self._faiss.omp_set_num_threads(usable_cores())


def _reason(error: RuntimeError) -> str:
    """What the system said, which FAISS puts last, in brackets."""
    return str(error).rpartition("(")[2].rstrip().removesuffix(")")


def library() -> ModuleType:
    """FAISS; a `DependencyMissingError` where it is not installed."""
    try:
        import faiss
    except ImportError as error:
        raise DependencyMissingError(
            "indexes other than 'exact' need the package faiss-cpu: pip install faiss-cpu"
        ) from error
    library: ModuleType = faiss  # untyped: its stubs lag behind the parameters it takes
    return library


def _make_sq8(faiss: ModuleType, dim: int, rows: int) -> object:
    """A byte a number, scanned whole."""
    return faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_8bit_direct_signed)


def _make_hnsw(faiss: ModuleType, dim: int, rows: int) -> object:
    """A navigable small-world graph (Malkov and Yashunin, 2018) over a byte a number."""
    index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_8bit_direct_signed, _LINKS)
    index.hnsw.efConstruction = _BUILD_BREADTH
    return index


def _make_ivfpq(faiss: ModuleType, dim: int, rows: int) -> object:
    """Cells of product-quantised vectors (Jegou, Douze and Schmid, 2011).

    Before, they are reduced to their principal directions, in a random rotation: that shares the
    variance among the parts of the code, in seconds where learning a rotation takes minutes.
    """
    code = min(_CODE_BYTES, dim)
    rotated = max(code, min(_ROTATED, dim) // code * code)
    index = faiss.index_factory(dim, f"PCAR{rotated},IVF{_cells(rows)},PQ{code}x4fs")
    training = faiss.extract_index_ivf(index).cp
    training.min_points_per_centroid = 1
    training.max_points_per_centroid = _TRAINED
    return index


def _graph_parameters(faiss: ModuleType, breadth: int, count: int) -> object:
    return faiss.SearchParametersHNSW(efSearch=max(breadth, count))


def _codes_of_graph(faiss: ModuleType, index: Any) -> object:  # noqa: ANN401 - FAISS has no types
    return faiss.downcast_index(index.storage)


def _cell_parameters(faiss: ModuleType, breadth: int, count: int) -> object:
    cells = faiss.SearchParametersIVF(nprobe=breadth)
    return faiss.SearchParametersPreTransform(index_params=cells)


def _cells(rows: int) -> int:
    cells: int = round(4 * rows**0.5)
    return max(1, min(cells, rows // _TRAINED))


_BREADTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1024)
_CELLS = ((16, 6), (32, 10), (64, 10), (64, 20), (128, 40))

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "sq8": Kind(
            "sq8",
            _make_sq8,
            lambda *_: None,
            (Effort(0, 3), Effort(0, 6)),
            codes=lambda _, index: index,
        ),
        "hnsw": Kind(
            "hnsw",
            _make_hnsw,
            _graph_parameters,
            tuple(Effort(breadth, 2) for breadth in _BREADTHS),
            codes=_codes_of_graph,
        ),
        "ivfpq": Kind(
            "ivfpq",
            _make_ivfpq,
            _cell_parameters,
            tuple(Effort(breadth, depth) for breadth, depth in _CELLS),
            taught=131_072,
        ),
    }
)
