"""The scenarios, each on a server of its own."""

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from scripts.load.asking import Outcome, Question, ask
from scripts.load.offering import offer, send_together
from scripts.load.processes import held_by
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
    tally, send, able = _prepared(shop, "slow", shop.photos)
    tally.note("slow clients", _SLOW_CLIENTS)
    with _measured(shop, tally), slow_clients(shop.address, _SLOW_CLIENTS):
        offer(lambda _: _USUAL * able, seconds, send)
    return tally


def uploads(shop: Shop, seconds: float) -> Tally:
    """Photos of twelve megapixels from three clients, each its next after the last answer."""
    tally, send, _ = _prepared(shop, "uploads", large_photos())
    with _measured(shop, tally):
        send_together(_UPLOADERS, seconds, send)
    return tally


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
    tally, send, able = _prepared(shop, name, shop.photos)
    with _measured(shop, tally):
        offer(lambda over: share(over) * able, seconds, send)
    return tally


def _checked(shop: Shop, name: str, seconds: float, *, restarts: bool) -> Tally:
    reference = Reference(shop.stores, shop.photos)
    reference.note()
    tally, _, able = _prepared(shop, name, shop.photos)
    answers = Answers(tally, reference)
    questions = _mixture(shop)

    def send() -> None:
        question = next(questions)
        answers.take(question, ask(shop.address, question))

    with (
        _measured(shop, tally),
        changing(shop, tally, reference),
        restarting(shop, tally, seconds if restarts else 0.0),
    ):
        offer(lambda _: _USUAL * able / 2, seconds, send)
    reference.note()
    answers.check_the_rest()
    return tally


def _prepared(
    shop: Shop, name: str, photos: dict[str, bytes]
) -> tuple[Tally, Callable[[], None], float]:
    """A tally, what sends a search and counts it, and how many a second the server can answer."""
    names = itertools.cycle(sorted(photos))
    first = {photo: ask(shop.address, search_with(photo, photos[photo])) for photo in photos}
    best = {photo: _first_of(answer.json) for photo, answer in first.items()}
    unloaded = [
        ask(shop.address, search_with(photo, photos[photo])).ms
        for photo in itertools.islice(names, _UNLOADED)
    ]
    trial = Tally(name, statistics.median(unloaded), held_by(shop.server, shop.stores.folder))

    def send(tally: Tally) -> None:
        photo = next(names)
        answer = ask(shop.address, search_with(photo, photos[photo]))
        good = answer.outcome is Outcome.ACCEPTED
        wrong = good and _first_of(answer.json) != best[photo]
        tally.count(answer, f"another product for {photo}" if wrong else "")

    send_together(4, _WARM_S, lambda: send(trial))
    able = trial.counts[Outcome.ACCEPTED] / _WARM_S
    tally = Tally(name, trial.unloaded_ms, held_by(shop.server, shop.stores.folder))
    tally.note("searches a second that it can answer", round(able))
    return tally, lambda: send(tally), able


@contextmanager
def _measured(shop: Shop, tally: Tally) -> Iterator[None]:
    """Its time, and what the workers hold after it."""
    started, used = time.perf_counter(), time.process_time()
    yield
    tally.client_cpu_s = time.process_time() - used
    tally.seconds = time.perf_counter() - started
    tally.after = held_by(shop.server, shop.stores.folder)


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
