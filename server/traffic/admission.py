"""Who may compute: so many requests of a process, so many wait, the rest is refused.

More at once would finish nothing sooner: each would take as many times as long, until clients give
up what the server still works for. See docs/serving.md.
"""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, current_app, g, request

from features.isolation import stepping_aside
from server.config import Settings
from server.services.loading import current_settings
from server.traffic.busy import ClientGoneError, DeadlinePassedError, ServerBusyError
from server.traffic.demand import Demand
from server.traffic.receiving import received

_CHANGES_AT_ONCE, _CHANGES_WAITING = 1, 8  # one writer changes a store at a time anyway
_PHOTOS_AT_ONCE, _PHOTOS_WAITING = 1, 8  # a page shows one, in milliseconds unless it is hostile
_EXPECTED_S = 0.03  # so long a place is kept for a body that is being received
_WITH_BODIES = frozenset(("POST", "PUT"))
# What takes a turn; the rest is cheap.
SEARCHES = frozenset(
    {
        "api.search",
        "api.search_words",
        "api.detect",
        "api.compare",
        "api.similar",
        "api.named_similar",
        "api.search_people",
        "pages.upload",
        "pages.search",
        "people_pages.search",
        "embed.similar",
        "admin.try_photo",
    }
)
CHANGES = frozenset(
    {
        "api.put_product",
        "api.delete_product",
        "api.delete_picture",
        "api.put_named_product",
        "api.delete_named_product",
        "api.delete_named_picture",
    }
)
PHOTOS = frozenset({"photos.photo"})


class Gate:
    """Lets so many through at once, and so many wait, each for its turn. Thread-safe.

    A burst finds all places to wait. Where twice as much is asked as can be computed, the queue
    would always be full: then a place is free only where a search has taken as long as usual, so
    that whoever is let in waits for its end and not for a whole queue.
    """

    def __init__(self, at_once: int, waiting: int, demand: Demand | None = None) -> None:
        """Without a `demand` to look at, all places to wait are there all the time."""
        self._at_once = at_once
        self._most_waiting = waiting
        self._begun: deque[float] = deque()
        self._waiting: deque[threading.Event] = deque()
        self._expected: deque[float] = deque()
        self._demand = demand
        self._lock = threading.Lock()

    def expect(self) -> None:
        """Keep a place for a moment for somebody who is being received.

        Raises:
            ServerBusyError: too many wait, or will.
        """
        now = time.monotonic()
        with self._lock:
            self._note_one(now)
            while self._expected and self._expected[0] < now - _EXPECTED_S:
                self._expected.popleft()
            if self._room(now) <= len(self._expected):
                raise _busy()
            self._expected.append(now)

    def turn_back(self) -> None:
        """Whoever was expected does not come in: no place is kept, and nothing was asked."""
        with self._lock:
            if self._expected:
                self._expected.popleft()
                if self._demand is not None:
                    self._demand.forget_one(time.monotonic())

    def check(self) -> None:
        """Raises: ServerBusyError: whoever came now would be refused."""
        now = time.monotonic()
        with self._lock:
            if self._room(now) <= 0:
                self._note_one(now)
                raise _busy()

    def enter(self, within_s: float) -> None:
        """Come in, at once or in turn; `leave` is owed then.

        Raises:
            ServerBusyError: too many wait.
            DeadlinePassedError: the turn did not come in time.
        """
        now = time.monotonic()
        with self._lock:
            if self._expected:
                self._expected.popleft()
            else:
                self._note_one(now)
                if self._room(now) <= 0:
                    raise _busy()
            if len(self._begun) < self._at_once:
                self._begun.append(now)
                return
            turn = threading.Event()
            self._waiting.append(turn)
        if not turn.wait(within_s):
            self._give_up(turn)

    def leave(self) -> None:
        """Let the next one in."""
        now = time.monotonic()
        with self._lock:
            begun = self._begun.popleft()
            if self._demand is not None:
                self._demand.note_taken(now - begun)
            if self._waiting:
                self._begun.append(now)
                self._waiting.popleft().set()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Others come in while a process apart works for one who is in; that one is next then."""
        self.leave()
        try:
            yield
        finally:
            self._come_back()

    def _come_back(self) -> None:
        with self._lock:
            if len(self._begun) < self._at_once:
                self._begun.append(time.monotonic())
                return
            turn = threading.Event()
            self._waiting.appendleft(turn)
        turn.wait()

    def _note_one(self, now: float) -> None:
        if self._demand is not None:
            self._demand.note_one(now)

    def _room(self, now: float) -> int:
        """How many more may come."""
        places = self._most_waiting
        if self._demand is not None and self._demand.is_crowd(now):
            due = now - self._demand.usual_s
            places = min(places, sum(begun <= due for begun in self._begun))
        return self._at_once - len(self._begun) + places - len(self._waiting)

    def _give_up(self, turn: threading.Event) -> None:
        with self._lock:
            if turn.is_set():  # it has come after all
                return
            self._waiting.remove(turn)
        raise _too_late()


def register(app: Flask) -> None:
    """Refuse what is too much before anything of it is read."""
    settings: Settings = app.extensions["settings"]
    searches = Gate(settings.at_once, settings.waiting, Demand(settings.at_once))
    changes = Gate(_CHANGES_AT_ONCE, _CHANGES_WAITING)
    app.extensions["gates"] = {
        **dict.fromkeys(SEARCHES, searches),
        **dict.fromkeys(CHANGES, changes),
        **dict.fromkeys(PHOTOS, Gate(_PHOTOS_AT_ONCE, _PHOTOS_WAITING)),
    }
    app.before_request(_check)
    app.teardown_request(_end)


def take_turn() -> None:
    """Wait until the request at hand may compute, until its end; all of it has been received.

    Raises:
        ServerBusyError: too many wait already.
        DeadlinePassedError, ClientGoneError: nobody waits for it any more.
    """
    received()
    gate = _gate()
    if gate is None or "turn" in g:
        return
    within_s = current_settings().deadline_s
    g.deadline = time.monotonic() + within_s
    gate.enter(within_s)
    g.turn = ExitStack()
    g.turn.callback(gate.leave)
    g.turn.enter_context(stepping_aside(gate.aside))
    go_on()


def go_on() -> None:
    """Between the stages of a request's work: is it still worth it?

    Raises:
        DeadlinePassedError, ClientGoneError: nobody waits for it any more.
    """
    if time.monotonic() > g.get("deadline", float("inf")):
        raise _too_late()
    if _is_gone(request.environ.get("gunicorn.socket")):
        raise ClientGoneError("The client has closed its connection.")


def _busy() -> ServerBusyError:
    return ServerBusyError("Many people are searching right now; try again in a moment.")


def _too_late() -> DeadlinePassedError:
    return DeadlinePassedError("This took too long and was given up; try again in a moment.")


def _is_gone(connection: socket.socket | None) -> bool:
    """Whether the other end has closed; encrypted connections do not tell without being read."""
    if connection is None or isinstance(connection, ssl.SSLSocket):
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _check() -> None:
    gate = _gate()
    if gate is not None and request.method in _WITH_BODIES:
        gate.check()


def _end(_: BaseException | None) -> None:
    gate = _gate()
    if "turn" in g:
        g.pop("turn").close()
    elif gate is not None and "deadline" not in g:  # it never asked to come in
        gate.turn_back()


def _gate() -> Gate | None:
    """The gate that the request at hand has to pass, if there is one."""
    gates: dict[str, Gate] = current_app.extensions["gates"]
    return gates.get(request.endpoint or "")
