"""Over TLS, the certificate has to be valid for the name that was asked for."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.errors import FetchCancelledError, FetchTimeoutError, PictureFetchError
from features.pictures import AddressGuard, Fetcher, FetchOptions, Vault
from tests.features.pictures.web import Reply, reply, serving
from tests.helpers import picture

QUICK = FetchOptions(connect_timeout=1, read_timeout=0.5, total_timeout=2, first_wait=0.01)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for shop.example, signed by itself, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"]
    files = ["-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def resolve_here(host: str, port: int, *_: int) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def fetched(folder: Path, certificate: Path, host: str) -> tuple[bytes, int]:
    """A picture from a server that has the certificate, and how many connections two of it took."""
    guard = AddressGuard(["127.0.0.1"], resolve_here)
    with (
        serving(lambda request: reply(body=picture(1)), certificate) as web,
        Fetcher(Vault(folder), QUICK, guard) as fetcher,
    ):
        first, second = (fetcher.get(web.url(path, host)) for path in ("/a", "/b"))
        assert first == second
        return first, web.connections


def test_certificates_are_not_read_for_pictures_without_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ssl, "create_default_context")
    with (
        serving(lambda _: reply(body=picture(1))) as web,
        Fetcher(Vault(tmp_path), QUICK, AddressGuard(["127.0.0.1"], resolve_here)) as fetcher,
    ):
        assert fetcher.get(web.url("/a")) == picture(1)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, certificate: Path
) -> None:
    with pytest.raises(PictureFetchError, match=r"shop\.example has no valid certificate"):
        fetched(tmp_path, certificate, "shop.example")


def test_a_valid_certificate_is_accepted(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetched(tmp_path, certificate, "shop.example") == (picture(1), 1)


def test_a_certificate_for_another_host_is_refused(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(PictureFetchError, match=r"other\.example has no valid certificate"):
        fetched(tmp_path, certificate, "other.example")


TRICKLE = Reply((b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b"x"] * 40), pause=0.05)


def test_a_server_that_trickles_is_cut_off(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    hasty = replace(QUICK, total_timeout=0.3, retries=0)
    guard = AddressGuard(["127.0.0.1"], resolve_here)
    with (
        serving(lambda request: TRICKLE, certificate) as web,
        Fetcher(Vault(tmp_path), hasty, guard) as fetcher,
        pytest.raises(FetchTimeoutError),
    ):
        fetcher.get(web.url(host="shop.example"))


def test_cancelling_ends_a_download(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    guard = AddressGuard(["127.0.0.1"], resolve_here)
    with (
        serving(lambda request: TRICKLE, certificate) as web,
        Fetcher(Vault(tmp_path), replace(QUICK, total_timeout=30), guard) as fetcher,
    ):
        timer = threading.Timer(0.3, fetcher.cancel)
        timer.start()
        started = time.monotonic()
        with pytest.raises(FetchCancelledError):
            fetcher.get(web.url(host="shop.example"))
        assert time.monotonic() - started < 1.5
        timer.join()
