"""How gunicorn runs the server; read by itself where it is started in this folder.

Its command line has the last word, but for the log: that is set by VISUAL_SEARCH_LOG_...
"""

import os
import shutil
import socket
import tempfile
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from weakref import WeakKeyDictionary

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker

from features.logs import FORMS, LEVELS, logging_config

# Metrics of several workers meet in this folder (prometheus_client reads the variable).
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


_MOST_WORKERS = 8  # each holds some hundred megabytes of its own
_CHUNK = 65_536  # bytes; gunicorn itself refuses shorter heads
_HEAD_S = 5.0
_LINGER_S = 0.5


def _cores() -> int:
    """Cores that this process may run on, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
workers = int(os.environ.get("WEB_CONCURRENCY") or min(_cores(), _MOST_WORKERS))
"""See docs/serving.md for what was measured."""
threads = 32
"""Of each worker. Few compute (server/admission.py): the others receive, answer and refuse."""
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
    """Threads are for requests whose head is there; slow and silent clients wait outside of them.

    gunicorn's own worker gives each connection a thread for five seconds to say something, one that
    has begun a head as long as it likes, and lingers over closing where it accepts the others.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._begun: WeakKeyDictionary[TConn, int] = WeakKeyDictionary()

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
        if self._has_head(conn, client):
            super().on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The head of a further request, or a part of it."""
        if self._has_head(conn, client):
            super().on_client_socket_readable(conn, client)

    def handle(self, conn: TConn) -> object:
        """Answer a request, and close a connection that is over where nobody waits for that."""
        kept = super().handle(conn)
        if kept is False:
            _close(conn.sock)
        return kept

    def finish_request(self, conn: TConn, fs: "Future[object]") -> None:
        """Count a connection that `handle` has closed; keep the others."""
        if fs.cancelled() or fs.exception() or fs.result() is not False:
            super().finish_request(conn, fs)
        else:
            self.nr_conns -= 1

    def _keepalive_after(self, conn: TConn, keepalive: object) -> bool:
        """Whether the connection stays: the rest of a refused body is read, if it comes soon."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + _LINGER_S))

    def _has_head(self, conn: TConn, client: socket.socket) -> bool:
        """Whether a thread has something to do; else nobody looks again before more has come."""
        if self.cfg.is_ssl:
            return True
        try:
            begun = client.recv(_CHUNK, socket.MSG_PEEK)
        except OSError:
            return True  # gone: the thread meets it again, and closes
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        ended = len(begun) == self._begun.get(conn, 0)
        if b"\r\n\r\n" in begun or ended or len(begun) == _CHUNK:
            self._begun.pop(conn, None)
            return True
        self._begun[conn] = len(begun)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(begun) + 1)
        return False


def _close(connection: socket.socket) -> None:
    """Read what still comes for a moment: else the other end might never see the answer."""
    end = time.monotonic() + _LINGER_S
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_LINGER_S)
        while connection.recv(_CHUNK) and time.monotonic() < end:
            pass
    connection.close()


worker_class = PatientWorker


def on_starting(server: Arbiter) -> None:
    """A fresh folder for each master: what an earlier one counted is over."""
    os.environ[_METRICS_FOLDER] = tempfile.mkdtemp(prefix="visual-search-metrics-")


def child_exit(server: Arbiter, worker: Worker) -> None:
    """A worker that is gone has nothing in flight; what it counted stays."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Arbiter) -> None:
    """Take the folder away again."""
    shutil.rmtree(os.environ[_METRICS_FOLDER], ignore_errors=True)
