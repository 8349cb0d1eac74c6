"""Extractors by name, and the one-time conversion of their networks."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from features.errors import ExtractorError, UnknownExtractorError
from features.extractors import DEFAULT_EXTRACTOR, extractor_names, load_extractor
from features.extractors.preprocessing import centred_on_white
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
