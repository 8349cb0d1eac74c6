"""Built indexes on the disk: derived from a store, safe to delete, never the only copy of anything.

    index/hnsw-DIGEST/about.json      what it was built over, and how it is asked
                      engine.faiss    the engine
                      coder.npy       what makes its codes, where it has such
                      order.npy       the row of each of its numbers
                      directions.npy  of the sketches
                      sketches.npy    one a row

All but the first are memory-mapped: workers share them, and opening takes no time.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from features.disk import sweep_drafts
from features.index.built import Built
from features.index.coder import Coder
from features.index.engines import KINDS, Effort, FaissEngine
from features.index.projected import Sketch
from features.index.using import delete_unused, hold
from features.json_text import read_json
from features.store.arrays import vectors_npy

_FORMAT = 2
_EASILY = 0.25  # of the machine's memory
SAVED = "saved"
"""The file of the folder that changes once an index has been saved."""

_ABOUT = "about.json"
_ENGINE = "engine.faiss"
_CODER = "coder.npy"
_ARRAYS = ("order", "directions", "sketches")


@dataclass(frozen=True)
class Saved:
    """A built index, with the keys of the blocks that it was built over."""

    built: Built
    keys: tuple[str, ...]
    folder: Path

    def places(self, keys: Sequence[str]) -> list[int | None]:
        """Where its blocks are among others, by their keys; None for those that left."""
        place = {key: n for n, key in enumerate(keys)}
        return [place.get(key) for key in self.keys]


def open_saved(folder: Path, kind: str, keys: Sequence[str]) -> Saved | None:
    """The saved index of a kind that covers most rows of the blocks with these keys.

    None where there is none: one that cannot be read is as good as none.
    """
    offers = [offer for offer in _offers(folder) if offer[0] == kind]
    covering = [
        (sum(n for key, n in zip(about["keys"], about["counts"], strict=True) if key in keys), path)
        for _, path, about in offers
    ]
    for covered, path in sorted(covering, reverse=True):
        if covered:
            try:
                return _opened(path)
            except (OSError, ValueError, KeyError, TypeError):
                continue
    return None


def save(built: Built, folder: Path, keys: Sequence[str]) -> Saved:
    """Write a built index, then delete the ones that it replaces.

    A process that has one of its kind open goes on with it; one of another kind stays meanwhile.
    """
    folder.mkdir(exist_ok=True)
    digest = hashlib.blake2b("\n".join(keys).encode(), digest_size=8).hexdigest()
    target = folder / f"{built.engine.kind.name}-{digest}"
    sweep_drafts(folder.glob(".draft-*"))
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=folder) as draft:
        made = Path(draft) / target.name
        made.mkdir()
        _write(built, made, keys)
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    for path in folder.glob(f"{built.engine.kind.name}-*"):  # of earlier formats too
        if path != target:
            shutil.rmtree(path, ignore_errors=True)
    delete_others(folder, built.engine.kind.name)
    (folder / SAVED).write_text(f"{target.name}\n", encoding="utf-8")
    return _opened(target)


def delete_others(folder: Path, kind: str) -> None:
    """Delete the saved indexes of other kinds that nobody searches with."""
    others = (other for other in KINDS if other != kind)
    delete_unused(path for other in others for path in folder.glob(f"{other}-*"))


def _offers(folder: Path) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """The kind, the folder and the description of every saved index."""
    for path in folder.glob(f"*/{_ABOUT}"):
        try:
            about = read_json(path.read_text(encoding="utf-8"))
            if about["format"] == _FORMAT:
                yield about["kind"], path.parent, about
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _write(built: Built, folder: Path, keys: Sequence[str]) -> None:
    built.engine.save(folder / _ENGINE)
    if built.engine.coder is not None:
        np.save(folder / _CODER, built.engine.coder.as_array())
    np.save(folder / "order.npy", built.order)
    np.save(folder / "directions.npy", built.directions)
    tables = [sketch.table for sketch in built.sketches]
    with (folder / "sketches.npy").open("wb") as file:
        file.writelines(vectors_npy((len(built.order), tables[0].shape[1]), tables))
    about = {
        "format": _FORMAT,
        "kind": built.engine.kind.name,
        "keys": list(keys),
        "counts": [len(table) for table in tables],
        "longest": [sketch.longest for sketch in built.sketches],
        "breadth": built.effort.breadth,
        "depth": built.effort.depth,
        "recall": built.recall,
        "seconds": built.seconds,
        "bytes": {path.name: path.stat().st_size for path in folder.iterdir()},
    }
    (folder / _ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _opened(folder: Path) -> Saved:
    about = read_json((folder / _ABOUT).read_text(encoding="utf-8"))
    for name, size in about["bytes"].items():
        if (folder / name).stat().st_size != size:
            raise ValueError(f"{name} was cut or has grown")
        _read_ahead(folder / name)
    order, directions, table = (
        np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS
    )
    counts = about["counts"]
    sketches = [
        Sketch(table[start : start + count], longest)
        for start, count, longest in zip(
            accumulate(counts, initial=0), counts, about["longest"], strict=False
        )
    ]
    kind = KINDS[about["kind"]]
    coder = Coder.from_array(np.load(folder / _CODER)) if kind.codes else None
    engine = FaissEngine.opened(kind, folder / _ENGINE, coder)
    if not engine.rows == len(order) == len(table) == sum(counts):
        raise ValueError(f"the files of {folder.name} do not belong together")
    effort = Effort(about["breadth"], about["depth"])
    built = Built(
        engine, order, directions, tuple(sketches), effort, about["recall"], about["seconds"]
    )
    hold(folder, built)
    return Saved(built, tuple(about["keys"]), folder)


def _read_ahead(path: Path) -> None:
    """Ask for the whole file, lest searches wait for it page by page; where it fits easily."""
    if path.stat().st_size < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * _EASILY:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
