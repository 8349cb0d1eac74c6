"""Every shell command of the documents, run in order, page by page, in a reader's folder."""

import re
import shlex
import shutil
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, Block, blocks, name_of
from tests.docs.workspace import Workspace, add_models, furnish, small_shop
from tests.helpers import ROOT, run_python

# What cannot be run here, and why; it is looked at as far as that goes.
NOT_RUN = {
    r"\[--": "a synopsis",
    r"scripts/(demo|test)\.py": "installs gigabytes; scripts/test.py is what runs this",
    r"(^|/| )pip (install|download)": "needs the network",
    r"^hf download": "needs the network",
    r"uform3_english_small$": "needs the network",
    r"^docker ": "needs Docker",
    r"scripts/benchmark\.py": "measures for minutes",
    r"scripts/capacity\.py": "measures for minutes",
    r"--search item": "needs YOLO's weights, from the network",
    r"\bsudo |\bsystemctl |/var/lib/|/mnt/": "changes the machine itself",
    r"\$DATA": "needs a data set that is not part of the repository",
    r"scripts/adapt\.py": "needs many pictures; what a dozen teach is refused",
    r"scripts/people\.py|api/v1/people|PEOPLE=admin": "needs photos of people",
    r"milvus": "needs a Milvus server",
    r"pybabel ": "writes into the project; tests/test_texts.py runs it on a copy",
    r"-m (pytest tests/features/store|mypy)$": "is what runs this, or takes a minute",
}
WRITTEN = {"python", "diff", "csv"}
WITHOUT_A_STORE = {"docs/text-models.md"}
ELSEWHERE = {"docs/quick-start.md": "tests/docs/test_quick_start.py"}
WITH_COMMANDS = [
    path
    for path in PAGES
    if name_of(path) not in ELSEWHERE and any(block.is_shell for block in blocks(path))
]
_OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)")
_SCRIPT = re.compile(r"(scripts/\w+\.py)(?: ([a-z][\w-]*))?")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_shop(tmp_path_factory.mktemp("shop"))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("path", WITH_COMMANDS, ids=name_of)
def test_every_command_of_a_page_does_what_it_says(
    path: Path, catalog: Path, tmp_path: Path
) -> None:
    found = blocks(path)
    written = [block for block in found if block.file and block.language in WRITTEN]
    with Workspace(tmp_path / "clone", own_code=bool(written)) as workspace:
        furnish(workspace.folder, catalog)
        if name_of(path) in WITHOUT_A_STORE:
            shutil.rmtree(workspace.folder / "store")
        if any("--weights" in block.text for block in found if block.is_shell):
            add_models(workspace.folder)
        for block in found:
            if block in written:
                workspace.write(block)
            elif block.is_shell:
                run_block(workspace, block)


def run_block(workspace: Workspace, block: Block) -> None:
    for command in block.commands:
        if reason_against(command) is None:
            workspace.run(command)
        else:
            assert_plausible(command)


def reason_against(command: str) -> str | None:
    return next((why for what, why in NOT_RUN.items() if re.search(what, command)), None)


def assert_plausible(command: str) -> None:
    """Its script, options and files are there."""
    if script := _SCRIPT.search(command):
        known = help_of(script[1], script[2] or "")
        for option in _OPTION.findall(command.partition(script[0])[2]):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", known), f"{option} in {command}"
    words = shlex.split(command, comments=True)
    if "-r" in words:
        assert (ROOT / words[words.index("-r") + 1]).is_file(), command
    for argument in re.findall(r"--build-arg (\w+)=", command):
        assert f"ARG {argument}=" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


@cache
def help_of(script: str, command: str) -> str:
    """What a script, or a command of it, says of itself."""
    if not command:
        return run_python(script, "--help").stdout
    known = help_of(script, "")
    if re.search(rf"[{{,]{command}[,}}]", known):
        return run_python(script, command, "--help").stdout
    return known


def all_commands() -> list[str]:
    shells = [block for path in PAGES for block in blocks(path) if block.is_shell]
    return [command for block in shells for command in block.commands]


def test_each_exception_is_needed() -> None:
    assert len(all_commands()) > 60
    for pattern in NOT_RUN:
        assert any(re.search(pattern, command) for command in all_commands()), pattern


def test_a_script_is_run_by_a_python() -> None:
    synopses = [command for command in all_commands() if "[" in command]
    bare = [command for command in all_commands() if command.startswith("scripts/")]
    assert [command for command in bare if command not in synopses] == []


@pytest.mark.slow
def test_a_command_that_fails_is_noticed(tmp_path: Path) -> None:
    with Workspace(tmp_path / "clone") as workspace:
        with pytest.raises(AssertionError, match="no-such"):
            workspace.run(".venv/bin/python scripts/extract_features.py no-such --store x")
        with pytest.raises(AssertionError, match="may change the machine"):
            workspace.run("rm -r store")
        with pytest.raises(AssertionError, match="leaves the folder"):
            workspace.run(".venv/bin/python scripts/extract_features.py /srv/a.csv --store x")
        with pytest.raises(AssertionError, match="--no-such"):
            assert_plausible("scripts/benchmark.py search --no-such 3")
