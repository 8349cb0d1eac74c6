"""In which characters a feed is written: what it says itself, else what the shop says of it."""

import codecs

from features.errors import CatalogError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES = """
utf-8-sig utf-16 utf-16-le utf-16-be cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
cp874 iso8859-2 iso8859-5 iso8859-7 iso8859-9 iso8859-15 koi8-r koi8-u mac-roman cp437 cp850 cp932
cp949 euc_jp gb18030 big5hkscs
"""
_KNOWN = frozenset(_NAMES.split())
# The wider ones of their kind: who says Latin-1 has Windows' euro, too, as everywhere on the web.
_WIDER = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "utf-8": "utf-8-sig",
}


def encoding_of(head: bytes, told: str) -> str:
    """The codec for a text that starts so: a mark at its beginning counts more than what is told.

    Raises:
        CatalogError: see `known_encoding`.
    """
    marked = (codec for mark, codec in _MARKS.items() if head.startswith(mark))
    return next(marked, known_encoding(told))


def known_encoding(name: str) -> str:
    """The codec of a name, as of `windows-1252`; of none, UTF-8's.

    Raises:
        CatalogError: no feed is written so.
    """
    if not name:
        return "utf-8-sig"
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        codec = ""
    codec = _WIDER.get(codec, codec)
    if codec not in _KNOWN:
        raise CatalogError(
            f"there is no encoding {name[:40]!r} of feeds; say utf-8, utf-16, windows-1252 "
            "(Excel in Western Europe), windows-1250, windows-1251, shift_jis, gb18030 or the like"
        )
    return codec
