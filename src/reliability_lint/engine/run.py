"""
The map over files: in this process, or in several that share what they learn.

Each file is read, parsed and checked by one process. Facts travel: a process that needs what another file exports asks the parent, which has
it already, waits for the process that is just parsing that file, or says "parse it yourself". What a file's report says never depends on who
asked whom, so the result is the same for any number of processes.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from ..diagnostics import Diagnostic, FileReport, Region, Report, Severity
from ..facts.facts import FileFacts
from .checker import NOTHING, Checker
from .discover import Found
from .order import imported_first
from .selection import chosen
from .sources import Layout

# One process starts another in a few hundredths of a second: for a few files it is not worth it.
_FEW_FILES = 12
_LONGEST_FILE = 300.0  # seconds for one file, after which its process is given up
_PATIENCE = 5.0  # seconds between looks at whether a file takes too long


def run(files: Sequence[Found], *, jobs: int = 1, overlay: Mapping[str, str] | None = None) -> Report:
    """Checks files and joins their reports, sorted."""
    started = time.monotonic()
    ordered = _ordered(files, overlay or {})
    alone = jobs <= 1 or len(ordered) <= _FEW_FILES
    reports = list(_here(ordered, overlay)) if alone else _Crew(ordered, jobs, overlay).run()
    diagnostics = sorted((d for r in reports for d in r.diagnostics), key=lambda d: d.order)
    suppressed = sorted((d for r in reports for d in r.suppressed), key=lambda d: d.order)
    skips = sorted((r.skip for r in reports if r.skip is not None), key=lambda skip: skip.path)
    rules = {code for found in files for code in chosen(found.settings)}
    return Report(tuple(diagnostics), tuple(suppressed), tuple(skips), len(reports) - len(skips), len(rules), time.monotonic() - started)


def _ordered(files: Sequence[Found], overlay: Mapping[str, str]) -> list[Found]:
    by_path = {found.path: found for found in files}
    texts: dict[str, str] = {}
    for path in by_path:
        if path in overlay:
            texts[path] = overlay[path]
            continue
        with contextlib.suppress(OSError), open(path, "rb") as file:  # noqa: PTH123
            texts[path] = file.read().decode("utf-8", "replace")
    return [by_path[path] for path in imported_first(list(by_path), texts, Layout())]


def _here(files: Sequence[Found], overlay: Mapping[str, str] | None) -> Iterator[FileReport]:
    checker = Checker(overlay)
    for found in files:
        checker.expect(found)
    collecting = gc.isenabled()
    gc.disable()  # the checker collects when it is worth it
    gc.freeze()
    try:
        for found in files:
            yield checker.check(found)
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()


class _Worker:
    """A process, what it has been given to do, and what it waits for."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.doing: deque[int] = deque()
        self.since = time.monotonic()
        self.wants: str | None = None


