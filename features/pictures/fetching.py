"""Pictures from the web, with good manners and a memory."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from features.closing import Closing
from features.errors import (
    BrokenPictureError,
    EmptyPictureError,
    FetchNotAPictureError,
    FetchNotFoundError,
    FetchRefusedError,
    NotAPictureError,
    PictureFetchError,
    PictureNotFoundError,
    PictureTooLargeError,
)
from features.images import DEFAULT_LIMITS, FORMAT_NAMES, PictureLimits, picture_format
from features.pictures.address import WebAddress, parse_address
from features.pictures.connections import Answer, Connections, NoAnswerError, TimeLimits
from features.pictures.copies import WebCopies, WebCopy, fresh_until
from features.pictures.guard import AddressGuard
from features.pictures.manners import Hosts, back_off, cancelled, retry_after
from features.pictures.vault import Vault
from features.videos import is_video

USER_AGENT = "visual-search/0.1.0 (self-hosted visual search of an online store)"
COPIES = "urls.sqlite"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_GONE = frozenset({404, 410})
_MAX_REDIRECTS = 5
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "image/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class FetchOptions:
    """How patient and how polite fetching is. Times are in seconds.

    `total_timeout` is for one whole answer, however its bytes come. `longest_wait` bounds the
    pauses between attempts, those too that a server asks for. `patience` is how many pictures in a
    row a server may fail to answer for. With `revalidate` no copy counts as fresh.
    """

    per_host: int = 4
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_timeout: float = 120.0
    max_bytes: int = DEFAULT_LIMITS.max_bytes
    retries: int = 3
    first_wait: float = 0.5
    longest_wait: float = 60.0
    patience: int = 5
    revalidate: bool = False


DEFAULT_OPTIONS = FetchOptions()


class Fetcher(Closing):
    """Fetches pictures by URL and keeps a copy of each in a vault; for many threads at once.

    What the copies are of is remembered in a file beside them, so that the next run asks only
    for what may have changed.
    """

    def __init__(
        self,
        vault: Vault,
        options: FetchOptions = DEFAULT_OPTIONS,
        guard: AddressGuard | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Fetch into a vault.

        Args:
            guard: decides what may be connected to; the public web by default.
            clock: seconds since 1970.
        """
        self._vault = vault
        self._options = options
        self._clock = clock
        self._copies = WebCopies(vault.folder / COPIES)
        limits = TimeLimits(options.connect_timeout, options.read_timeout, options.total_timeout)
        self._connections = Connections(guard or AddressGuard(), limits, options.max_bytes)
        self._hosts = Hosts(options.per_host, options.patience)
        self._under_way = _UnderWay()

    def get(self, url: str) -> bytes:
        """The bytes of a picture: the copy if it is fresh or the server confirms it, else new ones.

        Raises:
            PictureFetchError: one of its family; an earlier copy stays where it is.
            InvalidPictureError: it is larger than any limit.
            PictureWriteError: the copy cannot be kept.
        """
        address = parse_address(url)
        with self._under_way.alone(address.url):
            copy, data = self._kept(address)
            if copy is not None and data is not None and self._is_fresh(copy):
                return data
            answer = self._ask(address, {} if copy is None else copy.conditions)
            if answer.status == 304 and copy is not None and data is not None:
                return self._remember(address, data, answer, copy)
            return self._remember(address, _picture(address, answer), answer)

    def download(self, url: str) -> bytes:
        """The bytes of a picture, of which no copy is kept.

        Raises:
            PictureFetchError: one of its family.
            InvalidPictureError: it is larger than any limit.
        """
        address = parse_address(url)
        return _picture(address, self._ask(address, {}))

    def fresh(self, url: str) -> str | None:
        """The digest of the copy if `get` would return it without asking the server."""
        try:
            copy = self._copies.get(parse_address(url).url)
        except FetchRefusedError:
            return None
        usable = copy is not None and self._is_fresh(copy) and copy.digest in self._vault
        return copy.digest if copy is not None and usable else None

    def cancel(self) -> None:
        """End every wait and download at once; whoever is in `get` has an error instead."""
        self._hosts.end()
        self._connections.cut()

    def close(self) -> None:
        """`cancel`, and close all connections and files."""
        self.cancel()
        self._connections.close()
        self._copies.close()

    def _kept(self, address: WebAddress) -> tuple[WebCopy | None, bytes | None]:
        """What is known of the copy and its bytes; nothing where the bytes are gone."""
        copy = self._copies.get(address.url)
        if copy is not None:
            try:
                return copy, self._vault.get(copy.digest, _any_size(self._options.max_bytes))
            except (PictureNotFoundError, PictureTooLargeError):
                pass
        return None, None

    def _is_fresh(self, copy: WebCopy) -> bool:
        """Within its time; a clock that was set back makes nothing fresh."""
        within = copy.fetched_at <= self._clock() < copy.fresh_until
        return within and not self._options.revalidate

    def _remember(
        self, address: WebAddress, data: bytes, answer: Answer, earlier: WebCopy | None = None
    ) -> bytes:
        now = self._clock()
        digest = self._vault.put(data, durable=False) if earlier is None else earlier.digest
        etag, changed = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        if earlier is not None:
            etag, changed = etag or earlier.etag, changed or earlier.last_modified
        until = fresh_until(answer.headers, now)
        self._copies.put(WebCopy(address.url, digest, etag, changed, now, until))
        return data

    def _ask(self, address: WebAddress, conditions: Mapping[str, str]) -> Answer:
        """The server's answer, after as many attempts as are allowed."""
        headers = {**_HEADERS, **conditions}
        attempt = 0
        while True:
            more = attempt < self._options.retries
            try:
                answer = self._follow(address, headers)
                if answer.status in _TRY_AGAIN:
                    self._pause_as_asked(answer)
                if not more or answer.status not in _TRY_AGAIN:
                    return answer
            except NoAnswerError as failure:
                if self._hosts.has_ended:
                    raise cancelled() from failure
                if not more or not failure.again:
                    if failure.silent:
                        self._hosts.gave_up(failure.host)
                    raise failure.error from failure
            options = self._options
            self._hosts.rest(back_off(attempt, options.first_wait, options.longest_wait))
            attempt += 1

    def _follow(self, address: WebAddress, headers: Mapping[str, str]) -> Answer:
        """One attempt, through all redirects."""
        asked = address
        for _ in range(_MAX_REDIRECTS + 1):
            with self._hosts.turn(asked.host):
                answer = self._connections.ask(asked, headers)
                self._hosts.answered(asked.host)
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or location is None:
                return answer
            asked = asked.joined(location)
        raise PictureFetchError(
            f"{address} leads from one address to the next, more than {_MAX_REDIRECTS} times; "
            "link the picture itself"
        )

    def _pause_as_asked(self, answer: Answer) -> None:
        asked = answer.headers.get("Retry-After")
        seconds = retry_after(asked, self._options.longest_wait, self._clock())
        if seconds is not None:
            self._hosts.pause(answer.address.host, seconds)


