"""Shoppers who search all the time, know what the right answer is, and count what they get."""

import json
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from urllib.request import Request

from scripts.asking import SEARCH_PATH, Answer, answer_to, multipart
from scripts.faults.place import SAMPLE
from scripts.killable_server import KEY

Found = tuple[tuple[str, float], ...]
"""The ids and distances of an answer, best first."""
PHOTO = "mug-on-counter.webp"
_LIMIT = 5


def ask_as_admin(
    address: str, method: str, path: str, body: bytes | None = None, kind: str = ""
) -> Answer:
    """The answer to a request; raises what `answer_to` does."""
    headers = {"Content-Type": kind, "Authorization": f"Bearer {KEY}"}
    return answer_to(Request(address + path, body, headers, method=method))


def put(address: str, key: str) -> int:
    """Add a product with a picture, or replace it: the status."""
    image = (SAMPLE / "photos" / PHOTO).read_bytes()
    kind, body = multipart({"product": json.dumps({"title": key})}, {"image": image})
    return ask_as_admin(address, "PUT", f"/api/v1/products/{key}", body, kind).status


def search(address: str) -> tuple[int, Found]:
    """Search with a shopper's photo: the status, and what was found."""
    image = (SAMPLE / "photos" / PHOTO).read_bytes()
    kind, body = multipart({"limit": str(_LIMIT)}, {"image": image})
    answer = ask_as_admin(address, "POST", SEARCH_PATH, body, kind)
    if answer.status != HTTPStatus.OK:
        return answer.status, ()
    hits = answer.json["results"]
    return answer.status, tuple((hit["product"]["id"], round(hit["distance"], 4)) for hit in hits)


class Shoppers:
    """Several, each with one request at a time; one that fails is sent once more."""

    def __init__(self, address: str, right: Collection[Found], clients: int = 4) -> None:
        """Nobody asks yet.

        Args:
            right: every answer that is right while they ask.
        """
        self._address = address
        self._right = right
        self._clients = clients
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        """right, wrong, without an answer, answered after another try, refused (by status)."""
        self.seen: Counter[Found] = Counter()

    @contextmanager
    def searching(self) -> Iterator[None]:
        """They search until the block ends."""
        threads = [threading.Thread(target=self._search) for _ in range(self._clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    @property
    def refused(self) -> int:
        """Searches that were answered with an error."""
        return sum(count for name, count in self.counts.items() if name.startswith("refused"))

    def told(self) -> dict[str, float]:
        """The counts that are always told, and those that are not 0."""
        names = ("right", "wrong", "without an answer")
        rest = sorted(set(self.counts) - set(names))
        return {f"searches {name}": self.counts[name] for name in (*names, *rest)}

    def _search(self) -> None:
        while not self._ended.is_set():
            if not self._try("right"):
                self._count("without an answer")
                while not self._try("right after another try") and not self._ended.is_set():
                    self._ended.wait(0.05)

    def _try(self, name: str) -> bool:
        try:
            status, answer = search(self._address)
        except (OSError, HTTPException):
            return False
        if status != HTTPStatus.OK:
            self._count(f"refused ({status})")
            return True
        with self._lock:
            self.seen[answer] += 1
        self._count(name if answer in self._right else "wrong")
        return True

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1
