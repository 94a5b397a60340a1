"""A notebook as an editor has it: each cell is a document of its own."""

from __future__ import annotations

from collections.abc import Iterable

from ...text.notebooks import python_lines
from .answers import Cell


def joined(cells: Iterable[tuple[str, int | None, str]]) -> tuple[str, tuple[Cell, ...]]:
    """The text of all cells (each with its URI and version), and where each stands in it."""
    lines: list[str] = []
    placed: list[Cell] = []
    for uri, version, text in cells:
        own = python_lines(text)
        placed.append(Cell(uri, version, len(lines), len(own)))
        lines += own
    return "".join(f"{line}\n" for line in lines), tuple(placed)
