"""The API keeps to its own description: thousands of requests, valid ones and others."""

from dataclasses import replace
from pathlib import Path

import pytest

from server import create_app
from server.config import Settings
from tests.features.pictures.web import reply, serving
from tests.loopback import served
from tests.server import contract

_EXAMPLES = 100


@pytest.fixture
def patient_settings(own_settings: Settings) -> Settings:
    """Settings that let a test ask as often as it likes, and fetch from its own web server."""
    rate = "1000000 per minute"
    return replace(own_settings, rate=rate, key_rate=rate, allowed_hosts=("127.0.0.1",))


@pytest.mark.slow
def test_the_api_keeps_to_its_description(
    patient_settings: Settings, mug_photo: bytes, tmp_path: Path
) -> None:
    app = create_app(patient_settings)
    app.extensions["imports"] = contract.KeptImports(patient_settings)
    with (
        serving(lambda _: reply(body=mug_photo)) as web,
        contract.valid_values(app, web.url("/photo.webp")),
        served(app) as address,
    ):
        findings = contract.run(address, _EXAMPLES)
    app.extensions["web"].close()
    assert not findings.failures, "\n\n".join(findings.failures)
    assert findings.cases.total() >= 2_000
    assert set(findings.cases) >= {"coverage", "fuzzing", "stateful"}
