"""Serving programs of this machine: one process with a thread a request, on loopback only."""

import socket

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from features.errors import ConfigError

HOST = "127.0.0.1"


class _Handler(WSGIRequestHandler):
    """Does not log every request, and waits for no silent client."""

    protocol_version = "HTTP/1.0"
    timeout = 5.0  # seconds

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class _Server(ThreadedWSGIServer):
    """Before it is closed, requests that are under way have their answer."""

    daemon_threads = False


def local_server(app: Flask, port: int) -> ThreadedWSGIServer:
    """A server that listens already; port 0 is any free one.

    One process, so that the networks are loaded once and what is added is found at once; whoever
    can connect is on this machine, so it need not stand what a public server must.

    Raises:
        ConfigError: the port is taken or may not be used.
    """
    try:
        # Not left to Werkzeug, which ends the process where the port is taken.
        listener = socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"port {port} cannot be used ({reason}); choose another") from error
    with listener:
        return _Server(HOST, port, app, _Handler, fd=listener.fileno())
