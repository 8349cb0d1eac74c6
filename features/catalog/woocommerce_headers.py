"""WooCommerce writes its export's headers in the shop's language: here are they in English.

As shops' exports have them; several of one meaning are of different versions of the translation.
"""

import re
from functools import lru_cache

_DUTCH = {
    "artikelnummer": "sku",
    "naam": "name",
    "gepubliceerd": "published",
    "korte beschrijving": "short description",
    "korte omschrijving": "short description",
    "beschrijving": "description",
    "startdatum actieprijs": "date sale price starts",
    "einddatum actieprijs": "date sale price ends",
    "op voorraad?": "in stock?",
    "voorraad": "stock",
    "nabestellingen toestaan?": "backorders allowed?",
    "actieprijs": "sale price",
    "reguliere prijs": "regular price",
    "categorieën": "categories",
    "afbeeldingen": "images",
    "hoofd": "parent",
    "externe url": "external url",
    "merken": "brands",
}
_FRENCH = {
    "ugs": "sku",
    "nom": "name",
    "publié": "published",
    "description courte": "short description",
    "date de début de promo": "date sale price starts",
    "date de fin de promo": "date sale price ends",
    "en stock ?": "in stock?",
    "autoriser les commandes de produits en rupture ?": "backorders allowed?",
    "tarif promo": "sale price",
    "tarif régulier": "regular price",
    "catégories": "categories",
    "étiquettes": "tags",
    "url externe": "external url",
    "marques": "brands",
}
_GERMAN = {
    "typ": "type",
    "artikelnummer": "sku",
    "veröffentlicht": "published",
    "kurzbeschreibung": "short description",
    "beschreibung": "description",
    "datum, an dem angebotspreis beginnt": "date sale price starts",
    "datum, an dem angebotspreis endet": "date sale price ends",
    "vorrätig?": "in stock?",
    "bestand": "stock",
    "lager": "stock",
    "lieferrückstande erlaubt?": "backorders allowed?",
    "lieferrückstände erlaubt?": "backorders allowed?",
    "angebotspreis": "sale price",
    "regulärer preis": "regular price",
    "kategorien": "categories",
    "schlagwörter": "tags",
    "bilder": "images",
    "übergeordnetes produkt": "parent",
    "externe url": "external url",
    "marken": "brands",
}
_ITALIAN = {
    "tipo": "type",
    "cod": "sku",
    "nome": "name",
    "pubblicato": "published",
    "breve descrizione": "short description",
    "descrizione": "description",
    "data di partenza del prezzo in saldo": "date sale price starts",
    "data in cui termina l'offerta": "date sale price ends",
    "termine data del prezzo di vendita": "date sale price ends",
    "magazzino": "stock",
    "abilita gli ordini arretrati?": "backorders allowed?",
    "prezzo in offerta": "sale price",
    "prezzo di listino": "regular price",
    "categorie": "categories",
    "tag": "tags",
    "etichette": "tags",
    "immagine": "images",
    "immagini": "images",
    "genitore": "parent",
    "url esterno": "external url",
    "url esterna": "external url",
    "marchi": "brands",
}
_POLISH = {
    "typ": "type",
    "nazwa": "name",
    "opublikowano": "published",
    "krótki opis": "short description",
    "opis": "description",
    "data rozpoczęcia promocji": "date sale price starts",
    "data zakończenia promocji": "date sale price ends",
    "w magazynie?": "in stock?",
    "stan magazynowy": "stock",
    "pozwalać na zamówienia oczekujące (na dostawę do magazynu)?": "backorders allowed?",
    "cena promocyjna": "sale price",
    "cena": "regular price",
    "kategorie": "categories",
    "tagi": "tags",
    "obrazki": "images",
    "element nadrzędny": "parent",
    "zewnętrzny adres url": "external url",
}
_PORTUGUESE = {
    "tipo": "type",
    "nome": "name",
    "publicado": "published",
    "descrição curta": "short description",
    "descrição": "description",
    "data de preço promocional começa em": "date sale price starts",
    "data de preço promocional termina em": "date sale price ends",
    "em estoque?": "in stock?",
    "estoque": "stock",
    "são permitidas encomendas?": "backorders allowed?",
    "preço promocional": "sale price",
    "preço": "regular price",
    "categorias": "categories",
    "imagens": "images",
    "ascendente": "parent",
    "url externa": "external url",
    "marcas": "brands",
}
_SPANISH = {
    "tipo": "type",
    "nombre": "name",
    "publicado": "published",
    "descripción corta": "short description",
    "descripción": "description",
    "día en que empieza el precio rebajado": "date sale price starts",
    "día en que termina el precio rebajado": "date sale price ends",
    "¿en inventario?": "in stock?",
    "¿existencias?": "in stock?",
    "inventario": "stock",
    "¿permitir reservas de productos agotados?": "backorders allowed?",
    "precio rebajado": "sale price",
    "precio normal": "regular price",
    "categorías": "categories",
    "etiquetas": "tags",
    "imágenes": "images",
    "superior": "parent",
    "url externa": "external url",
    "marcas": "brands",
}
_ENGLISH = {**_DUTCH, **_FRENCH, **_GERMAN, **_ITALIAN, **_POLISH, **_PORTUGUESE, **_SPANISH}

# Of a product's attributes, with # for their number.
_NAMES = (
    "attribut # name",
    "attributo # nome",
    "naam eigenschap #",
    "nazwa atrybutu #",
    "nom de l'attribut #",
    "nombre del atributo #",
    "nome do atributo #",
)
_VALUES = (
    "attribut # wert(e)",
    "attributo # valuta(e)",
    "valeur(s) de l'attribut #",
    "valor(es) del atributo #",
    "valores do atributo #",
    "waarde eigenschap #",
    "wartości atrybutu #",
)
_ATTRIBUTES = {**dict.fromkeys(_NAMES, "name"), **dict.fromkeys(_VALUES, "value(s)")}
_NUMBER = re.compile("[0-9]+")


@lru_cache(maxsize=1024)
def canonical(column: str) -> str:
    """The English header; another language's where it is known, else the column as it is."""
    column = " ".join(column.replace("’", "'").split())
    number = _NUMBER.search(column)
    if number and (what := _ATTRIBUTES.get(_NUMBER.sub("#", column, count=1))):
        return f"attribute {number[0]} {what}"
    return _ENGLISH.get(column, column)
