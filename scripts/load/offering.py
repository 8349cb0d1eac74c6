"""Requests that come whether or not those before were answered, as shoppers do."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_AT_ONCE = 96


def offer(rate: Callable[[float], float], seconds: float, send: Callable[[], None]) -> None:
    """Send requests at random moments, until all are answered.

    Args:
        rate: requests a second, by the share of the time that is over.
        send: sends one and counts what becomes of it; it raises nothing.
    """
    chance, started = random.Random(1), time.perf_counter()
    due = 0.0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while due < seconds:
            time.sleep(max(0.0, started + due - time.perf_counter()))
            pool.submit(send)
            due += chance.expovariate(rate(due / seconds))


def send_together(clients: int, seconds: float, send: Callable[[], None]) -> None:
    """Send from so many clients, each its next as soon as it has the last answer."""
    end = time.perf_counter() + seconds

    def again() -> None:
        while time.perf_counter() < end:
            send()

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(again) for _ in range(clients)]:
            done.result()
