"""A reader's folder: a clone of the project with a small shop, in which a page is followed."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from features.closing import Closing
from scripts.live_server import HTTP, free_port
from tests.docs.pages import Block
from tests.helpers import ROOT, drawing, encoded, run_python, write_catalog
from tests.shop import SAMPLE

ADMIN_KEY = "an-admin-key-for-the-pages"
CODE = ("features", "server", "scripts", "tests")
OTHERS = (
    *("static", "templates", "gunicorn.conf.py", "pyproject.toml"),
    *(path.name for path in ROOT.glob("requirements*.txt")),
)
_WITHIN_S = 120
_SERVER = "127.0.0.1:5000"
_DAEMON = "127.0.0.1:5001"
# Of an answer in JSON, or of a line of `keys.py list`.
_ID = re.compile(r'"id": ?"([^"]+)"|^(\w{8}) (?:admin|public) ', re.MULTILINE)
_FINAL = {"done", "failed", "cancelled"}
# Nothing else is run here: a page may well tell how to change the machine itself.
_SAFE = re.compile(r"^(?:\w+=\S* )*(?:\.venv/bin/(?:python|gunicorn)|python3|curl) ")
_OUTSIDE = re.compile(r"(?:^|[\s=@\"'])/(?!home/me/)\w")
_SETTING = re.compile(r"^(?:export )?\w+=\S*(?:;? \w+=\S*)*$")


class Workspace(Closing):
    """Runs shell commands in order; a server stays beside later ones, until the next or the end."""

    def __init__(self, folder: Path, *, own_code: bool = False) -> None:
        self.folder = folder
        self._settings = ""
        self._id = "none"
        self._server: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for name in CODE:
            (_copied if own_code else _linked)(ROOT / name, folder / name)
        for name in OTHERS:
            _linked(ROOT / name, folder / name)
        _linked(Path(sys.prefix), folder / ".venv")
        (folder / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\nnoproxy=*\n")

    def write(self, block: Block) -> None:
        """Do what the page says with a block: make the file, or change it as the diff shows."""
        path = self.folder / block.file
        if block.language != "diff":
            path.write_text(block.text, encoding="utf-8")
            return
        lines = block.text.splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{block.file} has not just one place with\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, command: str) -> str:
        """Run one command, and give what it printed; it has to succeed."""
        if _SETTING.match(command):
            self._settings += f"{command}\n"
            return ""
        assert _SAFE.match(command), f"{command} may change the machine; name it among NOT_RUN"
        assert not _OUTSIDE.search(command), f"{command} leaves the folder; name it among NOT_RUN"
        if "gunicorn server.wsgi:app" in command:
            self._serve(command + " --workers 1 --bind 127.0.0.1:", _SERVER, "/readyz")
            return ""
        if "serve_local.py" in command:
            self._serve(command + " --port ", _DAEMON, "/stats")
            return ""
        if _SERVER in command and self._server is None:
            self.run("VISUAL_SEARCH_STORE=store .venv/bin/gunicorn server.wsgi:app")
        said = self._said(command)
        if found := _ID.search(said):
            self._id = found[1] or found[2]
        if "feed=@" in command or "archive=@" in command:
            self._wait_for_jobs()
        return said

    def _wait_for_jobs(self) -> None:
        """Until every import that was sent has ended, and ended well."""
        until = time.monotonic() + _WITHIN_S
        asked = f'curl -H "Authorization: Bearer $KEY" http://{_SERVER}/api/v1/jobs'
        while (states := {job["state"] for job in json.loads(self._said(asked))["jobs"]}) - _FINAL:
            assert time.monotonic() < until, states
            time.sleep(0.2)
        assert states == {"done"}

    def _said(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", self._settings + self._placed(command)],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_WITHIN_S,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _placed(self, command: str) -> str:
        """The command with the addresses, paths and ids of this place."""
        for address, port in self._ports.items():
            command = command.replace(address, f"127.0.0.1:{port}")
        command = command.replace("/home/me", str(self.folder))
        return re.sub(r"\bID\b", self._id, command)

    def _environment(self) -> Mapping[str, str]:
        return {
            **os.environ,
            "CURL_HOME": str(self.folder),
            "HOME": str(self.folder),
            "KEY": ADMIN_KEY,
            "PYTHONPATH": str(self.folder),
            "VISUAL_SEARCH_ADMIN_KEY": ADMIN_KEY,
            "VISUAL_SEARCH_CACHE": os.environ.get(
                "VISUAL_SEARCH_CACHE", str(Path.home() / ".cache" / "visual-search")
            ),
            "VISUAL_SEARCH_DETECTOR": "regions",
            "VISUAL_SEARCH_LOG_FORMAT": "text",
        }

    def _serve(self, command: str, address: str, path: str) -> None:
        self.close()
        self._ports[address] = free_port()
        with (self.folder / "server.log").open("wb") as log:
            self._server = subprocess.Popen(
                ["bash", "-c", f"{self._settings}{self._placed(command)}{self._ports[address]}"],
                cwd=self.folder,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _WITHIN_S
        while not self._answers(f"http://127.0.0.1:{self._ports[address]}{path}"):
            log_text = (self.folder / "server.log").read_text(errors="replace")
            assert self._server.poll() is None, log_text
            assert time.monotonic() < until, log_text
            time.sleep(0.05)

    @staticmethod
    def _answers(address: str) -> bool:
        try:
            with HTTP.open(address, timeout=10):
                return True
        except OSError:
            return False

    def close(self) -> None:
        """End the server."""
        if self._server is not None and self._server.poll() is None:
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(_WITHIN_S)
        self._server = None


def small_shop(folder: Path) -> Path:
    """One sample product of each category: its catalogue, beside its pictures and its store."""
    with (SAMPLE / "catalog.csv").open(encoding="utf-8", newline="") as file:
        rows = list({row["category"]: row for row in csv.DictReader(file)}.values())
    (folder / "products").mkdir(parents=True)
    for row in rows:
        shutil.copy(SAMPLE / row["image"], folder / row["image"])
    catalog = write_catalog(folder, rows, list(rows[0]))
    done = run_python("scripts/extract_features.py", catalog, "--store", folder / "store")
    assert done.returncode == 0, done.stderr
    return catalog


def furnish(folder: Path, catalog: Path) -> None:
    """What the pages call CATALOG, DIR, QUERIES.csv, photo.jpg and so on."""
    for name in ("DIR", "store", "STORE", "STORE_INT8", "A", "B"):
        shutil.copytree(catalog.parent / "store", folder / name)
    shutil.copy(catalog, folder / "CATALOG")
    shutil.copytree(catalog.parent / "products", folder / "products")
    rows = _rows(catalog)
    with (folder / "QUERIES.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("image", "product_id", "category"), extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "product_id": row["id"]} for row in rows)
    for number, name in enumerate(("photo.jpg", "front.jpg", "side.jpg", "cat.jpg")):
        (folder / name).write_bytes(encoded(drawing(number, (320, 240)), "JPEG"))
    for path in ("photos/cat.jpg", "media/m/u/mug.jpg", "media/m/u/mug-side.jpg"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "cat.jpg", folder / path)
    with zipfile.ZipFile(folder / "shop.zip", "w") as shop:
        shop.write(catalog, "catalog.csv")
        for row in rows:
            shop.write(folder / row["image"], row["image"])
    with zipfile.ZipFile(folder / "holiday.zip", "w") as holiday:
        holiday.write(folder / "cat.jpg", "pets/cat.jpg")


def add_models(folder: Path) -> None:
    """What the pages call FILE.onnx and clip: networks that know nothing but colours."""
    from tests.tiny_models import clip_folder, graph, node, onnx, save

    kind = onnx.TensorProto.FLOAT
    part = {"kernel_shape": [32, 32], "strides": [32, 32]}
    nodes = [
        node("AveragePool", ["picture"], "pooled", **part),
        node("Flatten", ["pooled"], "embedding"),
    ]
    given = [onnx.helper.make_tensor_value_info("picture", kind, ["batch", 3, 224, 224])]
    save(folder / "FILE.onnx", graph(nodes, given, {"embedding": (kind, 147)}, {}))
    clip_folder(folder / "clip")


def _rows(catalog: Path) -> list[dict[str, str]]:
    with catalog.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _copied(source: Path, target: Path) -> None:
    shutil.copytree(source, target)


def _linked(source: Path, target: Path) -> None:
    target.symlink_to(source, target_is_directory=source.is_dir())
