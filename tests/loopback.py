"""Applications served inside the test's own process, on loopback."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server


@contextmanager
def served(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    """Serve an application until the block ends, which is given its address."""
    server = make_server("127.0.0.1", port, _closing(app), threaded=True)
    server.daemon_threads = True
    loop = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    loop.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        loop.join()
        server.server_close()


def _closing(app: WSGIApplication) -> WSGIApplication:
    """Close every body: Werkzeug's server forgets it when the visitor resets the connection."""

    def closing(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = app(environ, start)
        try:
            yield from body
        finally:
            if hasattr(body, "close"):
                body.close()

    return closing
