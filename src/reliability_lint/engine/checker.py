"""Checks files one after the other and remembers what they export: what one process does in a run."""

# ruff: noqa: PTH120

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping

import msgspec

from ..diagnostics import FileReport
from ..facts.asked import Asked
from ..facts.facts import FileFacts
from ..text.source import SourceFile
from .cache import digest
from .check import (
    Prepared,
    checks_of,
    crash,
    examine,
    needed,
    parses,
    prepare,
    read_bytes,
    report,
    syntax_error,
    text_of,
)
from .discover import Found
from .inference import Inference, with_inferred
from .memory import NOTHING, Answer, Checked, Learned, Marks
from .settings import Settings, settings_for
from .sources import FileSources, Layout
from .view import DISK, View

# Trees kept because another file asked for their facts before their own turn came; 1.5 KB a line.
_KEPT_LINES = 40_000
# Next to nothing is left of a model when its tree is released; a collection looks through all that lives, and is seldom worth it.
_COLLECT_LINES = 250_000


class Checker:
    """
    The state of a run within one process.

    `ask` is how facts are had that another process or a former run may know, `tell` how ours are given to other processes, if there are any.
    `inference`, if there is one, is asked where we know nothing of a type; what is found with it stands apart in the reports. `noting`: what reports were made
    from is noted, for they may be kept.
    `overlay` are texts that stand for the files of these real paths: an editor's buffers, standard input. `view` has the files themselves.
    """

    def __init__(
        self,
        overlay: Mapping[str, str] | None = None,
        ask: Callable[[str], FileFacts | None] | None = None,
        tell: Callable[[str, Learned], None] | None = None,
        view: View = DISK,
        inference: Inference | None = None,
        noting: bool = True,
    ) -> None:
        self.overlay = overlay or {}
        self.ask, self.tell = ask, tell
        self.view = view
        self.inference = inference
        self.noting = noting
        self.layout = Layout(view)
        self.settings: dict[str, Settings] = {}
        self.shown: dict[str, str] = {}
        self.facts: dict[str, FileFacts | None] = {}
        self.learned: dict[str, Learned] = {}
        self._texts: dict[str, bytes] = {}  # of each file the digest of what was last read
        self._marks: dict[int, Marks] = {}  # by `id()`; with the facts, so that no others are ever found under it
        self._kept: dict[str, tuple[Prepared, bytes]] = {}
        self._kept_lines = 0
        self._lines = 0
        self.due: frozenset[str] | None = None  # the files that are to be checked; None for all that are expected
        self._sources: FileSources | None = None  # of the file that is being checked

    def expect(self, found: Found) -> None:
        """Says that a file is part of the run, with the settings that hold for it."""
        self.settings[found.path] = found.settings
        self.shown[found.path] = found.shown

    def check(self, found: Found) -> FileReport:
        """One file's report. Whatever goes wrong becomes a finding of this file."""
        self._sources = None
        try:
            return self._check(found)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as problem:  # a bug of ours must not stop the other files
            return FileReport(found.shown, (crash(found.shown, None, problem),), parsed=True)
        finally:
            self._tidy()

    def checked(self, found: Found) -> Checked:
        """One file's report, and what it was made from."""
        its = self.check(found)
        text = self._texts.get(found.path, b"")
        if (
            not self.noting or not text or its.skip or any(one.code == "REL000" for one in its.diagnostics)
        ):  # what failed may succeed next time
            return Checked(its)
        asked = self._sources.asked if self._sources is not None else {}
        return Checked(its, text, {module: self._answer(facts) for module, facts in asked.items()})

    def _check(self, found: Found) -> FileReport:
        from ..syntax.tree import SyntaxProblem

        self.expect(found)
        prepared, data = self._kept.pop(found.path, (None, b""))
        if prepared is not None:
            self._texts[found.path] = data
            self._kept_lines -= _lines(prepared.source.text)
        else:
            text = self._read(found.path, found.shown)
            if isinstance(text, FileReport):
                self._remember(found.path, None)
                return text
            source = SourceFile(found.shown, text)
            checks = checks_of(found.path, source, found.settings)
            if not needed(text, checks) and parses(text):
                done = report(source, (), checks, found.settings)
                return msgspec.structs.replace(done, parsed=False)
            try:
                prepared = self._prepare(found.path, found.shown, text, found.settings)
            except SyntaxProblem as problem:
                self._remember(found.path, None)
                located = syntax_error(found.shown, problem.message, problem.line, problem.column)
                return report(source, [located] if "REL001" in checks.codes else [], checks, found.settings)
            self._remember(found.path, prepared.facts)
        self._lines += _lines(prepared.source.text)
        try:
            self._sources = FileSources(found.path, self.layout, self.facts_of)
            told = examine(prepared, self._sources, found.settings)
            if self.inference is None:
                return told
            return with_inferred(prepared, self._sources, found.settings, told, self.inference)
        finally:
            prepared.model.release()

    def facts_of(self, path: str) -> FileFacts | None:
        """What the file at `path` exports."""
        if path in self.facts:
            return self.facts[path]
        known = self.ask(path) if self.ask is not None else None
        if known is not None:
            self.facts[path] = known if known != NOTHING else None
            return self.facts[path]
        return self._own_facts(path)

    def _own_facts(self, path: str) -> FileFacts | None:
        from ..syntax.tree import SyntaxProblem

        settings = self.settings.get(path) or settings_for(path)
        shown = self.shown.get(path) or _shown(path)
        text = self._read(path, shown)
        if isinstance(text, FileReport):
            self._remember(path, None)
            return None
        try:
            prepared = self._prepare(path, shown, text, settings)
        except (SyntaxProblem, RecursionError):
            self._remember(path, None)
            return None
        lines = _lines(text)
        self._lines += lines
        if path in (self.settings if self.due is None else self.due) and self._kept_lines + lines <= _KEPT_LINES:
            self._kept[path] = prepared, self._texts.get(path, b"")
            self._kept_lines += lines
        else:
            prepared.model.release()
        self._remember(path, prepared.facts)
        return prepared.facts

    def _prepare(self, path: str, shown: str, text: str, settings: Settings) -> Prepared:
        module, is_package = self.layout.module_name(path)
        ground = self.view.ground(os.path.dirname(path))
        return prepare(path, shown, text, settings, module, is_package=is_package, ground=ground)

    def keeps(self, path: str) -> bool:
        """Whether a file has been parsed whose turn is still to come."""
        return path in self._kept

    def take(self, learned: Mapping[str, Learned]) -> None:
        """Takes over what other processes have learned."""
        self.learned |= learned
        self.facts |= {path: one.facts for path, one in learned.items()}

    def _remember(self, path: str, facts: FileFacts | None) -> None:
        self.facts[path] = facts
        learned = self.learned[path] = Learned(facts, self._texts.get(path, b""))
        if self.tell is not None:
            self.tell(path, learned)

    def _answer(self, asked: Asked | None) -> Answer:
        if asked is None:
            return Answer()
        known = self._marks.get(id(asked.facts))
        if known is None:
            known = self._marks[id(asked.facts)] = Marks(asked.facts)
        return known.answer(asked.noted)

    def _read(self, path: str, shown: str) -> str | FileReport:
        self._texts.pop(path, None)
        if path in self.overlay:
            return self.overlay[path]
        data = read_bytes(path, shown, self.view)
        if isinstance(data, FileReport):
            return data
        self._texts[path] = digest(data)
        return text_of(data, shown)

    def _tidy(self) -> None:
        if self._lines >= _COLLECT_LINES:
            self._lines = 0
            gc.collect()


def _lines(text: str) -> int:
    return text.count("\n") + 1


def _shown(path: str) -> str:
    from ..text.paths import shown_path

    return shown_path(path)
