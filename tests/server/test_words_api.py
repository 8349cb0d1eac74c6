"""`GET /api/v1/search?q=` and `GET /api/v1/suggest?q=`, and the page of the same."""

import shutil
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

import features.text.index as index_module
from features.search import SearchService, index_words
from features.store import StoreSet
from server import create_app
from server.config import Settings
from tests.server.conftest import TidyClient, said_by


def search(client: FlaskClient, text: str, **parameters: str) -> dict[str, object]:
    answer = client.get("/api/v1/search", query_string={"q": text, **parameters})
    assert answer.status_code == 200, answer.text
    return said_by(answer)


def ids(said: dict[str, object]) -> list[str]:
    results = said["results"]
    assert isinstance(results, list)
    return [hit["product"]["id"] for hit in results]


def test_words_find_products_in_the_shape_of_every_search(client: FlaskClient) -> None:
    said = search(client, "mug", facets="category,price")
    assert set(said) == {
        *("extractor", "index_version", "took_ms", "total", "did_you_mean", "no_confident_match"),
        *("results", "facets"),
    }
    (hit,) = said["results"]  # type: ignore[misc]
    assert set(hit) == {"product", "image_url", "thumbnail_url", "time_s", "score"}
    assert hit["score"] > 0
    assert client.get(hit["thumbnail_url"]).status_code == 200
    assert (said["total"], said["did_you_mean"], said["no_confident_match"]) == (1, None, False)
    assert said["facets"]["category"] == {"Mugs": 1}  # type: ignore[index]


def test_a_typo_is_undone_and_told(client: FlaskClient) -> None:
    said = search(client, "MUGG")
    assert ids(said) == ids(search(client, "mug"))
    assert said["did_you_mean"] == "mug"


def test_words_of_nothing_are_answered_with_nothing(client: FlaskClient) -> None:
    said = search(client, "telescope", facets="brand,price")
    assert (said["results"], said["total"], said["no_confident_match"]) == ([], 0, True)
    assert said["facets"] == {"brand": {}, "price": {}}


def test_an_id_finds_its_product_first(client: FlaskClient) -> None:
    for said in (search(client, "mug-001"), search(client, "MUG 001")):
        assert ids(said)[0] == "mug-001"


def test_pages_filters_exclusions_and_fields_are_those_of_every_search(
    client: FlaskClient,
) -> None:
    every = search(client, "a", limit="100")
    assert every["total"] == len(ids(every)) > 3
    paged = [ids(search(client, "a", limit="2", offset=str(n))) for n in (0, 2)]
    assert [*paged[0], *paged[1]] == ids(every)[:4]
    assert ids(search(client, "a", exclude=ids(every)[0])) == ids(every)[1:7]
    assert ids(search(client, "mug", filter="category:Vases")) == []
    assert ids(search(client, "mug-001", filter="category:Vases")) == []
    assert ids(search(client, "mug", filter="category:mugs")) == ["mug-001"]
    assert ids(search(client, "mug", filter="price:,0.01")) == []
    named = search(client, "mug", fields="id")
    assert named["results"][0]["product"] == {"id": "mug-001"}  # type: ignore[index]


@pytest.mark.parametrize(
    "query",
    [
        *({}, {"q": ""}, {"q": "  "}, {"q": "x" * 201}, {"q": "mug", "limit": "0"}),
        *({"q": "mug", "threshold": "50"}, {"q": "mug", "fallback": "category"}),
        *({"q": "mug", "filter": "nonsense"}, {"q": "mug", "extractor": "none"}),
    ],
)
def test_what_cannot_be_searched_is_refused(client: FlaskClient, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/search", query_string=query)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query")


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "m", "limit": "21"}])
def test_what_cannot_be_suggested_is_refused(client: FlaskClient, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/suggest", query_string=query)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query")


def test_names_are_suggested_while_somebody_is_typing(client: FlaskClient) -> None:
    answer = client.get("/api/v1/suggest?q=mu&limit=3")
    first = said_by(answer)["suggestions"][0]
    assert first == {"kind": "category", "text": "Mugs"}


