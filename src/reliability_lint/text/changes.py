"""Splices of a text: which get in each other's way, what comes of them, and where something stands afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Splice(NamedTuple):
    """What stands between two offsets gives way to a text; where both are the same, the text is put there."""

    start: int
    end: int
    text: str


class Overlap(Exception):
    """Two splices want to change the same stretch of a text."""


def ordered(splices: Iterable[Splice]) -> tuple[Splice, ...]:
    """Splices in the order of the text, what is said twice once. Of two at the same place the first stays first. Raises `Overlap`."""
    found = sorted(dict.fromkeys(splices), key=lambda one: (one.start, one.end))
    for one, other in pairwise(found):
        if other.start < one.end:
            raise Overlap(f"two changes at offset {other.start}")
    return tuple(found)


def clash(splices: Iterable[Splice], others: Iterable[Splice]) -> bool:
    """Whether splices of two authors touch each other. The very same ones do not: a new import is wanted by several."""
    others = list(others)
    return any(one != other and one.start <= other.end and other.start <= one.end for one in splices for other in others)


def apply(text: str, splices: Iterable[Splice]) -> str:
    """The text with the splices made. Raises `Overlap`."""
    out: list[str] = []
    at = 0
    for start, end, new in ordered(splices):
        out += (text[at:start], new)
        at = end
    return "".join((*out, text[at:]))


def moved(offset: int, splices: Sequence[Splice]) -> int:
    """Where that which stood at an offset stands after the splices; what was replaced stands where its replacement begins."""
    by = 0
    for start, end, new in splices:
        if start >= offset:
            continue
        if end > offset:
            return start + by
        by += len(new) - (end - start)
    return offset + by
