"""
Reviewdog's diagnostic format, a finding a line: `reliability-lint check -f rdjsonl | reviewdog -f=rdjsonl`.

Columns count the bytes of UTF-8 here, and ends are exclusive. A fix becomes a suggestion where it is one stretch of the file, near the finding, since several
suggestions would be alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ..diagnostics import Correction, Diagnostic, Region, Report, Severity
from . import TextOf, lines_of
from .paths import relative
from .sarif import HOME

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}
_NEAR = 20  # lines
Position = dict[str, int]


def rdjsonl(report: Report, text_of: TextOf, *, root: str = "") -> str:
    """The findings, one a line."""
    known: dict[str, Sequence[str]] = {}

    def lines(path: str) -> Sequence[str]:
        if path not in known:
            known[path] = lines_of(text_of(path) or "")
        return known[path]

    return "".join(f"{msgspec.json.encode(_diagnostic(one, lines, root)).decode()}\n" for one in report.diagnostics)


def _diagnostic(one: Diagnostic, lines: Callable[[str], Sequence[str]], root: str) -> dict[str, object]:
    def location(region: Region) -> dict[str, object]:
        return {"path": relative(region.path, root), "range": _range(region, lines(region.path))}

    found: dict[str, object] = {
        "message": f"{one.message}\n{one.cure}" if one.cure else one.message,
        "location": location(one.region),
        "severity": _SEVERITIES[one.severity],
        "source": {"name": "reliability-lint", "url": HOME},
        "code": {"value": f"{one.name} ({one.code})"},
    }
    suggestion = _suggestion(one, one.fix, lines(one.region.path)) if one.fix is not None else None
    if suggestion is not None:
        found["suggestions"] = [suggestion]
    if one.related:
        found["related_locations"] = [{"message": other.message, "location": location(other.region)} for other in one.related]
    return found


def _range(region: Region, lines: Sequence[str]) -> dict[str, Position]:
    return {
        "start": _position(region.line, region.column, lines),
        "end": _position(region.end_line, region.end_column, lines),
    }


def _position(line: int, column: int, lines: Sequence[str]) -> Position:
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    missing = column - 1 - len(before)
    return {"line": line, "column": len(before.encode("utf-8", "surrogatepass")) + missing + 1}


def _suggestion(one: Diagnostic, fix: Correction, lines: Sequence[str]) -> dict[str, object] | None:
    """The fix as one stretch, with what stays between its changes."""
    changes = sorted(fix.changes)
    first, last = changes[0].region, changes[-1].region
    if last.end_line > len(lines) or min(first.line, one.region.line) + _NEAR < max(last.end_line, one.region.end_line):
        return None
    text = ""
    at = (first.line, first.column)
    for change in changes:
        region = change.region
        text += _between(lines, at, (region.line, region.column)) + change.text
        at = (region.end_line, region.end_column)
    whole = Region(first.path, first.line, first.column, last.end_line, last.end_column)
    return {"range": _range(whole, lines), "text": text}


def _between(lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    (line, column), (end_line, end_column) = start, end
    if line == end_line:
        return lines[line - 1][column - 1 : end_column - 1]
    return "\n".join([lines[line - 1][column - 1 :], *lines[line : end_line - 1], lines[end_line - 1][: end_column - 1]])
