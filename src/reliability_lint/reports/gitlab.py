"""
A Code Quality report, as GitLab's merge requests show it.

GitLab knows a finding by its fingerprint alone: one that is there on both branches is old, two that are equal are shown as one. So it must not hang on lines.
"""

from __future__ import annotations

import msgspec

from ..diagnostics import Diagnostic, Report, Severity
from .paths import fingerprint, relative

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def gitlab(report: Report, *, root: str = "") -> str:
    """The findings; an empty list where there are none."""
    return msgspec.json.format(msgspec.json.encode([_issue(one, root) for one in report.diagnostics]), indent=2).decode() + "\n"


def _issue(one: Diagnostic, root: str) -> dict[str, object]:
    cure = f" ({one.cure})" if one.cure else ""
    return {
        "description": f"{one.code} {one.name}: {one.message}{cure}",
        "check_name": one.name,
        "fingerprint": fingerprint(one, root),
        "severity": _SEVERITIES[one.severity],
        "location": {"path": relative(one.region.path, root), "lines": {"begin": one.region.line, "end": one.region.end_line}},
    }
