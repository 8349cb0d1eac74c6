"""Two detectors as one."""

from dataclasses import dataclass

from features.detection.completed import CompletedDetector
from features.types import Box, Detection, Image
from tests.helpers import drawing

CHAIR = Detection(Box(0.1, 0.1, 0.5, 0.9), "chair", 0.8)
PERSON = Detection(Box(0.0, 0.0, 0.6, 1.0), "person", 0.9)


@dataclass(frozen=True)
class Fixed:
    """Finds the same in every picture."""

    found: tuple[Detection, ...]
    name: str = "fixed"

    def detect(self, image: Image) -> list[Detection]:
        return list(self.found)


def item(*sides: float) -> Detection:
    return Detection(Box(*sides), "item", 0.5)


def test_what_has_no_name_yet_is_offered_besides() -> None:
    lamp = item(0.6, 0.2, 0.9, 0.8)
    both = CompletedDetector(Fixed((CHAIR,)), Fixed((lamp,)))
    assert both.detect(drawing(0)) == [CHAIR, lamp]


def test_what_is_named_is_not_offered_twice() -> None:
    same = item(0.12, 0.1, 0.5, 0.88)
    assert CompletedDetector(Fixed((CHAIR,)), Fixed((same,))).detect(drawing(0)) == [CHAIR]


def test_what_covers_a_person_is_offered() -> None:
    coat = item(0.02, 0.1, 0.58, 0.95)
    both = CompletedDetector(Fixed((PERSON,)), Fixed((coat,)))
    assert both.detect(drawing(0)) == [PERSON, coat]
