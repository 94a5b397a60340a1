"""
Notebooks (`.ipynb`): their cells of Python as one text, for what one defines the next ones use.

What a notebook's kernel understands and Python does not (`%time`, `!pip install`, `url?`) gives way to words that say nothing, line for line, so that every
place stays where it is.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from .source import parses

SUFFIX = ".ipynb"
_FORMAT = 4  # the first one in which cells are not in worksheets
LINE_END = re.compile(r"\r\n|\r|\n")
_UNPAIRED = re.compile("[\ud800-\udfff]")
# Magics that run the rest of their cell as Python, in the notebook's own names.
_AROUND_PYTHON = re.compile(r"\s*%%(?:capture|debug|prun|time|timeit)\b")
_COMMAND = re.compile(r"\s*[%!?]|[^#]*\?\s*\Z")
_ASSIGNED = re.compile(r"(\s*[\w.\[\], ]+=\s*)[%!]")


class NoNotebook(Exception):
    """Data that is no notebook; where (from 1), as far as that can be told."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


class Foreign(Exception):
    """A notebook that holds nothing for us; the message completes the sentence "1 file skipped: …"."""


class Cell(NamedTuple):
    """A cell: its number among all cells, from 1; its first line, from 0, in the text of the notebook; its lines as they are in the notebook."""

    number: int
    first: int
    lines: tuple[str, ...]

    def holds(self, line: int) -> bool:
        """Whether a line (from 1) of the notebook's text is one of this cell's."""
        return self.first < line <= self.first + len(self.lines)


class Notebook(NamedTuple):
    """The text of all cells of Python, and where each stands in it."""

    text: str
    cells: tuple[Cell, ...]

    def cell_at(self, line: int) -> Cell | None:
        """The cell with a line (from 1) of the text; None where there is no such cell."""
        at = bisect_right(self.cells, line - 1, key=lambda cell: cell.first) - 1
        return self.cells[at] if at >= 0 and self.cells[at].holds(line) else None


def is_notebook(path: str) -> bool:
    """Whether a file's name says that it is a notebook."""
    return path.endswith(SUFFIX)


# reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Cell(msgspec.Struct):
    cell_type: str = ""
    source: str | list[str] = ""
    metadata: dict[str, object] = {}


class _Notebook(msgspec.Struct):
    cells: list[_Cell] | None = None
    metadata: dict[str, object] = {}
    nbformat: object = None


def read(data: bytes) -> Notebook:
    """What a file holds. Raises `NoNotebook` or `Foreign`."""
    found = _decoded(data)
    if found.cells is None:
        if isinstance(found.nbformat, int) and found.nbformat < _FORMAT:
            raise Foreign("a notebook of an old format, which `jupyter nbconvert --to notebook --inplace` converts")
        raise NoNotebook("this is no notebook: it has no list of cells")
    if _language(found.metadata) != "python":
        raise Foreign("a notebook in another language")
    lines: list[str] = []
    cells: list[Cell] = []
    for number, cell in enumerate(found.cells, 1):
        if cell.cell_type == "code" and _of(cell.metadata, "vscode", "languageId", default="python") == "python":
            source = _UNPAIRED.sub("\N{REPLACEMENT CHARACTER}", "".join(cell.source))
            own = LINE_END.split(source)
            cells.append(Cell(number, len(lines), tuple(own)))
            lines += python_lines(source)
    return Notebook("".join(f"{line}\n" for line in lines), tuple(cells))


def _decoded(data: bytes) -> _Notebook:
    try:
        return msgspec.json.decode(data, type=_Notebook)
    except (msgspec.DecodeError, RecursionError):
        pass  # Python's own decoder takes more, and tells where it stops
    try:
        return msgspec.convert(json.loads(data.decode("utf-8-sig")), _Notebook)
    except json.JSONDecodeError as problem:
        raise NoNotebook(f"this is no notebook, for it is no JSON: {problem.msg}", problem.lineno, problem.colno) from None
    except UnicodeDecodeError as problem:
        raise NoNotebook(f"this is no notebook: byte {problem.start} is not valid UTF-8") from None
    except RecursionError:
        raise NoNotebook("this is no notebook: it is nested too deeply") from None
    except msgspec.ValidationError as problem:
        raise NoNotebook(f"this is no notebook: {str(problem)[:1].lower()}{str(problem)[1:]}") from None