class _UnderWay:
    """One thread at a time for each URL: the others find the copy that it made."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._urls: set[str] = set()

    @contextmanager
    def alone(self, url: str) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: url not in self._urls)
            self._urls.add(url)
        try:
            yield
        finally:
            with self._changed:
                self._urls.remove(url)
                self._changed.notify_all()


def _picture(address: WebAddress, answer: Answer) -> bytes:
    """The body, if it is a picture, or a video, of whatever size."""
    if answer.status in _GONE:
        raise FetchNotFoundError(
            f"{address.host} has no picture {address} (status {answer.status}); correct the link"
        )
    if answer.status != 200:
        raise PictureFetchError(
            f"{address.host} does not give out {address} (status {answer.status}); "
            "look at the link in a browser, or try again later"
        )
    if is_video(answer.body):
        return answer.body
    try:
        picture_format(answer.body, _any_size(sys.maxsize))
    except (NotAPictureError, EmptyPictureError, BrokenPictureError) as error:
        raise FetchNotAPictureError(
            f"{address} is not a picture but {_what(answer)}; link a {FORMAT_NAMES} file"
        ) from error
    return answer.body


def _what(answer: Answer) -> str:
    if not answer.body:
        return "empty"
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"} or b"<html" in answer.body[:1024].lower():
        return "a web page"
    if kind.startswith("image/") and kind != "image/svg+xml":
        return "damaged, or of an unknown format"
    return f"something else ({kind[:60]})" if kind else "something else"


def _any_size(max_bytes: int) -> PictureLimits:
    """Whether pixels and sides fit is for whoever uses the picture to say."""
    return PictureLimits(max_bytes, max_pixels=sys.maxsize, max_side=sys.maxsize, min_side=0)
