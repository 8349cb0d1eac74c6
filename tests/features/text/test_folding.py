"""Words as they are compared."""

import pytest

from features.text.folding import LONGEST_WORD, fold, whole, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème BRÛLÉE", ["creme", "brulee"]),
        ("Straße", ["strasse"]),
        ("SØREN Æble Łódź", ["soren", "aeble", "lodz"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("men's Levi’s", ["mens", "levis"]),
        ("l'eau d'or", ["l", "eau", "d", "or"]),
        ("İstanbul ırmak", ["istanbul", "irmak"]),
        ("half-zip, 3/4\tsleeve", ["half", "zip", "3", "4", "sleeve"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("שָׁלוֹם", ["שלום"]),
        ("運動鞋", ["運動", "動鞋", "鞋"]),
        ("Nike運動", ["nike", "運動", "動"]),
        ("한국어", ["한국어"]),
        ("がぎ", ["がぎ", "ぎ"]),
        ("*** --- \0 😀", []),
    ],
)
def test_a_text_is_found_by_these_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_text_as_one_word_forgets_what_is_between_its_letters() -> None:
    assert whole("AB-12 3/x") == whole("ab123X") == "ab123x"


def test_what_is_too_long_for_one_word_is_none() -> None:
    assert whole("word " * 40) == ""
    assert words("x" * 1_000) == ["x" * LONGEST_WORD]


def test_folding_twice_changes_nothing() -> None:
    for text in ("Crème", "ΑΣ", "が", "ﬁne", "ẞ"):
        assert fold(fold(text)) == fold(text)
