"""
What build servers read in the output of a step: the logging commands of Azure Pipelines, and the service messages of TeamCity.

For GitHub see `github`.
"""

from __future__ import annotations

import re

from ..diagnostics import Diagnostic, Report, Severity
from . import Rules
from .ink import lines_kept
from .paths import relative

# Azure knows no third kind.
_AZURE = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "warning"}
_TEAMCITY = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "WEAK WARNING"}
_SHORT, _LONG = 255, 4000  # the longest that TeamCity takes
_ESCAPES = {"|": "||", "'": "|'", "[": "|[", "]": "|]", "\n": "|n"}
_SPECIAL = re.compile(r"[|'\[\]\n]|[^\x00-\x7f]")


def azure(report: Report, *, root: str = "") -> str:
    """An issue for each finding, the gravest first, since of many not all are shown."""
    return "".join(f"{_issue(one, root)}\n" for one in sorted(report.diagnostics, key=lambda one: one.severity.rank))


def _issue(one: Diagnostic, root: str) -> str:
    properties = {
        "type": _AZURE[one.severity],
        "sourcepath": relative(one.region.path, root),
        "linenumber": str(one.region.line),
        "columnnumber": str(one.region.column),
        "code": one.code,
    }
    listed = "".join(f"{key}={_azure_property(value)};" for key, value in properties.items())
    cure = f" ({one.cure})" if one.cure else ""
    return f"##vso[task.logissue {listed}]{_azure_data(f'{one.name}: {one.message}{cure}')}"


def _azure_data(text: str) -> str:
    return lines_kept(text).replace("%", "%AZP25").replace("\n", "%0A")


def _azure_property(text: str) -> str:
    return _azure_data(text).replace("]", "%5D").replace(";", "%3B")


def teamcity(report: Report, rules: Rules, *, root: str = "") -> str:
    """Each rule that speaks as a type of inspection, and then the findings."""
    out: list[str] = []
    names = {one.code: one.name for one in report.diagnostics}
    for code, name in sorted(names.items()):
        rule = rules.get(code)
        about = rule.summary if rule else name
        out.append(
            _message("inspectionType", id=code, name=name, category=f"reliability: {rule.family if rule else 'other'}", description=about)
        )
    out += [_inspection(one, root) for one in report.diagnostics]
    return "".join(f"{line}\n" for line in out)


def _inspection(one: Diagnostic, root: str) -> str:
    return _message(
        "inspection",
        typeId=one.code,
        message=f"{one.message} ({one.cure})" if one.cure else one.message,
        file=relative(one.region.path, root),
        line=str(one.region.line),
        SEVERITY=_TEAMCITY[one.severity],
    )


def _message(kind: str, **attributes: str) -> str:
    long = ("description", "message", "file")
    listed = (f"{key}='{_service(value, _LONG if key in long else _SHORT)}'" for key, value in attributes.items())
    return f"##teamcity[{kind} {' '.join(listed)}]"


def _service(text: str, most: int) -> str:
    """An attribute's value. Whatever the agent takes for the encoding of the log, what is not ASCII is told by number, in units of UTF-16."""
    text = lines_kept(text)
    text = text if len(text) <= most else f"{text[: most - 3]}..."
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0]) or _by_number(match[0]), text)


def _by_number(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"|0x{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
