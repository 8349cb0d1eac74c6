"""Trying a photo on the admin pages: its stages, items and hits."""

import io
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.config import Settings
from server.services.imports import Imports
from tests.features.collections.test_collections import PICTURES
from tests.server.admin.forms import SAME, send
from tests.server.test_collections_api import import_all


def try_photo(client: FlaskClient, photo: bytes | None = None, **fields: Any) -> TestResponse:
    data = fields if photo is None else {"image": (io.BytesIO(photo), "photo.webp"), **fields}
    return client.post("/admin/try", data=data, headers=SAME)


def test_a_photo_is_tried_and_its_stages_are_told(owner: FlaskClient, mug_photo: bytes) -> None:
    answer = try_photo(owner, mug_photo, limit="3")
    assert answer.status_code == 200
    assert "3 products" in answer.text
    for stage in ("detect", "choose", "decode", "embed", "search", "rest"):
        assert re.search(rf"</svg> {stage} .*?<td class=\"number\">[\d.]+ ms</td>", answer.text)
    shares = [int(share) for share in re.findall(r">(\d+) %</td>", answer.text)]
    assert 97 <= sum(shares) <= 103
    rows = answer.text.partition('class="hits"')[2].split("</tr>")[1:-1]
    assert len(rows) == 3
    assert "mug-" in rows[0]


def test_another_item_of_it_needs_no_other_upload(owner: FlaskClient, mug_photo: bytes) -> None:
    token = re.search(r'name="image_token" value="([^"]+)"', try_photo(owner, mug_photo).text)
    assert token is not None
    again = try_photo(owner, image_token=token[1], item="0", limit="2")
    assert again.status_code == 200
    assert "2 products" in again.text


def test_a_collection_is_tried(
    owner: FlaskClient, imports: Imports, own_settings: Settings
) -> None:
    known = send(owner).headers["Location"].rpartition("/")[2]
    photo = PICTURES["holiday/1.png"]
    assert try_photo(owner, photo, **{"in": known}).status_code == 409
    import_all(imports, own_settings)
    answer = try_photo(owner, photo, **{"in": known})
    assert "in the collection “Holiday”" in answer.text
    assert "0.0000" in answer.text
    assert f"collection={known}" in answer.text
    assert f'<option value="{known}" selected>Holiday</option>' in answer.text


def test_what_cannot_be_tried_is_said_on_the_same_page(
    owner: FlaskClient, mug_photo: bytes
) -> None:
    for fields, status, said in (
        ({"extractor": "nothing"}, 400, "There is no store of the extractor"),
        ({"limit": "0"}, 400, "limit is"),
        ({"limit": "<b>"}, 400, "limit is"),
        ({"in": "../x"}, 404, "There is no collection"),
        ({"item": "9"}, 400, "this photo has the items"),
    ):
        answer = try_photo(owner, mug_photo, **fields)
        assert answer.status_code == status, fields
        assert said in answer.text
        assert 'role="alert"' in answer.text
        assert "<b>" not in answer.text
    assert try_photo(owner).status_code == 400
    assert try_photo(owner, b"no picture").status_code == 415


def test_the_form_offers_extractors_and_collections(owner: FlaskClient) -> None:
    send(owner, "Summer")
    page = owner.get("/admin/try").text
    assert "efficientnet_lite2_shop</option>" in page
    assert "Summer</option>" in page
