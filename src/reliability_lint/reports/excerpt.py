"""A few lines of a file with places in them underlined."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnostics import Region
from .ink import Ink, Kind, safe

WIDTH = 160
_BEFORE = 60  # how much of a very long line is shown before the place
_TAB = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to underline; `label` is written behind the line."""

    region: Region
    sign: str
    label: str
    kind: Kind


def excerpt(lines: Sequence[str], marks: Sequence[Mark], ink: Ink, *, gutter: int, context: int = 1) -> list[str]:
    """The marked lines, with `context` lines before the first mark; nothing where the file has not so many lines (it was changed meanwhile)."""
    marked: dict[int, list[Mark]] = {}
    for mark in marks:
        if 1 <= mark.region.line <= len(lines):
            marked.setdefault(mark.region.line, []).append(mark)
    if not marked:
        return []
    shown = set(marked)
    first = marks[0].region.line
    shown.update(number for number in range(max(1, first - context), first) if lines[number - 1].strip())
    out: list[str] = []
    previous = 0
    for number in sorted(shown):
        if previous and number > previous + 1:
            out.append(ink("frame", " " * gutter + " ⋮"))
        previous = number
        out += _line(number, lines[number - 1], sorted(marked.get(number, ()), key=lambda mark: mark.region.column), ink, gutter)
    return out


def _line(number: int, line: str, marks: Sequence[Mark], ink: Ink, gutter: int) -> list[str]:
    start, end = 0, len(line)
    if len(line) > WIDTH:
        # A very long line is cut around its first place before anything is done with each of its characters.
        start = max(0, min((mark.region.column - 1 for mark in marks), default=0) - _BEFORE)
        start = 0 if start < _BEFORE // 2 else start
        end = start + WIDTH
    ahead, behind = "…" if start else "", "…" if end < len(line) else ""
    cells, offsets = _cells(line[start:end])
    out = [ink("frame", f"{number:>{gutter}} │ ") + f"{ahead}{cells.rstrip()}{behind}"]
    for mark in marks:
        stop = mark.region.end_column - 1 if mark.region.end_line == mark.region.line else len(line.rstrip())
        left = offsets[_within(mark.region.column - 1 - start, offsets)]
        right = offsets[_within(stop - start, offsets)]
        under = " " * (left + len(ahead)) + ink(mark.kind, mark.sign * max(1, right - left))
        label = f" {ink(mark.kind, safe(mark.label))}" if mark.label else ""
        out.append(ink("frame", " " * gutter + " │ ") + under + label)
    return [row.rstrip() for row in out]


def _within(index: int, offsets: Sequence[int]) -> int:
    return max(0, min(index, len(offsets) - 1))


def _cells(text: str) -> tuple[str, list[int]]:
    """The text as a terminal shows it, and the cell in which each of its characters begins, one more for its end."""
    if text.isascii() and text.isprintable():
        return text, list(range(len(text) + 1))
    out: list[str] = []
    offsets = [0]
    for character in text:
        if character == "\t":
            piece = " " * (_TAB - offsets[-1] % _TAB)
            width = len(piece)
        else:
            piece = safe(character)
            width = 0 if unicodedata.combining(piece) else 2 if unicodedata.east_asian_width(piece) in "WF" else 1
        out.append(piece)
        offsets.append(offsets[-1] + width)
    return "".join(out), offsets
