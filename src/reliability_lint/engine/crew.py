"""
A run in several processes that share what they learn.

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
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from ..diagnostics import Diagnostic, FileReport, Region, Severity
from ..facts.facts import FileFacts
from .checker import Checker
from .discover import Found
from .local_rules import load
from .memory import NOTHING, Checked, Learned
from .view import DISK, View

_LONGEST_FILE = 300.0  # seconds for one file, after which its process is given up
_PATIENCE = 5.0  # seconds between looks at whether a file takes too long


class _Worker:
    """A process, what it has been given to do, and what it waits for."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.doing: deque[int] = deque()
        self.since = time.monotonic()
        self.wants: str | None = None


class Crew:
    """
    The parent's side: `files` are to be checked, `known` all of the run, `recall` says what a former run knows, and `progress` is told
    how many of the files are checked.

    What the processes tell of files is in `learned`.
    """

    def __init__(
        self,
        files: Sequence[Found],
        known: Sequence[Found],
        jobs: int,
        overlay: Mapping[str, str],
        recall: Callable[[str], FileFacts | None] | None,
        view: View = DISK,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.view = view
        self.progress = progress
        self.files, self.known, self.overlay, self.recall = files, known, overlay, recall
        self.jobs = min(jobs, len(files))
        self.left = deque(range(len(files)))
        self.reports: dict[int, Checked] = {}
        self.learned: dict[str, Learned] = {}
        self.index = {found.path: index for index, found in enumerate(files)}
        self.in_hand: dict[str, _Worker] = {}  # files being parsed, by path
        self.workers: list[_Worker] = []
        methods = multiprocessing.get_all_start_methods()
        self.context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")

    def run(self) -> list[Checked]:
        # What is imported and read before the processes start, they need not import and read again.
        from .. import registry
        from ..syntax import tree  # noqa: F401
        from .check import index_of

        registry.rules()
        first = Path(self.files[0].path)
        index_of(first, self.files[0].settings, self.view.ground(str(first.parent)))
        gc.freeze()
        try:
            for _ in range(self.jobs):
                self._hire()
            while len(self.reports) < len(self.files):
                self._step()
                if self.progress is not None:
                    self.progress(len(self.reports), len(self.files))
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
        # A forked process has our ends too; as long as anybody has them open, no worker hears that we are gone.
        inherited = [ours, *(worker.connection for worker in self.workers)] if self.context.get_start_method() == "fork" else []
        arguments = (theirs, inherited, self.files, self.known, self.overlay, self.view, self.recall is not None)
        process = self.context.Process(target=_work, args=arguments, daemon=True)  # type: ignore[attr-defined]
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
            assert isinstance(value, Checked)
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
            assert isinstance(value, Learned)
            self.learned[what] = value
            self._drop(what, worker)
            self._answer_waiting()
            if kind == "kept" and (index := self.index.get(what)) in self.left:
                assert index is not None
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
        path = worker.wants
        facts = self._known(path)
        if facts is None and self.in_hand.get(path) not in (None, worker):
            return  # somebody is parsing it: the answer comes when they have told
        if facts is None:
            self.in_hand[path] = worker
        worker.wants = None
        worker.since = time.monotonic()  # the time for which it waited for somebody else does not count
        with contextlib.suppress(OSError):
            worker.connection.send(("facts", facts))

    def _known(self, path: str) -> FileFacts | None:
        learned = self.learned.get(path)
        if learned is not None:
            return learned.facts or NOTHING
        return self.recall(path) if self.recall is not None else None

    def _dismiss(self, worker: _Worker, why: str) -> None:
        """A worker is gone: its file gets a finding, what waited goes back, and somebody new takes over."""
        self.workers.remove(worker)
        worker.connection.close()
        if worker.doing:
            index = worker.doing.popleft()
            shown = self.files[index].shown
            failure = Diagnostic(
                Region(shown, 1, 1, 1, 1), "REL000", "internal-error", Severity.ERROR, f"the file {why}", "please report it", lines=(1, 1)
            )
            self.reports[index] = Checked(FileReport(shown, (failure,)))
        self.left.extendleft(reversed(worker.doing))
        for path in [path for path, holder in self.in_hand.items() if holder is worker]:
            del self.in_hand[path]
        self._answer_waiting()
        if self.left:
            self._hire()


def _work(
    connection: Connection,
    inherited: Sequence[Connection],
    files: Sequence[Found],
    known: Sequence[Found],
    overlay: Mapping[str, str],
    view: View,
    noting: bool,
) -> None:
    """A worker's life: files in, reports and facts out. It ends when the parent does, whatever became of that."""
    for one in inherited:
        one.close()
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

    def tell(path: str, learned: Learned) -> None:
        connection.send(("kept" if checker.keeps(path) else "facts", path, learned))

    for path in dict.fromkeys(path for found in known if found.settings.local_rules_allowed for path in found.settings.local_rules):
        load(path)  # a process that was not forked does not have them yet
    checker = Checker(overlay, ask, tell, view, noting=noting)
    for found in known:
        checker.expect(found)
    checker.due = frozenset(found.path for found in files)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            index = waiting.popleft() if waiting else connection.recv()
            connection.send(("done", index, checker.checked(files[index])))
