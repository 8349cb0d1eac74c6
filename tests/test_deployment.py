"""What a shop deploys with: every command and setting in it exists, and nobody gets more than need.

Docker itself does not run here: the files are read, and the commands in them are tried.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from gunicorn.config import Config

from features.cache import cache_dir
from server.config import PREFIX, Settings
from server.config_help import described_settings
from tests.helpers import ROOT, run_python
from tests.shop import SAMPLE, make_shop_store

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNIT = ROOT / "docs" / "deploy" / "visual-search.service"
GUIDES = [ROOT / "docs" / "deploy.md", ROOT / "docs" / "backup.md"]
OURS = ["server", "indexer"]
SETTINGS = {setting.variable for setting in described_settings()} | {f"{PREFIX}CACHE"}


def instructions(name: str) -> list[str]:
    """What follows an instruction of the Dockerfile, each time, on one line."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", joined, re.MULTILINE)


def unit() -> list[tuple[str, str]]:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return [(name, value) for name, _, value in pairs]


def hadolint() -> str | None:
    return shutil.which("hadolint", path=os.pathsep.join([sys.prefix + "/bin", os.environ["PATH"]]))


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    linter = hadolint()
    if linter is None:
        pytest.skip("hadolint is not installed here (requirements-dev.txt)")
    done = subprocess.run(
        [linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_image_runs_as_a_user_of_its_own_and_writes_to_its_volumes_alone() -> None:
    assert instructions("USER")[-1] == "10001"
    volumes = set(json.loads(instructions("VOLUME")[0]))
    environment = dict(pair.split("=", 1) for pair in shlex.split(instructions("ENV")[-1]))
    assert volumes == {"/cache", "/data"}
    written = {"HOME", "KERAS_HOME", "HF_HOME", "VISUAL_SEARCH_CACHE", "VISUAL_SEARCH_STORE"}
    for name in written:
        assert any(Path(environment[name]).is_relative_to(volume) for volume in volumes), name
    assert {name for name in environment if name.startswith(PREFIX)} <= SETTINGS


def test_every_file_that_the_image_copies_is_there() -> None:
    for copied in instructions("COPY"):
        *sources, _ = (word for word in shlex.split(copied) if not word.startswith("--"))
        if "--from=build" not in copied:
            assert all((ROOT / source).exists() for source in sources), copied


def test_what_the_image_can_have_beside_is_named_as_its_requirements_are() -> None:
    (named,) = re.findall(r'OPTIONAL="([a-z ]+)"', DOCKERFILE)
    copied = re.findall(r"requirements-(\w+)\.txt", instructions("COPY")[0])
    assert sorted(named.split()) == sorted(copied)


def test_the_commands_of_image_and_unit_are_ones_that_gunicorn_takes() -> None:
    starts = [json.loads(instructions("CMD")[-1]), shlex.split(dict(unit())["ExecStart"])]
    for program, *arguments in starts:
        assert Path(program).name == "gunicorn"
        parsed = Config().parser().parse_args(arguments)
        assert parsed.args == ["server.wsgi:app"] and parsed.bind
    assert (ROOT / "gunicorn.conf.py").exists()


def test_the_images_health_is_an_address_that_there_is() -> None:
    (check,) = instructions("HEALTHCHECK")
    assert "/livez" in check and "127.0.0.1:5000" in check


def test_compose_gives_nobody_more_than_they_need() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["init"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert {"/data", "/cache", "/tmp"} == {it.split(":")[1] for it in service["volumes"]}
    for service in SERVICES.values():
        assert {"cpus", "mem_limit", "pids_limit", "restart"} <= service.keys()
    assert SERVICES["server"]["ports"] == ["127.0.0.1:5000:5000"]
    assert "ports" not in SERVICES["indexer"] and "ports" not in SERVICES["milvus"]


def test_named_volumes_are_declared() -> None:
    named = {it.split(":")[0] for service in SERVICES.values() for it in service["volumes"]}
    assert {name for name in named if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_compose_starts_the_server_alone_unless_asked() -> None:
    profiles = {name: service.get("profiles") for name, service in SERVICES.items()}
    assert profiles == {"server": None, "indexer": ["indexer"], "milvus": ["milvus"]}


def test_every_setting_that_compose_passes_on_is_one() -> None:
    environment = SERVICES["server"]["environment"]
    ours = {name for name in environment if name.startswith(PREFIX)}
    assert ours <= SETTINGS
    assert environment.keys() - ours == {"WEB_CONCURRENCY"}
    for name, value in environment.items():
        assert value.startswith("${" + name + ":-"), "only what the shop's .env says"
    unset = dict.fromkeys(ours, "")
    assert Settings.from_environment(unset) == Settings.from_environment({})


def test_the_indexers_command_is_one_that_the_script_takes() -> None:
    python, script, catalog, *options = SERVICES["indexer"]["command"]
    assert (python, catalog) == ("python", "${CATALOG:-/data/catalog.csv}")
    said = run_python(script, "--help").stdout
    assert all(option in said for option in options if option.startswith("--"))


def test_the_server_has_the_time_that_gunicorn_gives_requests() -> None:
    grace = SERVICES["server"]["stop_grace_period"]
    text = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
    found = re.search(r"^graceful_timeout = (\d+)", text, re.MULTILINE)
    assert found is not None
    assert int(grace.removesuffix("s")) > int(found[1])
    assert int(dict(unit())["TimeoutStopSec"]) > int(found[1])


def test_every_setting_of_the_unit_is_one() -> None:
    names = {value.partition("=")[0] for name, value in unit() if name == "Environment"}
    assert {name for name in names if name.startswith(PREFIX)} <= SETTINGS


def test_systemd_takes_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed here")
    copy = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    copy.write_text(text.replace("/opt/visual-search/.venv/bin/gunicorn", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_script_and_option_of_a_guide_is_there(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    helped: dict[str, str] = {}
    for line in lines:
        for script in re.findall(r"scripts/\w+\.py", line):
            assert (ROOT / script).exists(), line
            if script not in helped:
                helped[script] = run_python(script, "--help").stdout
            for option in re.findall(r"(?<= )--[a-z-]+", line.partition(script)[2]):
                assert option in helped[script], line
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", text)) <= SETTINGS


READ_ONLY = """
mount --bind / / && mount -o remount,bind,ro / || exit 77
for folder in "$DATA" "$SCRATCH"; do
    mount --bind "$folder" "$folder" && mount -o remount,bind,rw "$folder" || exit 77
done
touch /must-not-be-written 2>/dev/null && exit 78
exec "$@"
"""
ASK = """
import json, os, sys
from pathlib import Path
from scripts.live_server import live_server
from tests.server.live import KEY, call

data, scratch, photo = Path(os.environ["DATA"]), Path(os.environ["SCRATCH"]), Path(sys.argv[1])
with live_server(
    STORE=str(data / "store"), THUMBNAILS=str(scratch / "thumbnails"), ADMIN_KEY=KEY,
    DETECTOR="none", PICTURES=str(photo.parent),
) as server:
    product = {"product": json.dumps({"title": "New"})}
    answers = [
        call(server.address, "PUT", "/products/new", product, image=photo.read_bytes()),
        call(server.address, "POST", "/search", {"limit": "1"}, image=photo.read_bytes()),
    ]
print(json.dumps([[answer.status, answer.json] for answer in answers]))
"""


@pytest.mark.slow
def test_the_server_runs_where_only_its_volumes_can_be_written(tmp_path: Path) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    for folder in (data, scratch):
        folder.mkdir()
    make_shop_store(data)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATA": str(data),
        "SCRATCH": str(scratch),
        "TMPDIR": str(scratch),
        "VISUAL_SEARCH_CACHE": str(cache_dir()),
        "HOME": "/nowhere",
    }
    photo = SAMPLE / "photos" / "mug-on-counter.webp"
    command = ["unshare", "-m", "bash", "-c", READ_ONLY, "bash"]
    done = subprocess.run(
        [*command, sys.executable, "-c", ASK, photo],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("only root may make a file system read-only")
    assert done.returncode == 0, done.stderr
    (put, _), (searched, found) = json.loads(done.stdout)
    assert (put, searched) == (201, 200)
    assert found["results"][0]["product"]["id"] == "new"
