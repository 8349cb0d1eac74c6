"""Processes apart: whatever their work does to them, the next question has its answer."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from features.errors import HelperEndedError, HelperTooSlowError, HelperUnavailableError
from features.isolation import Helpers, Message
from tests.helpers import run_python

RESTLESS = "tests.features.isolation.restless"
MOST = 2


@pytest.fixture
def restless() -> Iterator[Helpers]:
    with Helpers(RESTLESS, MOST) as helpers:
        yield helpers


def ask(helpers: Helpers, do: str = "echo", body: bytes = b"", **more: float) -> Message:
    patience_s = more.pop("patience_s", 20.0)
    return helpers.ask(Message({"do": do, **more}, body), patience_s=patience_s, most=10_000_000)


def test_bytes_come_back_as_they_were(restless: Helpers) -> None:
    body = os.urandom(3_000_000)
    assert ask(restless, body=body).body == body
    assert ask(restless, body=b"").body == b""


def test_the_same_process_answers_again(restless: Helpers) -> None:
    first, second = (ask(restless).head["pid"] for _ in range(2))
    assert first == second
    assert restless.idle == [first]


def test_work_that_ends_its_process_takes_nothing_else_with_it(restless: Helpers) -> None:
    with pytest.raises(HelperEndedError, match="ended with -11"):
        ask(restless, "die")
    assert ask(restless, body=b"next").body == b"next"


def test_work_that_does_not_end_is_ended(restless: Helpers) -> None:
    pid = ask(restless).head["pid"]
    with pytest.raises(HelperTooSlowError, match=r"within 0\.2 seconds"):
        ask(restless, "hang", patience_s=0.2)
    assert not psutil.pid_exists(pid)
    assert ask(restless, body=b"next").body == b"next"


def test_a_process_that_had_rested_is_no_fault(restless: Helpers) -> None:
    pid = ask(restless, "rest").head["pid"]
    assert ask(restless).head["pid"] != pid


def test_an_answer_that_makes_no_sense_is_the_end_of_its_process(restless: Helpers) -> None:
    pid = ask(restless).head["pid"]
    with pytest.raises(HelperEndedError, match="a message of"):
        ask(restless, "babble")
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("do", ["mumble", "list", "nest"])
def test_an_answer_that_names_no_values_is_the_end_of_its_process(
    restless: Helpers, do: str
) -> None:
    with pytest.raises(HelperEndedError, match="a message"):
        ask(restless, do)
    assert not restless.idle


def test_an_answer_above_what_is_allowed_is_not_read(restless: Helpers) -> None:
    with pytest.raises(HelperEndedError, match="100 bytes"):
        restless.ask(Message({"do": "echo"}, bytes(100)), patience_s=20.0, most=99)


def test_no_more_processes_work_than_are_allowed(restless: Helpers) -> None:
    with ThreadPoolExecutor(6) as pool:
        pids = {a.head["pid"] for a in pool.map(lambda _: ask(restless, seconds=0.05), range(6))}
    assert len(pids) == MOST


def test_a_process_that_ends_at_once_is_told_as_such() -> None:
    with (
        Helpers("features.types", MOST) as helpers,
        pytest.raises(HelperUnavailableError, match=r"features\.types ends at once"),
    ):
        ask(helpers)


def test_settings_and_keys_stay_with_the_server(
    restless: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL_SEARCH_ADMIN_KEY", "secret")
    monkeypatch.setenv("SECRET", "secret")
    environment = ask(restless).head["environment"]
    assert "PATH" in environment
    assert not {"VISUAL_SEARCH_ADMIN_KEY", "SECRET"} & set(environment)


ABANDONED = """
import os
from features.images import decode
from features.isolation import helpers
from tests.helpers import picture
decode(picture(1, "WEBP"))
print(*helpers("features.decoder").idle, flush=True)
os._exit(0)
"""


def test_a_process_ends_when_nobody_is_left_to_ask() -> None:
    done = run_python("-c", ABANDONED)
    pid = int(done.stdout)
    until = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until
        time.sleep(0.02)
