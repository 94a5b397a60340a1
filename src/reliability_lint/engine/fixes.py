"""
Files as they would be with their findings repaired.

Nothing is written here, see `writing`. All that a round of fixes changes in a file is tried at once; what comes of it is parsed and checked again, and if anything is
wrong with it, the fixes are tried one by one, and those that bring something new are taken back. A fix that gets in the way of another waits for the next round.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from .. import registry
from ..diagnostics import Correction, Diagnostic, FileReport, Report
from ..facts.facts import FileFacts
from ..text.changes import Splice, apply, clash, moved, ordered
from ..text.notebooks import is_notebook
from ..text.source import SourceFile, Undecodable, decode, encode
from .checker import Checker
from .discover import Found

ROUNDS = 10


class Fixed(msgspec.Struct, frozen=True):
    """
    A file that would be changed: the bytes from which all began and those that came of them, how often each rule's findings were repaired, and what was
    taken back, or is not done after all rounds, in words.
    """

    found: Found
    before: bytes
    after: bytes
    text: str
    times: Mapping[str, int]
    said: tuple[str, ...] = ()


def offered(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[tuple[Diagnostic, Correction]]:
    """The findings that would be repaired, with how."""
    return [(one, one.fix) for one in diagnostics if one.fix is not None and (one.fix.safe or unsafe)]


def repair(
    files: Sequence[Found],
    report: Report,
    *,
    unsafe: bool,
    overlay: Mapping[str, str] | None = None,
    recall: Callable[[str], FileFacts | None] | None = None,
) -> tuple[list[Fixed], list[str]]:
    """
    Repairs what a report tells of files; what would become of them, and which were left alone and why.

    `files` are those of the run, `overlay` texts that stand for some of them, and `recall` says what a former run knows of others.
    """
    by_shown = {found.shown: found for found in files}
    told: dict[str, list[Diagnostic]] = {}
    described = registry.described()
    for one in report.diagnostics:
        if one.code not in described or not described[one.code].project:  # of what all files tell together a file alone says nothing
            told.setdefault(one.region.path, []).append(one)
    texts = dict(overlay or {})
    checker = Checker(ask=lambda path: recall(path) if recall is not None and path not in texts else None)
    checker.overlay = texts
    for found in files:
        checker.expect(found)
    checker.due = frozenset()
    fixed: list[Fixed] = []
    alone: list[str] = []
    for shown, diagnostics in told.items():
        where = by_shown.get(shown)
        if where is None or not offered(diagnostics, unsafe=unsafe):
            continue
        if is_notebook(where.path):
            alone.append(f"{shown}: not fixed, for it is a notebook; editors offer its repairs")
            continue
        outcome = _repaired(where, diagnostics, texts, checker, unsafe=unsafe, given=where.path in (overlay or {}))
        if isinstance(outcome, str):
            alone.append(f"{shown}: {outcome}")
        elif outcome.after != outcome.before or outcome.said:
            fixed.append(outcome)
    return fixed, alone


def together(fixed: Sequence[Fixed], before: Report, again: Callable[[Mapping[str, str]], Report]) -> tuple[list[Fixed], Report, list[str]]:
    """
    The repaired files that do no harm to others, with the report on all of them, and which files stay as they are and why.

    `again` reports on the whole run with some texts in the place of files.
    """
    if not fixed:
        return [], before, []
    after = again({one.found.path: one.text for one in fixed})
    if not _harms(before, after, fixed):
        return list(fixed), after, []
    kept: list[Fixed] = []
    alone: list[str] = []
    after = before
    for one in fixed:
        tried = again({other.found.path: other.text for other in (*kept, one)})
        if harmed := _harms(before, tried, (*kept, one)):
            alone.append(f"{one.found.shown}: not fixed, for it would bring {harmed.name} in {harmed.region.path}:{harmed.region.line}")
        else:
            kept.append(one)
            after = tried
    return kept, after, alone


def _harms(before: Report, after: Report, fixed: Sequence[Fixed]) -> Diagnostic | None:
    """What is found now and was not before. In files that were changed lines may have moved."""
    changed = {one.found.shown for one in fixed}

    def key(one: Diagnostic) -> tuple[object, ...]:
        return (one.region.path, one.code, one.message) if one.region.path in changed else one.order

    left = Counter(map(key, before.diagnostics))
    for one in after.diagnostics:
        if not left[key(one)]:
            return one
        left[key(one)] -= 1
    return None


def _repaired(
    found: Found, diagnostics: Sequence[Diagnostic], texts: dict[str, str], checker: Checker, *, unsafe: bool, given: bool
) -> Fixed | str:
    """A file repaired, or why it is left alone. Other files see it as it is now."""
    try:
        before = texts[found.path].encode() if given else Path(found.path).read_bytes()
        text = decode(before)
        if encode(text, before) != before:
            return "not fixed, for its encoding is not certain"
    except (OSError, Undecodable, UnicodeEncodeError) as problem:
        return f"not fixed, for it cannot be read: {problem}"

    def check(new: str) -> FileReport:
        texts[found.path] = new
        checker.facts.pop(found.path, None)
        return checker.check(found)

    first = check(text)
    if [one.order for one in first.diagnostics] != sorted(one.order for one in diagnostics):
        if not given:
            del texts[found.path]
        return "not fixed, for it has changed since it was checked"
    work = _Work(text, first, check, unsafe=unsafe)
    work.go_on()
    if not given and work.text == text:
        del texts[found.path]
    try:
        after = before if work.text == text else encode(work.text, before)
    except UnicodeEncodeError as problem:
        return f"not fixed, for its encoding {problem.encoding} has no way to write what would stand there"
    times = dict(sorted(work.times.items()))
    return Fixed(found, before, after, work.text, times, tuple(f"{found.shown}: {one}" for one in work.said))


@dataclass(slots=True)
class _Step:
    """One fix, as it would change the text that there is now."""

    diagnostic: Diagnostic
    correction: Correction
    start: int
    splices: tuple[Splice, ...]


@dataclass(slots=True)
class _Work:
    """A text that is being repaired, and its report."""

    text: str
    report: FileReport
    check: Callable[[str], FileReport]
    unsafe: bool = field(kw_only=True)
    times: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    refused: set[tuple[str, int]] = field(default_factory=set)  # code and place of the fixes that were taken back

    def go_on(self) -> None:
        """Round after round, until nothing is left to repair."""
        for _ in range(ROUNDS):
            steps = self._steps()
            if not steps:
                return
            if not self._try(_compatible(steps)):
                self._one_by_one()
        if left := self._steps():
            names = ", ".join(sorted({step.diagnostic.name for step in left}))
            self.said.append(f"still not done after {ROUNDS} rounds, and left as it was then: {names}")

    def _steps(self) -> list[_Step]:
        source = SourceFile("", self.text)
        found = []
        for one, correction in offered(self.report.diagnostics, unsafe=self.unsafe):
            start = source.at(one.region.line, one.region.column)
            if (one.code, start) in self.refused:
                continue
            splices = ordered(
                Splice(
                    source.at(change.region.line, change.region.column),
                    source.at(change.region.end_line, change.region.end_column),
                    change.text,
                )
                for change in correction.changes
            )
            found.append(_Step(one, correction, start, splices))
        return found

    def _try(self, steps: Sequence[_Step]) -> bool:
        """Makes some changes, unless something is wrong with what comes of them; whether they were made."""
        splices = ordered(splice for step in steps for splice in step.splices)
        new = apply(self.text, splices)
        if _breaks(self.text, new):
            return False
        report = self.check(new)
        if self._is_worse(report, new, steps, splices):
            self.check(self.text)  # what other files are told of this one
            return False
        self.refused = {(code, moved(start, splices)) for code, start in self.refused}
        self.text, self.report = new, report
        self.times.update(step.diagnostic.name for step in steps)
        return True

    def _one_by_one(self) -> None:
        while steps := self._steps():
            step = steps[0]
            if not self._try([step]):
                self.refused.add((step.diagnostic.code, step.start))
                line = step.diagnostic.region.line
                self.said.append(f"the fix of {step.diagnostic.name} in line {line} was taken back: {self._why(step)}")

    def _why(self, step: _Step) -> str:
        new = apply(self.text, step.splices)
        if _breaks(self.text, new):
            return "the file would no longer be valid Python"
        before = Counter(one.name for one in self.report.diagnostics)
        try:
            names = sorted((Counter(one.name for one in self.check(new).diagnostics) - before).keys())
        finally:
            self.check(self.text)
        return f"it would bring {', '.join(names)}" if names else "what was found would still be found"

    def _is_worse(self, report: FileReport, new: str, steps: Sequence[_Step], splices: Sequence[Splice]) -> bool:
        """Whether anything is found that was not found before, or is found still."""
        old, source = SourceFile("", self.text), SourceFile("", new)
        before = Counter(_key(one, moved(old.at(one.region.line, one.region.column), splices)) for one in self.report.diagnostics)
        after = Counter(_key(one, source.at(one.region.line, one.region.column)) for one in report.diagnostics)
        repaired = Counter(_key(step.diagnostic, moved(step.start, splices)) for step in steps)
        left = before - repaired
        fresh = after - left
        # What stands in the middle of a change may have moved in a way that cannot be told: it is known by what it says.
        gone = Counter((code, message) for (code, message, _), times in (left - after).items() for _ in range(times))
        return bool(Counter((code, message) for (code, message, _), times in fresh.items() for _ in range(times)) - gone)


def _key(one: Diagnostic, start: int) -> tuple[str, str, int]:
    return one.code, one.message, start


def _compatible(steps: Iterable[_Step]) -> list[_Step]:
    """As many as do not get in each other's way, the first ones first."""
    chosen: list[_Step] = []
    for step in steps:
        if not any(clash(step.splices, other.splices) for other in chosen):
            chosen.append(step)
    return chosen


def _breaks(before: str, after: str) -> bool:
    """Whether a text is no longer valid Python: to our parser, and to Python itself where the old one was."""
    from ..syntax.tree import SyntaxProblem, parse

    try:
        parse(after)
    except SyntaxProblem:
        return True
    return _compiles(before) and not _compiles(after)


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<fixed>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
