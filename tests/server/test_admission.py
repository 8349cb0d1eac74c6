"""More than the server can do: what is over that is refused at once, and what is given up ends."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace

import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from werkzeug.test import encode_multipart

from features.search import SearchService
from server import create_app
from server.config import Settings
from server.traffic.admission import CHANGES, PHOTOS, SEARCHES, Gate
from server.traffic.busy import DeadlinePassedError, ServerBusyError, UploadsBusyError
from server.traffic.demand import Demand
from server.traffic.receiving import Body, Receiving
from tests.server.conftest import TidyClient, computing_app
from tests.server.live import wait_until
from tests.server.test_search_api import post


@pytest.fixture
def full(settings: Settings, service: SearchService) -> Iterator[Flask]:
    """An application that computes for another request, and lets none wait."""
    with computing_app(replace(settings, at_once=1, waiting=0), service) as app:
        yield app


def test_a_search_beyond_those_that_may_wait_is_refused_at_once(
    full: Flask, mug_photo: bytes
) -> None:
    refused = post(full.test_client(), mug_photo)
    assert (refused.status_code, refused.get_json()["code"]) == (503, "server_busy")
    assert refused.mimetype == "application/problem+json"
    assert refused.headers["Retry-After"] == "1"


def test_it_is_refused_before_its_body_is_read(full: Flask) -> None:
    body = io.BytesIO(b"x" * 1_000)
    places = []

    def note(_: BaseException | None) -> None:
        places.append(body.tell())

    full.teardown_request(note)
    refused = full.test_client().post(
        "/api/v1/search", input_stream=body, content_type="multipart/form-data; boundary=b"
    )
    assert refused.get_json()["code"] == "server_busy"
    assert places == [0]


def test_what_is_cheap_is_answered_meanwhile(full: Flask) -> None:
    client = full.test_client()
    for path in ("/livez", "/readyz", "/metrics", "/", "/static/style.css", "/api/v1/stats"):
        assert client.get(path).status_code == 200, path


def is_full(gate: Gate) -> bool:
    try:
        gate.check()
    except ServerBusyError:
        return True
    return False


def test_photos_are_shown_while_searches_are_refused(full: Flask, mug_photo: bytes) -> None:
    token = full.extensions["photos"].put(mug_photo)
    assert full.test_client().get(f"/photos/{token}").status_code == 200


def test_a_few_photos_wait_to_be_shown_and_no_search_waits_for_them(
    app: Flask, mug_photo: bytes
) -> None:
    client = app.test_client()
    token = post(client, mug_photo).get_json()["image_token"]
    gate: Gate = app.extensions["gates"]["photos.photo"]
    gate.enter(0.0)
    with ThreadPoolExecutor(8) as shoppers:
        shown = [shoppers.submit(client.get, f"/photos/{token}") for _ in range(8)]
        wait_until(lambda: is_full(gate))
        assert client.get(f"/photos/{token}").status_code == 503
        assert post(client, mug_photo).status_code == 200
        gate.leave()
        assert {photo.result(10).status_code for photo in shown} == {200}


def test_refusals_are_counted(full: Flask, mug_photo: bytes) -> None:
    client = full.test_client()
    post(client, mug_photo)
    assert 'visual_search_problems_total{code="server_busy"} 1.0' in client.get("/metrics").text


def test_a_page_that_is_refused_tries_again_by_itself(full: Flask) -> None:
    page = full.test_client().get("/search?q=mug")
    assert page.status_code == 503
    assert 'data-retry="1"' in page.text and "Try again now" in page.text


def test_a_photo_that_is_refused_can_be_sent_again(full: Flask, mug_photo: bytes) -> None:
    page = full.test_client().post("/search", data={"image": (None, "")})
    assert page.status_code == 503
    assert "data-retry" not in page.text and "data-upload" in page.text


def test_a_search_is_given_up_when_its_turn_does_not_come_in_time(
    settings: Settings, service: SearchService, mug_photo: bytes
) -> None:
    settings = replace(settings, at_once=1, waiting=1, deadline_s=0.1)
    with computing_app(settings, service) as app:
        client = app.test_client()
        given_up = post(client, mug_photo)
        assert (given_up.status_code, given_up.get_json()["code"]) == (503, "deadline_passed")


def test_every_request_gives_its_turn_back(app: Flask, mug_photo: bytes) -> None:
    client = app.test_client()
    for _ in range(6):
        assert post(client, mug_photo).status_code == 200
        assert post(client, b"no picture").status_code == 415


def test_what_takes_turns_exists(app: Flask) -> None:
    assert app.view_functions.keys() >= SEARCHES | CHANGES | PHOTOS


def test_turns_are_taken_in_the_order_of_arrival() -> None:
    gate, order = Gate(1, 3), []
    gate.enter(1.0)

    def wait(number: int) -> None:
        gate.enter(5.0)
        order.append(number)
        gate.leave()

    with ThreadPoolExecutor(3) as pool:
        for number in range(3):
            pool.submit(wait, number)
            time.sleep(0.02)
        with pytest.raises(ServerBusyError):
            gate.enter(1.0)
        gate.leave()
    assert order == [0, 1, 2]


def test_who_gives_up_waiting_takes_no_place() -> None:
    gate = Gate(1, 1)
    gate.enter(1.0)
    for _ in range(2):
        with pytest.raises(DeadlinePassedError):
            gate.enter(0.01)
    gate.leave()
    gate.enter(0.0)


def test_a_place_is_kept_for_whoever_is_being_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.traffic.admission._EXPECTED_S", 60.0)
    gate = Gate(1, 1)
    for _ in range(2):
        gate.expect()
    with pytest.raises(ServerBusyError):
        gate.expect()
    gate.enter(0.0)
    with pytest.raises(ServerBusyError):  # the other one is still expected
        gate.expect()


def test_who_turns_back_keeps_no_place_and_makes_no_crowd() -> None:
    gate = Gate(1, 1, Demand(at_once=1))
    gate.enter(0.0)
    time.sleep(0.1)
    gate.leave()
    for _ in range(50):
        gate.expect()
        gate.turn_back()
    gate.enter(0.0)
    gate.check()  # in a crowd there would be no place before a search had taken as long as usual


def test_no_place_is_kept_for_long() -> None:
    gate = Gate(1, 0)
    gate.expect()
    time.sleep(0.1)
    gate.expect()


def test_in_a_crowd_a_place_is_free_once_a_search_has_taken_as_long_as_usual() -> None:
    gate = Gate(1, 4, Demand(at_once=1))
    gate.enter(0.0)
    time.sleep(0.4)
    gate.leave()
    gate.enter(0.0)  # a search takes 0.4 s, as far as is known
    for _ in range(30):
        with suppress(ServerBusyError):
            gate.expect()
    time.sleep(0.05)  # no place is kept for them any more
    with pytest.raises(ServerBusyError):
        gate.check()
    time.sleep(0.4)
    gate.check()


def test_a_crowd_is_twice_what_can_be_computed() -> None:
    demand = Demand(at_once=2)
    demand.note_taken(0.1)
    for _ in range(39):
        demand.note_one(5.0)
    assert not demand.is_crowd(5.0)  # it can compute 20 in the second that it remembers
    demand.note_one(5.0)
    assert demand.is_crowd(5.0) and not demand.is_crowd(5.5)


def test_a_search_whose_client_has_gone_is_not_begun(app: Flask, mug_photo: bytes) -> None:
    client = app.test_client()
    here, there = socket.socketpair()
    with closing(here), closing(there):
        client.environ_base["gunicorn.socket"] = here
        assert post(client, mug_photo).status_code == 200
        there.close()
        assert post(client, mug_photo).get_json()["code"] == "client_gone"


def test_the_slowest_body_makes_room_for_another() -> None:
    here, there = socket.socketpair()
    with closing(here), closing(there):
        receiving = Receiving(at_once=2)
        slow = Body(lambda _: b"", here, received=10, since=time.monotonic() - 1)
        fast = Body(lambda _: b"", received=10_000_000, since=time.monotonic() - 1)
        for body in (slow, fast, Body(lambda _: b"")):
            receiving.begin(body)
        assert here.recv(1) == b""  # whoever read it has come to its end
        with pytest.raises(UploadsBusyError):
            receiving.begin(Body(lambda _: b""))


@pytest.mark.parametrize("length", [10, None])
def test_a_body_that_came_whole_is_not_given_up_however_slowly_it_came(length: int | None) -> None:
    here, there = socket.socketpair()
    with closing(here), closing(there):
        receiving = Receiving(at_once=1)
        body = Body(io.BytesIO(b"0123456789").read, here, length, since=time.monotonic() - 1)
        receiving.begin(body)
        while not body.ended:
            body.read(10)
        receiving.begin(Body(lambda _: b""))
        there.send(b"next")
        assert here.recv(4) == b"next"


def test_what_has_come_of_a_body_is_fetched_at_once_and_read_in_any_pieces() -> None:
    here, there = socket.socketpair()
    asked = []

    def receive(size: int) -> bytes:
        asked.append(size)
        return here.recv(size)

    with closing(here), closing(there):
        there.send(b"0123456789")
        body = Body(receive, here, 13)
        assert (body.read(2), body.received, body.ended) == (b"01", 10, False)
        assert (body.read(3), body.read(0)) == (b"234", b"")
        there.send(b"abc")
        assert (body.read(9), body.read(9)) == (b"56789", b"abc")
        assert (asked, body.ended) == ([10, 9], True)


def test_all_that_is_left_of_a_body_is_read() -> None:
    here, there = socket.socketpair()
    with closing(here), closing(there):
        there.send(b"0123")
        body = Body(lambda size: here.recv(9) if size < 0 else here.recv(size), here, 6)
        assert body.read(1) == b"0"
        there.send(b"45")
        assert (body.read(), body.ended) == (b"12345", True)


@pytest.mark.parametrize("sent", [{}, {"Transfer-Encoding": "chunked"}], ids=["whole", "chunked"])
def test_the_end_of_a_form_is_noticed_before_what_it_names_is_fetched(
    app: Flask, sent: dict[str, str]
) -> None:
    boundary, form = encode_multipart({"image_url": "https://shop.example/mug.jpg"})
    length = {} if sent else {"Content-Length": str(len(form))}
    ended = []

    def note() -> None:
        assert request.form
        ended.append(g.body.ended)

    app.before_request(note)
    app.test_client().post(
        "/api/v1/search",
        input_stream=io.BytesIO(form),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={**sent, **length},
        environ_overrides={"wsgi.input_terminated": bool(sent)},
    )
    assert ended == [True]


def test_a_body_that_was_read_takes_no_place(client: FlaskClient, mug_photo: bytes) -> None:
    for _ in range(40):
        client.post("/api/v1/events", json={"type": "click"})
    assert post(client, mug_photo).status_code == 200


def test_searches_at_once_are_all_answered_where_they_may_wait(
    settings: Settings, service: SearchService, mug_photo: bytes
) -> None:
    app = create_app(replace(settings, at_once=1, waiting=8), service=service)
    app.test_client_class = TidyClient
    together = threading.Barrier(8)

    def search(_: int) -> int:
        together.wait()
        return post(app.test_client(), mug_photo).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(search, range(8))) == [200] * 8


def test_who_stands_aside_lets_another_in_and_is_next_then() -> None:
    gate, came = Gate(1, 4), list[str]()

    def step_aside() -> None:
        gate.enter(5.0)
        with gate.aside():
            gone.set()
            assert back.wait(5.0)
        came.append("who was in")
        gate.leave()

    def wait() -> None:
        gate.enter(5.0)
        came.append("who waited")
        gate.leave()

    gone, back = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        aside = pool.submit(step_aside)
        assert gone.wait(5.0)
        gate.enter(5.0)  # the place is free
        waiting = pool.submit(wait)
        time.sleep(0.1)
        back.set()
        time.sleep(0.1)
        assert not came
        gate.leave()
        aside.result(5.0)
        waiting.result(5.0)
    assert came == ["who was in", "who waited"]
