"""WooCommerce's product export."""

from decimal import Decimal
from pathlib import Path

import pytest

from features.catalog import FeedOptions
from tests.features.catalog.reading import locations, read_at, read_feed

HEADER = (
    "ID,Type,SKU,Name,Published,Short description,Description,In stock?,Stock,"
    "Backorders allowed?,Sale price,Regular price,Categories,Tags,Images,Parent,External URL,"
    "Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)\n"
)
OPTIONS = FeedOptions(currency="EUR", store_url="https://x.example/")


def test_the_real_sample_is_read_whole(shared_data: Path) -> None:
    entries, reasons = read_at(
        shared_data / "data" / "feeds" / "woocommerce_sample_products.csv", OPTIONS
    )
    assert reasons == []
    assert len(entries) == 24
    assert sum(entry.variant for entry in entries) == 9
    assert len({entry.product.id for entry in entries}) == 15
    assert sum(len(entry.pictures) for entry in entries) == 32
    pictures = {(entry.product.id, name) for entry in entries for name in locations(entry)}
    assert len(pictures) == 26
    products = {entry.product.id: entry.product for entry in entries if not entry.variant}
    beanie = products["cc-beanie"]
    assert (beanie.title, beanie.category) == ("Beanie", "Clothing > Accessories")
    assert (beanie.price, beanie.currency, beanie.availability) == (Decimal(18), "EUR", "in_stock")
    assert beanie.attributes["regular_price"] == "20"
    assert beanie.url == "https://x.example/?p=745"
    assert products["cp-donation"].url == "https://www.classicpress.net/donate/"
    assert products["cc-tee"].attributes["size"] == "Large, Medium, Small"


def test_variations_belong_to_their_parent(tmp_path: Path) -> None:
    text = HEADER + (
        '1,variable,TEE,Tee,1,,,1,,0,,,Tees,,"t1.jpg, t2.jpg",,,Color,"Red, Blue",,\n'
        "2,variation,TEE-R,Tee - Red,1,,,1,,0,,15,,,red.jpg,TEE,,Color,Red,,\n"
        '3,"variation, virtual",,Tee - Blue,1,,,0,,0,,15,,,,TEE,,Color,Blue,,\n'
        "4,variable,,Cap,1,,,1,,0,,,,,c.jpg,,,,,,\n"
        "5,variation,,Cap - S,1,,,1,,0,,9,,,,id:4,,,,,\n"
    )
    entries, reasons = read_feed(tmp_path, text)
    assert reasons == []
    assert [(entry.product.id, entry.variant, locations(entry)) for entry in entries] == [
        ("TEE", False, ["t1.jpg", "t2.jpg"]),
        ("TEE", True, ["red.jpg"]),
        ("TEE", True, []),
        ("id:4", False, ["c.jpg"]),
        ("id:4", True, []),
    ]
    assert entries[1].product.attributes == {"sku": "TEE-R", "color": "Red"}


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("simple", True),
        ('"simple, downloadable, virtual"', True),
        ("grouped", True),
        ("external", True),
    ],
)
def test_every_type_is_a_product(tmp_path: Path, kind: str, kept: bool) -> None:
    (entry,), _ = read_feed(tmp_path, f"ID,Type,SKU,Images\n1,{kind},A,a.jpg\n")
    assert (entry.product.id, entry.variant) == ("A", not kept)


def test_what_is_not_published_is_left_out_and_its_variations_too(tmp_path: Path) -> None:
    text = (
        "ID,Type,SKU,Published,Images,Parent\n"
        "1,variable,A,-1,a.jpg,\n2,variation,A-1,1,a1.jpg,A\n3,simple,B,0,b.jpg,\n"
        "4,simple,C,2,c.jpg,\n5,simple,D,1,d.jpg,\n6,variable,,0,e.jpg,\n7,variation,,1,e.jpg,id:6\n"
    )
    entries, reasons = read_feed(tmp_path, text)
    assert reasons == []
    assert [entry.product.id for entry in entries] == ["D"]


@pytest.mark.parametrize(
    ("said", "stock", "backorders", "meaning"),
    [
        ("1", "", "0", "in_stock"),
        ("0", "", "0", "out_of_stock"),
        ("backorder", "", "1", "backorder"),
        ("", "3", "0", "in_stock"),
        ("", "0", "0", "out_of_stock"),
        ("", "0", "notify", "backorder"),
        ("", "", "0", ""),
    ],
)
def test_the_stock_is_understood(
    tmp_path: Path, said: str, stock: str, backorders: str, meaning: str
) -> None:
    row = f"1,simple,A,A,1,,,{said},{stock},{backorders},,,,,a.jpg,,,,,,\n"
    (entry,), reasons = read_feed(tmp_path, HEADER + row)
    assert (entry.product.availability, reasons) == (meaning, [])


