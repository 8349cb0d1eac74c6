"""Some libraries report to their makers, chat, or install packages: none of it here."""

import logging
import logging.config
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def keep_openvino_quiet() -> None:
    """Call before OpenVINO's first import, which reports itself to its maker over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def keep_ultralytics_quiet() -> None:
    """Call before Ultralytics' first import: only its warnings are logged, nothing is installed.

    Its analytics can be switched off only after the import, see `features.detection.yolo`.
    """
    keep_openvino_quiet()  # it imports OpenVINO for exported networks
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    # A .pt file is a pickle, which may do anything while it is read: only known classes are.
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "1"
    # A filter and not a level: Ultralytics sets its logger's level while it is imported.
    logging.getLogger("ultralytics").addFilter(_is_a_warning)


@contextmanager
def keeping_pymilvus_quiet() -> Iterator[None]:
    """Import pymilvus inside: else it reads a `.env` file, and closes every log handler there is.

    It reports nothing to anybody; its client tells the server that it talks to its own version.
    """
    os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
    configure = logging.config.dictConfig
    logging.config.dictConfig = lambda _: None  # type: ignore[assignment]
    try:
        yield
    finally:
        logging.config.dictConfig = configure


def _is_a_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