def _language(metadata: object) -> str:
    """The language that a notebook says it is in; Python where it says nothing."""
    places = (("language_info", "name"), ("kernelspec", "language"), ("jupytext", "main_language"))
    told = next((name for outer, inner in places if (name := _of(metadata, outer, inner))), "python")
    return "python" if told.lower() in ("ipython", "python", "python3") else told


def _of(metadata: object, outer: str, inner: str, default: str = "") -> str:
    within = metadata.get(outer) if isinstance(metadata, dict) else None
    told = within.get(inner) if isinstance(within, dict) else None
    return told if isinstance(told, str) and told else default


# Python ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def python_lines(text: str) -> list[str]:
    """The lines of a cell, those that are meant for the kernel exchanged."""
    lines = LINE_END.split(text)
    if parses(text):
        return lines
    if text.lstrip().startswith("%%"):
        if not _AROUND_PYTHON.match(text):
            return ["#" for _ in lines]  # the whole cell is something else
        head = next(number for number, line in enumerate(lines) if line.strip())
        lines[head] = "#"
        if parses("\n".join(lines)):
            return lines
    return list(_without_commands(lines))


def _without_commands(lines: Iterable[str]) -> Iterator[str]:
    going_on: str | None = None  # how far a command is indented that goes on in the next line
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        if going_on is not None:
            said = f"{going_on}pass"
        elif _COMMAND.match(line):
            said, going_on = f"{indent}pass", indent
        elif assigned := _ASSIGNED.match(line):
            said, going_on = f"{assigned[1]}...", indent
        else:
            yield line
            continue
        if not line.rstrip().endswith("\\"):
            going_on = None
        yield said


# where lines stand in the file ────────────────────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def line_in_file(written: Mapping[int, Sequence[int]], notebook: Notebook, line: int) -> int:
    """The line of the file in which a line (both from 1) of a notebook's text is written; `written` is what `lines_in_file` gives. 1 where it is in none."""
    cell = notebook.cell_at(line)
    lines = written.get(cell.number, ()) if cell is not None else ()
    at = line - cell.first - 1 if cell is not None else 0
    return lines[at] if at < len(lines) else 1


def lines_in_file(data: str) -> dict[int, list[int]]:
    """For each cell by its number: in which line (from 1) of the file each of its lines is written. `data` is JSON that was read before."""
    ends = [match.start() for match in re.finditer("\n", data)]
    found: dict[int, list[int]] = {}
    for number, pieces in _sources(data).items():
        lines = [1]
        begins = True  # the next piece begins with a line
        for offset, text in pieces:
            written = bisect_right(ends, offset) + 1
            if begins:
                lines[-1] = written
            lines += [written] * len(LINE_END.findall(text))
            begins = text.endswith(("\n", "\r")) if text else begins
        found[number] = lines
    return found


def _sources(data: str) -> dict[int, list[tuple[int, str]]]:
    """The pieces of the source of each cell by its number: where in the file each begins, and what it says."""
    found: dict[int, list[tuple[int, str]]] = {}
    path: list[str | int] = []  # of the value that comes next
    for match in _TOKEN.finditer(data):
        token = match[0]
        if token == "{":
            path.append("")
        elif token == "[":
            if len(path) == 3 and path[0] == "cells" and path[2] == "source" and isinstance(path[1], int):
                found[path[1] + 1] = []
            path.append(0)
        elif token in ("}", "]"):
            if path:
                path.pop()
        elif token == ",":
            if path and isinstance(last := path[-1], int):
                path[-1] = last + 1
            elif path:
                path[-1] = ""
        elif token == ":" or not path:
            continue
        elif path[-1] == "":
            path[-1] = json.loads(token) or "\0"
        elif token[0] == '"' and len(path) in (3, 4) and path[0] == "cells" and path[2] == "source" and isinstance(path[1], int):
            if len(path) == 3:
                found[path[1] + 1] = []
            found[path[1] + 1].append((match.start(), json.loads(token)))
    return found
