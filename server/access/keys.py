"""API keys in a file: kept as digests, so that the file does not give them away.

Public keys stand in a shop's pages and are limited to these pages' origins; admin keys are secret
and may change the catalogue. Both are 256 random bits, which is why a plain SHA-256 is enough.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from features.disk import write_problem
from features.errors import ConfigError
from features.json_text import read_json
from server.traffic.origins import checked_origin

_FORMAT = 1


class KeyKind(StrEnum):
    """What a key is good for."""

    PUBLIC = "public"
    ADMIN = "admin"


@dataclass(frozen=True)
class ApiKey:
    """One key, without the key itself. `origins` are the pages that may use a public one."""

    id: str
    kind: KeyKind
    name: str
    digest: str
    origins: tuple[str, ...] = ()
    created: str = ""


class KeyRing:
    """The keys of a file; a changed file counts from the next request on."""

    def __init__(self, path: Path | None) -> None:
        """Read the file, if one is named; a missing one holds no keys.

        Raises:
            ConfigError: the file cannot be read.
        """
        self._path = path
        self._lock = threading.Lock()
        self._mark: tuple[int, int] | None = None
        self._keys: tuple[ApiKey, ...] = ()
        self._refresh()

    def find(self, text: str) -> ApiKey | None:
        """The key that a request carries; every known key is compared, in the same time."""
        self._refresh()
        digest = digest_of(text)
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """All keys."""
        self._refresh()
        return self._keys

    def create(self, kind: KeyKind, name: str, origins: Sequence[str] = ()) -> str:
        """Make a key, keep its digest, and return the key: it is not told again.

        Raises:
            ConfigError: no file is named, it cannot be written, or an origin is none.
        """
        text = f"vs_{kind}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            id=secrets.token_hex(4),
            kind=kind,
            name=name,
            digest=digest_of(text),
            origins=tuple(checked_origin(origin) for origin in origins),
            created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        )
        self._write((*self.keys, key))
        return text

    def revoke(self, key_id: str) -> None:
        """Forget a key.

        Raises:
            ConfigError: there is none of that id, or the file cannot be written.
        """
        rest = tuple(key for key in self.keys if key.id != key_id)
        if len(rest) == len(self._keys):
            raise ConfigError(f"there is no key {key_id!r}; the command 'list' shows all")
        self._write(rest)

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._keys, self._mark = (), None
            return
        except OSError as error:
            raise _unreadable(self._path, error) from error
        mark = (status.st_ino, status.st_mtime_ns)
        with self._lock:
            if mark != self._mark:
                self._keys, self._mark = _read(self._path), mark

    def _write(self, keys: Sequence[ApiKey]) -> None:
        if self._path is None:
            raise ConfigError("name a file for the keys: VISUAL_SEARCH_KEYS=FILE")
        text = json.dumps({"format": _FORMAT, "keys": [asdict(key) for key in keys]}, indent=1)
        try:
            _replace(self._path, text + "\n")
        except OSError as error:
            raise ConfigError(
                f"the keys cannot be kept in {self._path}: {write_problem(error)}"
            ) from error


def digest_of(text: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def _replace(path: Path, text: str) -> None:
    """In one step, and for its owner alone."""
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read(path: Path) -> tuple[ApiKey, ...]:
    try:
        data = read_json(path.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise ValueError(f"format {data['format']}")
        return tuple(
            ApiKey(**{**key, "kind": KeyKind(key["kind"]), "origins": tuple(key["origins"])})
            for key in data["keys"]
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(f"the keys in {path} cannot be read: {error}")
