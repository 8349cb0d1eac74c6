"""Keys, passwords and signed addresses are nowhere but where they belong."""

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.attacks.secrets import kept_secrets
from server.config import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def secret_settings(own_settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "keys").mkdir()
    return replace(own_settings, keys=tmp_path / "keys" / "keys.json")


def test_no_secret_is_told_or_kept(secret_settings: Settings, mug_photo: bytes) -> None:
    tally = kept_secrets(secret_settings, mug_photo)
    assert tally.tried > 1_000
    assert tally.through == ()


def test_a_log_that_tells_a_secret_would_be_seen(
    secret_settings: Settings, mug_photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.pictures.address.WebAddress.__str__", lambda address: address.url)
    tally = kept_secrets(secret_settings, mug_photo)
    assert "a signed address is in a job" in tally.through
