"""Spellings that readers take for one value are one for filters, facets and words."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.filters import FilterMasks, count_facets, named_filters, parse_filters
from features.filters.spelling import as_compared
from features.store import StoreWriter, open_store
from features.types import Product
from tests.helpers import TINY, gallery

COMPOSED, DECOMPOSED = "Grün", "Gru\u0308n"


@pytest.mark.parametrize(
    ("spellings", "compared"),
    [
        ((COMPOSED, DECOMPOSED, "GRÜN", "GRU\u0308N"), "grün"),
        (("Straße", "STRASSE", "straſse"), "strasse"),
        (("ＮＩＫＥ", "Nike"), "nike"),
        (("ﾅｲｷ", "ナイキ"), "ナイキ"),
        (("Levi's", "LEVI’S", "Leviʼs"), "levi's"),
        (("T-Shirt", "T‑Shirt"), "t-shirt"),
        (("6-12", "6–12"), "6-12"),
        (("North Face", "North\u00a0Face", " North  Face "), "north face"),
        (("Siyah", "SİYAH", "SI\u0307YAH"), "siyah"),
        (("Kırmızı", "KIRMIZI", "kirmizi"), "kirmizi"),
        (("ΜΑΎΡΟΣ", "Μαύρος"), "μαύροσ"),
    ],
)
def test_spellings_of_one_value_are_one(spellings: tuple[str, ...], compared: str) -> None:
    assert {as_compared(text) for text in spellings} == {compared}


@pytest.mark.parametrize("others", [("Rose", "Rosé"), ("A", "A+"), ("1.5", "15"), ("H&M", "HM")])
def test_what_readers_tell_apart_stays_apart(others: tuple[str, str]) -> None:
    assert len(set(map(as_compared, others))) == 2


@given(st.text())
def test_what_is_compared_may_be_asked_for_again(text: str) -> None:
    assert as_compared(as_compared(text)) == as_compared(text)


@given(st.text())
def test_no_form_of_unicode_makes_another_value(text: str) -> None:
    forms = {as_compared(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC")}
    assert forms == {as_compared(text)}


def test_a_feed_that_mixes_forms_has_one_value_for_filters_facets_and_words(
    tmp_path: Path,
) -> None:
    pictures, vectors, _ = gallery(4)
    colours = (COMPOSED, DECOMPOSED, DECOMPOSED, "Rot")
    products = [
        Product(
            picture.product_id,
            category=f"{colour} > Sofas",
            brand=colour,
            attributes={unicodedata.normalize("NFD", "Größe") if n else "Größe": colour},
        )
        for n, (picture, colour) in enumerate(zip(pictures, colours, strict=True))
    ]
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, products)
    view = open_store(tmp_path)
    assert list(view.products.values()) == products  # what the feed says stays as it is
    masks = FilterMasks(view)
    for colour in (COMPOSED, DECOMPOSED, "GRÜN"):
        for field in ("brand", "category", "Größe", "Gro\u0308ße"):
            assert masks.rows(parse_filters([f"{field}:{colour}"])).sum() == 3
        assert masks.rows(parse_filters([f"category:{colour}>SOFAS"])).sum() == 3
        assert masks.rows(named_filters(masks, f"but in {colour}")).sum() == 3
    facets = count_facets(products, ["brand", "category", "größe"])
    assert facets == {field: {DECOMPOSED: 3, "Rot": 1} for field in facets}
    assert count_facets(products[:1], ["Gro\u0308ße"]) == {"Gro\u0308ße": {COMPOSED: 1}}
