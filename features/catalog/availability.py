"""Whether a product can be bought, in one vocabulary: Google's."""

import re

IN_STOCK = "in_stock"
OUT_OF_STOCK = "out_of_stock"
PREORDER = "preorder"
BACKORDER = "backorder"

_SCHEMA = re.compile(r"^(?:https?://)?(?:www\.)?schema\.org/", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s_-]+")
_QUANTITY = re.compile(r"[+-]?[0-9]{1,12}(?:[.,]0*)?")
_SAID_AS = {
    IN_STOCK: (
        "instock available availablefororder true yes y onlineonly instoreonly "
        "limitedavailability limitedstock lowstock"
    ),
    OUT_OF_STOCK: (
        "outofstock notinstock soldout unavailable notavailable false no n discontinued reserved"
    ),
    PREORDER: "preorder presale availableforpreorder",
    BACKORDER: "backorder onbackorder backordered availableonbackorder madetoorder",
}
_MEANING = {word: meaning for meaning, words in _SAID_AS.items() for word in words.split()}


def parse_availability(text: str) -> str:
    """One of the four words, from words, schema.org addresses, yes and no, or a number of pieces.

    Raises:
        ValueError: the text says nothing of these.
    """
    if not text:
        return ""
    word = _BETWEEN.sub("", _SCHEMA.sub("", text)).casefold()
    if word in _MEANING:
        return _MEANING[word]
    if _QUANTITY.fullmatch(text):
        return from_stock(text)
    raise ValueError(
        f"the availability {text[:40]!r} is not understood; say in_stock, out_of_stock, preorder "
        "or backorder"
    )


def from_stock(quantity: str, *, backorders: bool = False) -> str:
    """What a number of pieces means; none left can still be ordered where backorders are allowed.

    Raises:
        ValueError: the quantity is no number.
    """
    if not quantity:
        return ""
    if _QUANTITY.fullmatch(quantity) is None:
        raise ValueError(f"the stock {quantity[:40]!r} is not a number")
    if int(re.split("[.,]", quantity)[0]) > 0:
        return IN_STOCK
    return BACKORDER if backorders else OUT_OF_STOCK
