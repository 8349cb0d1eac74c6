"""All extractors in one table: how often they are right, what they cost, and what they hold.

Memory is that of a process which has loaded one of them alone and embedded a photo with it;
processor time is measured by turns. Those whose weights cannot be had have no figures.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from features.errors import VisualSearchError
from features.evaluation import LabelledQuery, read_queries
from features.extractors import Extractor, load_extractor
from features.images import decode, read_picture
from scripts.ablation.answers import RECALL_1, Catalogue, answers, read_pictures
from scripts.ablation.cost import network_costs
from scripts.ablation.ranking import NEAREST
from scripts.ablation.vectors import gallery_vectors, query_vectors
from scripts.benchmarks.apart import apart
from scripts.benchmarks.memory import own_megabytes
from scripts.benchmarks.table import as_table

_HEAD = ("extractor", "numbers", "recall@1", "shop", "CPU ms", "MB", "licence", "not measured")
_NONE = "-"


@dataclass(frozen=True)
class Questions:
    """Photos with known answers, and catalogues of photos and of shop pictures that have them."""

    queries: Sequence[LabelledQuery]
    photos: Catalogue
    shop: Catalogue

    @classmethod
    def of(cls, queries: Path, photos: Path, shop: Path) -> "Questions":
        """Of three files.

        Raises:
            CatalogError: one of them cannot be read.
        """
        return cls(read_queries(queries), read_pictures(photos), read_pictures(shop))


@dataclass(frozen=True)
class ExtractorFigures:
    """An extractor; None where nothing was measured, `missing` is the code of the reason."""

    name: str
    dim: int | None = None
    recall_photos: float | None = None
    recall_shop: float | None = None
    cpu_ms: float | None = None
    """Of a query's photo, decoded and resized: all passes through the network."""
    own_mb: float | None = None
    licence: str = ""
    missing: str = ""


@dataclass(frozen=True)
class ExtractorTable:
    """All of them, and what a process holds before it loads one."""

    extractors: tuple[ExtractorFigures, ...]
    bare_mb: float

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """A line an extractor."""
        rows = [
            (
                one.name,
                _cell(one.dim, "d"),
                _cell(one.recall_photos, ".3f"),
                _cell(one.recall_shop, ".3f"),
                _cell(one.cpu_ms, ".1f"),
                _cell(one.own_mb, ".0f"),
                one.licence or _NONE,
                one.missing,
            )
            for one in self.extractors
        ]
        return f"{as_table(_HEAD, rows)}\n\na process without any holds {self.bare_mb:.0f} MB"


@dataclass(frozen=True)
class _Loaded:
    """What a process of its own tells of an extractor."""

    own_mb: float
    missing: str = ""


def measure_extractors(
    names: Sequence[str],
    photos: Sequence[Path],
    questions: Questions | None = None,
    vectors: Path | None = None,
) -> ExtractorTable:
    """Load each extractor, embed photos, and ask with it where there are questions.

    Args:
        photos: what processor time and memory are measured with.
        vectors: a folder that keeps the vectors of catalogues between runs.
    """
    bare = apart(_loading_nothing, "", photos[0])
    loaded = {name: apart(_loading, name, photos[0]) for name in names}
    extractors = {name: load_extractor(name) for name in names if not loaded[name].missing}
    costs = dict(zip(extractors, network_costs(list(extractors.values()), photos), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        figures = [
            _figures(
                extractors[name], loaded[name], costs[name], questions, vectors or Path(folder)
            )
            if name in extractors
            else ExtractorFigures(name, missing=loaded[name].missing)
            for name in names
        ]
    return ExtractorTable(tuple(figures), bare.own_mb)


def _figures(
    extractor: Extractor, loaded: _Loaded, cost: float, questions: Questions | None, kept: Path
) -> ExtractorFigures:
    spec = extractor.spec
    return ExtractorFigures(
        spec.name,
        spec.dim,
        None if questions is None else _recall(extractor, questions, questions.photos, kept),
        None if questions is None else _recall(extractor, questions, questions.shop, kept),
        cost,
        loaded.own_mb,
        spec.licence,
    )


def _recall(extractor: Extractor, questions: Questions, catalogue: Catalogue, kept: Path) -> float:
    gallery = gallery_vectors(extractor, catalogue.paths, kept)
    photos = query_vectors(extractor, [query.path for query in questions.queries], kept)
    found = answers(NEAREST, photos, gallery, questions.queries, catalogue)
    return float(found.right[:, RECALL_1].mean())


def _loading(name: str, photo: Path) -> _Loaded:
    try:
        extractor = load_extractor(name)
    except VisualSearchError as error:
        return _Loaded(0, error.code)
    extractor.embed([decode(read_picture(photo), detail=extractor.detail)])
    return _Loaded(own_megabytes())


def _loading_nothing(_name: str, photo: Path) -> _Loaded:
    decode(read_picture(photo))
    return _Loaded(own_megabytes())


def _cell(figure: float | None, form: str) -> str:
    return _NONE if figure is None else format(figure, form)
