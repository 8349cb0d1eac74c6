"""Keys as numbers: each key has one, and keeps it."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from features.store.keys import KeyedRows, Numbering


def test_keys_are_numbered_in_the_order_in_which_they_come() -> None:
    numbering = Numbering()
    assert numbering.of(["b", "a", "b", "ü", ""]).tolist() == [0, 1, 0, 2, 3]
    assert numbering.of(["c", "a", "c", "\ud800"]).tolist() == [4, 1, 4, 5]
    assert numbering.find(["", "never seen", "b"]).tolist() == [3, -1, 0]
    assert (numbering.number("c"), numbering.number("C"), len(numbering)) == (4, -1, 6)


def test_nothing_has_no_number() -> None:
    numbering = Numbering()
    assert numbering.of([]).tolist() == []
    assert (numbering.number("a"), len(numbering)) == (-1, 0)
    assert KeyedRows(numbering, numbering.of([])).rows("a").tolist() == []


def test_numbers_are_those_of_a_dictionary() -> None:
    chance = random.Random(2)
    numbering, expected = Numbering(), dict[str, int]()
    for _ in range(30):
        keys = [f"key-{chance.randrange(2_000)}" for _ in range(chance.randrange(200))]
        numbers = [expected.setdefault(key, len(expected)) for key in keys]
        assert numbering.of(keys).tolist() == numbers
    assert [numbering.number(key) for key in expected] == list(range(len(expected)))


def test_one_key_is_found_as_many_are() -> None:
    numbering = Numbering()
    keys = [str(n) for n in range(3_000)]  # some digests end in zeros
    numbering.of(keys[::2])
    assert [numbering.number(key) for key in keys] == numbering.find(keys).tolist()


def test_threads_give_one_key_one_number() -> None:
    numbering = Numbering()
    keys = [f"key-{n}" for n in range(3_000)]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(numbering.of, [keys[n % 2 :: 2] + keys for n in range(8)]))
    assert sorted(numbering.find(keys).tolist()) == list(range(3_000))
    for numbers in given:
        np.testing.assert_array_equal(numbers[-3_000:], numbering.find(keys))


def test_the_rows_of_a_key_are_ascending() -> None:
    numbering = Numbering()
    rows = KeyedRows(numbering, numbering.of(["x", "y", "x", "z", "x"]))
    numbering.of(["came later"])
    assert [rows.rows(key).tolist() for key in ("x", "y", "z", "came later", "never")] == [
        [0, 2, 4],
        [1],
        [3],
        [],
        [],
    ]
