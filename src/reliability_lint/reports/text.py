"""For people: `full`, with excerpts, reasons and cures; `concise`, one line each; `grouped`, file by file; and counts per rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ..diagnostics import Diagnostic, Report, Severity
from . import Rules, TextOf, lines_of, plural
from .documentation import documentation
from .excerpt import Mark, excerpt
from .ink import Ink, plain, safe
from .notebooks import order
from .paths import fingerprint

_HOW = {True: "--fix", False: "--fix --unsafe-fixes"}  # by whether a fix is safe
_SHORT = 8  # digits of a fingerprint that are enough to name a finding
_NEAR = 8  # lines between two places that still share an excerpt


def full(
    report: Report,
    rules: Rules,
    text_of: TextOf,
    *,
    root: str = "",
    ink: Ink = plain,
    show_suppressed: bool = False,
    statistics: bool = False,
) -> str:
    """Every finding with its place, its reason and its cure; at the end what was checked and what is not shown."""
    cache: dict[str, list[str]] = {}
    told = (*report.diagnostics, *report.suppressed) if show_suppressed else report.diagnostics
    why = {code: documentation(rules[code]).why for code in {one.code for one in told} & rules.keys()}
    blocks = [_block(one, why.get(one.code, ""), fingerprint(one, root)[:_SHORT], text_of, cache, ink) for one in told]
    if statistics and report.diagnostics:
        blocks.append(counts(report.diagnostics, ink=ink).splitlines())
    blocks.append(_footer(report, ink, show_suppressed=show_suppressed))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def concise(report: Report, *, ink: Ink = plain, show_suppressed: bool = False, statistics: bool = False) -> str:
    """One line for each finding, and nothing else."""
    out = [
        _place(one, ink) + f" {ink(one.severity.value, one.severity.value)} {one.code} {one.name}: {safe(one.message)}"
        for one in report.diagnostics
    ]
    if show_suppressed:
        for one in report.suppressed:
            reason = f" ({safe(one.suppressed.reason)})" if one.suppressed and one.suppressed.reason else ""
            out.append(f"{_place(one, ink)} {ink('quiet', 'suppressed')} {one.code} {one.name}: {safe(one.message)}{reason}")
    text = "".join(f"{line}\n" for line in out)
    if statistics and report.diagnostics:
        text += ("\n" if text else "") + counts(report.diagnostics, ink=ink)
    return text


def grouped(report: Report, *, ink: Ink = plain, show_suppressed: bool = False, statistics: bool = False) -> str:
    """Each file once, and below it a line for each of its findings."""
    told = sorted((*report.diagnostics, *(report.suppressed if show_suppressed else ())), key=order)
    blocks: list[list[str]] = []
    for path, found in groupby(told, key=lambda one: one.region.path):
        rows = [(f"{one.region.line}:{one.region.column}", "suppressed" if one.suppressed else one.severity.value, one) for one in found]
        place = max(len(where) for where, _, _ in rows)
        word = max(len(severity) for _, severity, _ in rows)
        blocks.append([ink("place", safe(path))])
        blocks[-1] += [_row(f"{where:>{place}}", f"{severity:<{word}}", one, ink) for where, severity, one in rows]
    if statistics and report.diagnostics:
        blocks.append(counts(report.diagnostics, ink=ink).splitlines())
    blocks.append(_footer(report, ink, show_suppressed=show_suppressed))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _row(place: str, word: str, one: Diagnostic, ink: Ink) -> str:
    told = ink("quiet", word) if one.suppressed else ink(one.severity.value, word)
    return f"  {place}  {told}  {safe(one.message)}  {ink('name', one.name)} {ink('quiet', one.code)}"


def counts(diagnostics: Sequence[Diagnostic], *, ink: Ink = plain) -> str:
    """How often each rule speaks, the most frequent first."""
    found = Counter((one.code, one.name) for one in diagnostics)
    rows = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    width = len(str(rows[0][1])) if rows else 1
    return "".join(f"{number:>{width}}  {code}  {ink('name', name)}\n" for (code, name), number in rows)


def _place(one: Diagnostic, ink: Ink) -> str:
    return ink("place", f"{safe(one.region.path)}:{one.region.line}:{one.region.column}:")


def _lines(path: str, text_of: TextOf, cache: dict[str, list[str]]) -> list[str]:
    if path not in cache:
        if len(cache) >= 16:
            cache.clear()
        text = text_of(path)
        cache[path] = [] if text is None else lines_of(text)
    return cache[path]


def _block(one: Diagnostic, why: str, name: str, text_of: TextOf, cache: dict[str, list[str]], ink: Ink) -> list[str]:
    word = ink("quiet", "suppressed") if one.suppressed else ink(one.severity.value, one.severity.value)
    out = [f"{_place(one, ink)} {word}: {safe(one.message)}  {ink('name', one.name)} {ink('quiet', one.code)}"]
    near = [other for other in one.related if other.region.path == one.region.path and abs(other.region.line - one.region.line) <= _NEAR]
    elsewhere = [other for other in one.related if other not in near]
    gutter = max((len(str(region.line)) for region in (one.region, *(other.region for other in one.related))), default=1)
    bar = ink("frame", " " * gutter + " │")
    marks = [Mark(one.region, "^", "", one.severity.value)]
    marks += [Mark(other.region, "-", other.message, "frame") for other in near]
    frame = excerpt(_lines(one.region.path, text_of, cache), marks, ink, gutter=gutter)
    if frame:
        out += [bar, *frame]
    if one.related and not frame:
        elsewhere = list(one.related)
    for other in elsewhere:
        region = other.region
        second = excerpt(_lines(region.path, text_of, cache), [Mark(region, "-", other.message, "frame")], ink, gutter=gutter, context=0)
        label = "" if second else f"  {safe(other.message)}"
        out += [bar, ink("frame", " " * gutter + " ├─ ") + f"{safe(region.path)}:{region.line}:{region.column}{label}", *second]
    indent = " " * gutter
    if one.suppressed:
        until = f" until {one.suppressed.until}" if one.suppressed.until else ""
        reason = safe(one.suppressed.reason) or "no reason given"
        out.append(f"{indent} = {ink('name', 'silenced')}  on line {one.suppressed.line}{until}: {reason}")
        return out
    if why:
        out.append(f"{indent} = {ink('name', 'why')}   {why}")
    if one.cure:
        out.append(f"{indent} = {ink('name', 'fix')}   {safe(one.cure)}")
    if one.fix is not None:
        out.append(f"{indent} = {ink('name', 'edit')}  {safe(one.fix.title)}  {ink('quiet', _HOW[one.fix.safe])}")
    out.append(f"{indent} = {ink('name', 'more')}  reliability-lint explain {one.code}  {ink('quiet', f'finding {name}')}")
    return out


def _footer(report: Report, ink: Ink, *, show_suppressed: bool) -> list[str]:
    hidden = [] if show_suppressed or not report.suppressed else [f"{len(report.suppressed)} suppressed"]
    hidden += [f"{report.earlier} that were there before"] if report.earlier else []
    hidden += [f"{len(report.accepted)} accepted in the baseline"] if report.accepted else []
    hidden += [f"{plural(report.gone, 'entry', 'entries')} of the baseline without a finding: baseline prune"] if report.gone else []
    hidden += [f"{plural(report.ended, 'entry', 'entries')} of the baseline ended"] if report.ended else []
    reasons = sorted(skip.reason for skip in report.skips)
    hidden += [f"{plural(len(list(group)), 'file')} skipped: {safe(reason)}" for reason, group in groupby(reasons)]
    not_shown = f"not shown: {' · '.join(hidden)}" if hidden else ""
    if not report.diagnostics:
        if not report.checked:
            return ["Nothing was checked: there is no Python file.", *([not_shown] if not_shown else [])]
        clear = f"{ink('good', 'All clear')}: {plural(report.checked, 'file')}, {plural(report.rules, 'rule')}, {report.seconds:.2f} s."
        return [f"{clear}  ({not_shown})" if not_shown else clear]
    by_severity = Counter(one.severity for one in report.diagnostics)
    parts = [ink(severity.value, plural(by_severity[severity], severity.value)) for severity in Severity if by_severity[severity]]
    out = [f"{plural(len(report.diagnostics), 'finding')}  {' · '.join(parts)}"]
    out.append(f"checked {plural(report.checked, 'file')} in {report.seconds:.2f} s")
    fixes = Counter(one.fix.safe for one in report.diagnostics if one.fix is not None)
    ways = [f"{fixes[kind]} with {_HOW[kind]}" for kind in (True, False) if fixes[kind]]
    if ways:
        out.append(f"can be repaired: {' · '.join(ways)}")
    return [*out, *([not_shown] if not_shown else [])]
