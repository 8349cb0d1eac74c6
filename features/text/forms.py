"""One and many: the other form of an English noun, which shoppers do not tell apart."""


def other_forms(word: str) -> list[str]:
    """What may be the singular or the plural of a word; not all of them need be words."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return []
    singular = _singular(word)
    return [singular] if singular else _plurals(word)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else ""


def _plurals(word: str) -> list[str]:
    if word.endswith("y"):
        return [word[:-1] + "ies", word + "s"]
    return (
        [word + "es"] if word.endswith(("ch", "sh", "s", "x", "z")) else [word + "s", word + "es"]
    )
