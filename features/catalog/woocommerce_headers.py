"""WooCommerce writes its export's headers in the shop's language: here are they in English."""

import re
from functools import lru_cache

_GERMAN = {
    "typ": "type",
    "artikelnummer": "sku",
    "veröffentlicht": "published",
    "kurzbeschreibung": "short description",
    "beschreibung": "description",
    "datum, an dem angebotspreis beginnt": "date sale price starts",
    "datum, an dem angebotspreis endet": "date sale price ends",
    "vorrätig?": "in stock?",
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
}
_FRENCH = {
    "ugs": "sku",
    "nom": "name",
    "publié": "published",
    "description courte": "short description",
    "en stock ?": "in stock?",
    "tarif promo": "sale price",
    "tarif régulier": "regular price",
    "catégories": "categories",
    "étiquettes": "tags",
    "url externe": "external url",
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
_ENGLISH = {**_GERMAN, **_FRENCH, **_SPANISH}
_ATTRIBUTES = (
    (
        re.compile(
            r"attribut ([0-9]+) name|nom de l'attribut ([0-9]+)|nombre del atributo ([0-9]+)"
        ),
        "name",
    ),
    (
        re.compile(
            r"attribut ([0-9]+) wert\(e\)|valeur\(s\) de l'attribut ([0-9]+)"
            r"|valor\(es\) del atributo ([0-9]+)"
        ),
        "value(s)",
    ),
)


@lru_cache(maxsize=1024)
def canonical(column: str) -> str:
    """The English header; another language's where it is known, else the column as it is."""
    column = " ".join(column.replace("’", "'").split())
    for pattern, what in _ATTRIBUTES:
        if match := pattern.fullmatch(column):
            return f"attribute {match[match.lastindex or 0]} {what}"
    return _ENGLISH.get(column, column)
