"""What the forms of the admin pages send."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.features.collections.test_collections import PICTURES, zipped
from tests.server.conftest import KEY

SAME = {"Sec-Fetch-Site": "same-origin"}


def sign_in(client: FlaskClient, key: str = KEY) -> TestResponse:
    return client.post("/admin/sign-in", data={"key": key}, headers=SAME)


def send(client: FlaskClient, name: str = "Holiday") -> TestResponse:
    data = {"name": name, "archive": (zipped({**PICTURES, "a.txt": b"words"}), "holiday.zip")}
    return client.post("/admin/collections", data=data, headers=SAME)
