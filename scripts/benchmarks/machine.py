"""What a figure was measured on; without it a figure says little."""

import os
import platform
from importlib import metadata
from pathlib import Path

from features.cores import usable_cores

_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_LIBRARIES = ("numpy", "openvino", "faiss-cpu", "opencv-python-headless", "pillow")


def description() -> str:
    """Processor, libraries, thread settings and load, one a line."""
    threads = ", ".join(
        f"{name}={os.environ.get(name, 'unset (one thread a core)')}" for name in _THREAD_SETTINGS
    )
    versions = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    return "\n".join(
        [
            f"processor  {_processor()}, {usable_cores()} cores usable",
            f"libraries  Python {platform.python_version()}, {versions}",
            f"threads    {threads}",
            f"load       {os.getloadavg()[0]:.2f} before the first measurement",
        ]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"
