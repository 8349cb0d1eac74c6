"""For WSGI servers: `VISUAL_SEARCH_STORE=DIR gunicorn server.wsgi:app`."""

import gc
import logging.config

from flask import Flask
from gunicorn.errors import AppImportError

from features.errors import ConfigError
from features.logs import logging_config
from server import create_app
from server.config import Settings


def _application() -> Flask:
    """The application; wrong settings end gunicorn with one line that names them."""
    try:
        settings = Settings.from_environment()
        logging.config.dictConfig(logging_config(settings.log_level, settings.log_format))
        return create_app(settings)
    except ConfigError as error:
        raise AppImportError(f"error: {error}") from error


app = _application()
# All of this stays. Looking for garbage in it stopped a worker's searches for 60 ms now and then.
gc.freeze()
app.extensions["service"].warm_up()
app.extensions["finder"].warm_up()
app.extensions["photos"].sweep_regularly()
app.extensions["left_pictures"].sweep_regularly()
app.extensions["imports"].sweep()
app.extensions["imports"].resume()
