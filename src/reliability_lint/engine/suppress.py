"""
Findings that a comment silences, and what is wrong with such comments.

`# reliability: ignore[names] reason` holds for the statement on whose head it stands, or above which it stands; `# noqa`, bare or with our codes,
holds for its own line, as flake8 has it. A comment that names a check of another linter (`# noqa: S113`, `# nosec B113`, `# pylint: disable=…`,
`# nosemgrep: …`) silences our rules that ask the same, on the whole head of the statement. A comment of ours that names nothing, or nothing known, or
nothing that was found, is a finding itself; of those of others nothing is said.

`until=2027-01-31` before the reason, or within it, is the last day on which a comment silences anything. Days are those of UTC, everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence

import msgspec

from .. import registry
from ..diagnostics import Change, Correction, Diagnostic, Region, Related, Suppression
from ..peers import meant
from ..text.comments import Directive, Selector, directives
from .days import is_date, today
from .selection import catalogue, expand, is_prefix, severity, suggestion
from .settings import PRESETS, Settings

INTERNAL = "REL000"
UNUSED = "REL002"
BLANKET = "REL003"
REASONLESS = "REL004"
UNKNOWN = "REL005"

_PACK = "reliability-lint-"
_NEWLINE = re.compile(r"\r\n|\r|\n")
_COMMA_BEHIND = re.compile(r"[ \t]*,[ \t]*")
_COMMA_BEFORE = re.compile(r"[ \t]*,[ \t]*\Z")
_WORD = re.compile(r"\w+")
# What is written where a reason is wanted and none is known.
_EMPTY_WORDS = """
    bug fix fixme fp false positive falsepositive hack ignore ignored ignoring later legacy lint linter na needed no noise none noqa ok okay reason
    see silence silenced skip suppress suppressed tbd temp temporary tmp todo wip wontfix xxx yes
"""
_NO_REASON = frozenset(_EMPTY_WORDS.split())
Diagnostics = tuple[Diagnostic, ...]


def suppress(
    text: str, path: str, diagnostics: Sequence[Diagnostic], run_codes: Collection[str], settings: Settings | None = None
) -> tuple[Diagnostics, Diagnostics]:
    """
    Divides a file's findings into those to be told and those that a comment silences, both sorted.

    `path` is as it is shown. `run_codes` are the codes of the rules that were really applied to this file: of the others nobody can say whether a
    comment about them is still needed. What is wrong with the comments is among the findings to be told, where its own rule was run.
    """
    found = directives(text)
    if not found:
        return tuple(sorted(diagnostics, key=lambda one: one.order)), ()
    used: set[tuple[int, int]] = set()
    kept, suppressed = _divide((*diagnostics, *_faults(found, path, run_codes, settings)), found, used)

    # Comments about unused comments come last: whether they are needed is known only now.
    more_kept, more_suppressed = _divide(_unused(text, found, path, used, run_codes, settings, second=False), found, used)
    still_unused = _unused(text, found, path, used, run_codes, settings, second=True)
    last_kept, last_suppressed = _divide(still_unused, tuple(one for one in found if one.kind == "noqa"), used)
    return (
        tuple(sorted((*kept, *more_kept, *last_kept), key=lambda one: one.order)),
        tuple(sorted((*suppressed, *more_suppressed, *last_suppressed), key=lambda one: one.order)),
    )


def _divide(
    diagnostics: Iterable[Diagnostic], found: tuple[Directive, ...], used: set[tuple[int, int]]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    kept: list[Diagnostic] = []
    suppressed: list[Diagnostic] = []
    lines = [one.line for one in found]
    above: dict[int, list[Directive]] = {}
    for one in found:
        if one.below:
            above.setdefault(one.below, []).append(one)
    for diagnostic in diagnostics:
        first, last = head(diagnostic)
        near = (*above.get(first, ()), *found[bisect_left(lines, first) : bisect_right(lines, last)])
        by = [] if diagnostic.code == INTERNAL else [one for one in near if _silences(one, diagnostic, used)]
        still = next((one for one in by if not _over(one)), None)
        if still is not None:
            suppressed.append(msgspec.structs.replace(diagnostic, suppressed=Suppression(still.line, still.reason, still.until)))
        else:
            notes = tuple(_ended(one, diagnostic.region.path) for one in by)
            kept.append(msgspec.structs.replace(diagnostic, related=(*diagnostic.related, *notes)) if notes else diagnostic)
    return kept, suppressed


def term(text: str) -> tuple[str, str]:
    """The first and the last day on which a file's comments silence what they silence today; each empty where there is none."""
    if "until=" not in text:
        return "", ""
    from datetime import date, timedelta

    now = today()
    days = {one.until for one in directives(text) if is_date(one.until)}
    last = min((day for day in days if day >= now), default="")
    ended = max((day for day in days if day < now), default="")
    return (date.fromisoformat(ended) + timedelta(days=1)).isoformat() if ended else "", last


