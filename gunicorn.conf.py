"""How gunicorn runs the server; read by itself where it is started in this folder.

Its command line has the last word, but for the log: that is set by VISUAL_SEARCH_LOG_...
"""

import os
import shutil
import socket
import tempfile
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from math import ceil
from selectors import EVENT_READ
from weakref import WeakKeyDictionary

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker

from features.cores import usable_cores
from features.logs import FORMS, LEVELS, logging_config

# Metrics of several workers meet in this folder (prometheus_client reads the variable).
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


_AT_ONCE = "VISUAL_SEARCH_AT_ONCE"
_MOST_WORKERS = 8  # each holds some hundred megabytes of its own
_CHUNK = 65_536  # bytes; gunicorn itself refuses shorter heads
_HEAD_S = 5.0
_LINGER_S = 2.0  # that the other end has to close
_REST_S = 0.01


def _chosen(variable: str, choices: tuple[str, ...], default: str) -> str:
    """The workers refuse a wrong value; until then the log needs one that works."""
    value = os.environ.get(variable, "")
    return value if value in choices else default


logconfig_dict = logging_config(
    _chosen("VISUAL_SEARCH_LOG_LEVEL", LEVELS, "info"),
    _chosen("VISUAL_SEARCH_LOG_FORMAT", FORMS, "json"),
)
control_socket_disable = True
if "PORT" not in os.environ:  # where that is set, gunicorn listens there, and not here alone
    bind = "127.0.0.1:5000"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(usable_cores(), _MOST_WORKERS))
"""See docs/serving.md for what was measured."""
threads = 32
"""Of each worker. Few compute (server/traffic): the others receive, answer and refuse."""
worker_connections = 1_000
"""Of each worker; one that is silent takes no thread."""
backlog = 512
"""Connections that wait in the kernel to be accepted, while all workers have that many."""
graceful_timeout = 30
"""Seconds that accepted requests have to finish after SIGTERM."""


class Log(Logger):
    """Requests are logged by the application itself; gunicorn prepares a line that nobody reads."""

    access_log_enabled = False


logger_class = Log


class PatientWorker(ThreadWorker):
    """Threads are for requests that are let in, once their head is there; others stay outside.

    gunicorn's own worker gives each connection a thread for five seconds to say something, one that
    has begun a head as long as it likes, and lingers over closing where it accepts the others.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._begun: WeakKeyDictionary[TConn, int] = WeakKeyDictionary()
        self._leaving: deque[TConn] = deque()
        self._waste = bytearray(_CHUNK)

    def enqueue_req(self, conn: TConn) -> None:
        """Leave a new connection to the poller until it has sent a request's head."""
        if conn.initialized or conn.data_ready or self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + _HEAD_S
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, readable)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The head of a connection's first request, or a part of it."""
        head = self._head(conn, client)
        if head is not None and not self._refuse(conn, head, self.pending_conns):
            super().on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The head of a further request, or a part of it."""
        head = self._head(conn, client)
        if head is not None and not self._refuse(conn, head, self.keepalived_conns):
            super().on_client_socket_readable(conn, client)

    def finish_request(self, conn: TConn, fs: "Future[object]") -> None:
        """Keep the connection of a request that is answered, or part with it."""
        if fs.cancelled() or fs.exception() or fs.result() is not False:
            super().finish_request(conn, fs)
        else:
            self._part(conn)

    def murder_pending(self) -> None:
        """Close the connections that have said nothing, or not closed, for too long."""
        super().murder_pending()
        while self._leaving and self._leaving[0].timeout < time.monotonic():
            self._close(self._leaving[0])

    def _keepalive_after(self, conn: TConn, keepalive: object) -> bool:
        """Whether the connection stays: not where the rest of a refused body is still to come."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + _REST_S))

    def _head(self, conn: TConn, client: socket.socket) -> bytes | None:
        """What has come, if it is enough for a thread; else nobody looks before there is more."""
        if self.cfg.is_ssl:
            return b""
        try:
            begun = client.recv(_CHUNK, socket.MSG_PEEK)
        except OSError:
            return b""  # gone: the thread meets it again, and closes
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        ended = len(begun) == self._begun.get(conn, 0)
        if b"\r\n\r\n" in begun or ended or len(begun) == _CHUNK:
            self._begun.pop(conn, None)
            return begun
        self._begun[conn] = len(begun)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(begun) + 1)
        return None

    def _refuse(self, conn: TConn, head: bytes, among: "deque[TConn]") -> bool:
        """Whether a request is over before it has begun: the server has enough to do."""
        answer = self.wsgi.extensions["door"].refusal(head)
        if answer is None:
            return False
        self.poller.unregister(conn.sock)
        among.remove(conn)
        with suppress(OSError):
            conn.sock.send(answer)
        self._part(conn)
        return True

    def _part(self, conn: TConn) -> None:
        """Say goodbye; what still comes is read away, else the other end might miss the answer."""
        conn.timeout = time.monotonic() + _LINGER_S
        self._leaving.append(conn)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._read_away, conn))
        except (OSError, ValueError):  # it is closed
            self._close(conn)

    def _read_away(self, conn: TConn, client: socket.socket) -> None:
        """Forget some of what still comes, and close after the last of it."""
        try:
            if client.recv_into(self._waste):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        """It is over."""
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self._leaving.remove(conn)
        self.nr_conns -= 1
        conn.close()


worker_class = PatientWorker


def on_starting(server: Arbiter) -> None:
    """Each worker computes on its share of the cores, and a fresh folder for what is counted."""
    os.environ[_AT_ONCE] = os.environ.get(_AT_ONCE) or str(
        ceil(usable_cores() / server.cfg.workers)
    )
    os.environ[_METRICS_FOLDER] = tempfile.mkdtemp(prefix="visual-search-metrics-")


def child_exit(server: Arbiter, worker: Worker) -> None:
    """A worker that is gone has nothing in flight; what it counted stays."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Arbiter) -> None:
    """Take the folder away again."""
    shutil.rmtree(os.environ[_METRICS_FOLDER], ignore_errors=True)
