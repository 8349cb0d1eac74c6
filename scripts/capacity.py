"""What a store of some size needs: memory, disk, machines and money, from measured bytes per row.

Each engine is run in a process of its own over two samples of different size, with the products of
the sample catalogue; what grows from the smaller to the larger is what a row costs. Memory of an
index that is saved beside the store is all of its files, which should fit into the page cache; of
the vectors it reads only the few that are ranked. For Milvus the disk is measured with Milvus Lite,
and memory is what its query nodes load: the vectors and fields of each row as they are sent, and a
fifth more for what the engine keeps beside them (assumed). It is priced by the memory of its
machines. "server" is what every process of this program holds that opens the store, whatever the
engine: what it knows of its pictures and products.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

import numpy as np

from features.catalog import read_catalog
from features.errors import VisualSearchError
from features.index import build_index, save_index
from features.index.approximate import WORTH_IT
from features.index.milvus import MILVUS, Collection, MilvusAddress, sync
from features.index.milvus.schema import VECTOR, Member
from features.search.gallery import index_place
from features.store import StoreView, StoreWriter, open_store
from features.types import CatalogEntry, ExtractorSpec, GalleryPicture, Product, Vectors
from scripts.benchmarks.clustered import clustered
from scripts.benchmarks.table import as_table

ROOT = Path(__file__).resolve().parents[1]
_SAVED = ("hnsw", "ivfpq")
ENGINES = ("exact", *_SAVED, MILVUS)
_SERVER = "server"
# Rows of a sample; below, these engines are replaced by simpler ones.
_LEAST = {"exact": 6_000, **dict.fromkeys(_SAVED, WORTH_IT)}
SIZES = tuple(10**power for power in range(5, 10))
# r7g.2xlarge, 64 GB, on demand in us-east-1: 0.4284 USD an hour, 730 hours a month. An assumption.
PRICE = 0.4284 * 730 / 64
_NODE = 64e9
_USABLE = 0.75  # of a machine's memory: the system, the program and its peaks need the rest
_BESIDE = 1.2


@dataclass(frozen=True)
class Footprint:
    """Bytes that an engine needs for a row."""

    engine: str
    memory: float
    disk: float


@dataclass(frozen=True)
class Need:
    """What so many pictures need in one engine."""

    pictures: int
    engine: str
    memory_gb: float
    disk_gb: float
    nodes: int
    """Machines of 64 GB, without replicas."""
    month: float
    """The price of a month without replicas; twice that with one."""


def main() -> int:
    """Exit status: 0 measured, 2 not."""
    arguments = _parser().parse_args()
    try:
        if arguments.measure:
            print(json.dumps(_measured(arguments.measure, arguments.rows, arguments.dim)))
            return 0
        engines = [*arguments.engines, _SERVER]
        footprints = [footprint(e, arguments.rows, arguments.dim) for e in engines]
    except (VisualSearchError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    searched = footprints[:-1]
    needs = [need(size, f, arguments.price) for size in SIZES for f in searched]
    print(_as_json(footprints, needs) if arguments.json else _as_text(footprints, needs, arguments))
    return 0


def footprint(engine: str, rows: int, dim: int) -> Footprint:
    """What a row costs: the growth from one sample to another of three times the size."""
    rows = max(rows, _LEAST.get(engine, 0))
    small, large = (_run(engine, count, dim) for count in (rows, 3 * rows))
    return Footprint(
        engine, *((more - less) / (2 * rows) for less, more in zip(small, large, strict=True))
    )


def need(pictures: int, footprint: Footprint, price: float) -> Need:
    """What so many pictures need.

    Args:
        price: of a GB of memory for a month.
    """
    memory = pictures * footprint.memory
    nodes = math.ceil(memory / (_NODE * _USABLE))
    return Need(
        pictures,
        footprint.engine,
        memory / 1e9,
        pictures * footprint.disk / 1e9,
        nodes,
        nodes * _NODE / 1e9 * price,
    )


def _run(engine: str, rows: int, dim: int) -> list[float]:
    options = ["--measure", engine, "--rows", str(rows), "--dim", str(dim)]
    done = subprocess.run(
        [sys.executable, __file__, *options], check=True, capture_output=True, text=True
    )
    measured: list[float] = json.loads(done.stdout)
    return measured


def _measured(engine: str, rows: int, dim: int) -> list[float]:
    """Bytes of memory and of disk that a sample takes in this process."""
    with tempfile.TemporaryDirectory() as folder:
        view = _sample(Path(folder) / "store", rows, dim)
        if engine == _SERVER:
            return [_tables(view), 0.0]
        if engine == MILVUS:
            return _in_milvus(view, Path(folder))
        if engine in _SAVED:
            place = index_place(view)
            save_index(view.blocks, place, engine)
            return [_size(place.folder), _size(view.folder)]
        mapped = sum(block.nbytes for block in view.blocks)
        tracemalloc.start()
        _index = build_index(view.blocks, engine)  # held while it is measured
        held = float(tracemalloc.get_traced_memory()[0])
        return [mapped + held, _size(view.folder)]


def _in_milvus(view: StoreView, folder: Path) -> list[float]:
    address = MilvusAddress(str(folder / "lite.db"))
    with Collection(address, address.collection(view.spec)) as collection:
        sync(view, collection)
    sent = sum(_sent(view, row) for row in range(len(view.live)))
    return [_BESIDE * sent, _size(view.folder) + _size(folder / "lite.db")]


def _tables(view: StoreView) -> float:
    """Bytes of the tables that every process holds which opens the store."""
    tracemalloc.start()
    opened = open_store(view.folder)
    opened.rows_of(opened.pictures[0].product_id)
    return float(tracemalloc.get_traced_memory()[0])


def _sent(view: StoreView, row: int) -> int:
    """The bytes of a row as it is sent."""
    picture = view.pictures[row]
    member = Member(1 << 32, view.vector(row), picture, view.products[picture.product_id], 1)
    fields = {name: value for name, value in member.as_row().items() if name != VECTOR}
    return member.vector.nbytes + len(
        json.dumps(list(fields.values()), ensure_ascii=False).encode()
    )


def _sample(folder: Path, rows: int, dim: int) -> StoreView:
    known = [
        entry.product
        for entry in read_catalog(ROOT / "static/sample/catalog.csv")
        if isinstance(entry, CatalogEntry)
    ]
    products: list[Product] = [
        replace(product, id=f"product-{number:07}")
        for number, product in enumerate(islice(cycle(known), rows))
    ]
    pictures = [GalleryPicture(p.id, f"{p.id}.jpg", f"{n:032x}") for n, p in enumerate(products)]
    spec = ExtractorSpec("sample", dim, 8, "none", "0" * 64)
    with StoreWriter(folder, spec) as writer:
        writer.append(pictures, _vectors(rows, dim), products)
    return open_store(folder)


def _vectors(count: int, dim: int, seed: int = 0) -> Vectors:
    return np.concatenate(list(clustered(np.random.default_rng(seed), count, dim)))


def _size(folder: Path) -> float:
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


def _as_json(footprints: Sequence[Footprint], needs: Sequence[Need]) -> str:
    return json.dumps(
        {"rows": [asdict(f) for f in footprints], "needs": [asdict(n) for n in needs]}
    )


def _as_text(
    footprints: Sequence[Footprint], needs: Sequence[Need], arguments: argparse.Namespace
) -> str:
    measured = [(f.engine, f"{f.memory:,.0f}", f"{f.disk:,.0f}") for f in footprints]
    table = [
        (
            f"{n.pictures:,}",
            n.engine,
            f"{n.pictures * arguments.dim * 4 / 1e9:,.1f}",
            f"{n.memory_gb:,.1f}",
            f"{n.disk_gb:,.1f}",
            f"{n.nodes:,} / {2 * n.nodes:,}",
            f"{n.month:,.0f} / {2 * n.month:,.0f}",
        )
        for n in needs
        if n.nodes == 1 or n.engine == MILVUS
    ]
    head = ["pictures", "engine", "vectors GB", "memory GB", "disk GB", "machines", "USD a month"]
    return "\n".join(
        [
            f"Bytes per row of {arguments.dim} numbers:",
            "",
            as_table(["engine", "memory", "disk"], measured),
            "",
            f"Machines of 64 GB and their price ({arguments.price:.2f} USD a GB of memory and "
            "month), with 1 / 2 replicas;",
            "engines of one machine only where one is enough:",
            "",
            as_table(head, table),
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument(
        "--rows", type=int, default=3_000, help="%(default)s; of the smaller sample"
    )
    parser.add_argument("--dim", type=int, default=1_280, help="%(default)s; numbers of a vector")
    parser.add_argument(
        "--price",
        type=float,
        default=PRICE,
        help="USD for a GB of memory and month; %(default).2f is an assumption: an r7g.2xlarge on "
        "demand",
    )
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--measure", choices=[*ENGINES, _SERVER], help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
