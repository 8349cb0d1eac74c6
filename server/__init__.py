"""Visual search over HTTP: pages for shoppers and a JSON API. `create_app` wires, nothing more."""

import os

# Before numpy is first imported, and this package is before all of its modules. Two BLAS threads
# waiting for each other made the slowest searches four times slower than one thread does, and took
# half as much processor time again; requests run side by side instead.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # FAISS and torch

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from features.search import SearchService
from features.store import StoreSet
from server import admin, errors
from server.access import callers, forms, guesses, limits, sessions
from server.api import blueprint as api
from server.config import Settings
from server.config_help import config_help
from server.openapi import routes as openapi
from server.pages import embed, examples, searching, theme, widget
from server.pages import people as people_pages
from server.pictures import catalog, photos
from server.pictures.leaving import LeftPictures
from server.pictures.photos import PhotoShelf
from server.pictures.thumbnails import ThumbnailShelf, owner_of
from server.query.uploads import PhotoRequest
from server.query.web import PhotosOfTheWeb
from server.services import collections, people
from server.services.editing import Editing
from server.services.imports import Imports
from server.services.loading import ServiceLoader, open_finder
from server.services.places import check_store
from server.telemetry import exchange, health, metrics, request_ids, timings
from server.telemetry.events import EventLog
from server.telemetry.logs import log_exchange
from server.telemetry.store_sizes import StoreSizes
from server.texts import formatting, languages
from server.traffic import admission, cors, headers, receiving
from server.traffic.door import Door

_ROOT = Path(__file__).resolve().parents[1]


def create_app(settings: Settings | None = None, *, service: SearchService | None = None) -> Flask:
    """The application, its settings from the environment unless given.

    The service is opened on the first request that needs it, unless one is given.

    Raises:
        ConfigError: a setting cannot be used.
    """
    settings = settings or Settings.from_environment()
    check_store(settings.store)
    app = Flask(
        __name__, static_folder=str(_ROOT / "static"), template_folder=str(_ROOT / "templates")
    )
    app.request_class = PhotoRequest
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        PHOTO_MEMORY_BYTES=settings.max_memory_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_form_bytes,
        MAX_FORM_PARTS=1_000,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    app.extensions["service"] = ServiceLoader(settings, service)
    app.extensions["finder"] = open_finder(settings)
    app.extensions["photos"] = PhotoShelf(
        settings.photos, settings.photo_seconds, settings.photos_max_bytes
    )
    app.extensions["web"] = PhotosOfTheWeb(settings)
    app.extensions["editing"] = Editing(settings, app.extensions["service"])
    thumbnails = ThumbnailShelf(
        settings.thumbnails, settings.thumbnails_max_bytes, owner_of(settings.store)
    )
    app.extensions["thumbnails"] = thumbnails
    app.extensions["left_pictures"] = LeftPictures(
        StoreSet(settings.store), app.extensions["service"], thumbnails
    )
    app.extensions["imports"] = Imports(settings)
    app.extensions["store_sizes"] = StoreSizes(settings.store)
    app.extensions["events"] = EventLog(settings.events)
    app.extensions["examples"] = examples.read_examples(settings.examples)
    app.extensions["theme"] = theme.read_theme(settings.logo, settings.theme)
    people.register(app)
    request_ids.register(app)
    listeners = (log_exchange, metrics.register(app).count, timings.register(app).note)
    exchange.register(app, *listeners)
    parts = (
        searching,
        people_pages,
        admin,
        catalog,
        photos,
        examples,
        theme,
        health,
        widget,
        embed,
    )
    for part in parts:
        app.register_blueprint(part.blueprint)
    app.register_blueprint(api, url_prefix="/api/v1")
    openapi.register(app)
    errors.register(app)
    headers.register(app)
    callers.register(app)
    limits.register(app)
    guesses.register(app)
    sessions.register(app)
    forms.register(app)
    admission.register(app)
    receiving.register(app)
    collections.register(app)
    cors.register(app)
    formatting.register(app)
    languages.register(app)
    app.extensions["door"] = Door(app, *listeners)
    app.cli.add_command(config_help)
    return app
