"""The settings: read, described, and refused where they are wrong."""

import re
from pathlib import Path

import pytest
from flask import Flask

from features.errors import ConfigError
from server.config import Settings
from server.config_help import described_settings
from tests.helpers import ROOT


def settings_of(**variables: str) -> Settings:
    return Settings.from_environment({f"VISUAL_SEARCH_{k}": v for k, v in variables.items()})


def test_what_is_not_set_has_its_default() -> None:
    assert Settings.from_environment({"PATH": "/bin"}) == Settings()
    assert settings_of(RESULTS="", RESLTS="") == Settings()


def test_settings_survive_the_way_to_another_process() -> None:
    settings = settings_of(
        STORE="/data/store", RESULTS="7", ORIGINS="https://a.example, https://b.example",
        THUMBNAILS="/data/small", LOG_FORMAT="text", LOG_LEVEL="debug", METRICS="off",
        WEIGHTS="vgg.h5,clip_vit_b32=/models/clip",
    )  # fmt: skip
    assert settings.thumbnails == Path("/data/small")
    again = {k: v for k, v in settings.to_environment().items() if k.startswith("VISUAL_SEARCH_")}
    assert Settings.from_environment(again) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RESULTS", "0"),
        ("MAX_BYTES", "20MB"),
        ("DETECTOR_CONFIDENCE", "1.5"),
        ("DETECTOR", "yolo9000"),
        ("INDEX", "annoy"),
        ("ADMIN_KEY", "short"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS", "everyone"),
        ("THUMBNAILS_MAX_BYTES", "-1"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"VISUAL_SEARCH_{name} is .*; it must be"):
        settings_of(**{name: value})


def test_weights_for_an_extractor_that_is_none_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"VISUAL_SEARCH_WEIGHTS: .* choose of vgg16"):
        settings_of(WEIGHTS="clip=/models/clip")


def test_a_key_that_is_refused_is_not_told() -> None:
    with pytest.raises(ConfigError) as refused:
        settings_of(ADMIN_KEY="hunter2")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("typo", "meant"),
    [("STOER", "STORE"), ("MAX_BYTE", "MAX_BYTES"), ("PHOTO_SECS", "PHOTO_SECONDS")],
)
def test_an_unknown_setting_is_refused_with_the_nearest_one(typo: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"VISUAL_SEARCH_{typo}; .* VISUAL_SEARCH_{meant}$"):
        settings_of(**{typo: "1"})


def test_variables_that_are_read_elsewhere_pass() -> None:
    assert settings_of(CACHE="/cache", TEST_DATA="/data") == Settings()


def test_what_kubernetes_sets_for_a_service_of_this_name_passes() -> None:
    service = {
        "SERVICE_HOST": "10.0.0.1",
        "SERVICE_PORT_HTTP": "80",
        "PORT": "tcp://10.0.0.1:80",
        "PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert settings_of(**service) == Settings()


def test_config_help_lists_every_setting_with_its_default_and_meaning(app: Flask) -> None:
    shown = app.test_cli_runner().invoke(args=["config-help"])
    assert shown.exit_code == 0
    assert len(described_settings()) == len(Settings.__dataclass_fields__)
    for setting in described_settings():
        assert setting.meaning
        assert f"{setting.variable}={setting.default}\n    {setting.meaning}" in shown.output


def test_the_documents_name_every_setting() -> None:
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(VISUAL_SEARCH_\w+)` \|", table, re.MULTILINE))
    assert named == {setting.variable for setting in described_settings()} | {"VISUAL_SEARCH_CACHE"}


def test_milvus_needs_an_address_and_its_token_is_not_shown() -> None:
    with pytest.raises(ConfigError, match="VISUAL_SEARCH_MILVUS_URI"):
        Settings.from_environment({"VISUAL_SEARCH_INDEX": "milvus"})
    settings = Settings.from_environment(
        {
            "VISUAL_SEARCH_INDEX": "milvus",
            "VISUAL_SEARCH_MILVUS_URI": "http://localhost:19530",
            "VISUAL_SEARCH_MILVUS_TOKEN": "root:secret",
            "VISUAL_SEARCH_MILVUS_TIMEOUT": "2.5",
        }
    )
    assert settings.milvus is not None
    assert (settings.milvus.token, settings.milvus.timeout) == ("root:secret", 2.5)
    assert "secret" not in f"{settings} {settings.milvus}"
    with pytest.raises(ConfigError, match="seconds from"):
        Settings.from_environment({"VISUAL_SEARCH_MILVUS_TIMEOUT": "never"})
