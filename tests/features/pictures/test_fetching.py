"""Pictures are fetched politely, within limits, and once; every failure says what it is."""

import gzip
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from features.errors import (
    FetchCancelledError,
    FetchHostDownError,
    FetchNotAPictureError,
    FetchNotFoundError,
    FetchRefusedError,
    FetchTimeoutError,
    PictureFetchError,
    PictureTooLargeError,
)
from features.images import content_hash
from features.pictures import AddressGuard, Fetcher, FetchOptions, Vault
from features.pictures.fetching import USER_AGENT
from scripts.live_server import free_port
from tests.features.pictures.web import Answerer, Reply, Request, Web, reply, serving
from tests.helpers import ROOT, picture, run_python

QUICK = FetchOptions(
    connect_timeout=2,
    read_timeout=2,
    total_timeout=4,
    first_wait=0.01,
    longest_wait=0.05,
    max_bytes=100_000,
)
ONCE = replace(QUICK, retries=0)
DAY = 24 * 3600.0

OpenFetcher = Callable[..., Fetcher]
OpenWeb = Callable[[Answerer], Web]


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def fetcher(vault: Vault, clock: Clock) -> Iterator[OpenFetcher]:
    opened: list[Fetcher] = []

    def start(options: FetchOptions = QUICK, guard: AddressGuard | None = None) -> Fetcher:
        opened.append(Fetcher(vault, options, guard or AddressGuard(["127.0.0.1"]), clock))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def web() -> Iterator[OpenWeb]:
    running: list[Any] = []

    def start(answer: Answerer) -> Web:
        running.append(serving(answer))
        return running[-1].__enter__()

    yield start
    for one in running:
        one.__exit__(None, None, None)


def always(answer: Reply) -> Answerer:
    return lambda request: answer


def in_turn(*answers: Reply) -> Answerer:
    """One answer after the other, the last one for ever."""
    waiting = list(answers)
    return lambda request: waiting.pop(0) if len(waiting) > 1 else waiting[0]


PICTURE = reply(body=picture(1), Content_Type="image/png")


# Getting a picture


def test_a_picture_is_fetched_and_kept(web: OpenWeb, fetcher: OpenFetcher, vault: Vault) -> None:
    shop = web(always(PICTURE))
    assert fetcher().get(shop.url()) == picture(1)
    assert vault.get(content_hash(picture(1))) == picture(1)


def test_a_request_says_who_asks_and_for_what(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(PICTURE))
    fetcher().get(shop.url("/red shoe/ü.png?size=9#x"))
    (request,) = shop.requests
    assert request.path == "/red%20shoe/%C3%BC.png?size=9"
    assert request.headers == {
        "host": f"127.0.0.1:{shop.port}",
        "user-agent": USER_AGENT,
        "accept": "image/*",
        "accept-encoding": "identity",
    }


def test_the_version_in_requests_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert USER_AGENT.startswith(f"{project['name']}/{project['version']} ")


def test_a_connection_is_used_for_several_pictures(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(PICTURE))
    open_one = fetcher()
    for path in ("/a", "/b", "/c"):
        open_one.get(shop.url(path))
    assert [request.connection for request in shop.requests] == [1, 1, 1]


def test_a_connection_that_the_server_closed_is_opened_again(
    web: OpenWeb, fetcher: OpenFetcher
) -> None:
    shop = web(always(replace(PICTURE, close=True)))
    open_one = fetcher()
    for path in ("/a", "/b"):
        assert open_one.get(shop.url(path)) == picture(1)


def test_a_chunked_answer_without_a_length_is_read(web: OpenWeb, fetcher: OpenFetcher) -> None:
    data = picture(1)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    shop = web(always(Reply((head, b"%x\r\n%s\r\n" % (len(data), data), b"0\r\n\r\n"))))
    assert fetcher().get(shop.url()) == data


def test_an_answer_that_ends_with_its_connection_is_read(
    web: OpenWeb, fetcher: OpenFetcher
) -> None:
    shop = web(always(Reply((b"HTTP/1.0 200 OK\r\n\r\n", picture(1)), close=True)))
    assert fetcher().get(shop.url()) == picture(1)


