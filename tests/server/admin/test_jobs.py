"""Imports on the admin pages: listed, followed, cancelled, and what they could not use."""

import csv
import io
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from features.jobs import Job, JobState
from features.synced import RowFailure
from server.admin.formats import as_table
from server.config import Settings
from server.services.imports import Imports
from tests.server.admin.forms import SAME, send
from tests.server.test_collections_api import import_all

FEED = (
    "id,title,description,category,image\n"
    "mug-001,Mug,,Mugs,products/mug-001.webp\n"
    "gone,<b>Gone</b>,,Mugs,products/none.webp\n"
)


@pytest.fixture
def job(imports: Imports) -> Job:
    """A feed that waits for its import."""
    return imports.shelf.create("<i>feed.csv", io.BytesIO(FEED.encode()), {})


def test_nothing_was_sent_at_first(owner: FlaskClient) -> None:
    assert "No import was sent here yet." in owner.get("/admin").text


def test_a_job_that_waits_is_listed_and_followed(owner: FlaskClient, job: Job) -> None:
    for address in ("/admin", "/admin/jobs", "/admin/jobs/latest"):
        page = owner.get(address).text
        assert "1 import under way" in page
        assert "&lt;i&gt;feed.csv" in page
        assert "for the catalogue" in page
        assert "data-waits" in page
    part = owner.get("/admin/jobs/latest").text
    assert "<html" not in part
    assert 'http-equiv="refresh"' in owner.get("/admin/jobs").text


def test_a_running_job_shows_how_far_it_is(owner: FlaskClient, imports: Imports, job: Job) -> None:
    imports.shelf.save(replace(job, state=JobState.RUNNING, done=1_200, total=4_000))
    for address in (f"/admin/jobs/{job.id}", f"/admin/jobs/{job.id}/progress"):
        page = owner.get(address).text
        assert "1,200 of 4,000 pictures" in page
        assert 'max="4000" value="1200"' in page


def test_a_job_that_is_done_says_what_it_did_and_what_it_could_not_use(
    owner: FlaskClient, imports: Imports, own_settings: Settings, job: Job
) -> None:
    import_all(imports, own_settings)
    page = owner.get(f"/admin/jobs/{job.id}").text
    assert "11 removed" in page
    assert "1 row or picture not used" in page
    assert "data-waits" not in page
    assert "there is no picture" in page
    answer = owner.get(f"/admin/jobs/{job.id}/failures.csv")
    assert answer.headers["Content-Disposition"] == (f"attachment; filename=not-used-{job.id}.csv")
    _, row = csv.reader(io.StringIO(answer.text))
    assert row[0] == "3"
    assert "No import is under way." in owner.get("/admin").text


def test_a_job_of_a_collection_names_it(
    owner: FlaskClient, imports: Imports, own_settings: Settings
) -> None:
    address = send(owner, "Summer").headers["Location"]
    assert "for the collection “Summer”" in owner.get("/admin/jobs").text
    owner.post(f"{address}/delete", headers=SAME)
    assert "for a collection that is gone" in owner.get("/admin/jobs").text


def test_a_job_is_cancelled(owner: FlaskClient, imports: Imports, job: Job) -> None:
    for _ in range(2):  # a second click does no harm
        answer = owner.post(f"/admin/jobs/{job.id}/cancel", headers=SAME)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/admin/jobs/{job.id}")
    assert "Cancelled" in owner.get(f"/admin/jobs/{job.id}").text
    assert imports.shelf.get(job.id).is_final


@pytest.mark.parametrize("job_id", ["nothing", "..", "20260101000000000000-00000000"])
def test_an_unknown_job_is_not_found(owner: FlaskClient, imports: Imports, job_id: str) -> None:
    for address in ("", "/progress", "/failures.csv"):
        assert owner.get(f"/admin/jobs/{job_id}{address}").status_code == 404


def test_the_overview_lists_the_latest_alone(owner: FlaskClient, imports: Imports) -> None:
    names = [f"feed-{number}.csv" for number in range(6)]
    for name in names:
        imports.shelf.create(name, io.BytesIO(FEED.encode()), {})
    page = owner.get("/admin").text
    assert names[0] not in page
    assert all(name in page for name in names[1:])
    assert names[0] in owner.get("/admin/jobs").text


def test_a_reason_is_no_formula_for_a_spreadsheet(owner: FlaskClient) -> None:
    reasons = ["=cmd()", "+1", "-1", "@A1", "\tx", "no picture, 'a'"]
    with owner.application.test_request_context():
        table = as_table([RowFailure(None, "bad_row", text) for text in reasons], "a.csv")
    _, *rows = csv.reader(io.StringIO(table.get_data(as_text=True), newline=""))
    assert [row[2] for row in rows] == [*(f"'{text}" for text in reasons[:-1]), reasons[-1]]
    assert {row[0] for row in rows} == {""}
