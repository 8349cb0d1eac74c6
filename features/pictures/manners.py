"""Manners towards web servers: few requests at once, pauses when asked, no pestering."""

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from features.errors import FetchCancelledError, FetchHostDownError

_REMEMBERED = 10_000  # servers: whoever searches may name another with every photo


@dataclass
class _Host:
    """What is known of a server."""

    active: int = 0
    silent: int = 0
    paused_until: float = 0.0


class Hosts:
    """Who may ask which server now; threads wait here for their turn, and leave when it ends."""

    def __init__(self, per_host: int, patience: int) -> None:
        """Know no server yet.

        Args:
            per_host: the most requests to a server at the same time.
            patience: how often in a row a server may fail to answer before it is left alone.
        """
        self._per_host = per_host
        self._patience = patience
        self._changed = threading.Condition()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._ended = False

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Wait until the server may be asked, and ask it.

        Raises:
            FetchHostDownError: it has failed to answer too often.
            FetchCancelledError: all has been ended.
        """
        with self._changed:
            host = self._known(name)
            self._wait_for_turn(name, host)
            host.active += 1
        try:
            yield
        finally:
            with self._changed:
                host.active -= 1
                self._changed.notify_all()

    def answered(self, name: str) -> None:
        """The server gives signs of life."""
        with self._changed:
            self._known(name).silent = 0

    def gave_up(self, name: str) -> None:
        """All attempts for a picture brought no answer."""
        with self._changed:
            self._known(name).silent += 1
            self._changed.notify_all()

    def pause(self, name: str, seconds: float) -> None:
        """Leave the server alone for a while, whatever is wanted from it."""
        with self._changed:
            host = self._known(name)
            host.paused_until = max(host.paused_until, time.monotonic() + seconds)

    def rest(self, seconds: float) -> None:
        """Do nothing for a while.

        Raises:
            FetchCancelledError: all has been ended.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self._ended, seconds):
                raise cancelled()

    def end(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def has_ended(self) -> bool:
        """Whether all has been ended."""
        return self._ended

    def _known(self, name: str) -> _Host:
        """What is known of a server, which makes the one that was asked longest ago forgotten."""
        host = self._hosts.setdefault(name, _Host())
        self._hosts.move_to_end(name)
        if len(self._hosts) > _REMEMBERED:
            self._hosts.popitem(last=False)
        return host

    def _wait_for_turn(self, name: str, host: _Host) -> None:
        while True:
            if self._ended:
                raise cancelled()
            if host.silent >= self._patience:
                raise FetchHostDownError(
                    f"{name} did not answer {host.silent} times in a row and is not asked again "
                    "in this run; run it again when the server is back"
                )
            pause = host.paused_until - time.monotonic()
            if pause <= 0 and host.active < self._per_host:
                return
            self._changed.wait(pause if pause > 0 else None)


def back_off(attempt: int, first: float, longest: float) -> float:
    """Seconds until the next attempt: twice as long each time, and not in step with others."""
    return min(longest, first * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def retry_after(value: str | None, longest: float, now: float) -> float | None:
    """The seconds that a server asks to wait, as a number or a date; None if it does not ask.

    Args:
        now: the time in seconds since 1970.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(longest, float(text))
    when = http_time(text)
    return None if when is None else min(longest, max(0.0, when - now))


def http_time(value: str | None) -> float | None:
    """A date in a header as seconds since 1970; None for what is no date."""
    try:
        return None if value is None else parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def cancelled() -> FetchCancelledError:
    """The error of whoever was waiting when all was ended."""
    return FetchCancelledError("the fetching was ended before the picture came")
