"""Several stores side by side: found by extractor, added, replaced and taken back."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from features.errors import (
    StoreCorruptError,
    StoreError,
    StoreNotFoundError,
    StoreWriteError,
)
from features.store import STORES, StoreSet, StoreWriter
from tests.helpers import ROOT, TINY, gallery, run_python


def store(folder: Path, extractor: str = "tiny") -> Path:
    with StoreWriter(folder, replace(TINY, name=extractor)) as writer:
        writer.append(*gallery(1))
    return folder


def store_set(folder: Path, *extractors: str) -> StoreSet:
    """A set with a store of each extractor."""
    stores = StoreSet(folder)
    for name in extractors:
        stores.add(name, store(stores.place_for(name), name))
    return stores


def test_the_first_store_is_the_default(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny", "vgg16")
    assert (stores.names(), stores.default) == (["tiny", "vgg16"], "tiny")
    assert stores.folder_of() == stores.folder_of("tiny") == tmp_path / "tiny"
    assert stores.folder_of("vgg16") == tmp_path / "vgg16"
    assert stores.pictures_folder == tmp_path / "pictures"
    assert json.loads((tmp_path / STORES).read_text()) == {
        "format": 1,
        "default": "tiny",
        "stores": {"tiny": "tiny", "vgg16": "vgg16"},
        "previous": None,
    }


def test_the_default_is_among_the_stores_whatever_is_swapped_meanwhile(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny", "vgg16")
    assert stores.places() == ("tiny", {"tiny": tmp_path / "tiny", "vgg16": tmp_path / "vgg16"})
    assert StoreSet(tmp_path / "none").places() == ("", {})
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for name in ("tiny", "vgg16"):
                stores.forget(name)
                stores.add(name, tmp_path / name)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen = {(default, default in folders) for default, folders in _read_often(stores)}
    over.set()
    swapping.join()
    assert seen == {("tiny", True), ("vgg16", True)}


def _read_often(stores: StoreSet) -> Iterator[tuple[str, Mapping[str, Path]]]:
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        yield stores.places()


def test_a_folder_that_cannot_be_looked_into_is_told_so_by_who_reads_it(tmp_path: Path) -> None:
    stores = StoreSet(tmp_path / ("long" * 100))  # root may enter every folder, but none so named
    assert (stores.is_plain, stores.mark()) == (False, (0, 0))
    assert stores.pictures_folder == stores.folder / "pictures"
    with pytest.raises(StoreCorruptError, match="cannot be read"):
        stores.names()


def test_a_store_of_a_set_that_is_opened_alone_keeps_pictures_where_the_set_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = store_set(tmp_path, "tiny", "vgg16")
    alone = StoreSet(whole.folder_of("tiny"))
    assert alone.pictures_folder == whole.pictures_folder
    assert alone.all_folders() == whole.all_folders(), "their pictures are kept there too"
    monkeypatch.chdir(alone.folder)
    assert StoreSet(Path()).pictures_folder == whole.pictures_folder


def test_a_set_without_stores_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path, tmp_path / "none", tmp_path / "file"):
        stores = StoreSet(folder)
        assert (stores.names(), stores.abandoned()) == ([], [])
        with pytest.raises(StoreNotFoundError, match=r"extract_features\.py"):
            _ = stores.default
        for name in (None, "vgg16"):
            with pytest.raises(StoreNotFoundError, match=r"extract_features\.py"):
                stores.folder_of(name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_unknown_extractor_is_answered_with_those_there_are(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny", "vgg16")
    for ask in (stores.folder_of, stores.forget):
        with pytest.raises(StoreNotFoundError, match=r"tiny, vgg16.*--extractor resnet50"):
            ask("resnet50")


def test_a_folder_that_is_a_store_is_a_set_of_it(tmp_path: Path) -> None:
    store(tmp_path)
    before = sorted(tmp_path.iterdir())
    stores = StoreSet(tmp_path)
    assert (stores.is_plain, stores.names(), stores.default) == (True, ["tiny"], "tiny")
    assert stores.folder_of() == stores.place_for("tiny") == tmp_path
    assert stores.place_for("vgg16") == tmp_path / "vgg16"
    assert stores.abandoned() == []
    assert sorted(tmp_path.iterdir()) == before
    mark = stores.mark()
    store(tmp_path)
    assert stores.mark() == mark
    store_set(tmp_path, "vgg16")
    assert stores.mark() != mark
    assert json.loads((tmp_path / STORES).read_text())["stores"] == {"tiny": ".", "vgg16": "vgg16"}
    assert (stores.is_plain, stores.default, stores.folder_of("tiny")) == (False, "tiny", tmp_path)


def test_a_set_changes_while_the_store_in_its_folder_is_written(tmp_path: Path) -> None:
    with StoreWriter(tmp_path, TINY):
        assert store_set(tmp_path, "vgg16").names() == ["tiny", "vgg16"]


def test_a_replacement_takes_over_and_can_be_taken_back(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny", "vgg16")
    place = stores.new_place("vgg16")
    assert place == tmp_path / "vgg16-2"
    assert not place.exists()
    stores.swap_in("vgg16", store(place, "vgg16"))
    assert (stores.default, stores.folder_of()) == ("vgg16", place)
    assert stores.new_place("vgg16") == tmp_path / "vgg16-3"
    stores.swap_in("vgg16", place)
    for _ in range(2):
        stores.roll_back()
        assert (stores.default, stores.folder_of("vgg16")) == ("tiny", tmp_path / "vgg16")
        stores.roll_back()
        assert (stores.default, stores.folder_of("vgg16")) == ("vgg16", place)
    assert stores.names() == ["tiny", "vgg16"]


def test_the_first_store_of_an_extractor_is_swapped_in_and_out(tmp_path: Path) -> None:
    stores = StoreSet(tmp_path)
    stores.swap_in("tiny", store(tmp_path / "tiny"))
    store_set(tmp_path, "vgg16")
    stores.roll_back()
    assert (stores.names(), stores.default) == (["vgg16"], "vgg16")
    stores.roll_back()
    assert (sorted(stores.names()), stores.default) == (["tiny", "vgg16"], "tiny")


def test_what_a_swap_replaced_must_be_there_to_go_back_to(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny")
    with pytest.raises(StoreNotFoundError, match="go back"):
        stores.roll_back()
    stores.swap_in("tiny", store(stores.new_place("tiny")))
    (tmp_path / "tiny").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreNotFoundError):
        stores.roll_back()
    assert stores.folder_of() == tmp_path / "tiny-2"


def test_a_forgotten_store_keeps_its_files_and_another_is_the_default(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny", "vgg16")
    stores.swap_in("tiny", store(stores.new_place("tiny")))
    stores.forget("tiny")
    assert (stores.names(), stores.default) == (["vgg16"], "vgg16")
    assert stores.abandoned() == [tmp_path / "tiny", tmp_path / "tiny-2"]
    with pytest.raises(StoreNotFoundError, match="go back"):
        stores.roll_back()
    stores.forget("vgg16")
    assert stores.names() == []
    with pytest.raises(StoreNotFoundError):
        _ = stores.default


def test_only_what_nothing_names_and_nobody_writes_is_abandoned(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny")
    (tmp_path / "pictures").mkdir()
    assert stores.abandoned() == []
    for count in range(3):
        stores.swap_in("tiny", store(stores.new_place("tiny")))
        assert len(stores.abandoned()) == count
    assert stores.abandoned() == [tmp_path / "tiny", tmp_path / "tiny-2"]
    with StoreWriter(tmp_path / "tiny-2", TINY):
        assert stores.abandoned() == [tmp_path / "tiny"]


def test_a_store_that_is_named_by_a_link_is_not_abandoned(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny")
    (tmp_path / "tiny").rename(tmp_path / "moved")
    (tmp_path / "tiny").symlink_to("moved")
    assert stores.abandoned() == []
    assert stores.folder_of() == tmp_path / "tiny"


def test_every_change_has_a_mark_of_its_own(tmp_path: Path) -> None:
    stores = StoreSet(tmp_path)
    marks = [stores.mark()]

    def after(change: Callable[[], object]) -> None:
        change()
        marks.append(stores.mark())

    after(lambda: store_set(tmp_path, "tiny"))
    after(lambda: store_set(tmp_path, "vgg16"))
    after(lambda: stores.swap_in("vgg16", store(stores.new_place("vgg16"), "vgg16")))
    after(stores.roll_back)
    after(lambda: stores.forget("vgg16"))
    assert len(set(marks)) == 6
    after(lambda: stores.add("tiny", store(tmp_path / "tiny")))
    assert marks[-1] == marks[-2]


def test_a_store_is_registered_only_as_what_it_is_and_where_it_belongs(tmp_path: Path) -> None:
    stores = store_set(tmp_path / "set", "tiny")
    outside = store(tmp_path / "outside", "vgg16")
    (tmp_path / "set" / "link").symlink_to(outside)
    for change in (stores.add, stores.swap_in):
        with pytest.raises(StoreNotFoundError):
            change("vgg16", tmp_path / "set" / "none")
        with pytest.raises(StoreError, match="made by tiny"):
            change("vgg16", tmp_path / "set" / "tiny")
        for place in (outside, tmp_path / "set" / "link"):
            with pytest.raises(StoreError, match="not inside"):
                change("vgg16", place)
    assert stores.names() == ["tiny"]


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "/root", "pictures", "a\0", ".x"])
def test_a_name_that_is_no_folder_of_its_own_is_refused(tmp_path: Path, name: str) -> None:
    for ask in (StoreSet(tmp_path).place_for, StoreSet(tmp_path).new_place):
        with pytest.raises(StoreError, match="extractor"):
            ask(name)


DAMAGED = [
    "",
    "{",
    "[]",
    "null",
    '"x"',
    "[" * 100_000,
    "\udcff",
    '{"format": 1}',
    '{"format": 2, "default": "a", "stores": {"a": "a"}, "previous": null}',
    '{"format": 1, "default": "b", "stores": {"a": "a"}, "previous": null}',
    '{"format": 1, "default": [], "stores": {"a": "a"}, "previous": null}',
    '{"format": 1, "default": "a", "stores": ["a"], "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": 7}, "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": "/etc"}, "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": "../a"}, "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": "b/../../a"}, "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": "out"}, "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": "a\\u0000"}, "previous": null}',
    '{"format": 1, "default": "a", "stores": {"a": "a"}, "previous": {"folder": "x"}}',
    '{"format": 1, "default": "a", "stores": {"a": "a"}, "previous": '
    '{"default": "a", "extractor": "a", "folder": "../x"}}',
    '{"format": 1, "default": "a", "stores": {"a": "a"}, "previous": '
    '{"default": "z", "extractor": "a", "folder": "x"}}',
]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_register_says_so_and_is_left_alone(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "set"
    place = store(folder / "tiny")
    (folder / "out").symlink_to(tmp_path)
    written = text.encode(errors="surrogateescape")
    (folder / STORES).write_bytes(written)
    stores = StoreSet(folder)
    asks: list[Callable[[], object]] = [
        stores.names,
        stores.folder_of,
        stores.abandoned,
        stores.roll_back,
        lambda: stores.add("tiny", place),
        lambda: stores.swap_in("tiny", place),
    ]
    for ask in asks:
        with pytest.raises(StoreCorruptError, match=r"stores\.json"):
            ask()
    assert (folder / STORES).read_bytes() == written


ADD = """
import sys
from pathlib import Path
from features.store import StoreSet
stores = StoreSet(Path(sys.argv[1]))
for number in range(10):
    name = f"{sys.argv[2]}{number}"
    stores.add(name, stores.place_for(name))
