"""Throw bad files at what reads them: pictures, uploads, feeds, archives, videos.

Each file is a sound one that was damaged: bits flipped, cut short, numbers made extreme, pieces
taken out, doubled, swapped or grafted from another. It has to be read, or refused with a reason,
within 2 seconds of work. What is not is kept in the findings' folder; its number asks it again.
With --guided, feeds and archives are damaged further where that reached new code.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from tqdm import tqdm

from scripts.fuzzing.cases import KINDS, Cases
from scripts.fuzzing.corpus import Corpus
from scripts.fuzzing.guided import NoGuideError, collect
from scripts.fuzzing.tally import Tally
from scripts.fuzzing.uploads import WatchedServer, watched_server
from scripts.fuzzing.watching import Result, Watched

COUNTS = {"pictures": 10_000, "uploads": 10_000, "feeds": 2_000, "archives": 1_000, "videos": 1_000}


def main() -> int:
    """Exit status: 0 all read or refused, 1 one was not, or memory grew, 2 nothing was tried."""
    arguments = _parser().parse_args()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    try:
        cases = _cases(arguments, seed)
    except (NoGuideError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    tally, numbers = Tally(), arguments.only or range(_count(arguments, cases))
    with _reader(cases) as reader:
        for result in tqdm(reader.read(numbers), total=len(numbers), unit=" files", disable=None):
            tally.results.append(result)
            if result.outcome.is_finding:
                _keep(arguments.findings, cases, result)
    if arguments.json:
        print(json.dumps({"kind": cases.kind, "seed": seed, **tally.as_json()}))
    else:
        print(tally.as_text())
    return 0 if tally.is_clean else 1


def _cases(arguments: argparse.Namespace, seed: int) -> Cases | Corpus:
    """Damaged files, or those of a folder, to which a guided run adds."""
    if not (arguments.corpus or arguments.guided):
        return Cases(arguments.kind, seed)
    folder = arguments.corpus or arguments.findings / f"guided-{arguments.kind}"
    if arguments.guided:
        guidance = collect(arguments.kind, folder, round(arguments.guided * 60), seed)
        print(guidance.as_text(), file=sys.stderr, flush=True)
    return Corpus(arguments.kind, folder)


def _count(arguments: argparse.Namespace, cases: Cases | Corpus) -> int:
    if isinstance(cases, Corpus):
        return len(cases)
    return int(arguments.count or COUNTS[cases.kind])


@contextmanager
def _reader(cases: Cases | Corpus) -> Iterator[Watched | WatchedServer]:
    if cases.kind == "uploads":
        with watched_server(cases) as server:
            yield server
    else:
        with Watched(cases) as watched:
            yield watched


def _keep(folder: Path, cases: Cases | Corpus, result: Result) -> None:
    """The file, and how to ask it again."""
    name = cases.name(result.number)
    again = f"scripts/fuzz.py {cases.kind} {cases.again(result.number)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.bin").write_bytes(cases[result.number].data)
    said = f"{result.outcome}: {result.detail}\nwas: {result.origin}\nagain: {again}\n"
    (folder / f"{name}.txt").write_text(said, encoding="utf-8")
    tqdm.write(f"{again}\n  {result.outcome}: {result.detail}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--count", type=int, help=f"how many files: {_counts(COUNTS.items())}")
    parser.add_argument("--seed", type=int, help="of the damage; the same does the same")
    parser.add_argument("--only", type=int, nargs="+", metavar="NUMBER", help="these files alone")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="its files, undamaged")
    parser.add_argument(
        "--guided", type=float, metavar="MINUTES", help="first collect files that reach new code"
    )
    parser.add_argument("--findings", type=Path, default=Path("findings"), help="%(default)s")
    parser.add_argument("--json", action="store_true", help="the figures for machines")
    return parser


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts)


if __name__ == "__main__":
    sys.exit(main())
