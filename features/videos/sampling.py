"""Which times of a video to look at, and which of the frames seen there to keep."""

from collections.abc import Sequence

from features.videos.scenes import Copies, blank, scenes


def spread(count: int, over: int) -> list[int]:
    """`count` different numbers below `over`, evenly spread; all where there are not as many."""
    if count >= over:
        return list(range(over))
    return [int((place + 0.5) * over / count) for place in range(count)]


def steps(count: int, over: int) -> list[int]:
    """As `spread`, but each number is the last of its part: as far as one gets."""
    count = min(count, over)
    return [(place + 1) * over // count - 1 for place in range(count)]


def times(count: int, duration_s: float) -> list[float]:
    """`count` times, each in the middle of an equal part of the video."""
    return [(place + 0.5) * duration_s / count for place in range(count)]


def choose(copies: Copies, count: int) -> list[int]:
    """The numbers of `count` frames, spread over all scenes, without blank ones if possible.

    Every scene has one at least, the longest first; what is left goes to the longest per frame
    that they have.
    """
    seen = [n for n, empty in enumerate(blank(copies)) if not empty] or list(range(len(copies)))
    found = [[seen[n] for n in scene] for scene in scenes(copies[seen])]
    shares = _shares([len(scene) for scene in found], min(count, len(seen)))
    return [
        scene[place]
        for scene, share in zip(found, shares, strict=True)
        for place in spread(share, len(scene))
    ]


def _shares(lengths: Sequence[int], count: int) -> list[int]:
    """How many frames each scene gets: `count` together, none more than it has."""
    shares = [0] * len(lengths)
    for _ in range(count):
        open_ones = [n for n, length in enumerate(lengths) if shares[n] < length]
        neediest = max(open_ones, key=lambda n: (not shares[n], lengths[n] / (shares[n] + 1)))
        shares[neediest] += 1
    return shares