"""


def test_two_that_add_at_once_are_both_registered(tmp_path: Path) -> None:
    names = [f"{who}{number}" for who in "ab" for number in range(10)]
    for name in names:
        store(tmp_path / name, name)
    both = [subprocess.Popen([sys.executable, "-c", ADD, tmp_path, who], cwd=ROOT) for who in "ab"]
    assert [process.wait(60) for process in both] == [0, 0]
    assert sorted(StoreSet(tmp_path).names()) == names


SWAP_FOR_EVER = """
import sys
from pathlib import Path
from features.store import StoreSet
folder = Path(sys.argv[1])
stores = StoreSet(folder)
print(flush=True)
while True:
    stores.swap_in("tiny", folder / "tiny-2")
    stores.swap_in("vgg16", folder / "vgg16")
    stores.roll_back()
    stores.swap_in("tiny", folder / "tiny")
"""


def test_a_swap_that_is_killed_happened_or_did_not(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny", "vgg16")
    store(tmp_path / "tiny-2")
    marks = set()
    for attempt in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", SWAP_FOR_EVER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + 0.011 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        marks.add(stores.mark())
        assert stores.default in ("tiny", "vgg16")
        assert stores.folder_of("tiny").name in ("tiny", "tiny-2")
        assert stores.folder_of("vgg16") == tmp_path / "vgg16"
        with suppress(StoreNotFoundError):  # it was killed before its first swap, or went back
            stores.roll_back()
    assert len(marks) > 1


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from features.errors import StoreWriteError
from features.store import StoreSet
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
stores = StoreSet(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
try:
    stores.swap_in("tiny", stores.folder / "tiny-2")
except StoreWriteError as error:
    print(error)
"""


def test_a_full_disk_leaves_the_set_as_it_was(tmp_path: Path) -> None:
    stores = store_set(tmp_path, "tiny")
    store(tmp_path / "tiny-2")
    before = (tmp_path / STORES).read_bytes()
    done = run_python("-c", FULL_DISK, tmp_path)
    assert "What was stored before is unharmed" in done.stdout, done.stderr
    assert (tmp_path / STORES).read_bytes() == before
    stores.swap_in("tiny", tmp_path / "tiny-2")
    assert stores.folder_of() == tmp_path / "tiny-2"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreWriteError, match="file"):
        StoreSet(tmp_path / "file").roll_back()
