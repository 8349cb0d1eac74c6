"""Pictures are kept whole, once, and under their own hash."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.errors import PictureNotFoundError, PictureTooLargeError, PictureWriteError
from features.images import PictureLimits, content_hash
from features.pictures import Vault
from tests.helpers import picture, run_python


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def path_of(vault: Vault, digest: str) -> Path:
    return vault.folder / digest[:2] / digest


def test_what_is_put_is_got(vault: Vault) -> None:
    digest = vault.put(picture(1))
    assert digest == content_hash(picture(1))
    assert digest in vault
    assert vault.get(digest) == picture(1)


def test_the_folder_comes_with_the_first_picture(vault: Vault) -> None:
    assert list(vault.digests()) == []
    assert not vault.folder.exists()
    vault.put(picture(1), durable=False)
    assert vault.folder.is_dir()


def test_a_picture_that_is_there_is_not_written_again(vault: Vault) -> None:
    digest = vault.put(picture(1))
    before = path_of(vault, digest).stat()
    assert vault.put(picture(1)) == vault.put(picture(1), durable=False) == digest
    after = path_of(vault, digest).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_damaged_picture_is_missing_until_it_is_put_again(vault: Vault) -> None:
    digest = vault.put(picture(1))
    path_of(vault, digest).write_bytes(picture(2))
    with pytest.raises(PictureNotFoundError, match="damaged"):
        vault.get(digest)
    vault.put(picture(1))
    assert vault.get(digest) == picture(1)


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", "a" * 31, "a" * 33, "A" * 32, "a" * 32 + "\n", "é" * 32]
)
def test_only_digests_name_pictures(vault: Vault, digest: str) -> None:
    vault.put(picture(1))
    assert digest not in vault
    with pytest.raises(PictureNotFoundError):
        vault.get(digest)
    vault.discard([digest])
    assert len(list(vault.digests())) == 1


def test_an_unknown_digest_is_not_found(vault: Vault) -> None:
    with pytest.raises(PictureNotFoundError):
        vault.get("0" * 32)


def test_the_byte_limit_holds(vault: Vault) -> None:
    digest = vault.put(picture(1))
    with pytest.raises(PictureTooLargeError):
        vault.get(digest, PictureLimits(max_bytes=10))


def test_digests_are_listed_and_discarded(vault: Vault) -> None:
    first, second = vault.put(picture(1)), vault.put(picture(2))
    (vault.folder / "urls.sqlite").write_bytes(b"")
    (vault.folder / first[:2] / f".{first}.0000").write_bytes(b"left by a power cut")
    assert set(vault.digests()) == {first, second}
    vault.discard([first, "0" * 32])
    assert set(vault.digests()) == {second}


def test_nothing_but_the_picture_is_left(vault: Vault) -> None:
    digest = vault.put(picture(1))
    assert [path for path in vault.folder.rglob("*") if path.is_file()] == [path_of(vault, digest)]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PictureWriteError, match="file/vault"):
        Vault(tmp_path / "file" / "vault").put(picture(1))


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from features.errors import PictureWriteError
from features.pictures import Vault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Vault(Path(sys.argv[1])).put(bytes(5000))
except PictureWriteError as error:
    print(error)
"""


def test_a_picture_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    done = run_python("-c", FULL_DISK, tmp_path)
    assert "cannot be kept" in done.stdout, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PictureWriteError, match="permissions"):
        Vault(tmp_path).put(picture(1))


def put_many(folder: Path) -> None:
    for seed in range(20):
        Vault(folder).put(picture(seed), durable=False)


def put_at_once(folder: Path) -> Iterator[multiprocessing.Process | threading.Thread]:
    fork = multiprocessing.get_context("spawn")
    for worker in (fork.Process, threading.Thread, threading.Thread):
        one = worker(target=put_many, args=(folder,))
        one.start()
        yield one


@pytest.mark.slow
def test_processes_and_threads_may_put_the_same_at_once(vault: Vault) -> None:
    for worker in list(put_at_once(vault.folder)):
        worker.join()
    assert set(vault.digests()) == {content_hash(picture(seed)) for seed in range(20)}
    for digest in vault.digests():
        vault.get(digest)
