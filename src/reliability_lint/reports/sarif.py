"""
SARIF 2.1.0, as GitHub's code scanning wants it.

What differs from what the schema alone would allow, and why: paths are relative to the top of the repository; every region has four numbers and lies on one line,
since an alert on several lines is shown in a pull request only if all of them were changed; findings that a comment silences are left out, since GitHub
shows them as open alerts; only rules about security carry a `security-severity`, since it makes any alert a security alert.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .. import __version__
from ..diagnostics import Correction, Diagnostic, Region, Report, Severity
from ..registry import Rule
from . import Rules, TextOf, lines_of
from .documentation import documentation, markdown
from .line_hash import line_hashes
from .paths import fingerprint, uri

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://pypi.org/project/reliability-lint/"
_LONGEST = 1024
_MOST_RESULTS = 25_000
_MOST_RELATED = 100

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
_RISKS = {Severity.ERROR: "8.0", Severity.WARNING: "5.5", Severity.NOTE: "3.0"}


def sarif(report: Report, rules: Rules, text_of: TextOf, *, root: str = "") -> str:
    """The report; `root` is the folder that its paths shall be relative to, the working directory if empty."""
    # Beyond the limit GitHub refuses the whole file, so the gravest are kept.
    kept = sorted(report.diagnostics, key=lambda one: one.severity.rank)[:_MOST_RESULTS]
    told = sorted(kept, key=lambda one: one.order)
    codes = sorted({one.code for one in told})
    index = {code: number for number, code in enumerate(codes)}
    names = {one.code: one.name for one in told}
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "reliability-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(rules[code]) if code in rules else {"id": code, "name": names[code]} for code in codes],
            }
        },
        "automationDetails": {"id": "reliability-lint/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, root)],
        "results": _results(told, index, text_of, root),
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def is_security(rule: Rule) -> bool:
    """The rules about security, and those about SQL made of strings."""
    return rule.family == "security" or rule.code.startswith("REL30")


def _rule(rule: Rule) -> dict[str, object]:
    doc = documentation(rule)
    reasons = next((" ".join(body.split()) for title, body in doc.parts if not title), doc.summary)
    page = markdown(rule, heading=False)
    security = is_security(rule)
    properties: dict[str, object] = {
        "tags": ["reliability", rule.family, *(["security"] if security and rule.family != "security" else [])],
        "precision": "high" if rule.set == "recommended" else "medium",
        "problem.severity": _PROBLEMS[rule.severity],
    }
    if security:
        properties["security-severity"] = _RISKS[rule.severity]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _cut(doc.summary)},
        "fullDescription": {"text": _cut(reasons)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": properties,
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _invocation(report: Report, root: str) -> dict[str, object]:
    broken = any(one.code == "REL000" for one in report.diagnostics)
    notices = [
        {
            "level": "note",
            "message": {"text": f"skipped: {skip.reason}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(skip.path, root)}}}],
        }
        for skip in report.skips
    ]
    return {"executionSuccessful": not broken, **({"toolExecutionNotifications": notices} if notices else {})}


def _results(told: Sequence[Diagnostic], index: dict[str, int], text_of: TextOf, root: str) -> list[dict[str, object]]:
    by_path: dict[str, set[int]] = {}
    for one in told:
        by_path.setdefault(one.region.path, set()).add(one.region.line)
    hashes: dict[str, dict[int, str]] = {}
    lines: dict[str, dict[int, str]] = {}
    for path, numbers in by_path.items():
        text = text_of(path)
        hashes[path] = line_hashes(text, numbers) if text is not None else {}
        every = lines_of(text) if text is not None else []
        lines[path] = {number: every[number - 1] for number in numbers if number <= len(every)}
    found: list[dict[str, object]] = []
    for one in told:
        line = lines[one.region.path].get(one.region.line)
        result: dict[str, object] = {
            "ruleId": one.code,
            "ruleIndex": index[one.code],
            "level": _LEVELS[one.severity],
            "message": {"text": f"{one.message}. {one.cure[:1].upper()}{one.cure[1:]}." if one.cure else f"{one.message}."},
            "locations": [_location(one.region, root, line)],
        }
        known = {"primaryLocationLineHash": hashes[one.region.path][one.region.line]} if line is not None else {}
        result["partialFingerprints"] = {**known, "reliabilityLint/v1": fingerprint(one, root)}
        if one.related:
            result["relatedLocations"] = [
                {"id": number, **_location(other.region, root, None), "message": {"text": other.message}}
                for number, other in enumerate(one.related[:_MOST_RELATED], 1)
            ]
        if one.fix is not None:
            result["fixes"] = [_fix(one.fix, root)]
        found.append(result)
    return found


def _fix(fix: Correction, root: str) -> dict[str, object]:
    """A change of one file. Whoever applies it should know whether it is more than a suggestion, for which SARIF has no word of its own."""
    replacements = [
        {
            "deletedRegion": _region(change.region.line, change.region.column, change.region.end_line, change.region.end_column),
            "insertedContent": {"text": change.text},
        }
        for change in fix.changes
    ]
    file = {"uri": uri(fix.changes[0].region.path, root)}
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": file, "replacements": replacements}],
        "properties": {"safe": fix.safe},
    }


def _location(region: Region, root: str, line: str | None) -> dict[str, object]:
    """A place, on one line; where it is longer the whole of it is its context."""
    end = region.end_column
    context: dict[str, object] = {}
    if region.end_line != region.line:
        end = max(region.column + 1, len(line) + 1 if line is not None else 0)
        context = {"contextRegion": _region(region.line, region.column, region.end_line, region.end_column)}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(region.path, root)},
            "region": _region(region.line, region.column, region.line, end),
            **context,
        }
    }


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, object]:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
