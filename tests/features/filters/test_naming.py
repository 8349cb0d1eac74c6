"""Which filters words ask for."""

from dataclasses import replace
from pathlib import Path

import pytest

from features.filters import FilterMasks, named_filters, parse_filters
from features.filters.spelling import as_compared
from features.store import StoreWriter, open_store
from features.types import Filter, Product
from tests.helpers import TINY, gallery

PRODUCTS = [
    Product("1", category="Shoes > Boots", brand="North Face", attributes={"Color": "Navy Blue"}),
    Product("2", category="T-shirts", brand="H&M", attributes={"color": "Blue, Red", "size": "42"}),
    Product("3", category="Mugs", attributes={"Material": "Stoneware", "care": "gentle"}),
]


@pytest.fixture(scope="module")
def masks(tmp_path_factory: pytest.TempPathFactory) -> FilterMasks:
    folder = tmp_path_factory.mktemp("store")
    pictures, vectors, _ = gallery(len(PRODUCTS))
    pictures = [
        replace(picture, product_id=product.id)
        for picture, product in zip(pictures, PRODUCTS, strict=True)
    ]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures, vectors, PRODUCTS)
    return FilterMasks(open_store(folder))


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("but in blue", {"color": {"blue"}}),
        ("in NAVY blue please", {"color": {"navy blue"}}),
        ("blue or red", {"color": {"blue", "red"}}),
        ("red boots", {"category": {"boots"}, "color": {"red"}}),
        ("shoes, boots", {"category": {"shoes", "boots"}}),
        ("anything by The North Face", {"brand": {"north face"}}),
        ("a mug", {"category": {"mugs"}}),
        ("t-shirt from h&m, size 42", {"category": {"t-shirts"}, "brand": {"h&m"}, "size": {"42"}}),
        ("stoneware", {"material": {"stoneware"}}),
        ("gentle", {}),
        ("nothing of the sort", {}),
        ("", {}),
        ("blue' OR 1=1 --", {"color": {"blue"}}),
    ],
)
def test_words_that_name_a_value_ask_for_it(
    masks: FilterMasks, text: str, filters: dict[str, set[str]]
) -> None:
    assert set(named_filters(masks, text)) == {
        Filter(field, frozenset(values)) for field, values in filters.items()
    }


@pytest.mark.parametrize(
    "colour", ["नीला", "কালো", "สีน้ำเงิน", "أَزْرَق", "سرمه\u200cای", "Grün", "Gru\u0308n"]
)
def test_vowel_signs_and_accents_belong_to_their_word(tmp_path: Path, colour: str) -> None:
    pictures, vectors, _ = gallery(1)
    product = Product(pictures[0].product_id, attributes={"color": colour})
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, [product])
        masks = FilterMasks(writer.view())
    named = (Filter("color", frozenset({as_compared(colour)})),)
    assert named_filters(masks, f"42 {colour}, 7") == named


