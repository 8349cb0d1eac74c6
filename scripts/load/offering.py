"""Requests that come whether or not those before were answered, as shoppers do."""

import random
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from urllib.parse import urlsplit

from scripts.load.asking import CHUNK, Answer, Incoming, Question, request_of

_SILENT_S = 120.0
Take = Callable[[Question, Answer], None]


class Shoppers:
    """Any number of clients in one thread: they have the same cores as the server."""

    def __init__(self, address: str, take: Take) -> None:
        """`take` is told of each question and its answer."""
        where = urlsplit(address)
        self._where = (where.hostname, where.port or 80)
        self._take = take
        self._selector = DefaultSelector()
        self._asked: set[_Shopper] = set()

    def ask(self, question: Question) -> None:
        """Begin to send a request over a connection of its own."""
        shopper = _Shopper(question)
        self._asked.add(shopper)
        self._selector.register(shopper.socket, EVENT_READ | EVENT_WRITE, shopper)
        shopper.socket.connect_ex(self._where)

    def go_on(self, until: float) -> None:
        """Send and receive until then, by `time.perf_counter`."""
        while (left := until - time.perf_counter()) > 0:
            for key, ready in self._selector.select(left):
                self._serve(key.data, ready)

    def finish(self) -> None:
        """Wait until all are answered."""
        end = time.perf_counter() + _SILENT_S
        while self._asked and time.perf_counter() < end:
            self.go_on(time.perf_counter() + 0.01)
        for shopper in list(self._asked):
            self._over(shopper, shopper.incoming.failed(TimeoutError("no answer")))
        self._selector.close()

    def _serve(self, shopper: "_Shopper", ready: int) -> None:
        try:
            if ready & EVENT_WRITE and not shopper.send():
                self._selector.modify(shopper.socket, EVENT_READ, shopper)
            answer = (
                shopper.incoming.take(shopper.socket.recv(CHUNK)) if ready & EVENT_READ else None
            )
        except BlockingIOError:
            return
        except OSError as error:
            answer = shopper.incoming.failed(error)
        if answer is not None:
            self._over(shopper, answer)

    def _over(self, shopper: "_Shopper", answer: Answer) -> None:
        self._asked.remove(shopper)
        self._selector.unregister(shopper.socket)
        shopper.socket.close()
        self._take(shopper.question, answer)


class _Shopper:
    """A request that is under way."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.incoming = Incoming()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self._rest = memoryview(request_of(question))

    def send(self) -> bool:
        """Whether there is more to send; where the server listens no more, there is not."""
        try:
            self._rest = self._rest[self.socket.send(self._rest) :]
        except (BrokenPipeError, ConnectionResetError):
            return False
        return bool(self._rest)


def offer(
    address: str,
    rate: Callable[[float], float],
    seconds: float,
    question: Callable[[], Question],
    take: Take,
) -> None:
    """Ask at random moments, until all are answered.

    Args:
        rate: requests a second, by the share of the time that is over.
        question: the next one.
    """
    chance, shoppers = random.Random(1), Shoppers(address, take)
    started, due = time.perf_counter(), 0.0
    while due < seconds:
        shoppers.go_on(started + due)
        shoppers.ask(question())
        due += chance.expovariate(rate(due / seconds))
    shoppers.finish()


def send_together(clients: int, seconds: float, send: Callable[[], None]) -> None:
    """Send from so many clients, each its next as soon as it has the last answer."""
    end = time.perf_counter() + seconds

    def again() -> None:
        while time.perf_counter() < end:
            send()

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(again) for _ in range(clients)]:
            done.result()
