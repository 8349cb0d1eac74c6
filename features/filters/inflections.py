"""Colours as they stand beside a thing: `blaue Schuhe`, `une robe bleue`, `zapatos rojos`."""

_GERMANIC_AND_FRENCH = ("en", "em", "er", "es", "e")
_ROMANCE = ("os", "as", "a", "e", "i")
"""Instead of an o, for another gender or number."""
_SHORTEST = 3  # letters of a colour: red, rot, blu


def uninflected(text: str) -> frozenset[str]:
    """What a feed may call the colour that a text names in some gender, number or case."""
    stems = {text.removesuffix(ending) for ending in _GERMANIC_AND_FRENCH}
    masculine = {f"{text.removesuffix(it)}o" for it in _ROMANCE if text.endswith(it)}
    return frozenset(form for form in stems | masculine if len(form) >= _SHORTEST) - {text}
