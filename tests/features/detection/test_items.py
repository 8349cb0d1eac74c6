"""From raw detections to what a shopper may tap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.detection.items import (
    MAX_ITEMS,
    PERSON,
    WHOLE,
    find_items,
    likelihood,
    whole_picture,
)
from features.types import Box, Detection

CENTRAL = Box(0.4, 0.4, 0.6, 0.6)


def thing(box: Box, confidence: float = 0.8, label: str = "chair") -> Detection:
    return Detection(box, label, confidence)


def labels(*detections: Detection) -> list[str]:
    return [item.label for item in find_items(detections)]


def test_without_detections_the_whole_picture_is_left() -> None:
    assert find_items([]) == [WHOLE] == whole_picture()
    assert WHOLE.box == Box(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (thing(Box(0.3, 0.3, 0.7, 0.7)), thing(CENTRAL)),
        (thing(CENTRAL, 0.9), thing(CENTRAL, 0.5)),
        (thing(CENTRAL), thing(Box(0, 0, 0.2, 0.2))),
    ],
    ids=["larger", "surer", "more central"],
)
def test_the_likelier_item_comes_first(first: Detection, second: Detection) -> None:
    assert likelihood(first) > likelihood(second)


def test_items_are_sorted_by_likelihood_with_the_whole_picture_last() -> None:
    small = thing(Box(0.1, 0.1, 0.2, 0.2), label="cup")
    large = thing(Box(0.3, 0.3, 0.8, 0.8), label="couch")
    assert labels(small, large) == ["couch", "cup", WHOLE.label]
    assert labels(large, small) == ["couch", "cup", WHOLE.label]


def test_a_corner_counts_half_as_much_as_the_centre() -> None:
    corner = thing(Box(-0.1, -0.1, 0.1, 0.1))
    assert likelihood(corner) == pytest.approx(likelihood(thing(CENTRAL)) / 2)


def test_people_come_last_and_offer_their_halves() -> None:
    person = thing(Box(0.2, 0.1, 0.8, 0.9), 0.99, PERSON)
    cup = thing(Box(0.85, 0.85, 0.95, 0.95), 0.3, "cup")
    items = find_items([person, cup])
    assert {item.label for item in items[:3]} == {"upper body", "lower body", "cup"}
    assert [item.label for item in items[3:]] == [PERSON, WHOLE.label]
    halves = {item.label: item.box for item in items}
    assert halves["upper body"].y1 < halves["lower body"].y1
    assert halves["upper body"].y2 < halves["lower body"].y2
    assert halves["lower body"].y2 <= halves[PERSON].y2


def test_a_margin_is_added_and_clipped_at_the_border() -> None:
    (item, _) = find_items([thing(Box(0.0, 0.25, 0.5, 0.75))])
    assert (item.box.x1, item.box.y1, item.box.x2, item.box.y2) == pytest.approx(
        (0.0, 0.23, 0.52, 0.77)
    )


def test_of_duplicates_the_likeliest_stays() -> None:
    close = Box(0.4, 0.4, 0.6, 0.61)
    assert labels(thing(CENTRAL, 0.5, "bowl"), thing(close, 0.9, "vase")) == ["vase", WHOLE.label]


def test_slivers_are_dropped() -> None:
    assert labels(thing(Box(0.1, 0.5, 0.9, 0.52)), thing(Box(0.5, 0.1, 0.5, 0.9))) == [WHOLE.label]


def test_at_most_so_many_and_the_whole_picture() -> None:
    many = [
        thing(Box(x / 10, y / 10, (x + 1) / 10, (y + 1) / 10)) for x in range(9) for y in (0, 3, 6)
    ]
    assert len(find_items(many)) == MAX_ITEMS + 1


shares = st.floats(0, 1)
detections = st.builds(
    lambda x1, y1, x2, y2, label, confidence: Detection(
        Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), label, confidence
    ),
    shares,
    shares,
    shares,
    shares,
    st.sampled_from(["item", "chair", PERSON]),
    shares,
)


@given(st.lists(detections, max_size=20))
def test_whatever_was_found_boxes_lie_in_the_picture(found: list[Detection]) -> None:
    items = find_items(found)
    assert 1 <= len(items) <= MAX_ITEMS + 1
    assert items[-1] == WHOLE
    for item in items:
        assert 0 <= item.box.x1 < item.box.x2 <= 1
        assert 0 <= item.box.y1 < item.box.y2 <= 1
