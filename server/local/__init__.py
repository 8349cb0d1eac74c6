"""Visual search for programs on this machine: GET addresses, one database for each extractor.

`scripts/serve_local.py` switches it on. `create_local_app` wires, nothing more.
"""

from flask import Flask

from server.local import errors, guard, routes
from server.local.daemon import Daemon


def create_local_app(daemon: Daemon) -> Flask:
    """The application over an open daemon."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["daemon"] = daemon
    app.register_blueprint(routes.blueprint)
    guard.register(app)
    errors.register(app)
    return app
