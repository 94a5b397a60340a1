"""
Findings repaired one after the other, as somebody decides.

What is accepted is written at once: whatever ends the process, nothing that was decided is lost. What comes of it is checked like every fix, in this file and in
the others; the next finding is one of the text that there is then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import msgspec

from .. import registry
from ..diagnostics import Diagnostic, Report
from ..facts.facts import FileFacts
from ..text.changes import Splice, apply
from ..text.notebooks import is_notebook
from .discover import Found
from .fixes import Again, Opened, Workshop, brought, by_file, cannot_be_written
from .mending import Step, offered
from .silence import encoded, with_comments
from .writing import replace


@dataclass(frozen=True, slots=True)
class Offer:
    """A finding that can be repaired, with its file's text before and after that."""

    found: Found
    step: Step
    before: str
    after: str


class Stepwise:
    """
    The findings of a report that can be repaired, in order: `offer` has the next until something is decided about it.

    `report` is what is found by now, `times` how often which rule's findings were repaired, `fixed` in which files (as they are shown), `silenced` how many
    findings got a comment, `changed` the files that were written, `failed` whether one could not be. `say` hears of the files that are left alone.
    """

    def __init__(
        self,
        files: Sequence[Found],
        report: Report,
        again: Again,
        *,
        recall: Callable[[str], FileFacts | None] | None,
        except_for: Set[str] = frozenset(),
        say: Callable[[str], None],
    ) -> None:
        self.report = report
        self.times: Counter[str] = Counter()
        self.fixed: set[str] = set()
        self.silenced = 0
        self.changed: set[str] = set()
        self.failed = False
        self._again, self._say = again, say
        self._workshop = Workshop(files, recall=recall)
        told = by_file(report)
        self._waiting = [one for one in files if one.shown not in except_for and offered(told.get(one.shown, ()), unsafe=True)]
        self._opened: Opened | None = None
        self._exports = b""
        self._after: Report | None = None

    def offer(self) -> Offer | None:
        """What is to be decided now; None where nothing is left."""
        while self._opened is not None or self._waiting:
            opened = self._opened or self._open(self._waiting.pop(0))
            if opened is None:
                continue
            steps = opened.work.steps()
            if steps:
                return Offer(opened.found, steps[0], opened.work.text, apply(opened.work.text, steps[0].splices))
            self._opened = None
        return None

    @property
    def left(self) -> int:
        """How many are to be decided, as far as that is known."""
        told = by_file(self.report)
        here = len(self._opened.work.steps()) if self._opened is not None else 0
        return here + sum(len(offered(told.get(found.shown, ()), unsafe=True)) for found in self._waiting)

    def accept(self, offer: Offer) -> str:
        """Makes a fix and writes the file; why not, or ""."""
        opened = self._current()
        if why := opened.work.attempt(offer.step):
            return f"the fix was taken back: {why}"
        if why := self._write(opened, "fixed"):
            return why
        self.times[offer.step.diagnostic.name] += 1
        self.fixed.add(offer.found.shown)
        return ""

    def decline(self, offer: Offer) -> None:
        """Leaves a finding as it is."""
        self._current().work.refuse(offer.step)

    def silence(self, offer: Offer, words: str) -> str:
        """Writes a comment that silences a finding, with these words behind the rule's name; why not, or ""."""
        opened = self._current()
        put = with_comments(opened.work.text, opened.found.shown, [offer.step.diagnostic], words)
        if isinstance(put, str):
            return put
        text, number, said = put
        if not number:
            return said[0]
        data = encoded(text, opened.before)
        if isinstance(data, str):
            return data
        if why := opened.work.put([_difference(opened.work.text, text)], [offer.step]):
            return f"nothing silenced: {why}"
        if why := self._write(opened, "silenced"):
            return why
        self.silenced += number
        return ""

    def _current(self) -> Opened:
        assert self._opened is not None, "nothing is on offer"
        return self._opened

    def _open(self, found: Found) -> Opened | None:
        opened = self._workshop.open(found, by_file(self.report).get(found.shown, []), unsafe=True)
        if isinstance(opened, str):
            self._say(f"{found.shown}: {opened}")
            self.failed = self.failed or not is_notebook(found.path)
            return None
        self._opened = opened
        self._exports = self._workshop.exports(found)
        opened.work.harms = lambda text: self._harm(found, text)
        return opened

    def _harm(self, found: Found, text: str) -> str:
        """What a text would do to other files. Where it exports what the old one does, none of them can tell a difference."""
        self._after = None
        if self._workshop.exports(found) == self._exports:
            return ""
        after = self._again({found.path: text})
        if fresh := brought(self.report, after, {*self.changed, found.shown}):
            return f"it would bring {fresh[0].name} in {fresh[0].region.path}:{fresh[0].region.line}"
        self._after = after
        return ""

    def _write(self, opened: Opened, done: str) -> str:
        """Writes a file as it has become. Where that fails it is left alone from now on: what was decided was about another text."""
        found = opened.found
        try:
            after = opened.after()
            why = replace(found.path, opened.before, after, done)
        except UnicodeEncodeError as problem:
            why = cannot_be_written(problem)
        if why:
            self._workshop.drop(found)
            self._opened = None
            self.failed = True
            return why
        opened.before = after
        self.changed.add(found.shown)
        self._exports = self._workshop.exports(found)
        self.report = self._after or _with(self.report, found, opened.work.report.diagnostics)
        return ""


def _with(report: Report, found: Found, diagnostics: Sequence[Diagnostic]) -> Report:
    """A report with what is found in one file now; what all files tell together stays."""
    described = registry.described()
    others = [
        one for one in report.diagnostics if one.region.path != found.shown or (one.code in described and described[one.code].project)
    ]
    return msgspec.structs.replace(report, diagnostics=tuple(sorted((*others, *diagnostics), key=lambda one: one.order)))


def _difference(before: str, after: str) -> Splice:
    """What was changed between two texts, as one splice that begins as early as it can: what stands behind it has moved."""
    shorter = min(len(before), len(after))
    same = next((n for n in range(shorter) if before[-1 - n] != after[-1 - n]), shorter)
    ahead = next((n for n in range(shorter - same) if before[n] != after[n]), shorter - same)
    return Splice(ahead, len(before) - same, after[ahead : len(after) - same])
