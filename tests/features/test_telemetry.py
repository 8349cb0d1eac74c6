"""Libraries that set up more than themselves, kept from it."""

from tests.helpers import run_python

HANDLER = """
import logging
from features.index.milvus.client import _pymilvus

class Closed(logging.Handler):
    def close(self):
        raise SystemExit("closed while pymilvus was imported")

logging.getLogger("server").addHandler(Closed())
_pymilvus()
import os
os._exit(0)
"""


def test_importing_pymilvus_leaves_the_log_handlers_of_others_alone() -> None:
    done = run_python("-c", HANDLER)
    assert done.returncode == 0, done.stderr