class _Crew:
    """The parent's side of a run in several processes."""

    def __init__(self, files: Sequence[Found], jobs: int, overlay: Mapping[str, str] | None) -> None:
        self.files, self.overlay = files, overlay
        self.jobs = min(jobs, len(files))
        self.left = deque(range(len(files)))
        self.reports: dict[int, FileReport] = {}
        self.facts: dict[str, FileFacts] = {}
        self.index = {found.path: index for index, found in enumerate(files)}
        self.in_hand: dict[str, _Worker] = {}  # files being parsed, by path
        self.workers: list[_Worker] = []
        methods = multiprocessing.get_all_start_methods()
        self.context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")

    def run(self) -> list[FileReport]:
        # What is imported and read before the processes start, they need not import and read again.
        from .. import registry
        from ..syntax import tree  # noqa: F401
        from .check import index_of

        registry.rules()
        index_of(Path(self.files[0].path), self.files[0].settings)
        gc.freeze()
        try:
            for _ in range(self.jobs):
                self._hire()
            while len(self.reports) < len(self.files):
                self._step()
        finally:
            for worker in self.workers:
                worker.process.terminate()
            for worker in self.workers:
                worker.process.join()
                worker.connection.close()
            gc.unfreeze()
        return [self.reports[index] for index in range(len(self.files))]

    def _hire(self) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=_work, args=(theirs, self.files, self.overlay), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self.workers.append(worker)
        self._give(worker)

    def _give(self, worker: _Worker) -> None:
        """Keeps a worker supplied: one file in work, one waiting."""
        while self.left and len(worker.doing) < 2:
            self._assign(worker, self.left.popleft())

    def _assign(self, worker: _Worker, index: int) -> None:
        if not worker.doing:
            worker.since = time.monotonic()
            self.in_hand.setdefault(self.files[index].path, worker)
        worker.doing.append(index)
        with contextlib.suppress(OSError):
            worker.connection.send(index)

    def _step(self) -> None:
        by_connection = {worker.connection: worker for worker in self.workers}
        ready = wait(list(by_connection), timeout=_PATIENCE)
        for connection in ready:
            worker = by_connection[connection]  # type: ignore[index]
            try:
                self._hear(worker, worker.connection.recv())
            except (EOFError, ConnectionError):
                worker.process.join(1)
                code = worker.process.exitcode or 0
                self._dismiss(
                    worker,
                    f"killed the process that was reading it ({signal.Signals(-code).name})"
                    if code < 0
                    else "ended the process that was reading it",
                )
        if not ready:
            for worker in list(self.workers):
                if worker.doing and worker.wants is None and time.monotonic() - worker.since > _LONGEST_FILE:
                    worker.process.kill()
                    worker.process.join()
                    self._dismiss(worker, f"took longer than {_LONGEST_FILE:g} seconds to check")

    def _hear(self, worker: _Worker, message: tuple[str, object, object]) -> None:
        kind, what, value = message
        if kind == "done":
            assert isinstance(what, int)
            assert isinstance(value, FileReport)
            self.reports[what] = value
            worker.doing.remove(what)
            for path in [path for path, holder in self.in_hand.items() if holder is worker]:
                del self.in_hand[path]  # also what it began for others and could not finish
            self._answer_waiting()
            worker.since = time.monotonic()
            if worker.doing:
                self.in_hand.setdefault(self.files[worker.doing[0]].path, worker)
            self._give(worker)
        elif kind in ("facts", "kept"):
            assert isinstance(what, str)
            assert isinstance(value, FileFacts)
            self.facts[what] = value
            self._drop(what, worker)
            self._answer_waiting()
            if kind == "kept" and (index := self.index[what]) in self.left:
                self.left.remove(index)  # who has the tree checks the file
                self._assign(worker, index)
        elif kind == "ask":
            assert isinstance(what, str)
            worker.wants = what
            self._answer(worker)

    def _drop(self, path: str, worker: _Worker) -> None:
        if self.in_hand.get(path) is worker:
            del self.in_hand[path]
            self._answer_waiting()

    def _answer_waiting(self) -> None:
        for worker in self.workers:
            if worker.wants is not None:
                self._answer(worker)

    def _answer(self, worker: _Worker) -> None:
        assert worker.wants is not None
        facts = self.facts.get(worker.wants)
        path = worker.wants
        if facts is None and self.in_hand.get(path) not in (None, worker):
            return  # somebody is parsing it: the answer comes when they have told
        if facts is None:
            self.in_hand[path] = worker
        worker.wants = None
        worker.since = time.monotonic()  # the time for which it waited for somebody else does not count
        with contextlib.suppress(OSError):
            worker.connection.send(("facts", facts))

    def _dismiss(self, worker: _Worker, why: str) -> None:
        """A worker is gone: its file gets a finding, what waited goes back, and somebody new takes over."""
        self.workers.remove(worker)
        worker.connection.close()
        if worker.doing:
            index = worker.doing.popleft()
            shown = self.files[index].shown
            self.reports[index] = FileReport(
                shown,
                (
                    Diagnostic(
                        Region(shown, 1, 1, 1, 1),
                        "REL000",
                        "internal-error",
                        Severity.ERROR,
                        f"the file {why}",
                        "please report it",
                        lines=(1, 1),
                    ),
                ),
            )
        self.left.extendleft(reversed(worker.doing))
        for path in [path for path, holder in self.in_hand.items() if holder is worker]:
            del self.in_hand[path]
        self._answer_waiting()
        if self.left:
            self._hire()


def _work(connection: Connection, files: Sequence[Found], overlay: Mapping[str, str] | None) -> None:
    """A worker's life: files in, reports and facts out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends us
    gc.disable()
    waiting: deque[int] = deque()

    def ask(path: str) -> FileFacts | None:
        connection.send(("ask", path, None))
        while True:
            message = connection.recv()
            if isinstance(message, int):
                waiting.append(message)
            else:
                answer: FileFacts | None = message[1]
                return answer

    def tell(path: str, facts: FileFacts | None) -> None:
        connection.send(("kept" if checker.keeps(path) else "facts", path, facts or NOTHING))

    checker = Checker(overlay, ask, tell)
    for found in files:
        checker.expect(found)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            index = waiting.popleft() if waiting else connection.recv()
            connection.send(("done", index, checker.check(files[index])))