def test_proxies_of_the_environment_are_not_used(
    web: OpenWeb, fetcher: OpenFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetcher().get(web(always(PICTURE)).url()) == picture(1)


# Copies


def test_a_fresh_copy_needs_no_request(web: OpenWeb, fetcher: OpenFetcher, clock: Clock) -> None:
    shop = web(always(PICTURE))
    first = fetcher()
    assert first.fresh(shop.url()) is None
    first.get(shop.url())
    clock.now += DAY - 60
    later = fetcher()
    assert later.fresh(shop.url()) == content_hash(picture(1))
    assert later.get(shop.url()) == picture(1)
    assert len(shop.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, DAY),
        ({"Cache_Control": "public, max-age=7200"}, 7200),
        ({"Cache_Control": "max-age=60"}, 3600),
        ({"Cache_Control": "no-cache"}, 3600),
        ({"Cache_Control": "max-age=31536000, immutable"}, 7 * DAY),
        ({"Cache_Control": "max-age=soon"}, DAY),
        ({"Expires": "0"}, 3600),
        ({"Expires": formatdate(1_000_000_000), "Date": formatdate(1_000_000_000 - 7200)}, 7200),
    ],
)
def test_a_copy_is_fresh_for_as_long_as_the_server_says_within_reason(
    web: OpenWeb, fetcher: OpenFetcher, clock: Clock, headers: dict[str, str], seconds: float
) -> None:
    shop = web(always(reply(body=picture(1), **headers)))
    open_one = fetcher()
    open_one.get(shop.url())
    clock.now += seconds - 2
    assert open_one.fresh(shop.url()) is not None
    clock.now += 4
    assert open_one.fresh(shop.url()) is None


def test_nothing_is_fresh_when_the_clock_was_set_back(
    web: OpenWeb, fetcher: OpenFetcher, clock: Clock
) -> None:
    shop = web(always(PICTURE))
    fetcher().get(shop.url())
    clock.now -= 60
    assert fetcher().fresh(shop.url()) is None