SIGNS = ("Dr. Martens", "H&M", "Levi's", "Levi’s", "A.P.C.", "L'Oréal Paris", "Bang & Olufsen")
COLOURS = ("Navy/White", "Green, Pink", "Off-White", "Black and White", "Чёрный", "Rosé", "Red")
MATERIALS = ("100% Cotton",)
SIZES = ("42", "42,5", "4-5", "45", "XL+", '15.6"')
ANY_SIGNS = [
    ("dr martens black", {"brand": {"dr. martens"}}),
    ("dr. martens", {"brand": {"dr. martens"}}),
    ("like these, but Dr.Martens", {"brand": {"dr. martens"}}),
    ("h&m", {"brand": {"h&m"}}),
    ("from H & M", {"brand": {"h&m"}}),
    ("h and m", {"brand": {"h&m"}}),
    ("hm", {"brand": {"h&m"}}),
    ("levis", {"brand": {"levi's"}}),
    ("LEVI’S", {"brand": {"levi's"}}),
    ("levi's jeans", {"brand": {"levi's"}}),
    ("apc", {"brand": {"a.p.c."}}),
    ("A.P.C. in red", {"brand": {"a.p.c."}, "color": {"red"}}),
    ("l oreal paris", {}),
    ("loreal paris", {"brand": {"l'oréal paris"}}),
    ("L’Oréal Paris", {"brand": {"l'oréal paris"}}),
    ("bang and olufsen", {"brand": {"bang & olufsen"}}),
    ("bang und olufsen", {"brand": {"bang & olufsen"}}),
    ("navy/white", {"color": {"navy", "white"}}),
    ("navy or white", {"color": {"navy", "white"}}),
    ("green, pink", {"color": {"green", "pink"}}),
    ("green pink", {"color": {"green", "pink"}}),
    ("off white", {"color": {"off-white"}}),
    ("offwhite", {"color": {"off-white"}}),
    ("black & white", {"color": {"black and white"}}),
    ("черный", {"color": {"чёрный"}}),
    ("rose", {"color": {"rosé"}}),
    ("size 4-5", {"size": {"4-5"}}),
    ("size 45", {"size": {"45"}}),
    ("15.6 inches", {"size": {'15.6"'}}),
    ("boots in 42,5", {"size": {"42,5"}}),
    ("42.5", {"size": {"42,5"}}),
    ("42", {"size": {"42"}}),
    ("xl", {}),
    ("100% cotton", {"material": {"100% cotton"}}),
    ("100 of them", {}),
]


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> FilterMasks:
    folder = tmp_path_factory.mktemp("signs")
    described = [
        *({"brand": brand} for brand in SIGNS),
        *({"attributes": {"color": colour}} for colour in COLOURS),
        *({"attributes": {"material": material}} for material in MATERIALS),
        *({"attributes": {"size": size}} for size in SIZES),
    ]
    pictures, vectors, _ = gallery(len(described))
    products = [
        Product(picture.product_id, **fields)
        for picture, fields in zip(pictures, described, strict=True)
    ]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures, vectors, products)
    return FilterMasks(open_store(folder))


@pytest.mark.parametrize(("text", "named"), ANY_SIGNS)
def test_signs_in_a_value_need_not_be_typed(
    signs: FilterMasks, text: str, named: dict[str, set[str]]
) -> None:
    assert {it.field: set(it.words) for it in named_filters(signs, text)} == named
    for wanted in named_filters(signs, text):
        assert signs.rows((wanted,)).any()


def test_all_spellings_of_what_is_typed_are_named(tmp_path: Path) -> None:
    pictures, vectors, _ = gallery(4)
    brands = ("Dr. Martens", "Dr Martens", "DR.MARTENS", "I.T")
    products = [
        Product(it.product_id, brand=brand) for it, brand in zip(pictures, brands, strict=True)
    ]
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, products)
        masks = FilterMasks(writer.view())
        (named,) = named_filters(masks, "like it, but dr. martens")
        assert named.words == {"dr. martens", "dr martens", "dr.martens"}
        writer.delete(writer.view().rows_of(products[0].id))
        (named,) = named_filters(FilterMasks(writer.view(), masks), "Dr. Martens")
        assert named.words == {"dr martens", "dr.martens"}
    (named,) = named_filters(masks, "I.T please")
    assert named.words == {"i.t"}


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        ("farbe", "Blau", "in blau"),
        ("Größe", "42", "Stiefel in 42"),
        ("couleur", "Bleu", "en bleu"),
        ("matière", "Coton", "en coton"),
        ("taille", "XL", "en xl"),
        ("talla", "XL", "en xl"),
        ("kleur", "Blauw", "in blauw"),
        ("colore", "Blu", "in blu"),
        ("kolor", "Niebieski", "niebieski"),
        ("cor", "Azul", "em azul"),
        ("rozmiar", "XL", "xl"),
        ("farbe", "Grün", "grüne Schuhe"),
        ("farbe", "Rot", "mit rotem Muster"),
        ("farbe", "Schwarz", "ein schwarzes Kleid"),
        ("couleur", "Bleu", "des robes bleues"),
        ("couleur", "Vert", "une jupe verte"),
        ("color", "Rojo", "zapatos rojos"),
        ("color", "Negro", "una falda negra"),
        ("colore", "Rosso", "scarpe rosse"),
        ("cor", "Vermelho", "saias vermelhas"),
        ("kleur", "Zwart", "een zwarte tas"),
        ("kleur", "Wit", "witte sneakers"),
        ("kleur", "Rood", "een rode jas"),
        ("kleur", "Geel", "gele laarzen"),
        ("kleur", "Grijs", "een grijze broek"),
        ("colore", "Bianco", "scarpe bianche"),
        ("colore", "Bianco", "stivali bianchi"),
        ("colore", "Grigio", "pantaloni grigi"),
        ("colore", "Verde", "scarpe verdi"),
        ("couleur", "Blanc", "une robe blanche"),
        ("couleur", "Blanc", "des chemises blanches"),
        ("couleur", "Violet", "une jupe violette"),
        ("couleur", "Violet", "des jupes violettes"),
        ("color", "Marrón", "botas marrones"),
        ("cor", "Azul", "sapatos azuis"),
        ("cor", "Marrom", "sapatos marrons"),
    ],
)
def test_attributes_are_named_in_the_languages_of_feeds(
    tmp_path: Path, attribute: str, value: str, text: str
) -> None:
    pictures, vectors, _ = gallery(1)
    product = Product(pictures[0].product_id, attributes={attribute: value})
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, [product])
        masks = FilterMasks(writer.view())
    (named,) = named_filters(masks, text)
    assert named == parse_filters([f"{attribute}:{value}"])[0]


