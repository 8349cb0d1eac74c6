"""Ports among the options of commands."""

from argparse import ArgumentTypeError


def port_number(text: str) -> int:
    """A port; 0 leaves the choice to the system.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) < 65_536):
        raise ArgumentTypeError(f"{text[:20]!r} is no port; choose one from 0 to 65535")
    return int(text)
