"""Set everything up and show it: ends with a page at http://127.0.0.1:5000.

Needs nothing but Python's standard library to start. Makes `.venv`, installs the packages, turns
the sample catalogue into a feature store, and serves it; beside it, at http://127.0.0.1:5050, a
demo shop that embeds the widgets. The second time is quick.
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
from scripts.ports import port_number

SAMPLE = ROOT / "static" / "sample"
STORE = ROOT / ".demo-store"
_READY_SECONDS = 120


def main() -> int:
    """Exit status of the server, or of the step that failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=port_number, default=5000, help="%(default)s")
    parser.add_argument("--storefront-port", type=port_number, default=5050, help="%(default)s")
    options = parser.parse_args()
    if options.port == options.storefront_port:
        sys.exit("The search and the shop need a port each: --port 5000 --storefront-port 5050")
    _check_free("--port", options.port)
    _check_free("--storefront-port", options.storefront_port)
    ensure_environment(REQUIREMENTS)
    say("Turning the sample catalogue into features (seconds; a moment when done before) ...")
    status = run_in_project(
        "scripts/extract_features.py", str(SAMPLE / "catalog.csv"), "--store", str(STORE)
    )
    return status or _serve(options.port, options.storefront_port)


def _serve(port: int, shop_port: int) -> int:
    say("Starting the server ...")
    server = _start_server(port, shop_port)
    shop = _start_shop(port, shop_port)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if not _wait_until_ready(server, port):
            server.terminate()
            sys.exit("The server did not become ready; see its messages above.")
        say(f"\nOpen http://127.0.0.1:{port}  (Ctrl+C stops the server)")
        say(f"and http://127.0.0.1:{shop_port}, a shop with the widgets\n")
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0
    finally:
        shop.terminate()
        shop.wait()


def _start_server(port: int, shop_port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
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
            "VISUAL_SEARCH_ORIGINS": ",".join(
                f"http://{host}:{shop_port}" for host in ("127.0.0.1", "localhost")
            ),
        },
    )


def _start_shop(port: int, shop_port: int) -> "subprocess.Popen[bytes]":
    search = f"http://127.0.0.1:{port}"
    return subprocess.Popen(
        [
            *(str(PYTHON), "scripts/storefront.py"),
            *("--search", search, "--port", str(shop_port)),
        ],
        cwd=ROOT,
    )


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


def _check_free(option: str, port: int) -> None:
    if _is_taken(port):
        sys.exit(
            f"Port {port} is in use; stop what runs there, or take another: {option} {port + 1}"
        )


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
