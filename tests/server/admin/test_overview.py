"""What the overview tells of catalogue, imports, stores, quality and server."""

import csv
import io
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from features.adaptation import Adaptation, write_adaptation
from features.catalog import read_catalog
from features.errors import CatalogError
from features.store import StoreSet, open_store
from features.sync import SyncOptions, sync_stores
from features.synced import LAST_SYNC, read_synced
from server import create_app
from server.admin.catalogue import Categories, count_categories
from server.admin.evaluation import REPORT
from server.admin.formats import moment, span
from server.config import Settings
from server.version import VERSION
from tests.helpers import ROOT
from tests.server.admin.forms import sign_in
from tests.server.conftest import TidyClient
from tests.shop import SAMPLE

WORDS = re.compile(r"\s+")


def section(client: FlaskClient, name: str) -> str:
    """The words of a section of the overview."""
    page = client.get("/admin").text
    part = page.partition(f'id="{name}"')[2].partition("</section>")[0].partition(">")[2]
    assert part, name
    return WORDS.sub(" ", re.sub(r"<[^>]+>", " ", part))


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Two products of the sample, a row without a picture, and one that spreadsheets would run."""
    path = tmp_path / "feed.csv"
    path.write_text(
        "id,title,description,category,image\n"
        "mug-001,Mug,,Mugs,products/mug-001.webp\n"
        "hat-001,Hat,,Hats,products/hat-001.webp\n"
        "gone,Gone,,Mugs,products/none.webp\n"
        "=1+1,<b>Run</b>,,Mugs,\n",
        encoding="utf-8",
    )
    return path


def bring_in(settings: Settings, feed: Path) -> None:
    options = SyncOptions(pictures=SAMPLE, purpose=f"importing {feed.name}")
    sync_stores(StoreSet(settings.store), read_catalog(feed), options)


def test_the_catalogue_is_told_in_numbers_by_category(owner: FlaskClient) -> None:
    said = section(owner, "catalogue")
    assert "Products 12" in said
    assert "Last change" in said
    assert "Mugs 1" in said


def test_a_shop_without_a_catalogue_is_told_how_to_make_one(
    own_settings: Settings, tmp_path: Path
) -> None:
    app = create_app(replace(own_settings, store=tmp_path / "nothing"))
    app.test_client_class = TidyClient
    client = app.test_client()
    sign_in(client)
    assert "extract_features.py" in section(client, "catalogue")
    assert "There is none yet" in section(client, "stores")


def test_categories_are_those_of_products_that_can_be_found(own_store: Path) -> None:
    view = open_store(StoreSet(own_store).folder_of())
    counts = count_categories(view)
    assert counts == {product.category: 1 for product in view.products.values()}
    assert Categories().of(view) == counts


def test_what_left_the_catalogue_counts_in_no_category(
    owner: FlaskClient, own_settings: Settings, feed: Path
) -> None:
    bring_in(own_settings, feed)
    said = section(owner, "catalogue")
    assert "Products 2" in said
    assert "Hats 1" in said
    assert "Vases" not in said


def test_the_last_import_names_every_row_that_was_not_used(
    owner: FlaskClient, own_settings: Settings, feed: Path
) -> None:
    assert "None is noted yet" in section(owner, "last-import")
    bring_in(own_settings, feed)
    said = section(owner, "last-import")
    assert "Importing feed.csv (csv)" in said
    assert "10 removed" in said
    assert "2 rows and pictures not used" in said
    assert "4 there is no picture &#39;products/none.webp&#39;" in said
    answer = owner.get("/admin/sync/failures.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=not-used.csv"
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == ["line", "code", "reason"]
    assert [row[0] for row in rows] == ["4", "5"]


def test_an_import_that_failed_says_why(
    owner: FlaskClient, own_settings: Settings, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("id,title,description,category,image\n1,A,,,\n", encoding="utf-8")
    with pytest.raises(CatalogError):
        bring_in(own_settings, empty)
    synced = read_synced(own_settings.store)
    assert synced is not None
    assert synced.code
    assert synced.detail.replace("'", "&#39;") in owner.get("/admin").text


def test_a_note_of_the_last_import_that_is_damaged_is_as_good_as_none(
    owner: FlaskClient, own_settings: Settings
) -> None:
    texts = ("", "[]", "{}", '{"format": 1}', '{"format": 1, "failed": [3]}', "\0", "[" * 100_000)
    for content in texts:
        (own_settings.store / LAST_SYNC).write_text(content, encoding="utf-8")
        assert "None is noted yet" in section(owner, "last-import")


def test_there_are_no_failures_to_download_where_nothing_was_imported(owner: FlaskClient) -> None:
    assert owner.get("/admin/sync/failures.csv").status_code == 404


def test_stores_are_told_with_what_makes_them(
    owner: FlaskClient, own_settings: Settings, own_store: Path
) -> None:
    said = section(owner, "stores")
    view = open_store(StoreSet(own_store).folder_of())
    assert f"{view.spec.name} searched by default" in said
    assert view.spec.fingerprint in said
    assert f"Whole 12 {view.picture_count} {view.spec.dim:,} euclidean exact no" in said
    assert str(own_store) not in owner.get("/admin").text


def test_an_adapted_store_says_so(owner: FlaskClient, own_store: Path) -> None:

    stores = StoreSet(own_store)
    view = open_store(stores.folder_of())
    adaptation = Adaptation(
        mean=view.vectors(view.live.nonzero()[0]).mean(axis=0),
        projection=view.vectors(view.live.nonzero()[0])[:2].T.copy(),
        method="discriminant",
        extractor=view.spec.name,
        fingerprint=view.spec.fingerprint,
        pictures=1_234,
        classes=3,
    )
    write_adaptation(stores.folder_of(), adaptation)
    assert "discriminant, on 1,234 pictures" in section(owner, "stores")


def test_a_store_that_cannot_be_read_is_told_beside_the_others(
    owner: FlaskClient, own_store: Path
) -> None:
    (StoreSet(own_store).folder_of() / "manifest.json").write_text("{", encoding="utf-8")
    said = section(owner, "stores")
    assert "It cannot be read (store_corrupt)" in said
    assert "verify_store.py" in said


def test_a_report_of_the_evaluation_is_shown_in_short_and_whole(
    owner: FlaskClient, own_settings: Settings
) -> None:
    assert "evaluate.py --store DIR --report DIR/evaluation.html" in section(owner, "quality")
    assert owner.get("/admin/evaluation").status_code == 404
    report = own_settings.store / REPORT
    figures = (
        "{&quot;extractor&quot;: &quot;lite&quot;, &quot;groups&quot;: {&quot;taken_out&quot;: "
        "{&quot;pictures&quot;: 7, &quot;products&quot;: 3, &quot;recall@1&quot;: "
        "{&quot;value&quot;: 0.5, &quot;low&quot;: 0.25, &quot;high&quot;: 0.75}, "
        "&quot;mAP&quot;: null}}}"
    )
    report.write_text(
        f'<!doctype html><meta name="figures" content="{figures}"><script>1</script>whole',
        encoding="utf-8",
    )
    said = section(owner, "quality")
    assert "of lite" in said
    assert "Taken out 7 pictures" in said
    assert "recall@1 0.500 0.250 to 0.750" in said
    answer = owner.get("/admin/evaluation")
    assert answer.text.endswith("whole")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_report_older_than_the_catalogue_says_so(
    owner: FlaskClient, own_settings: Settings, feed: Path
) -> None:
    (own_settings.store / REPORT).write_text("<p>no figures", encoding="utf-8")
    assert "changed since" not in section(owner, "quality")
    time.sleep(0.02)
    bring_in(own_settings, feed)
    assert "changed since" in section(owner, "quality")


@pytest.mark.parametrize(
    "content", ["{", "3", "[]", "{}", '{"extractor": "a", "groups": {"b": {"pictures": "x"}}}']
)
def test_figures_that_cannot_be_read_leave_the_report(
    owner: FlaskClient, own_settings: Settings, content: str
) -> None:
    quoted = content.replace('"', "&quot;")
    report = f'<meta name="figures" content="{quoted}">'
    (own_settings.store / REPORT).write_text(report, encoding="utf-8")
    assert "The whole report" in section(owner, "quality")


def test_the_server_tells_of_its_workers_requests_and_caches(owner: FlaskClient) -> None:
    owner.get("/nothing")
    said = section(owner, "server")
    assert "1 worker" in said
    assert re.search(r"\d+\.\d MB", said)
    assert f"Visual Search {VERSION}, Python 3" in said
    assert "not_found 1" in said
    assert "Small copies of pictures" in said


def test_the_version_is_the_project_s() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_moments_and_durations_read_well() -> None:
    assert moment(0) == '<time datetime="1970-01-01T00:00:00+00:00">1 Jan 1970, 00:00 UTC</time>'
    spans = {0.4: "less than 1 s", 12: "12 s", 200: "3 min 20 s", 7_500: "2 h 5 min", 3e5: "3 days"}
    assert {seconds: span(seconds) for seconds in spans} == spans


def test_nothing_secret_is_on_the_page(owner: FlaskClient, own_settings: Settings) -> None:
    page = owner.get("/admin").text
    assert own_settings.admin_key not in page
    assert str(own_settings.store) not in page
