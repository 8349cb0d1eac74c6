"""How often one caller may ask: each key, and each address that comes without one."""

from flask import Flask, request
from flask_limiter import Limiter

from server.access.addresses import counted_address
from server.access.callers import current_caller
from server.access.storages import naming_refusals, storage_uri
from server.services.loading import current_settings

_KEYS = "key"
# Outside the API: what signs in, and the pages that search as the API does.
_PAGES = frozenset(
    {
        "admin.begin",
        "pages.upload",
        "pages.search",
        "pages.suggested",
        "people_pages.search",
        "embed.similar",
    }
)


def register(app: Flask) -> None:
    """Count requests below /api, searches of pages, signing in; too many get `Retry-After`.

    Raises:
        ConfigError: they cannot be counted where the settings say.
    """
    settings = app.extensions["settings"]
    with naming_refusals(settings.rate_storage):
        limiter = Limiter(
            _who,
            app=app,
            application_limits=[_rate],
            storage_uri=storage_uri(settings.rate_storage),
            strategy="moving-window",
            headers_enabled=True,
        )
    limiter.request_filter(_is_free)
    app.extensions["counts"] = limiter.storage


def _who() -> str:
    key = current_caller().key
    return f"{_KEYS}:{key.id}" if key is not None else f"address:{counted_address()}"


def _rate() -> str:
    settings = current_settings()
    return settings.rate if current_caller().key is None else settings.key_rate


def _is_free() -> bool:
    counted = request.path.startswith("/api/") or request.endpoint in _PAGES
    return not counted or request.method == "OPTIONS"