def test_only_colours_are_known_by_their_endings(tmp_path: Path) -> None:
    """Who says "this one" does not ask for the brand On."""
    pictures, vectors, _ = gallery(1)
    product = Product(pictures[0].product_id, brand="On", attributes={"color": "Tea"})
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, [product])
        masks = FilterMasks(writer.view())
    assert named_filters(masks, "this one, as teas are") != ()
    assert named_filters(masks, "this one for the team") == ()


@pytest.mark.parametrize(
    "text",
    [
        "black and white, please",
        "la robe noire",
        "so nice",
        "can you go up a size",
        "mit Muster",
    ],
)
def test_little_words_name_no_value_that_is_written_otherwise(tmp_path: Path, text: str) -> None:
    brands = ("A.N.D.", "L.A.", "Só", "UP!", "M.I.T.")
    pictures, vectors, _ = gallery(len(brands))
    products = [
        Product(it.product_id, brand=brand) for it, brand in zip(pictures, brands, strict=True)
    ]
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, products)
        masks = FilterMasks(writer.view())
    assert named_filters(masks, text) == ()
    assert named_filters(masks, "A.N.D. please")[0].words == {"a.n.d."}


def test_a_colour_that_never_changes_is_not_found_in_other_words(tmp_path: Path) -> None:
    """Italian shoppers say "ora" for now, English ones "more"."""
    pictures, vectors, _ = gallery(2)
    products = [
        Product(it.product_id, attributes={"color": colour})
        for it, colour in zip(pictures, ("Oro", "Moro"), strict=True)
    ]
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, products)
        masks = FilterMasks(writer.view())
    assert named_filters(masks, "la stessa borsa, ora in nero") == ()
    assert named_filters(masks, "more like this") == ()
    assert named_filters(masks, "in oro")[0].words == {"oro"}


def test_a_long_text_is_read_in_part(masks: FilterMasks) -> None:
    assert named_filters(masks, "very " * 40 + "blue") == ()


def test_only_what_can_be_found_is_named(tmp_path: Path) -> None:
    pictures, vectors, _ = gallery(2)
    rose = Product(pictures[0].product_id, brand="Rose", attributes={"color": "Red"})
    vase = Product(pictures[1].product_id, category="Rose", attributes={"color": "Blue"})
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, [rose, vase])
        before = FilterMasks(writer.view())
        assert named_filters(before, "blue") == (Filter("color", frozenset({"blue"})),)
        assert named_filters(before, "rose") == (Filter("category", frozenset({"rose"})),)
        writer.delete(writer.view().rows_of(vase.id))
        after = FilterMasks(writer.view(), before)
        assert named_filters(after, "blue") == ()
        assert named_filters(after, "rose") == (Filter("brand", frozenset({"rose"})),)
        writer.append([], vectors[:0], [replace(rose, brand="Tulip")])
        assert named_filters(FilterMasks(writer.view(), after), "rose") == ()