def test_a_change_is_found_by_the_next_search(admin: FlaskClient) -> None:
    assert ids(search(admin, "mug")) == ["mug-001"]
    product = {"title": "Zanzibar Beaker", "category": "Mugs", "attributes": {"sku": "ZB-77/1"}}
    assert admin.put("/api/v1/products/mug-001", json=product).status_code == 200
    assert ids(search(admin, "zanzibar")) == ["mug-001"]
    assert ids(search(admin, "zb771")) == ["mug-001"]
    assert admin.delete("/api/v1/products/mug-001").status_code == 200
    assert ids(search(admin, "zanzibar")) == []
    assert ids(search(admin, "mug-001")) == []


def test_a_large_catalogue_is_answered_for_once_its_words_are_indexed(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = StoreSet(own_settings.store).folder_of()
    shutil.rmtree(store / "text", ignore_errors=True)
    monkeypatch.setattr(index_module, "QUICKLY", 5)
    started: list[str] = []
    monkeypatch.setattr(
        "server.services.indexing.run_beside", lambda _, script, *__, ended: started.append(script)
    )
    app = create_app(own_settings)
    app.test_client_class = TidyClient
    answer = app.test_client().get("/api/v1/search?q=mug")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "text_index_building")
    assert answer.headers["Retry-After"]
    assert started == ["build_index.py"]
    assert index_words(store) == 12
    assert ids(search(app.test_client(), "mug")) == ["mug-001"]


def test_a_damaged_index_is_made_anew_while_it_is_searched(own_settings: Settings) -> None:
    app = create_app(own_settings)
    app.test_client_class = TidyClient
    client = app.test_client()
    before = search(client, "mug")
    database = StoreSet(own_settings.store).folder_of() / "text" / "words-1.db"
    size = database.stat().st_size
    with database.open("r+b") as file:  # all but the header and the tables' names
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    assert ids(search(client, "mug")) == ids(before)


def test_the_page_shows_what_words_find(client: FlaskClient) -> None:
    page = client.get("/search?q=mugg").text
    assert page.count('class="product"') == 1
    assert "these have “mug”" in page and 'value="mugg"' in page
    assert "similar</p>" not in page
    assert "Nothing found for “&lt;b&gt;" in client.get("/search?q=<b>").text


def test_the_page_leads_on_to_more_products_and_back(client: FlaskClient) -> None:
    page = client.get("/search?q=a&limit=2&filter=price:1,9999").text
    assert 'rel="next"' in page and 'rel="prev"' not in page
    more = page[page.index('rel="next" href="') + 17 :].partition('"')[0].replace("&amp;", "&")
    assert "filter=price" in more and "offset=2" in more
    assert 'rel="prev"' in client.get(more).text


def test_words_that_are_too_long_are_explained_on_the_page(client: FlaskClient) -> None:
    page = client.get("/search?q=" + "x" * 300)
    assert page.status_code == 400 and "200 are the most" in page.text
    assert client.get("/search?q=+").headers["Location"] == "/"


def test_suggestions_for_the_page_are_options(client: FlaskClient) -> None:
    assert '<option value="Mugs">' in client.get("/suggestions?q=mu").text


def test_a_shop_that_asks_for_keys_still_suggests_on_its_own_pages(
    settings: Settings, service: SearchService
) -> None:
    closed = create_app(replace(settings, require_key=True), service=service)
    closed.test_client_class = TidyClient
    assert closed.test_client().get("/api/v1/search?q=mug").status_code == 401
    assert closed.test_client().get("/suggestions?q=mu").status_code == 200


def test_two_servers_on_one_store_find_the_same(own_settings: Settings) -> None:
    one, two = (create_app(own_settings) for _ in range(2))
    one.test_client_class = two.test_client_class = TidyClient
    said = [search(app.test_client(), "a") for app in (one, two)]
    assert said[0]["results"] == said[1]["results"]
