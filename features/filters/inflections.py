"""Colours as they stand beside a thing: `blaue Schuhe`, `une robe bleue`, `zapatos rojos`."""

# By how a colour ends: how another form of it ends. Not all that is made of them need be words.
_ENDINGS = {
    "": ("en", "em", "er", "es", "e"),  # blaue, noires, azules
    "o": ("os", "as", "a", "e", "i"),  # rojas, nere
    "e": ("i",),  # verdi
    "io": ("i",),  # grigi
    "co": ("chi", "che"),  # bianche
    "c": ("che", "ches"),  # blanche
    "t": ("tte", "ttes"),  # violette, witte
    "l": ("is",),  # azuis
    "m": ("ns",),  # marrons
    "s": ("ze",),  # grijze
    "ood": ("ode",),  # rode
    "eel": ("ele",),  # gele
}
_SHORTEST = 3  # letters of a colour: red, rot, blu
_INVARIABLE = frozenset(("moro", "oro"))  # more and ora are other words


def uninflected(text: str) -> frozenset[str]:
    """What a feed may call the colour that a text names in some gender, number or case."""
    forms = {
        text.removesuffix(ending) + colour
        for colour, endings in _ENDINGS.items()
        for ending in endings
        if text.endswith(ending)
    }
    return frozenset(form for form in forms - _INVARIABLE if len(form) >= _SHORTEST)
