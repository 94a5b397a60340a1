"""
Annotations in GitHub Actions, by workflow commands on standard output, and a table for the summary of the job.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word; so the gravest come first, and the last notice counts what is left.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..diagnostics import Diagnostic, Report, Severity
from .ink import lines_kept
from .markdown_report import cell, code, sentence
from .notebooks import order
from .paths import relative

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MOST = 10
_MOST_ROWS = 200


def github(report: Report, *, root: str = "") -> str:
    """The workflow commands; `root` is the checkout, which paths shall be relative to."""
    shown: list[Diagnostic] = []
    for severity in Severity:
        of_severity = [one for one in report.diagnostics if one.severity is severity]
        shown += of_severity[:_MOST]
    if len(shown) < len(report.diagnostics):
        # The line that counts the rest is a notice itself.
        notices = [one for one in shown if one.severity is Severity.NOTE]
        shown = [one for one in shown if one not in notices[_MOST - 1 :]]
    lines = [_command(one, root) for one in shown]
    left = len(report.diagnostics) - len(shown)
    if left:
        lines.append(f"::notice::+{left} more")
    return "".join(f"{line}\n" for line in lines)


def _command(one: Diagnostic, root: str) -> str:
    region = one.region
    properties = {"file": relative(region.path, root), "line": str(region.line)}
    if region.end_line == region.line:
        properties |= {"endLine": str(region.end_line), "col": str(region.column), "endColumn": str(region.end_column)}
    else:
        properties["endLine"] = str(region.end_line)
    properties["title"] = f"{one.name} ({one.code})"
    message = f"{one.message}\n{one.cure}" if one.cure else one.message
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{_COMMANDS[one.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return lines_kept(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(report: Report) -> str:
    """The findings as a Markdown table, for the summary page of the job."""
    out = ["## reliability-lint", "", sentence(report), ""]
    if report.diagnostics:
        out += ["| place | severity | rule | message |", "|---|---|---|---|"]
    rows = sorted(report.diagnostics, key=lambda one: (one.severity.rank, *order(one)))
    for one in rows[:_MOST_ROWS]:
        place = f"{one.region.path}:{one.region.line}"
        cells = (code(place), one.severity.value, f"{one.name} {one.code}", cell(one.message))
        out.append("| " + " | ".join(cells) + " |")
    if len(rows) > _MOST_ROWS:
        out += ["", f"and {len(rows) - _MOST_ROWS} more"]
    return "\n".join(out).rstrip("\n") + "\n\n"


def write_summary(report: Report) -> None:
    """Adds the table to the summary of the job, where there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(summary(report))
