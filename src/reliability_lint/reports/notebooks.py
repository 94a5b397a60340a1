"""
Findings in notebooks, where whoever reads a report looks for them.

The engine knows the cells of a notebook as one text. People, and programs that know notebooks, count lines within a cell: there each cell is a file of its own,
`rates.ipynb:cell 3`. What shows places in files (code hosts, build servers) opens the notebook as the JSON that it is: there a place is the line in which
that line of code is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from ..diagnostics import Change, Correction, Diagnostic, Region, Related, Report
from ..text.notebooks import SUFFIX, Foreign, NoNotebook, Notebook, is_notebook, line_in_file, lines_in_file, read
from . import TextOf, lines_of

_CELL = re.compile(rf"(.*{re.escape(SUFFIX)}):cell (\d+)\Z", re.DOTALL)


def file_and_cell(path: str) -> tuple[str, int]:
    """A shown path without its cell, and the number of that; 0 for what is no cell."""
    found = _CELL.match(path) if SUFFIX in path else None
    return (found[1], int(found[2])) if found else (path, 0)


def order(one: Diagnostic) -> tuple[object, ...]:
    """Reports are sorted by this where cells are files: in the order of the notebook."""
    path, cell = file_and_cell(one.region.path)
    return (path, cell, *one.order)


def in_cells(report: Report, text_of: TextOf) -> tuple[Report, TextOf]:
    """A report in which each cell is a file of its own, and its texts."""
    known: dict[str, Notebook | None] = {}

    def notebook(path: str) -> Notebook | None:
        if path not in known:
            known[path] = _read(path, text_of)
        return known[path]

    def placed(region: Region) -> Region:
        found = notebook(region.path) if is_notebook(region.path) else None
        cell = found.cell_at(region.line) if found is not None else None
        if cell is None:
            return region
        last = min(region.end_line - cell.first, len(cell.lines))
        column = region.end_column if last == region.end_line - cell.first else len(cell.lines[-1]) + 1
        return Region(f"{region.path}:cell {cell.number}", region.line - cell.first, region.column, last, column)

    def text(shown: str) -> str | None:
        path, number = file_and_cell(shown)
        found = notebook(path) if number else None
        cells = {cell.number: cell for cell in found.cells} if found is not None else {}
        return "\n".join(cells[number].lines) if number in cells else text_of(shown)

    return _with_places(report, placed), text


def in_files(report: Report, text_of: TextOf) -> Report:
    """A report in which the places in notebooks are lines of their files. What would be changed cannot be said in these, and is left out."""
    known: dict[str, tuple[Notebook, dict[int, list[int]], list[str]] | None] = {}

    def placed(region: Region) -> Region:
        if not is_notebook(region.path):
            return region
        if region.path not in known:
            found, data = _read(region.path, text_of), text_of(region.path)
            known[region.path] = None if found is None or data is None else (found, lines_in_file(data), lines_of(data))
        if (told := known[region.path]) is None:
            return region
        notebook, lines, texts = told
        line = line_in_file(lines, notebook, region.line)
        text = texts[line - 1] if line <= len(texts) else ""
        start = len(text) - len(text.lstrip())
        return Region(region.path, line, start + 1, line, max(start + 1, len(text.rstrip())) + 1)

    return _with_places(report, placed)


def _read(path: str, text_of: TextOf) -> Notebook | None:
    text = text_of(path)
    try:
        return read(text.encode("utf-8", "surrogatepass")) if text is not None else None
    except (NoNotebook, Foreign):
        return None  # which is what is found in it


def _with_places(report: Report, placed: Callable[[Region], Region]) -> Report:
    """A report with its places exchanged; a fix stays where all of its places are in cells."""

    def exchanged(one: Diagnostic) -> Diagnostic:
        if not (is_notebook(one.region.path) or any(is_notebook(other.region.path) for other in one.related)):
            return one
        region, fix, suppressed = placed(one.region), None, one.suppressed
        if one.fix is not None and file_and_cell(region.path)[1]:
            changes = tuple(Change(placed(change.region), change.text) for change in one.fix.changes)
            fix = Correction(one.fix.title, one.fix.safe, changes)
        elif not is_notebook(one.region.path):
            fix = one.fix
        if suppressed is not None:
            comment = placed(Region(one.region.path, suppressed.line, 1, suppressed.line, 1))
            suppressed = msgspec.structs.replace(suppressed, line=comment.line)
        related = tuple(Related(placed(other.region), other.message) for other in one.related)
        return msgspec.structs.replace(one, region=region, related=related, fix=fix, suppressed=suppressed)

    return msgspec.structs.replace(
        report, diagnostics=tuple(map(exchanged, report.diagnostics)), suppressed=tuple(map(exchanged, report.suppressed))
    )
