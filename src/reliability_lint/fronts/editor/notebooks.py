"""
Notebooks: the cells of one are checked as one text, for what one defines the next ones use.

What a notebook's kernel understands and Python does not (`%time`, `!pip install`, `url?`) gives way to words that say nothing, line for line, so that every place
stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...engine.check import parses
from .answers import Cell
from .positions import LINE_END


def joined(cells: Iterable[tuple[str, int | None, str]]) -> tuple[str, tuple[Cell, ...]]:
    """The text of all cells (each with its URI and version), and where each stands in it."""
    lines: list[str] = []
    placed: list[Cell] = []
    for uri, version, text in cells:
        own = _python(text)
        placed.append(Cell(uri, version, len(lines), len(own)))
        lines += own
    return "".join(f"{line}\n" for line in lines), tuple(placed)


def _python(text: str) -> list[str]:
    lines = LINE_END.split(text)
    if parses(text):
        return lines
    if text.lstrip().startswith("%%"):  # the whole cell is something else
        return ["#" for _ in lines]
    return [_without_command(line) for line in lines]


def _without_command(line: str) -> str:
    code = line.lstrip()
    if code.startswith(("%", "!", "?")) or code.rstrip().endswith("?"):
        return line[: len(line) - len(code)] + "pass"
    return line
