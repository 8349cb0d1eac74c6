"""What the server's libraries start beside the requests."""

from tests.helpers import run_python

SHOWN = """
import os
from pathlib import Path
os.environ.pop("OPENBLAS_NUM_THREADS", None)
import server
import numpy as np
square = np.ones((600, 600), np.float32)
square @ square
names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
print(names.count(Path("/proc/self/comm").read_text().strip()))
"""


def test_numpy_starts_no_threads_beside_those_of_the_requests() -> None:
    """They bear the process's name; those of allocators have names of their own."""
    assert run_python("-c", SHOWN).stdout.strip() == "1"
