"""Texts that have been taken for paths: they lead out, or to where nobody should read."""

from collections.abc import Iterator
from urllib.parse import quote

_UP = ("../", "..\\", "....//", "..;/", "..../", ".%00./", "\u2025/", "..\uff0f", "..\u2215")
_FILES = ("etc/passwd", "pyproject.toml")
_WHOLE = (
    *(".", "..", "...", "/", "\\", "//", "~", "~root", "-", "--help", "*", "$HOME", "%", "%s%n"),
    *(
        "/etc/passwd",
        "//etc/passwd",
        "\\\\host\\share",
        "C:\\Windows\\win.ini",
        "file:///etc/passwd",
    ),
    *(
        "/proc/self/environ",
        "/dev/zero",
        "/dev/stdin",
        "con",
        "nul.js",
        "a/../../b",
        "a\nb",
        "a\rb",
    ),
    *("\x00", "a\x00.js", "../\x00", "\x7f", "\u202e", "\ud7ff", "\U0001f600", "\u212a", "'\"<>&"),
    # As long as the digests that addresses of pictures end with.
    *("." * 32, "\x00" * 32, ("../" * 11)[:32], ("..\\" * 11)[:32], "\\etc\\passwd".rjust(32, ".")),
    *("x" * 255, "x" * 5_000, "../" * 2_000, "\u00fc" * 300, "a/" * 1_000, "%2e" * 500),
)
NAMED = "named"
"""What stands in `texts` for the name of a file that is there for the attack."""


def texts() -> Iterator[str]:
    """All of them, as a program has them once the address is taken apart."""
    for up in _UP:
        for depth in (1, 2, 3, 6):
            yield from (up * depth + name for name in (*_FILES, NAMED))
        yield from (
            up.rstrip("/\\"),
            f"{up}{NAMED}\x00",
            f"a/{up}{up}{NAMED}",
            f"{up}{NAMED}\x00.js",
        )
    yield from _WHOLE


def encodings(text: str) -> Iterator[str]:
    """A text as it may stand in an address: plainly, with every sign encoded, and twice."""
    once = "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))
    yield from (quote(text, safe="/"), once, once.replace("%", "%25"))
    if "/" in text:
        yield once.replace("%2f", "%c0%af")  # a slash in more bytes than it needs
