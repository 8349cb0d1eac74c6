"""The local interface as programs meet it: a daemon of its own on a free loopback port."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from features.store import StoreSet, StoreWriter, read_manifest
from features.store.lock import is_locked
from features.store.writer import LOCK
from scripts.asking import answer_to
from tests.helpers import ROOT, picture, run_python

pytestmark = pytest.mark.slow

SERVE = ROOT / "scripts" / "serve_local.py"
LITE0, LITE1 = "efficientnet_lite0", "efficientnet_lite1"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """Of an error, which has a message too."""
        assert set(self.body) == {"error"}
        assert self.body["error"]["message"]
        return str(self.body["error"]["code"])


@dataclass(frozen=True)
class LocalDaemon:
    """A daemon that is ready."""

    address: str
    process: "subprocess.Popen[str]"

    def ask(self, path: str, headers: dict[str, str] | None = None, **query: object) -> Answer:
        url = f"{self.address}{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, headers=headers or {})
        answer = answer_to(request)
        return Answer(answer.status, answer.json)

    def add(self, path: Path, **query: object) -> Any:
        answer = self.ask("/add", image=path, **query)
        assert answer.status == 200, answer
        return answer.body

    def found(self, path: Path, **query: object) -> list[tuple[str, float]]:
        answer = self.ask("/search", image=path, **query)
        assert answer.status == 200, answer
        assert list(answer.body) == ["results"]
        return [(hit["image"], hit["distance"]) for hit in answer.body["results"]]


@contextmanager
def daemon(store: Path, allowed: Path, *options: str) -> Iterator[LocalDaemon]:
    """Start one, and see that it ends as it should when it is asked to."""
    command = [sys.executable, str(SERVE), "--store", str(store), "--allow", str(allowed)]
    process = subprocess.Popen(
        [*command, "--port", "0", *(options or ("--extractor", LITE0))],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready: http://127.0.0.1:"), process.communicate(timeout=60)
        yield LocalDaemon(line.split()[1], process)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def folder_of(folder: Path, *seeds: int) -> Path:
    """A folder of pictures 0.png, 1.png, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / f"{seed}.png").write_bytes(picture(seed))
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is allowed."""
    return tmp_path_factory.mktemp("home").resolve()


@pytest.fixture(scope="module")
def running(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDaemon]:
    """One for the tests that use folders of their own."""
    with daemon(tmp_path_factory.mktemp("local"), home) as local:
        yield local


def test_pictures_are_added_found_and_still_there_after_a_restart(tmp_path: Path) -> None:
    photos = folder_of(tmp_path / "photos", 1, 2, 3)
    with daemon(tmp_path / "store", photos) as local:
        assert local.found(photos / "1.png") == []
        told = {"added": 3, "replaced": 0, "known": 0, "failed": [], "images": 3}
        assert local.add(photos) == told
        (first, distance), *others = local.found(photos / "2.png")
        assert (first, distance) == (str(photos / "2.png"), 0.0)
        assert [found for _, found in others] == sorted(found for _, found in others)
        version = local.ask("/stats").body["extractors"][LITE0]["index_version"]
    with daemon(tmp_path / "store", photos) as local:
        stats = local.ask("/stats").body["extractors"][LITE0]
        assert (stats["pictures"], stats["index_version"]) == (3, version)
        assert local.found(photos / "2.png", limit=1) == [(str(photos / "2.png"), 0.0)]
        assert local.add(photos) == {**told, "added": 0, "known": 3}


def test_changed_bytes_replace_and_other_folders_stay(running: LocalDaemon, home: Path) -> None:
    first, second = folder_of(home / "changed" / "a", 11), folder_of(home / "changed" / "b", 12)
    before = running.add(home / "changed")["images"]
    (first / "11.png").write_bytes(picture(13))
    told = running.add(first)
    assert (told["added"], told["replaced"], told["images"]) == (0, 1, before)
    assert running.found(second / "12.png", limit=1) == [(str(second / "12.png"), 0.0)]
    assert running.found(first / "11.png", limit=1) == [(str(first / "11.png"), 0.0)]


def test_one_picture_can_be_removed_and_so_can_a_folder(running: LocalDaemon, home: Path) -> None:
    photos = folder_of(home / "removed", 21, 22, 23)
    before = running.add(photos)["images"]
    (photos / "21.png").unlink()
    assert running.ask("/remove", image=photos / "21.png") == Answer(200, {"removed": 1})
    assert running.ask("/stats").body["extractors"][LITE0]["pictures"] == before - 1
    again = running.ask("/remove", image=photos / "21.png")
    assert (again.status, again.code) == (404, "picture_not_found")
    assert running.ask("/remove", image=photos).body == {"removed": 2}
    assert all("removed" not in path for path, _ in running.found(photos / "22.png"))
    assert running.add(photos)["added"] == 2


def test_a_single_bad_file_is_an_error_and_in_a_folder_it_is_named(
    running: LocalDaemon, home: Path
) -> None:
    photos = folder_of(home / "bad", 31)
    (photos / "cut.png").write_bytes(picture(32)[:200])
    (photos / "text.jpg").write_text("no picture")
    (photos / "notes.txt").write_text("not even called one")
    (photos / ".hidden.png").write_bytes(picture(33))
    told = running.add(photos)
    assert (told["added"], told["known"]) == (1, 0)
    assert [(bad["image"], bad["code"]) for bad in told["failed"]] == [
        (str(photos / "cut.png"), "broken_picture"),
        (str(photos / "text.jpg"), "not_a_picture"),
    ]
    assert all(bad["detail"] and str(photos)[1:] not in bad["detail"] for bad in told["failed"])
    for name, status, code in (
        ("cut.png", 422, "broken_picture"),
        ("text.jpg", 415, "not_a_picture"),
        ("none.png", 404, "picture_not_found"),
    ):
        for path in ("/add", "/search"):
            answer = running.ask(path, image=photos / name)
            assert (answer.status, answer.code) == (status, code)
    assert running.ask("/search", image=photos).status == 404


def test_only_what_lies_below_the_allowed_folders_is_touched(
    running: LocalDaemon, home: Path, tmp_path: Path
) -> None:
    outside = folder_of(tmp_path, 41) / "41.png"
    photos = folder_of(home / "links", 42)
    (photos / "out.png").symlink_to(outside)
    (photos / "again.png").symlink_to(photos / "42.png")
    (photos / "loop").symlink_to(photos)
    for path in (outside, photos / "out.png", f"{photos}/../../41.png", "/", "/etc/passwd"):
        for ask in ("/add", "/search", "/remove"):
            answer = running.ask(ask, image=path)
            assert (answer.status, answer.code) == (403, "path_not_allowed")
    told = running.add(photos)
    assert told["added"] == 1
    assert [(bad["image"], bad["code"]) for bad in told["failed"]] == [
        (str(photos / "out.png"), "path_not_allowed")
    ]
    assert running.found(photos / "again.png", limit=1) == [(str(photos / "42.png"), 0.0)]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"image": "photos/1.png"},
        {"image": "/a\\b.png"},
        {"image": "1.png", "limit": 1},
    ],
)
def test_a_path_that_cannot_be_meant_is_a_bad_request(
    running: LocalDaemon, query: dict[str, object]
) -> None:
    for path in ("/add", "/search", "/remove"):
        answer = running.ask(path, **query)
        assert (answer.status, answer.code) == (400, "invalid_query")


def test_odd_paths_are_answered_clearly(running: LocalDaemon, home: Path) -> None:
    photos = folder_of(home / "odd", 51)
    for name in (' a,"b".png', "zwei\nzeilen.png", "ünï.png", "100%.png", "a?b&c=d#e.png"):
        (photos / name).write_bytes(picture(51))
    Path(os.fsdecode(os.fsencode(photos) + b"/\xff.png")).write_bytes(picture(52))
    (photos / "back\\slash.png").write_bytes(picture(53))
    told = running.add(photos)
    assert told["added"] == 6
    assert [bad["code"] for bad in told["failed"]] == ["invalid_query"] * 2
    found = dict(running.found(photos / "51.png", limit=6))
    assert found == {str(path): 0.0 for path in photos.iterdir() if str(path) in found}
    assert len(found) == 6
    for path, status in ((f"/{'x' * 5_000}", 403), (f"{home}/{'x' * 5_000}", 404), ("/a\0b", 404)):
        assert running.ask("/add", image=path).status == status
    os.mkfifo(photos / "pipe.png")
    assert running.ask("/add", image=photos / "pipe.png").status == 404


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "many"])
def test_a_limit_out_of_its_range_is_refused(running: LocalDaemon, home: Path, limit: str) -> None:
    answer = running.ask("/search", image=folder_of(home / "limit", 61) / "61.png", limit=limit)
    assert (answer.status, answer.code) == (400, "invalid_query")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:5001"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_what_a_web_page_sends_has_no_effect(
    running: LocalDaemon, home: Path, headers: dict[str, str]
) -> None:
    photo = folder_of(home / "page", 71) / "71.png"
    before = running.ask("/stats").body["extractors"][LITE0]["index_version"]
    for path in ("/add", "/remove", "/search", "/stats", "/none"):
        answer = running.ask(path, headers, image=photo)
        assert (answer.status, answer.code) == (403, "foreign_request")
    assert running.ask("/stats").body["extractors"][LITE0]["index_version"] == before


@pytest.mark.parametrize(
    "headers",
    [{"Host": "localhost"}, {"Host": "LOCALHOST:80"}, {"Host": "[::1]:5001"}]
    + [{"Sec-Fetch-Site": site} for site in ("none", "same-origin")],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_this_machine_is_answered_by_each_of_its_names(
    running: LocalDaemon, headers: dict[str, str]
) -> None:
    assert running.ask("/stats", headers).status == 200


def test_unknown_addresses_and_methods_are_json_too(running: LocalDaemon) -> None:
    answer = running.ask("/none")
    assert (answer.status, answer.code) == (404, "not_found")
    request = urllib.request.Request(f"{running.address}/add", data=b"", method="POST")
    refused = answer_to(request)
    assert refused.status == 405
    assert refused.json["error"]["code"] == "method_not_allowed"


def test_other_machines_cannot_connect(running: LocalDaemon) -> None:
    port = int(running.address.rpartition(":")[2])
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", port))  # as any address that is not the one it is bound to


def test_every_extractor_has_a_database_of_its_own(tmp_path: Path) -> None:
    photos = folder_of(tmp_path / "photos", 1, 2)
    with daemon(tmp_path / "s", photos, "--extractor", LITE1, "--extractor", LITE0) as local:
        assert local.add(photos / "1.png")["added"] == 1
        assert local.add(photos, extractor=LITE0)["images"] == 2
        stats = local.ask("/stats").body
        assert stats["default"] == LITE1
        assert stats["uptime_s"] > 0
        figures = stats["extractors"]
        assert {name: figure["pictures"] for name, figure in figures.items()} == {
            LITE1: 1,
            LITE0: 2,
        }
        for name, figure in figures.items():
            manifest = read_manifest(tmp_path / "s" / name)
            assert figure["fingerprint"] == manifest.extractor.fingerprint
            assert (figure["dim"], figure["index_version"]) == (1280, manifest.version)
            assert figure["bytes"] > 1280 * 4
            assert figure["loaded_ms"] > 0
        assert len(local.found(photos / "2.png")) == 1
        assert len(local.found(photos / "2.png", extractor=LITE0)) == 2
        told = local.add(photos)
        assert (told["added"], told["known"]) == (1, 1)  # to the store that lacked one
        for path in ("/search", "/add", "/remove"):
            answer = local.ask(path, image=photos / "1.png", extractor="vgg16")
            assert (answer.status, answer.code) == (400, "invalid_query")


def test_a_second_daemon_reads_and_is_told_who_writes(tmp_path: Path) -> None:
    photos = folder_of(tmp_path / "photos", 1)
    store = tmp_path / "store"
    with daemon(store, photos) as first, daemon(store, photos) as second:
        assert first.add(photos)["added"] == 1
        assert second.found(photos / "1.png") == [(str(photos / "1.png"), 0.0)]
        assert second.add(photos)["known"] == 1
        folder = StoreSet(store).folder_of()
        with StoreWriter(folder, read_manifest(folder).extractor, purpose="adding a great deal"):
            answer = second.ask("/add", image=photos)
            assert (answer.status, answer.code) == (409, "store_locked")
            assert f"process {os.getpid()} is adding a great deal" in str(answer.body)
            assert second.found(photos / "1.png") == [(str(photos / "1.png"), 0.0)]


@pytest.mark.slow
def test_searches_go_on_while_a_great_folder_is_added(tmp_path: Path) -> None:
    few, many = folder_of(tmp_path / "few", 0), folder_of(tmp_path / "many", *range(1, 200))
    with daemon(tmp_path / "store", tmp_path) as local:
        local.add(few)
        told: list[Any] = []
        adding = threading.Thread(target=lambda: told.append(local.add(many)))
        adding.start()
        during = 0
        while adding.is_alive():
            assert local.found(few / "0.png", limit=1) == [(str(few / "0.png"), 0.0)]
            during += adding.is_alive()
        adding.join()
        assert during > 3
        assert (told[0]["added"], told[0]["images"]) == (199, 200)
        assert local.found(many / "199.png", limit=1) == [(str(many / "199.png"), 0.0)]


@pytest.mark.slow
def test_the_end_while_adding_keeps_what_was_added(tmp_path: Path) -> None:
    many = folder_of(tmp_path / "many", *range(300))
    with daemon(tmp_path / "store", many) as local:
        answers: list[Answer] = []
        adding = threading.Thread(target=lambda: answers.append(local.ask("/add", image=many)))
        adding.start()
        lock = StoreSet(tmp_path / "store").folder_of() / LOCK
        while not is_locked(lock):
            time.sleep(0.01)
        time.sleep(0.2)
        local.process.send_signal(signal.SIGINT)
        adding.join()
        assert local.process.wait(timeout=60) == 0
        (answer,) = answers
        assert (answer.status, answer.code) == (503, "cancelled")
    with daemon(tmp_path / "store", many) as local:
        told = local.add(many)
        assert told["known"] + told["added"] == 300
        assert told["images"] == 300
        assert told["known"] > 0


def test_what_cannot_be_served_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for options, words in (
            (("--allow", tmp_path / "none"), "there is no folder"),
            (("--allow", tmp_path / "file"), "is no folder"),
            (("--allow", tmp_path, "--port", taken.getsockname()[1]), "cannot be used"),
        ):
            done = run_python(SERVE, "--store", tmp_path / "store", "--extractor", LITE0, *options)
            assert (done.returncode, done.stdout) == (2, "")
            (line,) = done.stderr.splitlines()
            assert line.startswith("error: ")
            assert words in line
