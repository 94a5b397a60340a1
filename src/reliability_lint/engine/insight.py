"""Files understood without running a rule: what is known of them, for people who ask, for tests, and for measurements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..diagnostics import FileReport
from ..mistake import Mistake
from .check import Prepared, prepare
from .checker import Checker
from .discover import Found
from .sources import FileSources, Layout


class _Keeper(Checker):
    """A checker that hands out what it has parsed instead of checking it."""

    def prepared(self, found: Found) -> Prepared:
        """A file, parsed and walked: by now if another one has asked for its facts. Raises `Mistake` where it cannot be read or is no Python."""
        from ..syntax.tree import SyntaxProblem

        known = self._kept.pop(found.path, None)
        if known is not None:
            kept, _ = known
            self._kept_lines -= kept.source.text.count("\n") + 1
            return kept
        text = self._read(found.path, found.shown)
        if isinstance(text, FileReport):
            told = [one.message for one in text.diagnostics] + ([text.skip.reason] if text.skip is not None else [])
            raise Mistake(told[0], path=found.shown)
        module, is_package = self.layout.module_name(Path(found.path))
        try:
            prepared = prepare(found.path, found.shown, text, found.settings, module, is_package=is_package)
        except SyntaxProblem as problem:
            lines = text.splitlines()
            quote = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
            message = f"this is no Python that can be read: {problem.message}"
            raise Mistake(message, path=found.shown, line=max(problem.line, 1), column=max(problem.column, 1), quote=quote) from None
        self._remember(found.path, prepared.facts)
        return prepared


class Insight:
    """
    One file after the other, each with all the others at hand, exactly as a run of rules would see it.

    `files` are those of the run, `overlay` texts that stand for files.
    """

    def __init__(self, files: Sequence[Found], overlay: Mapping[str, str] | None = None) -> None:
        self._keeper = _Keeper(overlay)
        for found in files:
            self._keeper.expect(found)

    @property
    def layout(self) -> Layout:
        """Where modules lie."""
        return self._keeper.layout

    @contextmanager
    def of(self, found: Found) -> Iterator[Prepared]:
        """
        A file whose model has its meanings, until the block ends.

        Raises `Mistake` where the file cannot be read or is no Python.
        """
        from ..meanings.match import Meanings

        prepared = self._keeper.prepared(found)
        prepared.model.sources = FileSources(Path(found.path), self.layout, self._keeper.facts_of)
        prepared.model.forget()
        Meanings(prepared.model, prepared.index, prepared.facts)
        try:
            yield prepared
        finally:
            prepared.model.release()
