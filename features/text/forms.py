"""One and many: the other form of an English noun, which shoppers do not tell apart."""

_WITH_ES = ("ches", "shes", "sses", "xes", "zes", "oes")


def other_forms(word: str) -> list[str]:
    """What may be the singular or the plural of a word; not all of them need be words."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return []
    return _singulars(word) or _plurals(word)


def _singulars(word: str) -> list[str]:
    if word.endswith("ies") and len(word) > 4:
        return [word[:-3] + "y", word[:-1]]
    if word.endswith(_WITH_ES):
        return [word[:-1], word[:-2]]
    return [word[:-1]] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else []


def _plurals(word: str) -> list[str]:
    if word.endswith("y"):
        return [word[:-1] + "ies", word + "s"]
    return (
        [word + "es"] if word.endswith(("ch", "sh", "s", "x", "z")) else [word + "s", word + "es"]
    )
