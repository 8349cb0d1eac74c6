"""Some libraries report to their makers, chat, or install packages: none of it here."""

import logging
import os
import sys


def keep_openvino_quiet() -> None:
    """Call before OpenVINO's first import, which reports itself to its maker over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def keep_ultralytics_quiet() -> None:
    """Call before Ultralytics' first import: only its warnings are logged, nothing is installed.

    Its analytics can be switched off only after the import, see `features.detection.yolo`.
    """
    keep_openvino_quiet()  # it imports OpenVINO for exported networks
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    # A filter and not a level: Ultralytics sets its logger's level while it is imported.
    logging.getLogger("ultralytics").addFilter(_is_a_warning)


def keep_pymilvus_quiet() -> None:
    """Call before pymilvus' first import, which reads a `.env` file into the environment.

    It reports nothing to anybody; its client tells the server that it talks to its own version.
    """
    os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")


def _is_a_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