def unless_known(request: Request) -> Reply:
    tag, since = '"v1"', "Wed, 21 Oct 2015 07:28:00 GMT"
    if request.headers.get("if-none-match") == tag:
        assert request.headers.get("if-modified-since") == since
        return Reply((b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n',))
    return reply(body=picture(1), ETag=tag, Last_Modified=since)


def test_a_stale_copy_is_confirmed_by_the_server(
    web: OpenWeb, fetcher: OpenFetcher, clock: Clock
) -> None:
    shop = web(unless_known)
    open_one = fetcher()
    for _ in range(3):
        assert open_one.get(shop.url()) == picture(1)
        clock.now += 2 * DAY
    assert [("if-none-match" in request.headers) for request in shop.requests] == [0, 1, 1]
    open_one.get(shop.url())
    assert open_one.fresh(shop.url()) is not None


def test_revalidation_asks_for_every_picture(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(unless_known)
    fetcher().get(shop.url())
    asking = fetcher(replace(QUICK, revalidate=True))
    assert asking.fresh(shop.url()) is None
    assert asking.get(shop.url()) == picture(1)
    assert "if-none-match" in shop.requests[1].headers


def test_a_changed_picture_replaces_its_copy(
    web: OpenWeb, fetcher: OpenFetcher, clock: Clock
) -> None:
    shop = web(in_turn(PICTURE, reply(body=picture(2))))
    open_one = fetcher()
    open_one.get(shop.url())
    clock.now += 2 * DAY
    assert open_one.get(shop.url()) == picture(2)
    assert open_one.fresh(shop.url()) == content_hash(picture(2))


def test_a_copy_that_the_vault_lost_is_fetched_again(
    web: OpenWeb, fetcher: OpenFetcher, vault: Vault
) -> None:
    shop = web(unless_known)
    open_one = fetcher()
    open_one.get(shop.url())
    vault.discard(vault.digests())
    assert open_one.fresh(shop.url()) is None
    assert open_one.get(shop.url()) == picture(1)
    assert open_one.fresh(shop.url()) is not None


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_failure_is_told_although_there_is_a_copy(
    web: OpenWeb, fetcher: OpenFetcher, clock: Clock, vault: Vault, status: int
) -> None:
    shop = web(in_turn(PICTURE, reply(status)))
    open_one = fetcher()
    open_one.get(shop.url())
    clock.now += 2 * DAY
    with pytest.raises(PictureFetchError):
        open_one.get(shop.url())
    assert content_hash(picture(1)) in vault


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\x00" + bytes(4000)])
def test_a_damaged_list_of_copies_is_begun_anew(
    web: OpenWeb, fetcher: OpenFetcher, vault: Vault, content: bytes
) -> None:
    vault.folder.mkdir()
    (vault.folder / "urls.sqlite").write_bytes(content)
    shop = web(always(PICTURE))
    open_one = fetcher()
    assert open_one.get(shop.url()) == picture(1)
    assert open_one.fresh(shop.url()) is not None


def test_several_fetchers_share_the_list_of_copies(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(PICTURE))
    several = [fetcher() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        urls = [shop.url(f"/{number}") for number in range(24)]
        got = list(pool.map(lambda n: several[n % 4].get(urls[n]), range(24)))
    assert got == [picture(1)] * 24
    assert all(several[0].fresh(url) for url in urls)


@pytest.mark.parametrize("attempt", range(20))
def test_a_new_list_of_copies_is_opened_by_many_at_once(
    web: OpenWeb, fetcher: OpenFetcher, attempt: int
) -> None:
    shop = web(always(PICTURE))
    several = [fetcher() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        known = list(pool.map(lambda each: each.fresh(shop.url()), several))
    assert known == [None] * 8


FETCH = """
import sys
from pathlib import Path
from features.pictures import AddressGuard, Fetcher, Vault
with Fetcher(Vault(Path(sys.argv[1])), guard=AddressGuard(["127.0.0.1"])) as fetcher:
    for number in range(40):
        fetcher.get(f"{sys.argv[2]}/{number % 20}")
"""


@pytest.mark.slow
def test_processes_share_the_list_of_copies(
    web: OpenWeb, fetcher: OpenFetcher, vault: Vault, clock: Clock
) -> None:
    shop = web(always(PICTURE))
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: run_python("-c", FETCH, vault.folder, shop.url("")), "1234"))
    assert [run.stderr for run in runs] == [""] * 4
    clock.now = time.time()
    open_one = fetcher()
    assert all(open_one.fresh(shop.url(f"/{number}")) for number in range(20))


def test_the_same_picture_wanted_at_once_is_fetched_once(
    web: OpenWeb, fetcher: OpenFetcher
) -> None:
    shop = web(always(replace(PICTURE, pause=0.05)))
    open_one = fetcher()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(open_one.get, [shop.url()] * 8)) == {picture(1)}
    assert len(shop.requests) == 1


# Answers that are no pictures


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_picture_is_asked_for_once(
    web: OpenWeb, fetcher: OpenFetcher, status: int
) -> None:
    shop = web(always(reply(status, b"gone")))
    with pytest.raises(FetchNotFoundError, match=rf"127\.0\.0\.1 has no picture .*{status}"):
        fetcher().get(shop.url())
    assert len(shop.requests) == 1


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 401, 403, 451])
def test_a_picture_that_is_not_given_out_is_asked_for_once(
    web: OpenWeb, fetcher: OpenFetcher, status: int
) -> None:
    shop = web(always(Reply((f"HTTP/1.1 {status} -\r\nContent-Length: 0\r\n\r\n".encode(),))))
    with pytest.raises(PictureFetchError, match=rf"does not give out .*{status}"):
        fetcher().get(shop.url())
    assert len(shop.requests) == 1


@pytest.mark.parametrize(
    ("body", "kind", "what"),
    [
        (b"<!DOCTYPE html><html>Log in</html>", "text/html; charset=utf-8", "a web page"),
        (b"\n<html>Log in</html>", "image/jpeg", "a web page"),
        (b'{"error": 1}', "application/json", "something else (application/json)"),
        (b"<svg/>", "image/svg+xml", "something else (image/svg+xml)"),
        (picture(1)[:20], "image/png", "damaged"),
        (b"", "image/png", "empty"),
    ],
)
def test_another_thing_than_a_picture_is_named(
    web: OpenWeb, fetcher: OpenFetcher, vault: Vault, body: bytes, kind: str, what: str
) -> None:
    shop = web(always(reply(body=body, Content_Type=kind)))
    with pytest.raises(FetchNotAPictureError) as refusal:
        fetcher().get(shop.url())
    assert f"/a.png is not a picture but {what}" in str(refusal.value)
    assert list(vault.digests()) == []


