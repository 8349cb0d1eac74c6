"""Who signed in to the admin pages: a random token in a cookie, never the key."""

import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from features.json_text import read_json
from features.store import naming_write_errors
from server.access.admin import AdminKeyError, WritesDisabledError
from server.access.callers import admin_digests
from server.access.guesses import check_guesses, count_guess
from server.access.keys import digest_of
from server.config import Settings

COOKIE = "visual_search_admin"
_FOLDER = "sessions"
_SECONDS = 8 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_P = ParamSpec("_P")
_T = TypeVar("_T")


class AdminSessions:
    """Sessions in a folder that all worker processes share.

    A file is named by the digest of its session's token, and proves the key that opened it: neither
    token nor key can be read from it, and a revoked key ends its sessions.
    """

    def __init__(self, folder: Path, seconds: float = _SECONDS) -> None:
        self._folder = folder
        self._seconds = seconds

    def begin(self, key_digest: str) -> str:
        """A session of whoever has sent a key; its token.

        Raises:
            StoreWriteError: the folder cannot be written.
        """
        token = secrets.token_urlsafe(32)
        said = {"until": time.time() + self._seconds, "proof": _proof(token, key_digest)}
        with naming_write_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._folder / f".{secrets.token_hex(8)}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(said, file)
            draft.replace(self._folder / digest_of(token))
        self._sweep()
        return token

    def holds(self, token: str, key_digests: Iterable[str]) -> bool:
        """Whether the session of a token goes on, and one of these keys opened it."""
        if not _TOKEN.fullmatch(token):
            return False
        with suppress(OSError, ValueError, TypeError, KeyError):
            said = read_json((self._folder / digest_of(token)).read_text(encoding="utf-8"))
            proofs = [_proof(token, digest) for digest in key_digests]
            known = any(hmac.compare_digest(said["proof"], proof) for proof in proofs)
            return known and time.time() < float(said["until"])
        return False

    def end(self, token: str) -> None:
        """Forget a session."""
        with suppress(OSError):
            (self._folder / digest_of(token)).unlink()

    def _sweep(self) -> None:
        for path in self._folder.glob("*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > self._seconds:
                    path.unlink()


def register(app: Flask) -> None:
    """Know the sessions of the admin pages."""
    settings: Settings = app.extensions["settings"]
    app.extensions["sessions"] = AdminSessions(settings.store / _FOLDER)


def sign_in(key: str, response: AnyResponse) -> None:
    """Give an answer the cookie of a new session.

    Raises:
        WritesDisabledError: there is no admin key that could be right.
        AdminKeyError: this is none; TooManyGuessesError: nor were too many before it.
    """
    digests = admin_digests()
    if not digests:
        raise WritesDisabledError(
            "Changes are switched off here; set VISUAL_SEARCH_ADMIN_KEY to allow them."
        )
    check_guesses()
    sent = digest_of(key.strip())
    if not any(hmac.compare_digest(sent, digest) for digest in digests):
        count_guess()
        raise AdminKeyError("This is no admin key.")
    response.set_cookie(
        COOKIE,
        _sessions().begin(sent),
        max_age=_SECONDS,
        path=url_for("admin.home"),
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def sign_out(response: AnyResponse) -> None:
    """End the session of the request, and have its cookie forgotten."""
    _sessions().end(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path=url_for("admin.home"), httponly=True, samesite="Strict")


def is_signed_in() -> bool:
    """Whether the request is of a session."""
    return _sessions().holds(request.cookies.get(COOKIE, ""), admin_digests())


def signed_in(view: Callable[_P, _T]) -> Callable[_P, _T | AnyResponse]:
    """Send everybody else to the form that asks for the key, before their request is read."""

    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _T | AnyResponse:
        if not is_signed_in():
            return redirect(url_for("admin.home"), code=303, Response=Response)
        return view(*args, **kwargs)

    return guarded


def _sessions() -> AdminSessions:
    sessions: AdminSessions = current_app.extensions["sessions"]
    return sessions


def _proof(token: str, key_digest: str) -> str:
    return digest_of(f"{token}:{key_digest}")
