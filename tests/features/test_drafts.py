"""What killed processes left half written goes in time, and nothing that is being written does."""

import os
import time
from pathlib import Path

import pytest

from features.disk import sweep_drafts
from features.jobs import Job, JobShelf
from features.pictures import Vault
from tests.helpers import picture

TWO_HOURS_AGO = time.time() - 7200


def old(path: Path) -> Path:
    os.utime(path, (TWO_HOURS_AGO, TWO_HOURS_AGO))
    return path


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "pictures")


def test_half_of_a_picture_goes_and_whole_ones_stay(vault: Vault) -> None:
    digest = vault.put(picture(1))
    whole = old(vault.folder / digest[:2] / digest)
    torn = whole.with_name(f".{digest}.0123456789abcdef")
    torn.write_bytes(b"half")
    assert vault.sweep() == 0
    old(torn)
    assert (vault.sweep(), torn.exists(), whole.exists()) == (1, False, True)


def test_a_feed_that_is_still_arriving_stays(tmp_path: Path) -> None:
    shelf = JobShelf(tmp_path)
    draft = tmp_path / ".20260101000000000000-00000000"
    draft.mkdir()
    feed = draft / "feed.csv"
    feed.write_text("id")
    old(draft)
    assert (shelf.sweep(), feed.exists()) == (0, True)
    old(feed)
    old(draft)
    assert (shelf.sweep(), draft.exists()) == (1, False)


def test_half_of_a_jobs_state_goes_and_the_job_stays(tmp_path: Path) -> None:
    shelf = JobShelf(tmp_path)
    job = Job(id="20260101000000000000-00000000", name="a.csv", feed="feed.csv", created=0.0)
    (tmp_path / job.id).mkdir()
    shelf.save(job)
    old(tmp_path / job.id / "job.json")
    left = tmp_path / job.id / ".job.json.01234567"
    left.write_text("{")
    old(left)
    assert (shelf.sweep(), left.exists(), shelf.get(job.id)) == (1, False, job)


def test_what_the_future_left_is_no_older_than_an_hour(tmp_path: Path) -> None:
    draft = tmp_path / ".draft"
    draft.write_text("")
    os.utime(draft, (time.time() + 86_400,) * 2)
    assert (sweep_drafts([draft, tmp_path / "gone"]), draft.exists()) == (0, True)
