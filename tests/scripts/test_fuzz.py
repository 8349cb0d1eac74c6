"""Bad files in large numbers: none crashes a reader; and one that did would be seen."""

import ctypes
import json
import re
from pathlib import Path

import pytest

from features.errors import NotAPictureError
from scripts.fuzzing.cases import KINDS, Cases, seeds_of
from scripts.fuzzing.corpus import Corpus
from scripts.fuzzing.pieces import pieces, repaired
from scripts.fuzzing.tally import Tally
from scripts.fuzzing.targets import Target
from scripts.fuzzing.watching import Outcome, Result, Watched
from tests.helpers import picture, run_python

HERE = [kind for kind in KINDS if kind != "uploads"]


def crash(data: bytes, folder: Path) -> None:
    ctypes.string_at(0)


def hang(data: bytes, folder: Path) -> None:
    while True:
        pass


def stumble(data: bytes, folder: Path) -> None:
    raise KeyError("unforeseen")


def refuse(data: bytes, folder: Path) -> None:
    raise NotAPictureError("none")


def read(target: Target | None, numbers: range, kind: str = "feeds") -> Tally:
    with Watched(Cases(kind, 7), target) as watched:
        return Tally(list(watched.read(numbers)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_and_number_are_the_same_file(kind: str) -> None:
    first, again, other = (
        [Cases(kind, seed)[number].data for number in range(40, 60)] for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_files_are_sound_and_their_pieces_are_whole(kind: str) -> None:
    data = Cases(kind, 1)[0].data
    assert b"".join(pieces(data)) == data
    assert len(pieces(data)) > 1


def test_a_damaged_png_gets_right_checksums() -> None:
    data = picture(1, "PNG")
    parts = pieces(data)
    assert repaired(b"".join([*parts[:-1], parts[-1][:-4] + b"bad!"])) == data


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "outcome", "detail"),
    [
        (crash, Outcome.CRASHED, "ended with -11"),
        (hang, Outcome.HUNG, "more than 2 s of work"),
        (stumble, Outcome.OTHER, "KeyError: 'unforeseen'"),
        (refuse, Outcome.REFUSED, "not_a_picture"),
    ],
)
def test_what_becomes_of_a_file_is_seen(target: Target, outcome: Outcome, detail: str) -> None:
    tally = read(target, range(2))
    assert [(result.outcome, result.detail) for result in tally.results] == [(outcome, detail)] * 2
    assert tally.is_clean == (outcome is Outcome.REFUSED)


def test_memory_that_grows_is_a_finding() -> None:
    steady = Tally([Result(n, "csv", Outcome.ANSWERED, "", 0.0, 100.0) for n in range(100)])
    grown = Tally([Result(n, "csv", Outcome.ANSWERED, "", 0.0, 100.0 + n) for n in range(100)])
    assert steady.is_clean
    assert grown.growth_mb == 80
    assert not grown.is_clean


@pytest.mark.slow
@pytest.mark.parametrize("kind", HERE)
def test_bad_files_are_read_or_refused(kind: str) -> None:
    tally = read(None, range(260), kind)
    assert [result for result in tally.results if result.outcome.is_finding] == []
    assert {result.outcome for result in tally.results} == {Outcome.ANSWERED, Outcome.REFUSED}


@pytest.mark.slow
def test_bad_uploads_are_answered_or_refused(tmp_path: Path) -> None:
    done = run_python(
        "scripts/fuzz.py", "uploads", "--count", 130, "--seed", 3, "--json",
        "--findings", tmp_path / "findings",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["cases"] == said["answered"] + said["refused"] == 130
    assert not (tmp_path / "findings").exists()


def test_the_files_of_a_folder_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "csv.seed").write_bytes(seeds_of("feeds")["csv"])
    (tmp_path / "0123").write_bytes(b"")
    corpus = Corpus("feeds", tmp_path)
    with Watched(corpus) as watched:
        results = list(watched.read(range(len(corpus))))
    assert [(result.origin, result.outcome) for result in results] == [
        ("found", Outcome.REFUSED),
        ("csv", Outcome.ANSWERED),
    ]


@pytest.mark.slow
def test_a_guided_run_collects_what_reaches_new_code_and_reads_it(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="requirements-fuzz.txt is not installed")
    done = run_python(
        "scripts/fuzz.py", "feeds", "--guided", 0.1, "--seed", 1, "--json",
        "--corpus", tmp_path / "corpus", "--findings", tmp_path / "findings",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["cases"] == len(list((tmp_path / "corpus").iterdir())) > len(seeds_of("feeds"))
    before, after = re.search(r"(\d+) branches, then (\d+)", done.stderr).groups()  # type: ignore[union-attr]
    assert int(after) > int(before) > 100


def test_what_is_read_by_compiled_code_cannot_be_guided(tmp_path: Path) -> None:
    done = run_python("scripts/fuzz.py", "pictures", "--guided", 1, "--findings", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "what reads pictures is compiled; guided are feeds, archives" in done.stderr
