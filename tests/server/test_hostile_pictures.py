"""A picture that kills its decoder is one refused request; the server goes on."""

import io
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from features.errors import HelperUnavailableError
from features.images import decode
from features.isolation import Helpers, Message, helpers
from tests.helpers import picture


def searched(app: Flask, data: bytes) -> TestResponse:
    return app.test_client().post("/api/v1/search", data={"image": (io.BytesIO(data), "photo")})


def test_others_are_answered_while_a_decoder_dies(app: Flask) -> None:
    decode(picture(1, "WEBP"))
    pid = helpers("features.decoder").idle[-1]
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        dying = pool.submit(searched, app, picture(1, "WEBP"))
        assert searched(app, picture(2, "JPEG")).status_code == 200
        assert not dying.done()
        os.kill(pid, signal.SIGKILL)
        refused = dying.result(20)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "broken_picture")
    assert searched(app, picture(1, "WEBP")).status_code == 200


def test_a_machine_without_room_for_a_decoder_says_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(self: Helpers, question: Message, **_: object) -> Message:
        raise HelperUnavailableError("no process to decode in can be started: no memory")

    monkeypatch.setattr(Helpers, "ask", ask)
    refused = searched(app, picture(1, "WEBP"))
    assert (refused.status_code, refused.get_json()["code"]) == (503, "helper_unavailable")
    assert "process" not in refused.get_json()["detail"]
