"""The scenarios, each on a server of its own."""

import itertools
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from scripts.load.asking import Answer, Outcome, Question, ask
from scripts.load.offering import offer, send_together
from scripts.load.processes import busy_seconds, held_by
from scripts.load.reference import Reference
from scripts.load.shop import Shop, large_photos, search_with
from scripts.load.slow import slow_clients
from scripts.load.soak import Answers, changing, restarting
from scripts.load.tally import Tally

_UNLOADED = 40
_WARM_S = 3.0
_USUAL = 0.5  # of what the server can do
_SPIKE, _SPIKE_FROM, _SPIKE_TO = 8.0, 0.4, 0.5
_OVERLOAD = 4.0
_SLOW_CLIENTS = 200
_UPLOADERS = 3
Rate = Callable[[float], float]


def steady(shop: Shop, seconds: float) -> Tally:
    """Half of what the server can do."""
    return _offered(shop, "steady", seconds, lambda _: _USUAL)


def spike(shop: Shop, seconds: float) -> Tally:
    """The same, and eight times what it can do for a tenth of the time."""
    return _offered(
        shop, "spike", seconds, lambda t: _SPIKE if _SPIKE_FROM < t < _SPIKE_TO else _USUAL
    )


def overload(shop: Shop, seconds: float) -> Tally:
    """Four times what it can do, all the time."""
    return _offered(shop, "overload", seconds, lambda _: _OVERLOAD)


def slow(shop: Shop, seconds: float) -> Tally:
    """Half of what it can do beside two hundred clients that send a byte a second, or nothing."""
    search, able = _prepared(shop, "slow", shop.photos)
    search.tally.note("slow clients", _SLOW_CLIENTS)
    with _measured(shop, search.tally, seconds), slow_clients(shop.address, _SLOW_CLIENTS):
        offer(shop.address, lambda _: _USUAL * able, seconds, search.question, search.take)
    return search.tally


def uploads(shop: Shop, seconds: float) -> Tally:
    """Photos of twelve megapixels from three clients, each its next after the last answer."""
    search, _ = _prepared(shop, "uploads", large_photos())
    with _measured(shop, search.tally, seconds):
        send_together(_UPLOADERS, seconds, search.send)
    return search.tally


def mixed(shop: Shop, seconds: float) -> Tally:
    """Searches with photos, words and products, pages, and changes; each photo's answer checked."""
    return _checked(shop, "mixed", seconds, restarts=False)


def soak(shop: Shop, seconds: float) -> Tally:
    """The same, and workers that are restarted, and another extractor that is swapped in."""
    return _checked(shop, "soak", seconds, restarts=True)


SCENARIOS: Mapping[str, Callable[[Shop, float], Tally]] = {
    scenario.__name__: scenario
    for scenario in (steady, spike, overload, slow, uploads, mixed, soak)
}


def _offered(shop: Shop, name: str, seconds: float, share: Rate) -> Tally:
    search, able = _prepared(shop, name, shop.photos)
    with _measured(shop, search.tally, seconds):
        offer(shop.address, lambda over: share(over) * able, seconds, search.question, search.take)
    return search.tally


def _checked(shop: Shop, name: str, seconds: float, *, restarts: bool) -> Tally:
    reference = Reference(shop.stores, shop.photos)
    reference.note()
    search, able = _prepared(shop, name, shop.photos)
    tally = search.tally
    answers = Answers(tally, reference)
    questions = _mixture(shop)
    with (
        _measured(shop, tally, seconds),
        changing(shop, tally, reference),
        restarting(shop, tally, seconds if restarts else 0.0),
    ):
        offer(shop.address, lambda _: _USUAL * able / 2, seconds, questions.__next__, answers.take)
    reference.note()
    answers.check_the_rest()
    return tally


@dataclass
class _Search:
    """Searches with one photo after the other, each answer compared with the unloaded one."""

    address: str
    photos: dict[str, bytes]
    best: dict[str, object]
    tally: Tally

    def __post_init__(self) -> None:
        self._names = itertools.cycle(sorted(self.photos))

    def question(self) -> Question:
        """The next one."""
        name = next(self._names)
        return search_with(name, self.photos[name])

    def take(self, question: Question, answer: Answer) -> None:
        """Count an answer."""
        good = answer.outcome is Outcome.ACCEPTED
        wrong = good and _first_of(answer.json) != self.best[question.photo]
        self.tally.count(answer, f"another product for {question.photo}" if wrong else "")

    def send(self) -> None:
        """Ask, wait, and count."""
        question = self.question()
        self.take(question, ask(self.address, question))


def _prepared(shop: Shop, name: str, photos: dict[str, bytes]) -> tuple[_Search, float]:
    """The searches to send, and how many a second the server can answer."""
    asked = {photo: ask(shop.address, search_with(photo, photos[photo])) for photo in photos}
    best = {photo: _first_of(answer.json) for photo, answer in asked.items()}
    unloaded = [
        ask(shop.address, search_with(photo, photos[photo])).ms
        for photo in itertools.islice(itertools.cycle(sorted(photos)), _UNLOADED)
    ]
    median = statistics.median(unloaded)
    trial = Tally(name, median, held_by(shop.server, shop.stores.folder))
    send_together(4, _WARM_S, _Search(shop.address, photos, best, trial).send)
    able = max(trial.counts[Outcome.ACCEPTED], 1) / _WARM_S
    tally = Tally(name, median, held_by(shop.server, shop.stores.folder))
    tally.note("searches a second that it can answer", round(able))
    return _Search(shop.address, photos, best, tally), able


@contextmanager
def _measured(shop: Shop, tally: Tally, seconds: float) -> Iterator[None]:
    """Its time, who took the cores, and what the workers hold halfway and after it."""
    started, used, busy = time.perf_counter(), time.process_time(), busy_seconds()

    def note() -> None:
        tally.halfway = held_by(shop.server, shop.stores.folder)

    halfway = threading.Timer(seconds / 2, note)
    halfway.start()
    yield
    halfway.cancel()
    halfway.join()
    tally.client_cpu_s = time.process_time() - used
    tally.seconds = time.perf_counter() - started
    tally.after = held_by(shop.server, shop.stores.folder)
    ours = tally.client_cpu_s + tally.after.cpu_s - tally.before.cpu_s
    tally.others_cpu_s = max(0.0, busy_seconds() - busy - ours)


def _first_of(said: object) -> object:
    """The best product of an answer."""
    return said["results"][0]["product"]["id"] if isinstance(said, dict) else None


def _mixture(shop: Shop) -> Iterator[Question]:
    """Three searches with a photo for each request of another kind, by chance, from any thread."""
    chance, products = random.Random(2), ["mug", "lamp", "bag", "blue"]

    def one(_: int) -> Question:
        if chance.random() < 0.75:
            name = chance.choice(sorted(shop.photos))
            return search_with(name, shop.photos[name])
        word = chance.choice(products)
        return Question(
            "GET", chance.choice(["/", f"/search?q={word}", f"/api/v1/search?q={word}"])
        )

    return map(one, itertools.count())
