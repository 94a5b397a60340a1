"""
For programs: JSON of the schema `reliability-lint/1`, described in `docs/json.md`, whole or a finding a line.

Within a schema number fields are added, never changed or taken away. Nothing in it depends on the clock or the machine.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from .. import __version__
from ..diagnostics import Correction, Diagnostic, Region, Report, Severity
from .notebooks import file_and_cell
from .paths import fingerprint

SCHEMA = "reliability-lint/1"


def json_v1(report: Report, *, root: str = "") -> str:
    """The whole report, findings and suppressed ones apart; `root` is the folder that fingerprints count paths from."""
    by_severity = Counter(one.severity for one in report.diagnostics)
    document = {
        "schema": SCHEMA,
        "tool": {"name": "reliability-lint", "version": __version__},
        "summary": {
            "findings": len(report.diagnostics),
            **{f"{severity.value}s": by_severity[severity] for severity in Severity},
            "suppressed": len(report.suppressed),
            "accepted": len(report.accepted),
            "skipped": len(report.skips),
            "checked": report.checked,
            "rules": report.rules,
        },
        "findings": [_finding(one, root) for one in report.diagnostics],
        "suppressed": [_finding(one, root) for one in report.suppressed],
        "skipped": [{"path": skip.path, "reason": skip.reason} for skip in report.skips],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def jsonl(report: Report, *, root: str = "") -> str:
    """The findings alone, each on a line of its own, for programs that read line by line."""
    return "".join(f"{msgspec.json.encode(_finding(one, root)).decode()}\n" for one in report.diagnostics)


def _finding(one: Diagnostic, root: str) -> dict[str, object]:
    found: dict[str, object] = {
        "code": one.code,
        "name": one.name,
        "severity": one.severity.value,
        "message": one.message,
        "cure": one.cure,
        **_region(one.region),
        "scope": one.anchor.scope,
        "fingerprint": fingerprint(one, root),
        "related": [{"message": other.message, **_region(other.region)} for other in one.related],
        "fix": _fix(one.fix) if one.fix is not None else None,
    }
    if one.suppressed:
        until = {"until": one.suppressed.until} if one.suppressed.until else {}
        found["suppression"] = {"line": one.suppressed.line, "reason": one.suppressed.reason, **until}
    return found


def _fix(fix: Correction) -> dict[str, object]:
    changes = [{**_region(change.region), "text": change.text} for change in fix.changes]
    return {"title": fix.title, "safe": fix.safe, "changes": changes}


def _region(region: Region) -> dict[str, object]:
    path, cell = file_and_cell(region.path)
    return {
        "path": path,
        **({"cell": cell} if cell else {}),
        "line": region.line,
        "column": region.column,
        "end_line": region.end_line,
        "end_column": region.end_column,
    }
