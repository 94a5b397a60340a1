"""
Files as they would be with their findings repaired.

What is done within a file is `mending`; here files hear of each other. Nothing is written, see `writing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .. import registry
from ..diagnostics import Diagnostic, FileReport, Report
from ..facts.facts import FileFacts
from ..text.notebooks import is_notebook
from ..text.source import SourceFile, Undecodable, decode, encode
from .checker import Checker
from .discover import Found
from .memory import mark
from .mending import Work, offered

Again = Callable[[Mapping[str, str]], Report]


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


@dataclass(slots=True)
class Opened:
    """A file that is being repaired: its bytes as they are on disk, and what is done with its text."""

    found: Found
    before: bytes
    work: Work

    def after(self) -> bytes:
        """The bytes as they would be. Raises `UnicodeEncodeError` where its encoding cannot write them."""
        text = self.work.text
        return self.before if text == decode(self.before) else encode(text, self.before)


class Workshop:
    """
    Where files are repaired one after the other; each sees the others as they would be by now.

    `overlay` are texts that stand for some of the files, and `recall` says what a former run knows of others.
    """

    def __init__(
        self, files: Sequence[Found], overlay: Mapping[str, str] | None = None, recall: Callable[[str], FileFacts | None] | None = None
    ) -> None:
        self._given = frozenset(overlay or {})
        self._texts = texts = dict(overlay or {})
        self._checker = Checker(ask=lambda path: recall(path) if recall is not None and path not in texts else None)
        self._checker.overlay = texts
        for found in files:
            self._checker.expect(found)
        self._checker.due = frozenset()

    def open(self, found: Found, diagnostics: Sequence[Diagnostic], *, unsafe: bool) -> Opened | str:
        """Begins with a file of which this was found; or why it is left alone."""
        if is_notebook(found.path):
            return "not fixed, for it is a notebook; editors offer its repairs"
        try:
            before = self._texts[found.path].encode() if found.path in self._given else Path(found.path).read_bytes()
            text = decode(before)
            if encode(text, before) != before:
                return "not fixed, for its encoding is not certain"
        except (OSError, Undecodable, UnicodeEncodeError) as problem:
            return f"not fixed, for it cannot be read: {problem}"

        def check(new: str) -> FileReport:
            self._texts[found.path] = new
            self._checker.facts.pop(found.path, None)
            return self._checker.check(found)

        told = sorted(one.order for one in diagnostics)
        first = check(text)
        if _orders(first) != told and _orders(self._before_all(found, check, text)) != told:
            self.drop(found)
            return "not fixed, for it has changed since it was checked"
        return Opened(found, before, Work(text, first, check, unsafe=unsafe))

    def _before_all(self, found: Found, check: Callable[[str], FileReport], text: str) -> FileReport:
        """The report on a file while the others are as they were: what is repaired in one may take findings from another."""
        repaired = {path: new for path, new in self._texts.items() if path not in self._given and path != found.path}
        for path in repaired:
            del self._texts[path]
            self._checker.facts.pop(path, None)
        try:
            return check(text)
        finally:
            self._texts.update(repaired)
            for path in repaired:
                self._checker.facts.pop(path, None)

    def drop(self, found: Found) -> None:
        """Forgets what was done with a file: others see it as it is on disk."""
        if found.path not in self._given:
            self._texts.pop(found.path, None)
            self._checker.facts.pop(found.path, None)

    def exports(self, found: Found) -> bytes:
        """By what is known whether other files could tell a difference."""
        return mark(self._checker.facts_of(found.path))


def _orders(report: FileReport) -> list[tuple[object, ...]]:
    return sorted(one.order for one in report.diagnostics)


def spare(opened: Opened, only: Callable[[Diagnostic], bool], diagnostics: Sequence[Diagnostic]) -> None:
    """Leaves alone what is not asked for."""
    source = SourceFile("", opened.work.text)
    opened.work.refused |= {(one.code, source.at(one.region.line, one.region.column)) for one in diagnostics if not only(one)}


def by_file(report: Report) -> dict[str, list[Diagnostic]]:
    """What was found in each file by itself: of what all files tell together a file alone says nothing."""
    told: dict[str, list[Diagnostic]] = {}
    described = registry.described()
    for one in report.diagnostics:
        if one.code not in described or not described[one.code].project:
            told.setdefault(one.region.path, []).append(one)
    return told


def repair(
    files: Sequence[Found],
    report: Report,
    *,
    unsafe: bool,
    overlay: Mapping[str, str] | None = None,
    recall: Callable[[str], FileFacts | None] | None = None,
    only: Callable[[Diagnostic], bool] = lambda _: True,
) -> tuple[list[Fixed], list[str]]:
    """
    Repairs what a report tells of files; what would become of them, and which were left alone and why.

    `files` are those of the run, for `overlay` and `recall` see `Workshop`. What is not `only` is left as it is.
    """
    by_shown = {found.shown: found for found in files}
    workshop = Workshop(files, overlay, recall)
    fixed: list[Fixed] = []
    alone: list[str] = []
    for shown, diagnostics in by_file(report).items():
        where = by_shown.get(shown)
        if where is None or not any(only(one) for one, _ in offered(diagnostics, unsafe=unsafe)):
            continue
        opened = workshop.open(where, diagnostics, unsafe=unsafe)
        if isinstance(opened, str):
            alone.append(f"{shown}: {opened}")
            continue
        spare(opened, only, diagnostics)
        outcome = _repaired(opened)
        if isinstance(outcome, str):
            alone.append(f"{shown}: {outcome}")
        elif outcome.after != outcome.before or outcome.said:
            fixed.append(outcome)
        if isinstance(outcome, str) or outcome.after == outcome.before:
            workshop.drop(where)
    return fixed, alone


def _repaired(opened: Opened) -> Fixed | str:
    """A file repaired as far as that goes, or why it is left alone."""
    work = opened.work
    work.go_on()
    try:
        after = opened.after()
    except UnicodeEncodeError as problem:
        return cannot_be_written(problem)
    shown = opened.found.shown
    return Fixed(
        opened.found, opened.before, after, work.text, dict(sorted(work.times.items())), tuple(f"{shown}: {one}" for one in work.said)
    )


def cannot_be_written(problem: UnicodeEncodeError) -> str:
    """Why a file is left alone whose encoding lacks what would stand there."""
    return f"not fixed, for its encoding {problem.encoding} has no way to write what would stand there"


def together(fixed: Sequence[Fixed], before: Report, again: Again) -> tuple[list[Fixed], Report, list[str]]:
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
    return next(iter(brought(before, after, {one.found.shown for one in fixed})), None)


def brought(before: Report, after: Report, changed: Set[str]) -> list[Diagnostic]:
    """What is found now and was not before. In files that were changed (by their shown paths) lines may have moved."""

    def key(one: Diagnostic) -> tuple[object, ...]:
        return (one.region.path, one.code, one.message) if one.region.path in changed else one.order

    left = Counter(map(key, before.diagnostics))
    fresh: list[Diagnostic] = []
    for one in after.diagnostics:
        if left[key(one)]:
            left[key(one)] -= 1
        else:
            fresh.append(one)
    return fresh