def _over(directive: Directive) -> bool:
    """Whether a comment's day has passed. One that cannot be understood is over: nobody would ever notice it otherwise."""
    return bool(directive.until) and (not is_date(directive.until) or directive.until < today())


def _ended(directive: Directive, path: str) -> Related:
    said = (
        f"this comment silenced it until {directive.until}"
        if is_date(directive.until)
        else f"this comment does not silence it: until={directive.until} names no day, as until=2027-01-31 does"
    )
    return Related(Region(path, directive.line, directive.column, directive.line, directive.end_column), said)


def _silences(directive: Directive, diagnostic: Diagnostic, used: set[tuple[int, int]]) -> bool:
    """Whether a comment in the right place silences a finding; the selectors that do are marked as used."""
    region = diagnostic.region
    if directive.kind == "noqa":
        own = directive.line == region.line and (
            not directive.selectors or any(diagnostic.code.startswith(one.text) for one in directive.selectors)
        )
        return own or _names_equal(directive, diagnostic.code)
    if directive.kind != "ignore":
        return _names_equal(directive, diagnostic.code)
    if (
        diagnostic.code in (UNUSED, BLANKET, REASONLESS, UNKNOWN)
        and directive.line == region.line
        and directive.column <= region.column < directive.end_column
    ):
        return False
    matching = [one for one in directive.selectors if not _is_blanket(one) and diagnostic.code in expand(one.text)]
    used.update((directive.line, one.column) for one in matching)
    return bool(matching)


def _names_equal(directive: Directive, code: str) -> bool:
    """Whether a comment to another linter names a check that asks what our rule asks."""
    if any(code in meant(directive.kind, one.text) for one in directive.selectors):
        return True
    # Our own Semgrep pack has the names of our rules.
    names = [one.text.rpartition(_PACK)[2] for one in directive.selectors if directive.kind == "nosemgrep" and _PACK in one.text]
    return any(catalogue()[code].name == name for name in names)


def head(diagnostic: Diagnostic) -> tuple[int, int]:
    """The lines on which a comment holds for a finding; its own is always among them."""
    first, last = diagnostic.lines if diagnostic.lines[0] else (diagnostic.region.line, diagnostic.region.line)
    return min(first, diagnostic.region.line), max(last, diagnostic.region.line)


def is_reason(text: str) -> bool:
    """Whether a text says anything that a comment without it would not say."""
    return any(
        (len(word) > 1 or not word.isascii()) and word not in _NO_REASON and not word.isdecimal()
        for word in _WORD.findall(text.lower().replace("'", ""))
    )


def _is_blanket(selector: Selector) -> bool:
    return selector.text in ("all", "REL", *PRESETS)


