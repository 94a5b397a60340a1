"""Checks files one after the other and remembers what they export: what one process does in a run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path

from ..diagnostics import FileReport
from ..facts.facts import FileFacts
from ..text.source import SourceFile
from .check import (
    Prepared,
    checks_of,
    crash,
    examine,
    needed,
    parses,
    prepare,
    read,
    report,
    syntax_error,
)
from .discover import Found
from .settings import Settings, settings_for
from .sources import FileSources, Layout

NOTHING = FileFacts("", "")  # travels for "there is no such module": None means "parse it yourself"

# Trees kept because another file asked for their facts before their own turn came; 1.5 KB a line.
_KEPT_LINES = 40_000
# Next to nothing is left of a model when its tree is released; a collection looks through all that lives, and is seldom worth it.
_COLLECT_LINES = 250_000


class Checker:
    """
    The state of a run within one process.

    `ask` is how facts that another process may have are had, `tell` how ours are given away; both are None where there is one process only.
    `overlay` are texts that stand for the files of these real paths: an editor's buffers, standard input.
    """

    def __init__(
        self,
        overlay: Mapping[str, str] | None = None,
        ask: Callable[[str], FileFacts | None] | None = None,
        tell: Callable[[str, FileFacts | None], None] | None = None,
    ) -> None:
        self.overlay = overlay or {}
        self.ask, self.tell = ask, tell
        self.layout = Layout()
        self.settings: dict[str, Settings] = {}
        self.shown: dict[str, str] = {}
        self.facts: dict[str, FileFacts | None] = {}
        self._kept: dict[str, Prepared] = {}
        self._kept_lines = 0
        self._lines = 0

    def expect(self, found: Found) -> None:
        """Says that a file is part of the run, with the settings that hold for it."""
        self.settings[found.path] = found.settings
        self.shown[found.path] = found.shown

    def check(self, found: Found) -> FileReport:
        """One file's report. Whatever goes wrong becomes a finding of this file."""
        try:
            return self._check(found)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as problem:  # a bug of ours must not stop the other files
            return FileReport(found.shown, (crash(found.shown, None, problem),), parsed=True)
        finally:
            self._tidy()

    def _check(self, found: Found) -> FileReport:
        from ..syntax.tree import SyntaxProblem

        self.expect(found)
        prepared = self._kept.pop(found.path, None)
        module, is_package = self.layout.module_name(Path(found.path))
        if prepared is not None:
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
                return FileReport(done.path, done.diagnostics, done.suppressed)
            try:
                prepared = prepare(found.path, found.shown, text, found.settings, module, is_package=is_package)
            except SyntaxProblem as problem:
                self._remember(found.path, None)
                located = syntax_error(found.shown, problem.message, problem.line, problem.column)
                return report(source, [located] if "REL001" in checks.codes else [], checks, found.settings)
            self._remember(found.path, prepared.facts)
        self._lines += _lines(prepared.source.text)
        try:
            return examine(prepared, FileSources(Path(found.path), self.layout, self.facts_of), found.settings)
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
        module, is_package = self.layout.module_name(Path(path))
        try:
            prepared = prepare(path, shown, text, settings, module, is_package=is_package)
        except (SyntaxProblem, RecursionError):
            self._remember(path, None)
            return None
        lines = _lines(text)
        self._lines += lines
        if path in self.settings and self._kept_lines + lines <= _KEPT_LINES:
            self._kept[path] = prepared
            self._kept_lines += lines
        else:
            prepared.model.release()
        self._remember(path, prepared.facts)
        return prepared.facts

    def keeps(self, path: str) -> bool:
        """Whether a file has been parsed whose turn is still to come."""
        return path in self._kept

    def _remember(self, path: str, facts: FileFacts | None) -> None:
        self.facts[path] = facts
        if self.tell is not None:
            self.tell(path, facts)

    def _read(self, path: str, shown: str) -> str | FileReport:
        return self.overlay[path] if path in self.overlay else read(path, shown)

    def _tidy(self) -> None:
        if self._lines >= _COLLECT_LINES:
            self._lines = 0
            gc.collect()


def _lines(text: str) -> int:
    return text.count("\n") + 1


def _shown(path: str) -> str:
    from .discover import shown_path

    return shown_path(path)
