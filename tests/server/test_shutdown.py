"""Ending the real server: what it has accepted it finishes, and then it does not linger."""

import http.client
import json
import os
import signal
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts.asking import SEARCH_PATH, multipart
from scripts.live_server import ServerFailedError, live_server
from tests.helpers import drawing, encoded

PAUSE_S = 0.5


def is_running(pid: int) -> bool:
    """Whether a child of this process still runs."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def wait_for_the_end(pid: int, within_s: float) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
def test_an_upload_that_had_begun_is_answered_after_sigterm(
    shop_store: Path, mug_photo: bytes, tmp_path: Path
) -> None:
    kind, body = multipart({"limit": "1"}, {"image": mug_photo})
    with live_server(
        workers=2, STORE=str(shop_store), PHOTOS=str(tmp_path / "photos"), DETECTOR="none"
    ) as server:
        connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
        connection.putrequest("POST", SEARCH_PATH)
        connection.putheader("Content-Type", kind)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[: len(body) // 2])
        time.sleep(PAUSE_S)  # the worker waits for the rest by now
        os.kill(server.pid, signal.SIGTERM)
        time.sleep(PAUSE_S)
        assert is_running(server.pid)
        connection.send(body[len(body) // 2 :])
        answer = connection.getresponse()
        found = json.load(answer)
        connection.close()
        assert answer.status == 200 and len(found["results"]) == 1
        assert wait_for_the_end(server.pid, within_s=10)


@pytest.mark.slow
def test_a_search_that_is_under_way_is_answered_after_sigterm(
    shop_store: Path, tmp_path: Path
) -> None:
    large = encoded(drawing(1, (6_000, 5_000)))  # some tenths of a second to decode
    kind, body = multipart({"limit": "1"}, {"image": large})
    statuses = []

    def ask(netloc: str) -> None:
        connection = http.client.HTTPConnection(netloc, timeout=60)
        connection.request("POST", SEARCH_PATH, body, {"Content-Type": kind})
        sent.release()
        statuses.append(connection.getresponse().status)
        connection.close()

    sent = threading.Semaphore(0)
    with live_server(
        STORE=str(shop_store), PHOTOS=str(tmp_path / "photos"), DETECTOR="none", WAITING="2"
    ) as server:
        netloc = urlsplit(server.address).netloc
        asking = [threading.Thread(target=ask, args=[netloc]) for _ in range(4)]
        for thread in asking:
            thread.start()
        for _ in asking:
            sent.acquire()
        time.sleep(0.1)  # all are accepted by now
        assert len(statuses) < len(asking)
        os.kill(server.pid, signal.SIGTERM)
        for thread in asking:
            thread.join(60)
        assert statuses == [200] * 4
        assert wait_for_the_end(server.pid, within_s=10)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("RESULTS", "many", "VISUAL_SEARCH_RESULTS is 'many'; it must be a whole number"),
        ("RESLTS", "6", "there is no setting VISUAL_SEARCH_RESLTS; the nearest is"),
        ("EXAMPLES", "/no/such.csv", "VISUAL_SEARCH_EXAMPLES names /no/such.csv"),
    ],
)
@pytest.mark.slow
def test_a_server_with_a_wrong_setting_ends_at_once_and_names_it(
    shop_store: Path, setting: str, value: str, said: str
) -> None:
    with (
        pytest.raises(ServerFailedError) as failure,
        live_server(STORE=str(shop_store), **{setting: value}),
    ):
        pass
    log = str(failure.value)
    assert f"\nerror: {said}" in log and "Traceback" not in log
