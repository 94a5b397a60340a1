"""
A text that is being repaired: its findings, what is done about them, and what is taken back.

All that a round changes is tried at once; what comes of it is parsed and checked again, and if anything is wrong with it, the fixes are tried one by one, and
those that bring something new are taken back. A fix that gets in the way of another waits for the next round.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..diagnostics import Correction, Diagnostic, FileReport
from ..text.changes import Splice, apply, clash, moved, ordered
from ..text.source import SourceFile

ROUNDS = 10


def offered(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[tuple[Diagnostic, Correction]]:
    """The findings that would be repaired, with how."""
    return [(one, one.fix) for one in diagnostics if one.fix is not None and (one.fix.safe or unsafe)]


@dataclass(slots=True)
class Step:
    """One fix, as it would change the text that there is now."""

    diagnostic: Diagnostic
    correction: Correction
    start: int
    splices: tuple[Splice, ...]


@dataclass(slots=True)
class Work:
    """
    A text that is being repaired, and its report.

    `check` is the report on another text in its place, `harms` says what else one would do, in words, or "" for nothing.
    """

    text: str
    report: FileReport
    check: Callable[[str], FileReport]
    unsafe: bool = field(kw_only=True)
    harms: Callable[[str], str] = field(default=lambda _: "", kw_only=True)
    times: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    refused: set[tuple[str, int]] = field(default_factory=set)  # code and place of the fixes that are not to be tried (again)

    def go_on(self) -> None:
        """Round after round, until nothing is left to repair."""
        for _ in range(ROUNDS):
            steps = self.steps()
            if not steps:
                return
            if not self._round(_compatible(steps)):
                self._one_by_one()
        if left := self.steps():
            names = ", ".join(sorted({step.diagnostic.name for step in left}))
            self.said.append(f"still not done after {ROUNDS} rounds, and left as it was then: {names}")

    def steps(self) -> list[Step]:
        """What could be done to the text that there is now, in order."""
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
            found.append(Step(one, correction, start, splices))
        return found

    def attempt(self, step: Step) -> str:
        """Makes one change, unless something is wrong with what comes of it; why it was not made, or ""."""
        if why := self.put(step.splices, [step]):
            self.refuse(step)
            return why
        self.times[step.diagnostic.name] += 1
        return ""

    def put(self, splices: Sequence[Splice], steps: Sequence[Step]) -> str:
        """Changes the text so that what these steps are about is no longer found, unless something is wrong with what comes of it; why not, or ""."""
        new = apply(self.text, splices)
        if _breaks(self.text, new):
            return "the file would no longer be valid Python"
        report = self.check(new)
        why = self._what_is_worse(report, new, steps, splices) or self.harms(new)
        if why:
            self.check(self.text)  # what other files are told of this one
            return why
        self.refused = {(code, moved(start, splices)) for code, start in self.refused}
        self.text, self.report = new, report
        return ""

    def refuse(self, step: Step) -> None:
        """Leaves a finding as it is."""
        self.refused.add((step.diagnostic.code, step.start))

    def _round(self, steps: Sequence[Step]) -> bool:
        """Makes some changes together; whether they were made."""
        if self.put(ordered(splice for step in steps for splice in step.splices), steps):
            return False
        self.times.update(step.diagnostic.name for step in steps)
        return True

    def _one_by_one(self) -> None:
        while steps := self.steps():
            one = steps[0].diagnostic
            if why := self.attempt(steps[0]):
                self.said.append(f"the fix of {one.name} in line {one.region.line} was taken back: {why}")

    def _what_is_worse(self, report: FileReport, new: str, steps: Sequence[Step], splices: Sequence[Splice]) -> str:
        if not self._is_worse(report, new, steps, splices):
            return ""
        before = Counter(one.name for one in self.report.diagnostics)
        names = sorted((Counter(one.name for one in report.diagnostics) - before).keys())
        return f"it would bring {', '.join(names)}" if names else "what was found would still be found"

    def _is_worse(self, report: FileReport, new: str, steps: Sequence[Step], splices: Sequence[Splice]) -> bool:
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


def _compatible(steps: Iterable[Step]) -> list[Step]:
    """As many as do not get in each other's way, the first ones first."""
    chosen: list[Step] = []
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
