"""Processes at work that can be killed at any moment, and what they had acknowledged by then."""

import json
import multiprocessing
import os
import signal
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import features.pipeline.gallery
from scripts.asking import ask, multipart
from scripts.crashes.drawings import Drawings, extractor_named
from scripts.crashes.shop import Shop
from scripts.crashes.state import State
from scripts.crashes.steps import Step, steps
from scripts.killable_server import KEY, KillableServer
from scripts.live_server import ServerFailedError

_SEGMENT_ROWS = 8


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
        self._server = KillableServer(work.folder / "stores")
        plan = steps(work.kind, work.seed, work.state, self._drawings.digests)
        self._client = threading.Thread(target=self._ask_all, args=(plan,))
        self._client.start()

    def kill(self) -> Record:
        """See `Victim.kill`."""
        self._killed = True
        self._server.close()
        self._client.join()
        if self._problem:
            raise ServerFailedError(self._problem)
        return Record(self._begun, self._done)

    def _ask_all(self, plan: Iterator[Step]) -> None:
        for step in plan:
            self._begun += 1
            try:
                ask(self._request(step))
            except (ServerFailedError, HTTPException) as error:
                if not self._killed:
                    self._problem = f"{step.action} {step.product}: {error}"
                return
            self._done += 1

    def _request(self, step: Step) -> urllib.request.Request:
        address = f"{self._server.address}/api/v1/products/{urllib.parse.quote(step.product)}"
        headers = {"Authorization": f"Bearer {KEY}"}
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