def test_errors_show_no_query(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(reply(404)))
    with pytest.raises(FetchNotFoundError) as refusal:
        fetcher().get(shop.url("/a.png?token=secret"))
    assert "secret" not in str(refusal.value)
    assert "/a.png" in str(refusal.value)


# Limits of bytes and time


def test_a_picture_that_announces_too_many_bytes_is_not_read(
    web: OpenWeb, fetcher: OpenFetcher
) -> None:
    shop = web(always(Reply((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x"))))
    with pytest.raises(PictureTooLargeError, match=r"more than the 0\.1 MB"):
        fetcher().get(shop.url())
    assert len(shop.requests) == 1


def test_a_picture_that_has_too_many_bytes_is_cut_off(web: OpenWeb, fetcher: OpenFetcher) -> None:
    endless = (b"HTTP/1.1 200 OK\r\n\r\n", *[bytes(50_000)] * 10)
    with pytest.raises(PictureTooLargeError):
        fetcher().get(web(always(Reply(endless))).url())


def test_a_packed_answer_is_unpacked_within_the_limit(web: OpenWeb, fetcher: OpenFetcher) -> None:
    packed = reply(body=gzip.compress(picture(1)), Content_Encoding="gzip")
    bomb = reply(body=gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    shop = web(lambda request: bomb if request.path == "/bomb" else packed)
    open_one = fetcher()
    assert open_one.get(shop.url()) == picture(1)
    with pytest.raises(PictureTooLargeError):
        open_one.get(shop.url("/bomb"))


def test_a_picture_that_ends_early_is_torn(web: OpenWeb, fetcher: OpenFetcher) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(picture(1)) + 1}\r\n\r\n".encode()
    torn = Reply((head, picture(1)), close=True)
    shop = web(always(torn))
    with pytest.raises(PictureFetchError, match="not whole"):
        fetcher(ONCE).get(shop.url())


def test_a_torn_picture_is_asked_for_again(web: OpenWeb, fetcher: OpenFetcher) -> None:
    torn = Reply((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"1234"), close=True)
    shop = web(in_turn(torn, torn, PICTURE))
    assert fetcher().get(shop.url()) == picture(1)


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_picture_that_is_longer_than_announced_is_torn(
    web: OpenWeb, fetcher: OpenFetcher, pieces: int
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(picture(1)) - 1}\r\n\r\n".encode()
    parts = (head, picture(1)) if pieces == 2 else (head + picture(1),)
    with pytest.raises(PictureFetchError, match="longer than announced"):
        fetcher(ONCE).get(web(always(Reply(parts))).url())


def test_a_server_that_contradicts_itself_is_refused(web: OpenWeb, fetcher: OpenFetcher) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n12345"
    with pytest.raises(PictureFetchError, match="not whole"):
        fetcher(ONCE).get(web(always(Reply((head,)))).url())


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\r\n\r\n", b"SSH-2.0\r\n", b"HTTP/1.1 x\r\n"])
def test_a_server_that_speaks_no_http_is_an_error(
    web: OpenWeb, fetcher: OpenFetcher, said: bytes
) -> None:
    with pytest.raises(PictureFetchError, match="does not answer"):
        fetcher(ONCE).get(web(always(Reply((said,), close=True))).url())


def test_a_server_that_says_nothing_is_left_in_time(web: OpenWeb, fetcher: OpenFetcher) -> None:
    started = time.monotonic()
    with pytest.raises(FetchTimeoutError, match=r"127\.0\.0\.1 takes too long"):
        fetcher(replace(ONCE, read_timeout=0.1)).get(web(always(replace(PICTURE, pause=2))).url())
    assert time.monotonic() - started < 1.5


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nServer: slow\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD, *[b"x"] * 60),
        tuple(bytes([byte]) for byte in HEAD),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"0"] * 60),
        (b"HTTP/1.1 100 Continue\r\n\r\n",) * 60,
    ],
    ids=["body", "headers", "chunks", "continue"],
)
def test_a_server_that_trickles_is_cut_off(
    web: OpenWeb, fetcher: OpenFetcher, pieces: tuple[bytes, ...]
) -> None:
    trickling = replace(ONCE, total_timeout=0.3)
    started = time.monotonic()
    with pytest.raises(FetchTimeoutError):
        fetcher(trickling).get(web(always(Reply(pieces, pause=0.04))).url())
    assert 0.25 < time.monotonic() - started < 1.5


