"""What the names in a ZIP archive say: most programs do not tell how they wrote them.

Told are UTF-8 (a flag) and Info-ZIP's second name. Else names are what is hardly anything else:
UTF-8, or East Asian text, which is told by its runs of common characters; such names hold bytes
that look like backslashes. What remains is read as zipfile does (cp437, right for most of Western
Europe's letters). What is taken for something else is found by the name that a feed has: `misread`.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import product

_UTF8 = 0x800
_SECOND_NAME = 0x7075
_AS_ZIPFILE = "cp437"
# How the systems of a feed's makers may have written its pictures' names.
_ENCODINGS = "cp932 gbk big5 cp949 cp850 cp1252 cp852 cp1250 cp866 cp1251 cp1253 cp1254".split()  # noqa: SIM905
_ENOUGH = 0.8


def _is_japanese(lead: int, trail: int) -> bool:
    """Kana, and kanji of the first level, in Shift-JIS."""
    return lead in (0x82, 0x83) or 0x88 <= lead <= 0x97 or (lead == 0x81 and trail in (0x5B, 0x58))


def _is_korean(lead: int, trail: int) -> bool:
    """Hangul in EUC-KR."""
    return 0xB0 <= lead <= 0xC8 and trail >= 0xA1


def _is_chinese(lead: int, trail: int) -> bool:
    """Characters of the first level in GB 2312."""
    return 0xB0 <= lead <= 0xD7 and trail >= 0xA1


def _is_taiwanese(lead: int, _: int) -> bool:
    """Frequent characters in Big5."""
    return 0xA4 <= lead <= 0xC6


_ASIAN: dict[str, Callable[[int, int], bool]] = {
    "cp932": _is_japanese,
    "cp949": _is_korean,
    "gbk": _is_chinese,
    "big5": _is_taiwanese,
}
_RUN = re.compile(r"[^\x00-\x7f]+")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")


def names_of(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The name of each entry, with plain slashes alone."""
    told = [_told(entry) for entry in entries]
    untold = [_raw(entry) for entry, name in zip(entries, told, strict=True) if name is None]
    encoding = _guessed(untold)
    names = (
        _raw(entry).decode(encoding) if name is None else name
        for entry, name in zip(entries, told, strict=True)
    )
    return [name.replace("\\", "/") for name in names]


def misread(name: str) -> Iterator[str]:
    """What a name that a feed has may be called where nobody knew how it was written."""
    if name.isascii():
        return
    for taken, encoding in product((_AS_ZIPFILE, *_ASIAN), _ENCODINGS):
        try:
            yield name.encode(encoding).decode(taken).replace("\\", "/")
        except UnicodeError:
            continue


def _told(entry: zipfile.ZipInfo) -> str | None:
    """The name, where it says how it is written or can hardly be written otherwise."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    raw = _raw(entry)
    for candidate in (_second_name(entry.extra, raw), raw):
        try:
            if candidate is not None:
                return candidate.decode()
        except UnicodeDecodeError:
            continue
    return None


def _raw(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode(_AS_ZIPFILE)


def _second_name(extra: bytes, raw: bytes) -> bytes | None:
    """Info-ZIP's name in UTF-8, if it was written for this very name."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _SECOND_NAME and len(field) > 5 and field[0] == 1:
            (checksum,) = struct.unpack_from("<L", field, 1)
            return field[5:] if checksum == zlib.crc32(raw) else None
    return None


def _guessed(names: Sequence[bytes]) -> str:
    """How all these are written: one program wrote them."""
    for encoding, is_common in _ASIAN.items():
        try:
            texts = [name.decode(encoding) for name in names]
        except UnicodeDecodeError:
            continue
        if texts and _is_text(texts, encoding, is_common):
            return encoding
    return _AS_ZIPFILE


def _is_text(texts: Sequence[str], encoding: str, is_common: Callable[[int, int], bool]) -> bool:
    """Whether most of it is common, and in runs: an accent stands alone between other letters."""
    characters = common = 0
    for text in texts:
        if _HALF_WIDTH.search(text):
            return False
        for run in _RUN.finditer(text):
            beside = text[max(0, run.start() - 1) : run.start()] + text[run.end() : run.end() + 1]
            alone = len(run[0]) == 1 and any(letter.isalpha() for letter in beside)
            pairs = [character.encode(encoding) for character in run[0]]
            characters += len(pairs)
            common += sum(not alone and len(pair) == 2 and is_common(*pair) for pair in pairs)
    return common >= _ENOUGH * characters
