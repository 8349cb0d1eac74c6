"""How gunicorn runs the server; read by itself where it is started in this folder.

Its command line has the last word, but for the log: that is set by VISUAL_SEARCH_LOG_...
"""

import os
import shutil
import tempfile

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from features.logs import FORMS, LEVELS, logging_config

# Metrics of several workers meet in this folder (prometheus_client reads the variable).
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


_MOST_WORKERS = 8  # each holds some hundred megabytes of its own


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
threads = 4
"""Of each worker: while one waits for the network, the disk or the extractor, another works."""
graceful_timeout = 30
"""Seconds that accepted requests have to finish after SIGTERM."""


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
