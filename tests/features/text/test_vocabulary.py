"""What a mistyped word may mean."""

import random

import pytest

from features.text.forms import other_forms
from features.text.vocabulary import Vocabulary, distances


def vocabulary(**counted: int) -> Vocabulary:
    return Vocabulary.of(counted.items())


@pytest.mark.parametrize(
    ("one", "other", "typos"),
    [
        *(("shoe", "shoe", 0), ("shoe", "sheo", 1), ("shoe", "shoes", 1), ("shoe", "hoe", 1)),
        *(("kitten", "sitting", 3), ("ca", "abc", 3), ("", "abc", 3), ("ab", "ba", 1)),
    ],
)
def test_typos_are_counted(one: str, other: str, typos: int) -> None:
    assert distances(one, [other, one]).tolist() == [typos, 0]
    assert distances(other, ["", one, other]).tolist() == [len(other), typos, 0]


def test_the_nearest_words_come_alone_and_the_likeliest_first() -> None:
    known = vocabulary(shoe=5, shoes=90, shore=7, hoe=50)
    assert known.near("shoee") == ["shoes", "shore", "shoe"]
    assert known.near("shor") == ["shore", "shoe"]


def test_short_words_and_numbers_mean_themselves() -> None:
    known = vocabulary(it=9, xm5=9, a4=9)
    assert not any(known.near(word) for word in ("is", "xm4", "a5", "1234567"))


def test_words_that_come_later_are_known_too() -> None:
    known = vocabulary(mug=1)
    assert known.near("cupp") == []
    more = known.with_more([("cup", 3)])
    assert more.near("cupp") == ["cup"]
    assert known.near("cupp") == []


def test_the_quick_comparison_of_letters_misses_nothing() -> None:
    chance = random.Random(3)
    every = sorted({"".join(chance.choices("abcd", k=chance.randint(3, 7))) for _ in range(200)})
    known = vocabulary(**dict.fromkeys(every, 1))
    for word in every[:30]:
        typos = dict(zip(every, distances(word, every).tolist(), strict=True))
        near = {other for other, typed in typos.items() if typed == 1}
        if near:
            assert set(known.near(word)) <= near
            assert len(known.near(word)) == min(len(near), 6)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        *(("shoe", "shoes"), ("shoes", "shoe"), ("watches", "watch"), ("berry", "berries")),
        *(("berries", "berry"), ("dress", "dresses"), ("box", "boxes"), ("dresses", "dress")),
    ],
)
def test_one_and_many_are_the_same_thing(word: str, other: str) -> None:
    assert other in other_forms(word)