# Attempts and manners


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(web: OpenWeb, fetcher: OpenFetcher, status: int) -> None:
    shop = web(in_turn(reply(status), reply(status), PICTURE))
    assert fetcher().get(shop.url()) == picture(1)
    assert len(shop.requests) == 3


def test_attempts_come_to_an_end(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(reply(503)))
    with pytest.raises(PictureFetchError, match="status 503"):
        fetcher().get(shop.url())
    assert len(shop.requests) == 1 + QUICK.retries


@pytest.mark.parametrize("date", [False, True], ids=["seconds", "date"])
def test_a_server_that_asks_for_a_pause_gets_it(
    web: OpenWeb, fetcher: OpenFetcher, clock: Clock, date: bool
) -> None:
    asked = formatdate(clock.now + 30, usegmt=True) if date else "30"
    shop = web(in_turn(reply(429, Retry_After=asked), PICTURE))
    started = time.monotonic()
    assert fetcher(replace(QUICK, longest_wait=0.3)).get(shop.url()) == picture(1)
    assert 0.3 <= time.monotonic() - started < 2


@pytest.mark.parametrize("asked", ["-1", "soon", "", "Wed, 99 Foo 2015 07:28:00 GMT", "²"])
def test_a_senseless_pause_is_not_kept(web: OpenWeb, fetcher: OpenFetcher, asked: str) -> None:
    head = f"HTTP/1.1 429 -\r\nContent-Length: 0\r\nRetry-After: {asked}\r\n\r\n"
    shop = web(in_turn(Reply((head.encode("latin-1"),)), PICTURE))
    assert fetcher().get(shop.url()) == picture(1)


def test_a_server_has_few_requests_at_once(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(replace(PICTURE, pause=0.03)))
    open_one = fetcher(replace(QUICK, per_host=3))
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(open_one.get, [shop.url(f"/{number}") for number in range(18)]))
    assert shop.most_at_once == 3
    assert shop.connections == 3


def test_servers_are_asked_independently(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(replace(PICTURE, pause=0.05)))
    hosts = [f"127.0.0.{number}" for number in range(1, 5)]
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", shop.port))]
    guard = AddressGuard(["127.0.0.1"], lambda *_: here)
    open_one = fetcher(replace(QUICK, per_host=1), guard)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_one.get, [shop.url(host=host) for host in hosts]))
    assert shop.most_at_once > 1


def test_a_server_that_never_answers_is_left_alone(web: OpenWeb, fetcher: OpenFetcher) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, *_: int) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    shop = web(always(PICTURE))
    open_one = fetcher(replace(QUICK, retries=1), AddressGuard(["127.0.0.1"], resolve))
    dead = f"http://dead.example:{free_port()}"
    for number in range(5):
        with pytest.raises(PictureFetchError, match=r"dead\.example does not answer"):
            open_one.get(f"{dead}/{number}")
    assert len(asked) == 10
    with pytest.raises(FetchHostDownError, match="not asked again"):
        open_one.get(f"{dead}/6")
    assert len(asked) == 10
    assert open_one.get(shop.url()) == picture(1)


def test_an_answer_of_any_kind_is_a_sign_of_life(web: OpenWeb, fetcher: OpenFetcher) -> None:
    hang_up = Reply((b"",), close=True)
    shop = web(lambda request: reply(404) if request.path == "/404" else hang_up)
    open_one = fetcher(replace(ONCE, patience=2))
    for path in ("/a", "/404", "/b", "/404"):
        with pytest.raises(PictureFetchError) as failure:
            open_one.get(shop.url(path))
        assert not isinstance(failure.value, FetchHostDownError)


def test_a_host_without_a_name_server_entry_is_asked_for_once(fetcher: OpenFetcher) -> None:
    asked: list[str] = []

    def resolve(host: str, *_: int) -> list[tuple[Any, ...]]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(PictureFetchError, match=r"no server has the name typo\.example"):
        fetcher(QUICK, AddressGuard(resolve=resolve)).get("https://typo.example/a.png")
    assert asked == ["typo.example"]


