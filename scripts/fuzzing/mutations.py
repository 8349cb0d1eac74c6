"""What is done to a sound file to make a bad one; the same chance does the same."""

import random
import struct
from collections.abc import Callable, Sequence

from scripts.fuzzing.pieces import pieces, repaired
from scripts.fuzzing.words import WORDS

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
"""From a file, a chance and the seeds that pieces may be taken from to another file."""

_HEADER_BYTES = 96
_EXTREMES = tuple(2**bits + more for bits in (0, 3, 7, 8, 15, 16, 31, 32) for more in (-1, 0))
_LONG = 200_000


def mutated(data: bytes, chance: random.Random, seeds: Sequence[bytes], *, text: bool) -> bytes:
    """A file after one to four mutations.

    Args:
        seeds: sound files that pieces may be taken from.
        text: whether it is made of words, so that words may be put into it.
    """
    choices = (*_BYTES, *(_TEXTS if text else _BINARIES))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        data = chance.choice(choices)(data, chance, seeds)
    return repaired(data) if chance.random() < 0.7 else data


def flip_bits(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One to sixteen bits are other ones."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 16) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """The end is missing."""
    return data[: chance.randint(0, len(data))]


def edit_number(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A number somewhere is an extreme one."""
    return _with_number(data, chance, len(data))


def edit_header(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A number near the beginning is an extreme one."""
    return _with_number(data, chance, min(len(data), _HEADER_BYTES))


def drop(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A piece is missing."""
    parts = pieces(data)
    if parts:
        del parts[chance.randrange(len(parts))]
    return b"".join(parts)


def double(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A piece is there once more, or some times more."""
    parts = pieces(data)
    if parts:
        again = [chance.choice(parts)] * chance.choice((1, 1, 1, 50))
        at = chance.randint(0, len(parts))
        parts[at:at] = again if sum(map(len, again)) < _LONG else again[:1]
    return b"".join(parts)


def swap(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Two pieces stand in each other's place."""
    parts = pieces(data)
    if len(parts) > 1:
        one, other = chance.sample(range(len(parts)), 2)
        parts[one], parts[other] = parts[other], parts[one]
    return b"".join(parts)


def graft(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A piece of another file, put in or in the place of one."""
    parts = pieces(data)
    at = chance.randint(0, len(parts))
    parts[at : at + chance.randint(0, 1)] = [chance.choice(pieces(chance.choice(seeds)) or [b""])]
    return b"".join(parts)


def cross(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """It ends as another file does."""
    other = chance.choice(seeds)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def blank_out(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A run of bytes is zero, or all ones."""
    start = chance.randint(0, len(data))
    length = min(chance.choice((1, 4, 16, 256, 4_096)), len(data) - start)
    return data[:start] + chance.choice((b"\x00", b"\xff")) * length + data[start + length :]


def put_word(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Words that readers stumble over, somewhere."""
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(WORDS) + data[at:]


def lengthen(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A cell that does not end."""
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(WORDS)[:1] * chance.choice((1_000, _LONG)) + data[at:]


def _with_number(data: bytes, chance: random.Random, within: int) -> bytes:
    form = chance.choice(("<B", "<H", ">H", "<I", ">I"))
    size = struct.calcsize(form)
    if within < size:
        return data
    at = chance.randint(0, within - size)
    number = chance.choice((*_EXTREMES, chance.getrandbits(32))) & (256**size - 1)
    return data[:at] + struct.pack(form, number) + data[at + size :]


_BYTES: tuple[Mutation, ...] = (flip_bits, truncate, drop, double, swap, graft, cross, blank_out)
_BINARIES: tuple[Mutation, ...] = (edit_number, edit_number, edit_header, edit_header, flip_bits)
_TEXTS: tuple[Mutation, ...] = (put_word, put_word, put_word, lengthen)
