"""Ultralytics YOLO with real weights, and every way in which it is not to be had."""

import importlib.util
import time
from pathlib import Path

import pytest
from PIL import Image as Pillow

from features.detection import Detector, find_items, load_detector
from features.detection.registry import DetectorOptions
from features.errors import DetectorUnavailableError
from features.images import decode
from features.types import Box, Image
from tests.helpers import encoded, run_python

BUS = Box(0.0, 0.21, 1.0, 0.70)
PEOPLE = [Box(0.06, 0.37, 0.29, 0.84), Box(0.28, 0.37, 0.43, 0.80), Box(0.83, 0.36, 1.0, 0.82)]

QUIET = """
import sys
from pathlib import Path
from features.detection import load_detector
from features.detection.registry import DetectorOptions
load_detector("yolo", DetectorOptions(Path(sys.argv[1])))
import ultralytics.utils
from ultralytics.utils.events import events
assert not events.enabled
assert not ultralytics.utils.AUTOINSTALL
assert sys.modules["openvino_telemetry"] is None
"""


PROGRAM = """
import sys
from pathlib import Path
from features.detection import DetectorOptions, load_detector
from features.errors import DetectorUnavailableError
from features.telemetry import keep_ultralytics_quiet
keep_ultralytics_quiet()
import torch
from ultralytics.models import YOLO
folder = Path(sys.argv[1])
class Program:
    def __reduce__(self):
        return Path.touch, (folder / "was-here",)
YOLO("yolo26n.yaml", task="detect").save(folder / "own.pt")
YOLO(folder / "own.pt", task="detect")
torch.save({"model": Program()}, folder / "program.pt")
try:
    load_detector("yolo", DetectorOptions(folder / "program.pt"))
except DetectorUnavailableError:
    sys.exit()
sys.exit("it was read")
"""


@pytest.fixture(scope="module")
def weights(shared_data: Path) -> Path:
    found = shared_data / "models" / "yolo26n_int8_openvino_model"
    if not found.exists():
        pytest.skip(f"there are no weights {found}")
    return found


@pytest.fixture(scope="module")
def detector(weights: Path) -> Detector:
    return load_detector("yolo", DetectorOptions(weights))


@pytest.fixture(scope="module")
def street() -> Image:
    """A bus and people before it; the picture comes with Ultralytics."""
    package = importlib.util.find_spec("ultralytics")
    assert package is not None
    assert package.origin is not None
    return Pillow.open(Path(package.origin).parent / "assets" / "bus.jpg").convert("RGB")


def test_the_bus_and_the_people_are_found(detector: Detector, street: Image) -> None:
    found = detector.detect(street)
    for label, wanted in [("bus", BUS), *(("person", box) for box in PEOPLE)]:
        fits = [one.box.overlap(wanted) for one in found if one.label == label]
        assert max(fits) >= 0.85
    assert {one.label for one in found} == {"bus", "person"}


def test_what_is_found_in_a_photo_that_exif_turns_is_upright(
    detector: Detector, street: Image
) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    photo = encoded(street.transpose(Pillow.Transpose.ROTATE_90), "PNG", exif=exif)
    assert detector.detect(decode(photo)) == detector.detect(street)


def test_its_name_says_which_weights(detector: Detector, weights: Path) -> None:
    assert detector.name == f"yolo {weights.name}"


def test_only_allowed_classes_are_found(weights: Path, street: Image) -> None:
    only = load_detector("yolo", DetectorOptions(weights, classes=["bus", "chair"]))
    assert [one.label for one in only.detect(street)] == ["bus"]


def test_an_unknown_class_is_refused_with_the_known_ones(weights: Path) -> None:
    with pytest.raises(DetectorUnavailableError, match=r"no class 'spaceship'.*handbag"):
        load_detector("yolo", DetectorOptions(weights, classes=["chair", "spaceship"]))


def test_the_threshold_keeps_unsure_detections_out(
    weights: Path, detector: Detector, street: Image
) -> None:
    surer = load_detector("yolo", DetectorOptions(weights, confidence=0.8)).detect(street)
    assert surer == [one for one in detector.detect(street) if one.confidence >= 0.8]
    assert len(surer) < len(detector.detect(street))


def test_missing_weights_are_reported_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(DetectorUnavailableError, match="set VISUAL_SEARCH_DETECTOR_WEIGHTS"):
        load_detector("yolo", DetectorOptions(tmp_path / "none.pt"))


@pytest.mark.parametrize("name", ["broken.pt", "broken.onnx"])
def test_broken_weights_are_reported_with_the_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"these are no weights")
    with pytest.raises(DetectorUnavailableError, match=rf"{name} cannot be used.*give \.pt"):
        load_detector("yolo", DetectorOptions(tmp_path / name))


@pytest.mark.parametrize("name", ["weights.txt", "weights.torchscript", "weights.pkl", "folder"])
def test_files_of_other_kinds_are_not_opened(tmp_path: Path, name: str) -> None:
    if name == "folder":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(b"these may be a program")
    with pytest.raises(DetectorUnavailableError, match=r"cannot be used as YOLO weights; give"):
        load_detector("yolo", DetectorOptions(tmp_path / name))


def test_weights_that_are_a_program_are_not_run_and_others_are_read(tmp_path: Path) -> None:
    done = run_python("-c", PROGRAM, tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "was-here").exists()


def test_a_download_that_fails_is_reported_soon_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ultralytics.utils.downloads as downloads

    def fail(draft: Path) -> None:
        draft.write_bytes(b"half a file")
        raise ConnectionError

    monkeypatch.setattr(downloads, "attempt_download_asset", fail)
    monkeypatch.setenv("VISUAL_SEARCH_CACHE", str(tmp_path))
    started = time.monotonic()
    with pytest.raises(DetectorUnavailableError, match="could not be downloaded"):
        load_detector("yolo", DetectorOptions(Path("no-such-weights.pt")))
    assert time.monotonic() - started < 5
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_download_is_kept_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ultralytics.utils.downloads as downloads

    from features.detection.weights import find_weights

    calls: list[Path] = []

    def succeed(draft: Path) -> None:
        calls.append(draft)
        draft.write_bytes(b"weights")

    monkeypatch.setattr(downloads, "attempt_download_asset", succeed)
    monkeypatch.setenv("VISUAL_SEARCH_CACHE", str(tmp_path))
    kept = find_weights(Path("some.pt"))
    assert kept == find_weights(Path("some.pt")) == tmp_path / "detectors" / "some.pt"
    assert kept.read_bytes() == b"weights"
    assert len(calls) == 1


def test_loading_prints_nothing_and_reports_to_nobody(weights: Path) -> None:
    done = run_python("-c", QUIET, weights)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_a_shopper_is_offered_the_bus_the_people_and_their_clothes(
    weights: Path, street: Image
) -> None:
    both = load_detector("yolo+regions", DetectorOptions(weights))
    labels = [item.label for item in find_items(both.detect(street))]
    assert labels.count("bus") == 1
    assert labels.count("person") >= 2
    assert labels.count("upper body") == labels.count("lower body") == labels.count("person")
