"""Products found by words in a large catalogue: beside SQLite's bare answer, and beside a scan."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from features.search import index_words
from features.store import StoreView, StoreWriter, open_store
from features.text import Indexed, TextIndex, find_words
from features.types import ExtractorSpec, GalleryPicture, Product
from scripts.benchmarks.table import as_table

_SPEC = ExtractorSpec("words", dim=1, input_size=1, preprocessing="none", weights_sha256="0" * 64)
_VOCABULARY = 60_000
_TITLE, _EVERY = 6, 40  # words
_SEGMENT = 10_000
_FIRST_PAGE = 24


@dataclass(frozen=True)
class KindFigures:
    """Milliseconds of one kind of query, medians but for the last."""

    kind: str
    bare_ms: float
    """SQLite's own first page of the same words."""
    scan_ms: float
    """Python looking for them in all texts."""
    ours_ms: float
    ours_p95_ms: float


@dataclass(frozen=True)
class WordsFigures:
    """What indexing costs, and each kind of query."""

    products: int
    build_cpu_s: float
    megabytes: float
    change_ms: float
    """Until a product that was added is found."""
    kinds: Sequence[KindFigures]

    def as_json(self) -> dict[str, Any]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """A table, and a line on the index."""
        head = ("query", "bare FTS5 ms", "scan ms", "ours p50 ms", "p95 ms", "ours / scan")
        rows = [
            (
                it.kind,
                f"{it.bare_ms:.2f}",
                f"{it.scan_ms:.2f}",
                f"{it.ours_ms:.2f}",
                f"{it.ours_p95_ms:.2f}",
                f"{it.ours_ms / it.scan_ms:.3f}",
            )
            for it in self.kinds
        ]
        return (
            f"{as_table(head, rows)}\n\n{self.products} products of {_EVERY} words: indexed in "
            f"{self.build_cpu_s:.1f} s of CPU, {self.megabytes:.0f} MB; a product that is added is "
            f"found after {self.change_ms:.0f} ms"
        )


def measure_words(products: int = 100_000, queries: int = 30) -> WordsFigures:
    """Index a made-up catalogue whose words are as unevenly frequent as those of a language."""
    with tempfile.TemporaryDirectory() as folder:
        texts = _write(Path(folder), products)
        view = open_store(Path(folder))
        started = time.process_time()
        index_words(Path(folder))
        index = TextIndex(Path(folder))
        indexed = _indexed(index, view)
        spent = time.process_time() - started
        indexed.database.vocabulary()
        kinds = _kinds(texts, queries)
        database = Path(folder) / "text" / "words-1.db"
        with closing(sqlite3.connect(database)) as bare:
            figures = [_measured(indexed, bare, texts, *kind) for kind in kinds.items()]
        size = database.stat().st_size
        return WordsFigures(products, spent, size / 1e6, _change_ms(index, view), figures)


def _write(folder: Path, count: int) -> list[str]:
    """Write the store; the text of each product, its title first."""
    random = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfwygpb"))
    words = ["".join(random.choice(letters, n)) for n in random.integers(3, 11, _VOCABULARY)]
    shares = 1 / np.arange(1, _VOCABULARY + 1) ** 0.9
    drawn = random.choice(_VOCABULARY, (count, _EVERY), p=shares / shares.sum())
    texts = [" ".join(words[n] for n in line) for line in drawn.tolist()]
    with StoreWriter(folder, _SPEC) as writer:
        for first in range(0, count, _SEGMENT):
            described = [_product(n, texts[n]) for n in range(first, min(first + _SEGMENT, count))]
            writer.append(*_pictured(described), described)
    return texts


def _product(number: int, text: str) -> Product:
    words = text.split()
    title, rest = " ".join(words[:_TITLE]), " ".join(words[_TITLE:])
    return Product(f"{number}", title, rest, f"Kind {number % 100}", brand=f"Brand {number % 500}")


def _pictured(products: Sequence[Product]) -> tuple[list[GalleryPicture], Any]:
    pictures = [GalleryPicture(it.id, f"{it.id}.jpg", it.id.zfill(32)) for it in products]
    return pictures, np.zeros((len(products), _SPEC.dim), np.float32)


def _kinds(texts: Sequence[str], queries: int) -> dict[str, list[str]]:
    """Queries by kind; each is about a product of its own."""
    chosen = [text.split() for text in texts[:: max(1, len(texts) // queries)]][:queries]
    titles = [words[:_TITLE] for words in chosen]
    longest = [sorted(words, key=len) for words in titles]
    return {
        "a title": [" ".join(words) for words in titles],
        "two words of it": [" ".join(words[:2]) for words in titles],
        "its longest word": [words[-1] for words in longest],
        "a title with a typo": [
            " ".join([*words[:-1], words[-1][:1] + words[-1][2:]]) for words in longest
        ],
    }


def _measured(
    indexed: Indexed,
    bare: sqlite3.Connection,
    texts: Sequence[str],
    kind: str,
    asked: Sequence[str],
) -> KindFigures:
    ours: list[float] = []
    alone: list[float] = []
    scan: list[float] = []
    for text in asked:  # by turns: whatever disturbs one disturbs all
        ours.append(_ms(partial(find_words, indexed, text)))
        alone.append(_ms(partial(_first_page, bare, text)))
        scan.append(_ms(partial(_scan, texts, text)))
    first, looked, found = (float(np.median(ms)) for ms in (alone, scan, ours))
    return KindFigures(kind, first, looked, found, float(np.percentile(ours, 95)))


def _first_page(bare: sqlite3.Connection, text: str) -> list[Any]:
    words = " AND ".join(f'"{word}"' for word in text.split())
    question = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
    return bare.execute(question, (words, _FIRST_PAGE)).fetchall()


def _scan(texts: Sequence[str], text: str) -> list[str]:
    words = text.split()
    return [line for line in texts if all(word in line for word in words)]


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _change_ms(index: TextIndex, view: StoreView) -> float:
    added = Product("added", "Zanzibar beaker")
    with StoreWriter(view.folder, _SPEC) as writer:
        writer.append(*_pictured([added]), [added])
    newer = open_store(view.folder, previous=view)
    return _ms(lambda: find_words(_indexed(index, newer), "zanzibar"))


def _indexed(index: TextIndex, view: StoreView) -> Indexed:
    indexed = index.over(view)
    if indexed is None:
        raise AssertionError("unreachable")
    return indexed
