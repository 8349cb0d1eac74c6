"""Shoppers who search at the same time, in a process of their own: it shares the server's cores.

    python -m scripts.benchmarks.clients ADDRESS CLIENTS SECONDS < FORM

`FORM` is one line with its content type, then its body. Prints a `Load` as JSON.
"""

import http.client
import json
import secrets
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from scripts.bootstrap import ROOT
from scripts.live_server import ServerFailedError

NUMBER = b"<photo's number>"
"""Stands behind a photo's pixels; what is sent there instead makes every photo another one."""
_TIMEOUT_S = 60.0
_P95 = 18  # of the 19 cuts into twentieths


@dataclass(frozen=True)
class Load:
    """What the clients met, and the processor time that they took for themselves."""

    answered: int
    seconds: float
    client_cpu_s: float
    p50_ms: float
    p95_ms: float


def search_together(url: str, kind: str, body: bytes, *, clients: int, seconds: float) -> Load:
    """Post a form from several clients at once, again and again, over connections that stay.

    Raises:
        ServerFailedError: an answer was not 200, or did not come.
    """
    command = [sys.executable, "-m", "scripts.benchmarks.clients", url, str(clients), str(seconds)]
    done = subprocess.run(
        command, cwd=ROOT, input=f"{kind}\n".encode() + body, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise ServerFailedError(f"the clients gave up: {said}")
    return Load(**json.loads(done.stdout))


class Client:
    """One shopper: a connection that stays, and the milliseconds of every answer."""

    def __init__(self, url: str, kind: str, body: bytes) -> None:
        where = urlsplit(url)
        self._connection = http.client.HTTPConnection(where.netloc, timeout=_TIMEOUT_S)
        self._path = where.path
        self._headers = {"Content-Type": kind}
        self._body = body
        self.took_ms: list[float] = []
        self.problem = ""

    def search(self) -> bytes:
        """Send the form, with a photo that was never sent before; the body of the answer."""
        body = self._body.replace(NUMBER, secrets.token_bytes(len(NUMBER)))
        started = time.perf_counter()
        self._connection.request("POST", self._path, body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != HTTPStatus.OK:
            raise ServerFailedError(f"answered {answer.status}: {said[:300]!r}")
        self.took_ms.append((time.perf_counter() - started) * 1000)
        return said

    def search_until(self, end: float) -> None:
        """Search again and again."""
        try:
            while time.perf_counter() < end:
                self.search()
        except (OSError, http.client.HTTPException, ServerFailedError) as error:
            self.problem = str(error)
        finally:
            self.close()

    def close(self) -> None:
        """Leave."""
        self._connection.close()


def _search(clients: list[Client], seconds: float) -> Load:
    for client in clients:
        client.search()  # connects, and warms the worker that accepted it
        client.took_ms.clear()
    used, started = time.process_time(), time.perf_counter()
    threads = [
        threading.Thread(target=client.search_until, args=[started + seconds]) for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed, used = time.perf_counter() - started, time.process_time() - used
    for problem in filter(None, (client.problem for client in clients)):
        raise ServerFailedError(problem)
    took = [ms for client in clients for ms in client.took_ms]
    tail = statistics.quantiles(took, n=20, method="inclusive")[_P95]
    return Load(len(took), elapsed, used, statistics.median(took), tail)


def main() -> int:
    """Exit status: 0 when every answer was good."""
    url, clients, seconds = sys.argv[1:]
    kind, _, body = sys.stdin.buffer.read().partition(b"\n")
    try:
        load = _search(
            [Client(url, kind.decode(), body) for _ in range(int(clients))], float(seconds)
        )
    except (OSError, http.client.HTTPException, ServerFailedError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(asdict(load)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
