"""What a catalogue says, what a store holds, and whether that is allowed after a crash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """A product: its words, and the number of the drawing at each of its locations."""

    title: str
    pictures: Mapping[str, int]


State = dict[str, Thing]
"""Products by id."""
_NOTHING = Thing("", {})


def losses(found: State, before: State, after: State, *, whole: bool) -> list[str]:
    """What must not be, where `before` was acknowledged and `after` was begun.

    Args:
        whole: the step from one to the other is a single commit; else it comes picture by picture.
    """
    if found in (before, after):
        return []
    if whole:
        return [f"neither before nor after: {name}" for name in _others(found, before, after)]
    return [
        loss
        for name in sorted({*found, *before, *after})
        for loss in _mixed(name, found.get(name), before.get(name), after.get(name))
    ]


def _others(found: State, before: State, after: State) -> list[str]:
    names = {*found, *before, *after}
    nearer = min((before, after), key=lambda s: sum(s.get(n) != found.get(n) for n in names))
    return sorted(name for name in names if nearer.get(name) != found.get(name))


def _mixed(
    name: str, found: Thing | None, before: Thing | None, after: Thing | None
) -> Iterator[str]:
    if found is None:
        if before is not None and after is not None:
            yield f"{name} is lost"
        return
    sides = [thing for thing in (before, after) if thing is not None]
    if found.title not in [thing.title for thing in sides]:
        yield f"{name} is called {found.title!r}"
    old, new = (before or _NOTHING).pictures, (after or _NOTHING).pictures
    for location in sorted({*found.pictures, *old, *new}):
        number = found.pictures.get(location)
        if number not in (old.get(location), new.get(location)):
            yield f"{name} has drawing {number} at {location}"
