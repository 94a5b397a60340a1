"""
The map over files: what former runs know of them, and the rest checked in this process, or in several (`crew`).

What a file's report says depends neither on the number of processes nor on what is remembered.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import registry
from ..diagnostics import FileReport, Report
from ..mistake import Mistake
from ..text.notebooks import is_notebook
from .discover import Found
from .selection import chosen
from .view import DISK, View

if TYPE_CHECKING:
    from ..facts.facts import FileFacts
    from .checker import Checker
    from .memory import Checked, Learned, Memory

# One process starts another in a few hundredths of a second: for a few files it is not worth it.
_FEW_FILES = 12
Told = Callable[[int, int], None]


def run(
    files: Sequence[Found],
    *,
    jobs: int = 1,
    overlay: Mapping[str, str] | None = None,
    memory: Memory | None = None,
    whole: bool = False,
    view: View = DISK,
    progress: Told | None = None,
) -> Report:
    """
    Checks files and joins their reports, sorted. `whole`: they are all that there are in some folders, so that rules about the project may speak.

    `view` has the files, and `memory`, if there is one, sees the same. `progress` is told how many of the files are checked, and how many there are.
    """
    started = time.monotonic()
    work = _Work(files, jobs, overlay or {}, memory, view, progress)
    reports = work.reports() if memory is None else _remembered(files, work, memory)
    joined = work.project_reports() if whole and files else []
    diagnostics = sorted((d for r in (*reports, *joined) for d in r.diagnostics), key=lambda d: d.order)
    suppressed = sorted((d for r in (*reports, *joined) for d in r.suppressed), key=lambda d: d.order)
    skips = sorted((r.skip for r in reports if r.skip is not None), key=lambda skip: skip.path)
    rules = {code for settings in {id(found.settings): found.settings for found in files}.values() for code in chosen(settings)}
    return Report(tuple(diagnostics), tuple(suppressed), tuple(skips), len(reports) - len(skips), len(rules), time.monotonic() - started)


def _remembered(files: Sequence[Found], work: _Work, memory: Memory) -> list[FileReport]:
    """
    The reports of former runs where they hold, and the others made anew.

    Files that have changed come first: what they export now decides which other reports hold. Facts depend on one file alone, so that is all.
    """
    with _collector_off():
        recalled = memory.recalled(files, work.overlay)
    changed = work.check([found for found in files if found.path not in recalled])
    memory.learn(work.learned)
    with _collector_off():
        holding = memory.holding(recalled, work.facts_of)
    concerned = work.check([found for found in files if found.path in recalled and found.path not in holding])
    memory.save(work.learned, {**changed, **concerned})
    return [*holding.values(), *(one.report for one in (*changed.values(), *concerned.values()))]


class _Work:
    """What is checked in a run, and what is learned from it. Nothing that parses is imported before there is something to check."""

    def __init__(
        self,
        files: Sequence[Found],
        jobs: int,
        overlay: Mapping[str, str],
        memory: Memory | None,
        view: View,
        progress: Told | None,
    ) -> None:
        self.files, self.jobs, self.overlay, self.view = files, jobs, overlay, view
        self.progress = progress
        self.memory = memory
        self.recall = memory.recall if memory is not None else None
        self._checker: Checker | None = None

    @property
    def checker(self) -> Checker:
        """What checks in this process."""
        from .checker import Checker

        if self._checker is None:
            self._checker = Checker(self.overlay, self.recall, view=self.view, noting=self.memory is not None)
            for found in self.files:
                self._checker.expect(found)
        return self._checker

    @property
    def learned(self) -> Mapping[str, Learned]:
        """The facts that were found in this run, by path."""
        return self._checker.learned if self._checker is not None else {}

    def facts_of(self, path: str) -> FileFacts | None:
        """What a file exports, whoever knows it."""
        with _collector_off():
            return self.checker.facts_of(path)

    def reports(self) -> list[FileReport]:
        """The reports of all files."""
        return [checked.report for checked in self.check(self.files).values()]

    def project_reports(self) -> list[FileReport]:
        """What rules find that see all files together, where any is selected."""
        described = registry.described()
        codes = {code for settings in {id(found.settings): found.settings for found in self.files}.values() for code in chosen(settings)}
        rules = [described[code] for code in sorted(codes) if described[code].project]

        def make() -> list[FileReport]:
            from .whole import project_reports

            return project_reports(self.files, rules, self.facts_of, self.overlay, self.view)

        if not rules:
            return []
        return make() if self.memory is None else self.memory.joined(self.files, make)

    def check(self, files: Sequence[Found]) -> dict[str, Checked]:
        """Checks some of the files; by path."""
        if not files:
            return {}
        _have_ready(files)
        ordered = _ordered(files, self.overlay, self.view)
        if self.jobs <= 1 or len(ordered) <= _FEW_FILES:
            self.checker.due = frozenset(found.path for found in ordered)
            with _collector_off():
                return {found.path: self._checked(found, number, len(ordered)) for number, found in enumerate(ordered)}
        from .crew import Crew

        crew = Crew(ordered, self.files, self.jobs, self.overlay, self.recall, self.view, self.progress)
        reports = crew.run()
        self.checker.take(crew.learned)
        return {found.path: checked for found, checked in zip(ordered, reports, strict=True)}

    def _checked(self, found: Found, before: int, total: int) -> Checked:
        if self.progress is not None:
            self.progress(before, total)
        return self.checker.checked(found)


def _have_ready(files: Sequence[Found]) -> None:
    """Raises a mistake where rules and models that are not ours cannot be used: told once, and not as a failure of ours with every file."""
    from ..libraries.load import ModelError, installed, load

    registry.rules()
    try:
        installed()
        for path in dict.fromkeys(path for found in files for path in found.settings.libraries):
            load(Path(path))
    except ModelError as problem:
        raise Mistake(str(problem)) from None


def _ordered(files: Sequence[Found], overlay: Mapping[str, str], view: View) -> list[Found]:
    """The files in the order of their imports."""
    from .order import imported_first
    from .sources import Layout

    by_path = {found.path: found for found in files}
    texts: dict[str, str] = {}
    for path in by_path:
        if path in overlay:
            texts[path] = overlay[path]
            continue
        if is_notebook(path):
            texts[path] = ""  # nobody imports it
            continue
        with contextlib.suppress(OSError):
            texts[path] = view.read(path).decode("utf-8", "replace")
    return [by_path[path] for path in imported_first(list(by_path), texts, Layout(view))]


@contextlib.contextmanager
def _collector_off() -> Iterator[None]:
    """Without Python's garbage collector: the checker collects when it is worth it."""
    collecting = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()
