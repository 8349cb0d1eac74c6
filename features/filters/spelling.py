"""Texts as filters compare them: what readers take for one value is one."""

import unicodedata

# Turkish has an i with a dot and one without, and writes capitals of both; phones type the signs
# of typography where keyboards type the plain ones.
_ALIKE = str.maketrans("ı\u2018\u2019\u02bc\u2010\u2013", "i'''--")
_DOTTED = "i\u0307"  # what becomes of the Turkish İ without its case


def as_compared(text: str) -> str:
    """The text without case, width and spaces to spare, its letters composed of their parts.

    Accents count: `Rose` and `Rosé` are two values.
    """
    if not text.isascii():
        # Again, as letters without their case may be written in parts once more.
        plain = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFKC", plain.replace(_DOTTED, "i").translate(_ALIKE))
    return " ".join(text.casefold().split())
