"""The API keeps to its own description: a thousand requests and more, valid ones and others."""

from dataclasses import replace

import pytest
from limits import parse

from server import create_app
from server.config import Settings
from tests.features.pictures.web import reply, serving
from tests.helpers import at_length
from tests.loopback import served
from tests.server import contract

_EXAMPLES = at_length(100, 10)  # of each operation
_CASES = {"coverage": 1_000, "fuzzing": 15 * _EXAMPLES, "stateful": _EXAMPLES // 2}  # at least


@pytest.fixture
def patient_settings(own_settings: Settings) -> Settings:
    """Settings that let a test ask as often as it likes, and fetch from its own web server."""
    rate = "1000000 per minute"
    return replace(own_settings, rate=rate, key_rate=rate, allowed_hosts=("127.0.0.1",))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("phases", [["coverage"], ["fuzzing"], ["stateful"]], ids=" and ".join)
def test_the_api_keeps_to_its_description(
    patient_settings: Settings,
    mug_photo: bytes,
    phases: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It sends wrong keys to every address, and right ones after them.
    monkeypatch.setattr("server.access.guesses._GUESSES", parse("1000000 per minute"))
    app = create_app(patient_settings)
    app.extensions["imports"] = contract.KeptImports(patient_settings)
    with (
        serving(lambda _: reply(body=mug_photo)) as web,
        contract.valid_values(app, web.url("/photo.webp")),
        served(app) as address,
    ):
        findings = contract.run(address, phases, _EXAMPLES)
    if web_pictures := app.extensions.get("web"):
        web_pictures.close()
    assert not findings.failures, "\n\n".join(findings.failures)
    assert all(findings.cases[phase] >= _CASES[phase] for phase in phases), findings.cases
