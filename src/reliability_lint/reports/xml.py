"""
Reports in XML: Checkstyle, and JUnit for servers that know nothing but tests.

Neither holds a time, so the same findings give the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree

from ..diagnostics import Diagnostic, Report, Severity
from . import Rules
from .documentation import documentation
from .paths import fingerprint, relative

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}
# What XML 1.0 has no way to say.
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def checkstyle(report: Report, *, root: str = "") -> str:
    """The findings, file by file."""
    top = ElementTree.Element("checkstyle", version="5.0")
    for path, found in _by_file(report.diagnostics):
        file = ElementTree.SubElement(top, "file", name=_text(relative(path, root)))
        for one in found:
            ElementTree.SubElement(
                file,
                "error",
                line=str(one.region.line),
                column=str(one.region.column),
                severity=_LEVELS[one.severity],
                message=_text(_sentences(one)),
                source=f"reliability-lint.{one.code}",
            )
    return _document(top)


def junit(report: Report, rules: Rules, *, root: str = "", show_suppressed: bool = False) -> str:
    """
    Each finding is a test that fails, named for its rule and the function it stands in, so that a server that keeps a history knows it again;
    each file with findings is a suite. Where nothing is found one test passes.
    """
    top = ElementTree.Element("testsuites", name="reliability-lint")
    skipped = report.suppressed if show_suppressed else ()
    counts: Counter[str] = Counter()
    for path, found in _by_file(sorted((*report.diagnostics, *skipped), key=lambda one: one.order)):
        shown = _text(relative(path, root))
        counts += _suite(top, shown, [_case(shown, one, name, rules, root) for one, name in _named(found)])
    if not len(top):
        case = ElementTree.Element("testcase", name="nothing is found", classname="reliability-lint")
        counts += _suite(top, "reliability-lint", [case])
    for key in ("tests", "failures", "errors", "skipped"):
        top.set(key, str(counts[key]))
    return _document(top)


def _suite(top: ElementTree.Element, name: str, cases: list[ElementTree.Element]) -> Counter[str]:
    counts = Counter(tests=len(cases))
    for case in cases:
        counts["failures"] += case.find("failure") is not None
        counts["skipped"] += case.find("skipped") is not None
    numbers = {key: str(counts[key]) for key in ("tests", "failures", "errors", "skipped")}
    ElementTree.SubElement(top, "testsuite", {"name": name, **numbers}).extend(cases)
    return counts


def _named(found: Iterable[Diagnostic]) -> Iterable[tuple[Diagnostic, str]]:
    """Findings of a file with names that no two of them share and that hold no line."""
    seen: Counter[str] = Counter()
    for one in found:
        name = f"{one.code} {one.name}" + (f" in {one.anchor.scope}" if one.anchor.scope else "")
        seen[name] += 1
        yield one, name if seen[name] == 1 else f"{name} ({seen[name]})"


def _case(path: str, one: Diagnostic, name: str, rules: Rules, root: str) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=_text(name), classname=f"reliability-lint.{path}", file=path, line=str(one.region.line))
    if one.suppressed is not None:
        ElementTree.SubElement(case, "skipped", message=_text(one.suppressed.reason or "silenced by a comment"))
        return case
    why = documentation(rules[one.code]).why if one.code in rules else ""
    told = [f"{path}:{one.region.line}:{one.region.column}: {one.severity.value}: {one.message}"]
    told += [f"  {other.region.path}:{other.region.line}: {other.message}" for other in one.related]
    told += [f"{label}: {text}" for label, text in (("why", why), ("fix", one.cure)) if text]
    told += [f"more: reliability-lint explain {one.code}", f"fingerprint: {fingerprint(one, root)}"]
    failure = ElementTree.SubElement(case, "failure", message=_text(one.message), type=one.severity.value)
    failure.text = _text("\n".join(told))
    return case


def _by_file(found: Iterable[Diagnostic]) -> Iterable[tuple[str, Iterable[Diagnostic]]]:
    return groupby(found, key=lambda one: one.region.path)


def _sentences(one: Diagnostic) -> str:
    return f"{one.message}. {one.cure[:1].upper()}{one.cure[1:]}." if one.cure else f"{one.message}."


def _text(text: str) -> str:
    return _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _document(top: ElementTree.Element) -> str:
    ElementTree.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(top, encoding="unicode")}\n'
