"""Set everything up and show it: ends with a page at http://127.0.0.1:5000.

Needs nothing but Python's standard library to start. Makes `.venv`, installs the packages, turns
the sample catalogue into a feature store, and serves it. The second time is quick.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import PYTHON, REQUIREMENTS, ROOT, ensure_environment, run_in_project, say

SAMPLE = ROOT / "static" / "sample"
STORE = ROOT / ".demo-store"
_READY_SECONDS = 120


def main() -> int:
    """Exit status of the server, or of the step that failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=5000, help="%(default)s")
    port = parser.parse_args().port
    if _is_taken(port):
        sys.exit(f"Port {port} is in use; stop what runs there, or take another: --port 5001")
    ensure_environment(REQUIREMENTS)
    say("Turning the sample catalogue into features (seconds; a moment when done before) ...")
    status = run_in_project(
        "scripts/extract_features.py", str(SAMPLE / "catalog.csv"), "--store", str(STORE)
    )
    return status or _serve(port)


def _serve(port: int) -> int:
    say("Starting the server ...")
    server = subprocess.Popen(
        [
            *(str(PYTHON), "-m", "gunicorn", "server.wsgi:app"),
            *("--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"),
        ],
        cwd=ROOT,
        env={
            "VISUAL_SEARCH_LOG_FORMAT": "text",
            "VISUAL_SEARCH_LOG_LEVEL": "warning",
            **os.environ,
            "VISUAL_SEARCH_STORE": str(STORE),
            "VISUAL_SEARCH_EXAMPLES": str(SAMPLE / "photos.csv"),
        },
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if not _wait_until_ready(server, port):
            server.terminate()
            sys.exit("The server did not become ready; see its messages above.")
        say(f"\nOpen http://127.0.0.1:{port}  (Ctrl+C stops the server)\n")
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int) -> bool:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                state = json.load(answer)
                say(f"Ready: {state['products']} products, {state['pictures']} pictures.")
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