def _faults(found: tuple[Directive, ...], path: str, run_codes: Collection[str], settings: Settings | None) -> Iterable[Diagnostic]:
    """Comments that name nothing or give no reason, and names that nothing has."""
    for directive in found:
        if directive.kind != "ignore":
            continue
        blanket = next((one for one in directive.selectors if _is_blanket(one)), None)
        if BLANKET in run_codes and (blanket or not directive.selectors):
            says = f"'{blanket.text}' would silence every rule" if blanket else "this comment does not say what it silences"
            message = f"{says}, so it silences nothing"
            yield _finding(
                BLANKET, directive, blanket, path, message, "name the rules: # reliability: ignore[missing-timeout] reason", settings
            )
        elif REASONLESS in run_codes and directive.selectors and not blanket and not is_reason(directive.reason):
            says = f"'{directive.reason}' is no reason" if directive.reason else "this comment does not say why"
            message = f"{says}, so nobody will know when it may go"
            yield _finding(REASONLESS, directive, None, path, message, "write behind the bracket why it is right as it stands", settings)
        for one in directive.selectors:
            if UNKNOWN in run_codes and not _is_blanket(one) and not expand(one.text):
                meant = suggestion(one.text)
                cure = f"did you mean '{meant}'?" if meant else "`reliability-lint rules` lists the names"
                told = _finding(UNKNOWN, directive, one, path, f"there is no rule or family '{one.text}'", cure, settings)
                fix = Correction(f"write '{meant}'", False, (Change(told.region, meant),)) if meant else None
                yield msgspec.structs.replace(told, fix=fix)


def _unused(
    text: str,
    found: tuple[Directive, ...],
    path: str,
    used: set[tuple[int, int]],
    run_codes: Collection[str],
    settings: Settings | None,
    *,
    second: bool,
) -> list[Diagnostic]:
    """Names that silence nothing; `second`: only those that could have silenced a finding of this very kind, else only the others."""
    if UNUSED not in run_codes:
        return []
    rules = registry.rules()
    found_unused: list[Diagnostic] = []
    lines = _NEWLINE.split(text)
    for directive in found:
        for one in directive.selectors if directive.kind == "ignore" else ():
            codes = expand(one.text)
            # Of a reserved code, and of a rule that was not run, nobody knows.
            named = codes if len(codes) == 1 else codes & rules.keys()
            known = bool(named) and all(code in run_codes for code in named)
            if known and not _is_blanket(one) and (directive.line, one.column) not in used and (UNUSED in codes) is second:
                name = f"'{one.text}' ({_described(one.text)})" if _described(one.text) else f"'{one.text}'"
                message = f"nothing is found here that {name} would silence"
                whole = len(directive.selectors) == 1
                cure = "delete the comment" if whole else f"delete '{one.text}' from the comment"
                told = _finding(UNUSED, directive, None if whole else one, path, message, cure, settings)
                fix = _without(directive, None if whole else one, path, lines[directive.line - 1])
                found_unused.append(msgspec.structs.replace(told, fix=Correction(cure, True, (fix,))))
    return found_unused


def _without(directive: Directive, selector: Selector | None, path: str, line: str) -> Change:
    """Takes a name out of a comment, with its comma, or takes away the comment, with its line where nothing else stands there."""
    number, start, end = directive.line, directive.column - 1, directive.end_column - 1
    if selector is not None:
        start = selector.column - 1
        end = start + len(selector.text)
        behind = _COMMA_BEHIND.match(line, end)
        before = _COMMA_BEFORE.search(line, 0, start)
        if behind:
            end = behind.end()
        elif before:
            start = before.start()
    elif not line[end:].strip():  # it is the last that the line holds
        start = len(line[:start].rstrip())
        if not start:
            return Change(Region(path, number, 1, number + 1, 1), "")
        end = len(line)
    return Change(Region(path, number, start + 1, number, end + 1), "")


def _described(selector: str) -> str:
    """The name of the rule that is meant by a whole code."""
    return catalogue()[selector].name if is_prefix(selector) and selector in catalogue() else ""


def _finding(
    code: str, directive: Directive, selector: Selector | None, path: str, message: str, cure: str, settings: Settings | None
) -> Diagnostic:
    rule = registry.rules()[code]
    line = directive.line
    start = selector.column if selector else directive.column
    end = selector.column + len(selector.text) if selector else directive.end_column
    return Diagnostic(
        region=Region(path, line, start, line, end),
        code=code,
        name=rule.name,
        severity=severity(settings, rule) if settings else rule.severity,
        message=message,
        cure=cure,
        lines=(line, line),
    )
