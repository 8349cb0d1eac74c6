"""Sets the project up with nothing but the standard library: `.venv`, packages, a browser."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
DEV_REQUIREMENTS = ROOT / "requirements-dev.txt"
PEOPLE_REQUIREMENTS = ROOT / "requirements-people.txt"
TEXT_REQUIREMENTS = ROOT / "requirements-text.txt"
VIDEO_REQUIREMENTS = ROOT / "requirements-video.txt"
FUZZ_REQUIREMENTS = ROOT / "requirements-fuzz.txt"
OLDEST_PYTHON = (3, 11)


def use_project_python() -> None:
    """Run this script again in `.venv` if the packages are there and not here."""
    here = Path(sys.prefix).resolve()
    if importlib.util.find_spec("numpy") and importlib.util.find_spec("openvino"):
        return
    if PYTHON.exists() and here != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    sys.exit(
        "The packages are not installed. Run `python3 scripts/demo.py` once, "
        "or `pip install -r requirements.txt`."
    )


def ensure_environment(*requirements: Path) -> None:
    """Make `.venv` and install the requirements, unless that was done for these very files."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, "
            f"this is {sys.version.split()[0]}."
        )
    if not PYTHON.exists():
        say("Making .venv ...")
        _make_venv()
    wanted = [path for path in requirements if not _is_installed(path)]
    if not wanted:
        return
    say(
        f"Installing {', '.join(path.name for path in wanted)} into .venv "
        "(once; 2 to 10 minutes, 3.5 GB on disk) ..."
    )
    started = time.monotonic()
    options = [part for path in wanted for part in ("-r", str(path))]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run(
        [*pip, "--no-compile", *options],
        "Installing the packages failed; see pip's message above.",
    )
    _compile()
    for path in wanted:
        _stamp(path).write_text(_digest(path))
    say(f"Installed in {time.monotonic() - started:.0f} s.")


def ensure_optional(requirements: Path) -> bool:
    """Whether an optional part is installed; where it cannot be, its tests are skipped."""
    if _is_installed(requirements):
        return True
    say(f"Installing {requirements.name} into .venv (once) ...")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(requirements)], cwd=ROOT, check=False).returncode:
        say(f"{requirements.name} cannot be installed here: its tests will be skipped.")
        return False
    _stamp(requirements).write_text(_digest(requirements))
    return True


def ensure_browser() -> bool:
    """Whether there is a Chromium for the browser tests; Debian's is installed where allowed."""
    if find_browser():
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("No Chromium here: the browser tests will be skipped. `apt-get install chromium`.")
        return False
    say("Installing Debian's Chromium for the browser tests (about a minute) ...")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(command, check=False, env=environment, **quiet)  # type: ignore[call-overload]
    if not find_browser():
        say("Chromium could not be installed: the browser tests will be skipped.")
        return False
    return True


def find_browser() -> str | None:
    """The system's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def run_in_project(*arguments: str, **environment: str) -> int:
    """Run the project's Python at the repository's root; its exit status."""
    settings = {**os.environ, **environment}
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, env=settings, check=False).returncode


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(text, flush=True)


def _make_venv() -> None:
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError, ImportError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            f"Making .venv failed ({error}). On Debian and Ubuntu: apt-get install python3-venv"
        )


def _compile() -> None:
    """What pip would do on one core; some files are of other Pythons, and are passed over."""
    command = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", *map(str, VENV.glob("lib/*"))]
    nowhere = subprocess.DEVNULL
    subprocess.run(command, cwd=ROOT, check=False, stdout=nowhere, stderr=nowhere)


def _stamp(requirements: Path) -> Path:
    return VENV / f".installed-{requirements.name}"


def _is_installed(requirements: Path) -> bool:
    stamp = _stamp(requirements)
    return stamp.exists() and stamp.read_text() == _digest(requirements)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _run(command: list[str], complaint: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(complaint)
