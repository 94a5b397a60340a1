"""Findings as Markdown, for a comment, a wiki or a page: a table of each file."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from ..diagnostics import Report, Severity
from . import plural
from .ink import safe


def markdown_report(report: Report) -> str:
    """A heading, a sentence, and the findings file by file."""
    out = ["# reliability-lint", sentence(report)]
    for path, found in groupby(report.diagnostics, key=lambda one: one.region.path):
        rows = [
            f"| {one.region.line} | {one.severity.value} | {one.name} {one.code} | {cell(one.message)} | {cell(one.cure)} |"
            for one in found
        ]
        out += [f"## {code(path)}", "\n".join(["| line | severity | rule | what | cure |", "|---:|---|---|---|---|", *rows])]
    return "\n\n".join(out) + "\n"


def sentence(report: Report) -> str:
    """How much was found, in a sentence."""
    checked = plural(report.checked, "file")
    if not report.diagnostics:
        return f"All clear: {checked} checked."
    by_severity = Counter(one.severity for one in report.diagnostics)
    parts = [plural(by_severity[severity], severity.value) for severity in Severity if by_severity[severity]]
    return f"{plural(len(report.diagnostics), 'finding')} ({', '.join(parts)}) in {checked}."


def cell(text: str) -> str:
    """Text from code, in a table: nothing in it is markup."""
    return "".join(f"\\{character}" if character in _MARKUP else _ENTITIES.get(character, character) for character in safe(text))


_MARKUP = frozenset("\\`*_[]|~")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def code(text: str) -> str:
    """A name as code, whatever it holds; in a table a stroke must be escaped even there."""
    shown = safe(text).replace("|", "\\|")
    fence = "`"
    while fence in shown:
        fence += "`"
    return f"{fence} {shown} {fence}" if len(fence) > 1 else f"{fence}{shown}{fence}"
