"""Processes at work that can be killed at any moment, and what they had acknowledged by then."""

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import features.pipeline.gallery
from scripts.benchmarks.serve import multipart
from scripts.bootstrap import ROOT
from scripts.crashes.drawings import Drawings, extractor_named
from scripts.crashes.shop import Shop
from scripts.crashes.state import State
from scripts.crashes.steps import Step, steps
from scripts.live_server import HTTP, READY_PATH, ServerFailedError, free_port

_KEY = "a key for one process that is about to die"
_SEGMENT_ROWS = 8
_START_WITHIN_S = 120.0


@dataclass(frozen=True)
class Work:
    """What a victim is to do: endless steps of one kind."""

    folder: Path
    extractor: str
    kind: str
    seed: int
    state: State


@dataclass(frozen=True)
class Record:
    """How many steps were begun, and how many of these had been acknowledged."""

    begun: int
    done: int


class Victim(Protocol):
    """Works from its creation on."""

    def kill(self) -> Record:
        """SIGKILL, to all its processes."""


class WorkerProcess:
    """Performs the steps itself, and writes down in a journal which of them returned."""

    def __init__(self, work: Work) -> None:
        """Returns when the process begins its first step."""
        self._journal = work.folder.parent / "journal"
        self._journal.unlink(missing_ok=True)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        ours, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_perform_all, args=(work, self._journal, theirs))
        self._process.start()
        theirs.close()
        with ours:
            ours.recv()

    def kill(self) -> Record:
        """See `Victim.kill`."""
        self._process.kill()
        self._process.join()
        code = self._process.exitcode
        self._process.close()
        if code != -signal.SIGKILL:
            raise RuntimeError(f"the worker ended by itself, with the status {code}")
        lines = self._journal.read_text(encoding="utf-8").splitlines()
        return Record(lines.count("begun"), lines.count("done"))


class ServerProcess:
    """The real server, changed over HTTP; a step is acknowledged by its answer."""

    def __init__(self, work: Work) -> None:
        """Returns when the server is ready and the first request is on its way."""
        self._drawings = Drawings(extractor_named(work.extractor))
        self._begun = self._done = 0
        self._killed = False
        self._problem = ""
        self._address = f"http://127.0.0.1:{free_port()}"
        self._server = _server(work.folder / "stores", self._address)
        try:
            self._wait_until_ready()
        except BaseException:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            raise
        plan = steps(work.kind, work.seed, work.state, self._drawings.digests)
        self._client = threading.Thread(target=self._ask_all, args=(plan,))
        self._client.start()

    def kill(self) -> Record:
        """See `Victim.kill`."""
        self._killed = True
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()
        self._client.join()
        if self._problem:
            raise ServerFailedError(self._problem)
        return Record(self._begun, self._done)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + _START_WITHIN_S
        while self._server.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), HTTP.open(self._address + READY_PATH, timeout=10):
                return
            time.sleep(0.02)
        raise ServerFailedError("the server did not become ready")

    def _ask_all(self, plan: Iterator[Step]) -> None:
        for step in plan:
            self._begun += 1
            try:
                with HTTP.open(self._request(step), timeout=30) as answer:
                    answer.read()
            except (OSError, HTTPException) as error:
                if not self._killed:
                    self._problem = f"{step.action} {step.product}: {_said(error)}"
                return
            self._done += 1

    def _request(self, step: Step) -> urllib.request.Request:
        address = f"{self._address}/api/v1/products/{urllib.parse.quote(step.product)}"
        headers = {"Authorization": f"Bearer {_KEY}"}
        if step.action == "delete":
            return urllib.request.Request(address, headers=headers, method="DELETE")
        thing = step.after[step.product]
        said = json.dumps({"title": thing.title})
        if step.action == "words":
            headers["Content-Type"] = "application/json"
            return urllib.request.Request(address, said.encode(), headers, method="PUT")
        (number,) = thing.pictures.values()
        kind, body = multipart({"product": said}, {"image": self._drawings.data[number]})
        return urllib.request.Request(
            address, body, {**headers, "Content-Type": kind}, method="PUT"
        )


def _said(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return error.read().decode(errors="replace")
    return str(error)


def _server(stores: Path, address: str) -> "subprocess.Popen[bytes]":
    """In a process group of its own: its workers die with it."""
    settings = {"STORE": str(stores), "ADMIN_KEY": _KEY, "DETECTOR": "none"}
    named = {f"VISUAL_SEARCH_{name}": value for name, value in settings.items()}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "server.wsgi:app"),
            *("--bind", address.removeprefix("http://"), "--threads", "2", "--no-control-socket"),
        ],
        cwd=ROOT,
        env=os.environ | named,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _perform_all(work: Work, journal: Path, started: Connection) -> None:
    features.pipeline.gallery._SEGMENT_ROWS = _SEGMENT_ROWS  # small imports, many commits
    shop = Shop(work.folder, Drawings(extractor_named(work.extractor)))
    with journal.open("wb", buffering=0) as log:
        started.send(True)
        for step in steps(work.kind, work.seed, work.state, shop.drawings.digests):
            log.write(b"begun\n")
            shop.perform(step)
            log.write(b"done\n")
            os.fsync(log.fileno())
