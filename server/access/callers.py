"""Who sends a request: nobody in particular, a shop's page, or an admin."""

import hmac
from dataclasses import dataclass

from flask import Flask, current_app, g, request

from features.errors import VisualSearchError
from server.access.guesses import check_guesses, count_guess
from server.access.keys import ApiKey, KeyKind, KeyRing, digest_of
from server.services.loading import current_settings

_SCHEME = "bearer "
_WITH_KEYS = ("/api/", "/embed/")
# What the API is, not what it knows: open also where the API answers nobody without a key.
_OPEN = ("/api/docs", "/api/openapi.json")


class UnknownKeyError(VisualSearchError):
    """A key that is none, or none any more."""

    code = "unknown_key"


class KeyNeededError(VisualSearchError):
    """This shop answers nobody without a key."""

    code = "key_needed"


class OriginNotAllowedError(VisualSearchError):
    """A public key on a page that it was not made for."""

    code = "origin_not_allowed"


@dataclass(frozen=True)
class Caller:
    """The key of a request, if it has one, and the origins whose pages may see the answer."""

    key: ApiKey | None
    origins: tuple[str, ...]
    is_refused: bool = False
    """Whether a key is missing, or not good here. Why, the page that asks may see, wherever it is:
    else whoever builds it would learn nothing, and its browser says the server was not reached."""

    def shows_to(self, origin: str) -> bool:
        """Whether pages of an origin may see the answer."""
        return self.is_refused or origin in self.origins

    @property
    def is_admin(self) -> bool:
        """Whether the catalogue may be changed."""
        return self.key is not None and self.key.kind is KeyKind.ADMIN


def register(app: Flask) -> None:
    """Know the caller of every request for shops before anything of it is read."""
    settings = app.extensions["settings"]
    app.extensions["keys"] = KeyRing(settings.keys)
    app.before_request(_identify)


def current_caller() -> Caller:
    """The caller of the request at hand."""
    caller: Caller | None = g.get("caller")
    return caller or Caller(None, current_settings().origins)


def _identify() -> None:
    if not request.path.startswith(_WITH_KEYS) or request.path in _OPEN:
        return
    settings = current_settings()
    g.caller = Caller(None, settings.origins, is_refused=True)  # as long as nothing else is known
    text = _sent_key()
    key = None if text is None else _known(text)
    if key is None and settings.require_key and request.method != "OPTIONS":
        raise KeyNeededError("Send a key: as ?key=..., or as Authorization: Bearer ....")
    own = () if key is None else key.origins
    origin = request.headers.get("Origin", "").lower()
    same = origin == request.host_url.rstrip("/").lower()
    limited = key is not None and key.kind is KeyKind.PUBLIC and bool(own)
    if limited and origin and not same and origin not in own:
        raise OriginNotAllowedError(f"This key is not for pages of {origin[:100]}.")
    g.caller = Caller(key, (*settings.origins, *own))


def _sent_key() -> str | None:
    """Admin keys come in the header alone: addresses end up in logs and histories."""
    header = request.headers.get("Authorization", "")
    if header.lower().startswith(_SCHEME):
        # WSGI gives a header's bytes as Latin-1; without a key there is none to know.
        text = header[len(_SCHEME) :].strip().encode("latin-1", "replace")
        return text.decode("utf-8", "replace") or None
    return request.args.get("key")


def any_admin_key() -> bool:
    """Whether there is a key that could change the catalogue."""
    return bool(admin_digests())


def admin_digests() -> list[str]:
    """The digests of all admin keys."""
    digests = [key.digest for key in _ring().keys if key.kind is KeyKind.ADMIN]
    alone = current_settings().admin_key
    return [*digests, digest_of(alone)] if alone else digests


def _ring() -> KeyRing:
    ring: KeyRing = current_app.extensions["keys"]
    return ring


def _known(text: str) -> ApiKey | None:
    """The key of a text; None where the shop has no keys at all, and so checks none."""
    alone = current_settings().admin_key
    if not (alone or _ring().keys):
        return None
    key = _ring().find(text)
    if alone and key is None and _same(text, alone):
        key = ApiKey("settings", KeyKind.ADMIN, "VISUAL_SEARCH_ADMIN_KEY", "")
    if key is None or key.kind is KeyKind.ADMIN:
        check_guesses()
    in_address = "Authorization" not in request.headers
    if key is None or (in_address and key.kind is KeyKind.ADMIN):
        count_guess()
        raise UnknownKeyError("The key is not known here.")
    return key


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(digest_of(one), digest_of(other))
