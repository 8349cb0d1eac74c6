"""Work that is killed loses nothing; and a loss, if there were one, would be seen."""

import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from features.store import StoreWriter
from features.types import GalleryPicture, Product
from scripts.crashes.drawings import Drawings, Thumbnails
from scripts.crashes.rounds import HTTP_KIND, CrashTest, Tally
from scripts.crashes.shop import Shop, WrongStoreError
from scripts.crashes.state import State, Thing, losses
from scripts.crashes.steps import KINDS, Step, steps
from tests.helpers import run_python


def killed(folder: Path, kills: int, seed: int, kinds: tuple[str, ...]) -> Tally:
    return Tally(list(CrashTest(folder, seed).run(kills, kinds)))


@pytest.mark.slow
def test_work_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    kinds = tuple(kind for kind in KINDS if kind != HTTP_KIND)
    tally = killed(tmp_path, 10, 4, kinds)
    assert tally.losses == []
    assert tally.kills == dict.fromkeys(kinds, 2)
    assert tally.inside.total() >= 5


@pytest.mark.slow
def test_a_server_that_is_killed_keeps_what_it_answered(tmp_path: Path) -> None:
    tally = killed(tmp_path, 3, 11, (HTTP_KIND,))
    assert tally.losses == []
    assert tally.kills.total() == 3


@pytest.mark.slow
def test_the_command_counts_its_kills() -> None:
    done = run_python("scripts/crash_test.py", "--kills", 5, "--seed", 7)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("seed 7\n")
    assert re.search(r"^all +5 ", done.stdout, re.MULTILINE)
    assert "losses 0;" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_is_the_same_work(kind: str) -> None:
    digests = Drawings(Thumbnails()).digests
    first, again, other = (list(islice(steps(kind, seed, OLD, digests), 20)) for seed in (5, 5, 6))
    assert first == again != other


OLD: State = {"a": Thing("A", {"1": 1}), "b": Thing("B", {"2": 2})}
NEW: State = {"a": Thing("A!", {"1": 7}), "c": Thing("C", {"3": 3})}


@pytest.mark.parametrize(
    "found",
    [
        OLD,
        NEW,
        {**OLD, "a": Thing("A!", {"1": 1})},
        {**OLD, "c": NEW["c"]},
        {"a": Thing("A", {"1": 7})},
    ],
)
def test_what_was_begun_may_be_half_done(found: State) -> None:
    assert losses(found, OLD, NEW, whole=False) == []
    assert (losses(found, OLD, NEW, whole=True) == []) == (found in (OLD, NEW))


@pytest.mark.parametrize(
    ("found", "loss"),
    [
        ({}, "a is lost"),
        ({"c": NEW["c"]}, "a is lost"),
        ({**OLD, "a": Thing("A?", {"1": 1})}, "a is called 'A?'"),
        ({**OLD, "a": Thing("A", {"1": 2})}, "a has drawing 2 at 1"),
        ({**OLD, "a": Thing("A", {"1": 1, "9": 1})}, "a has drawing 1 at 9"),
        ({**OLD, "x": Thing("X", {"5": 5})}, "x is called 'X'"),
    ],
)
def test_what_was_acknowledged_may_not_be_gone_and_nothing_else_be_there(
    found: State, loss: str
) -> None:
    assert loss in losses(found, OLD, NEW, whole=False)
    assert losses(found, OLD, NEW, whole=True)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "shop", Drawings(Thumbnails()))
    shop.follow(OLD)
    return shop


def add(shop: Shop, picture: GalleryPicture, number: int, *products: Product) -> None:
    with StoreWriter(shop.stores.folder_of(), Thumbnails.spec) as writer:
        writer.append([picture], shop.drawings.vectors[[number]], products)


def test_every_step_leads_where_it_says(shop: Shop) -> None:
    assert shop.found() == OLD
    put = {**OLD, "c": NEW["c"]}
    words = {**put, "b": Thing("Other words", {"2": 2})}
    gone = {name: thing for name, thing in words.items() if name != "a"}
    for step in (
        Step("put", put, "c"),
        Step("words", words, "b"),
        Step("delete", gone, "a"),
        Step("compact", gone),
        Step("swap", NEW),
        Step("back", gone),
        Step("import", NEW, whole=False),
    ):
        shop.perform(step)
        assert shop.found() == step.after, step.action
    shop.tidy()


def test_a_wrong_vector_is_seen(shop: Shop) -> None:
    add(shop, GalleryPicture("a", "9", shop.drawings.digests[9]), 8)
    with pytest.raises(WrongStoreError, match="not its own"):
        shop.found()


def test_a_row_that_stands_there_twice_is_seen(shop: Shop) -> None:
    add(shop, GalleryPicture("a", "1", shop.drawings.digests[1]), 1)
    with pytest.raises(WrongStoreError, match="twice"):
        shop.found()


def test_a_row_without_its_product_is_seen(shop: Shop) -> None:
    add(shop, GalleryPicture("x", "9", shop.drawings.digests[9]), 9)
    with pytest.raises(WrongStoreError, match="nothing is known"):
        shop.found()


def test_a_file_that_nobody_names_is_seen(shop: Shop) -> None:
    (shop.stores.folder_of() / "stray").write_text("")
    with pytest.raises(WrongStoreError, match="stray"):
        shop.tidy()


def test_the_vectors_of_drawings_differ() -> None:
    vectors = Drawings(Thumbnails()).vectors
    assert len(np.unique(vectors.round(4), axis=0)) == len(vectors)