def test_cells_are_as_they_were_before_the_export(tmp_path: Path) -> None:
    row = (
        r"1,simple,A,'-5 Grad Jacke,1,Short,One\nTwo <b>three</b>,1,,0,"
        r'"1.299,00","1.499,50","Coats\, warm > Down, Sale","new, blue",'
        r'"https://x.example/w_1,h_2/a.jpg, https://x.example/b.jpg",,,'
        r'Filling,"Down\, white, Wool",Size,M' + "\n"
    )
    (entry,), reasons = read_feed(tmp_path, HEADER + row, OPTIONS)
    assert reasons == []
    product = entry.product
    assert (product.title, product.description) == ("-5 Grad Jacke", "One Two three")
    assert (product.price, product.currency) == (Decimal("1299.00"), "EUR")
    assert product.category == "Coats, warm > Down"
    assert product.attributes == {
        "categories": "Coats, warm > Down, Sale",
        "tags": "new, blue",
        "filling": "Down, white, Wool",
        "size": "M",
        "regular_price": "1499.50",
    }
    assert locations(entry) == ["https://x.example/w_1,h_2/a.jpg", "https://x.example/b.jpg"]


HEADERS = {
    "Dutch": "ID,Type,Artikelnummer,Naam,Gepubliceerd,Beschrijving,Op voorraad?,Reguliere prijs,"
    "Categorieën,Afbeeldingen,Hoofd,Naam eigenschap 1,Waarde eigenschap 1,"
    "Actieprijs,Startdatum actieprijs,Einddatum actieprijs",
    "French": "ID,Type,UGS,Nom,Publié,Description,En stock\u00a0?,Tarif régulier,"
    "Catégories,Images,Parent,Nom de l’attribut 1,Valeur(s) de l’attribut 1 ,"
    "Tarif promo,Date de début de promo,Date de fin de promo",
    "German": "ID,Typ,Artikelnummer,Name,Veröffentlicht,Beschreibung,Vorrätig?,Regulärer Preis,"
    "Kategorien,Bilder,Übergeordnetes Produkt,Attribut 1 Name,Attribut 1 Wert(e),"
    'Angebotspreis,"Datum, an dem Angebotspreis beginnt",'
    '"Datum, an dem Angebotspreis endet"',
    "Italian": "ID,Tipo,COD,Nome,Pubblicato,Descrizione,In stock?,Prezzo di listino,"
    "Categorie,Immagine,Genitore,Attributo 1 nome,Attributo 1 valuta(e),"
    "Prezzo in offerta,Data di partenza del prezzo in saldo,Data in cui termina l'offerta",
    "Polish": "ID,Typ,SKU,Nazwa,Opublikowano,Opis,W magazynie?,Cena,"
    "Kategorie,Obrazki,Element nadrzędny,Nazwa atrybutu 1,Wartości atrybutu 1,"
    "Cena promocyjna,Data rozpoczęcia promocji,Data zakończenia promocji",
    "Portuguese": "ID,Tipo,SKU,Nome,Publicado,Descrição,Em estoque?,Preço,"
    "Categorias,Imagens,Ascendente,Nome do atributo 1,Valores do atributo 1,"
    "Preço promocional,Data de preço promocional começa em,"
    "Data de preço promocional termina em",
    "Spanish": "ID,Tipo,SKU,Nombre,Publicado,Descripción,¿Existencias?,Precio normal,"
    "Categorías,Imágenes,Superior,Nombre del atributo 1,Valor(es) del atributo 1,"
    "Precio rebajado,Día en que empieza el precio rebajado,"
    "Día en que termina el precio rebajado",
}


@pytest.mark.parametrize("language", HEADERS)
def test_the_export_may_be_in_another_language(tmp_path: Path, language: str) -> None:
    text = (
        f"{HEADERS[language]}\n1,variable,A,Tee,1,Soft,1,15,Tees,a.jpg,,Color,Red,12,,\n"
        "2,variation,A-1,Tee,1,,0,15,,,A,Color,Red,12,,2001-01-01\n"
        "3,simple,B,Hat,-1,,1,7,,b.jpg,,,,,,\n"
        "4,simple,C,Bag,1,,1,7,,c.jpg,,,,5,2999-01-01,\n"
    )
    (tee, variation, bag), reasons = read_feed(tmp_path, text)
    assert reasons == []
    product = tee.product
    assert (product.id, product.title, product.description) == ("A", "Tee", "Soft")
    assert (product.price, product.availability) == (12, "in_stock")
    assert (product.category, product.attributes["color"]) == ("Tees", "Red")
    assert (variation.product.id, variation.variant) == ("A", True)
    assert (variation.product.price, bag.product.price) == (15, 7)


def test_rows_without_a_name_of_their_own_are_named_by_line(tmp_path: Path) -> None:
    text = "ID,Type,SKU,Images,Parent\n,simple,,a.jpg,\n2,variation,B,b.jpg,\n"
    assert read_feed(tmp_path, text) == ([], [(2, "no_id"), (3, "no_parent")])