# The guard


def test_an_address_that_is_not_allowed_is_never_asked(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(PICTURE))
    with pytest.raises(FetchRefusedError, match="not on the public web"):
        fetcher(QUICK, AddressGuard()).get(shop.url())
    assert shop.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/a.png",
        "http://127.0.0.2:{port}/a.png",
        "http://[::1]:{port}/a.png",
        "http://2130706434:{port}/a.png",
        "http://169.254.169.254/latest/meta-data",
        "//127.0.0.2:{port}/",
        "file:///etc/passwd",
        "http://me:secret@127.0.0.1:{port}/",
    ],
)
def test_a_redirect_leads_to_no_other_address(
    web: OpenWeb, fetcher: OpenFetcher, target: str
) -> None:
    shop = web(lambda request: reply(302, Location=target.format(port=shop.port)))
    with pytest.raises(FetchRefusedError):
        fetcher().get(shop.url())
    assert shop.paths == ["/a.png"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(web: OpenWeb, fetcher: OpenFetcher, status: int) -> None:
    shop = web(
        lambda request: PICTURE if request.path == "/5" else reply(status, b"moved", Location="/5")
    )
    open_one = fetcher()
    assert open_one.get(shop.url()) == picture(1)
    assert open_one.fresh(shop.url()) == content_hash(picture(1))
    assert [request.connection for request in shop.requests] == [1, 1]


def test_redirects_come_to_an_end(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(lambda request: reply(302, Location=f"{request.path}x"))
    with pytest.raises(PictureFetchError, match="from one address to the next"):
        fetcher().get(shop.url())
    assert len(shop.requests) == 6


def test_a_name_is_resolved_once_for_check_and_connection(
    web: OpenWeb, fetcher: OpenFetcher
) -> None:
    shop = web(always(PICTURE))
    answers = iter(["127.0.0.1", "10.0.0.1"])

    def resolve(host: str, port: int, *_: int) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    open_one = fetcher(ONCE, AddressGuard(["127.0.0.1"], resolve))
    assert open_one.get(shop.url(host="rebinding.example")) == picture(1)
    assert shop.requests[0].headers["host"] == f"rebinding.example:{shop.port}"
    assert next(answers) == "10.0.0.1"


def test_the_next_address_is_tried_where_one_is_dead(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(PICTURE))
    dead, alive = ("127.0.0.1", free_port()), ("127.0.0.1", shop.port)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (dead, alive)]
    guard = AddressGuard(["127.0.0.1"], lambda *_: found)
    assert fetcher(ONCE, guard).get("http://shop.example/a.png") == picture(1)


# Ending


@pytest.mark.parametrize(
    "answer",
    [reply(503, Retry_After="60"), replace(PICTURE, pause=3), Reply((HEAD, b"x"), pause=0.2)],
    ids=["pause", "silence", "body"],
)
def test_cancelling_ends_every_wait(web: OpenWeb, fetcher: OpenFetcher, answer: Reply) -> None:
    begun = threading.Event()

    def answering(request: Request) -> Reply:
        begun.set()
        return answer

    shop = web(answering)
    patient = FetchOptions(per_host=1, first_wait=60)
    open_one = fetcher(patient)
    with ThreadPoolExecutor(4) as pool:
        paths = ("/a", "/a", "/b", "/c")
        waiting = [pool.submit(open_one.get, shop.url(path)) for path in paths]
        assert begun.wait(2)
        time.sleep(0.3)
        started = time.monotonic()
        open_one.cancel()
        for one in waiting:
            with pytest.raises(FetchCancelledError):
                one.result(2)
    assert time.monotonic() - started < 1.5


def test_a_closed_fetcher_fetches_nothing(web: OpenWeb, fetcher: OpenFetcher) -> None:
    shop = web(always(PICTURE))
    open_one = fetcher()
    with open_one:
        open_one.get(shop.url())
    for path in ("/a.png", "/b.png"):
        with pytest.raises(FetchCancelledError):
            open_one.get(shop.url(path))
    assert len(shop.requests) == 1
