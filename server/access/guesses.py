"""How often one address may send a key that is none, before its admin keys wait too."""

from flask import Flask, current_app
from limits import parse
from limits.strategies import MovingWindowRateLimiter

from features.errors import VisualSearchError
from server.access.addresses import counted_address

SECONDS = 60
_GUESSES = parse(f"20 per {SECONDS} seconds")
_FOR = "guesses"


class TooManyGuessesError(VisualSearchError):
    """Too many wrong keys from one address; none is looked at for a while."""

    code = "too_many_wrong_keys"


def register(app: Flask) -> None:
    """Count wrong keys where requests are counted, which is registered before."""
    app.extensions["guesses"] = MovingWindowRateLimiter(app.extensions["counts"])


def check_guesses() -> None:
    """Refuse an address that has sent too many wrong keys, whatever it sends now.

    Raises:
        TooManyGuessesError: it has.
    """
    if not _counter().test(_GUESSES, _FOR, counted_address()):
        raise TooManyGuessesError("Too many wrong keys came from your address; wait a minute.")


def count_guess() -> None:
    """Note a wrong key of the request at hand."""
    _counter().hit(_GUESSES, _FOR, counted_address())


def _counter() -> MovingWindowRateLimiter:
    counter: MovingWindowRateLimiter = current_app.extensions["guesses"]
    return counter
