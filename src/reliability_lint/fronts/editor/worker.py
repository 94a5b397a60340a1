"""One thread that does what is due, the latest wish for each file alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Condition, Thread


class Worker:
    """
    Calls `work` for each file that is asked for, one after the other, the latest wish for each.

    A wish with a pause waits for it if another one came just before: a burst is one. Who has rested for as long as the pause does not wait.
    """

    def __init__(self, work: Callable[[str], None]) -> None:
        self._work = work
        self._due: dict[str, float] = {}
        self._busy = ""
        self._asked = 0.0  # when the last wish came
        self._waiting: list[tuple[str, Future[None]]] = []
        self._changed = Condition()
        Thread(target=self._run, name="checks", daemon=True).start()

    def ask(self, path: str, pause: float = 0.0) -> None:
        """Wishes for a file; the former wish for it is void."""
        with self._changed:
            now = time.monotonic()
            self._due[path] = now + pause if now - self._asked < pause else now
            self._asked = now
            self._changed.notify_all()

    def drop(self, path: str) -> None:
        """Takes a wish back."""
        with self._changed:
            self._due.pop(path, None)
            rested = self._rested()
        _tell(rested)

    @property
    def is_asked(self) -> bool:
        """Whether anything is due."""
        return bool(self._due)

    def rest(self, path: str) -> Future[None]:
        """Comes to pass when nothing is due for a file: now, or in the worker's thread. Who no longer waits for it cancels it."""
        waiting: Future[None] = Future()
        with self._changed:
            self._waiting.append((path, waiting))
            rested = self._rested()
        _tell(rested)
        return waiting

    def _rested(self) -> list[Future[None]]:
        """What has come to pass. It is to be told when others may change what is due again."""
        rested = [waiting for path, waiting in self._waiting if path not in self._due and self._busy != path]
        self._waiting = [(path, waiting) for path, waiting in self._waiting if path in self._due or self._busy == path]
        return rested

    def _run(self) -> None:
        while True:
            path = self._next()
            try:
                self._work(path)
            finally:
                with self._changed:
                    self._busy = ""
                    rested = self._rested()
                _tell(rested)

    def _next(self) -> str:
        """Waits until something is due; of several the last that was asked for, for that is where somebody writes."""
        with self._changed:
            while True:
                now = time.monotonic()
                ready = [path for path, due in self._due.items() if due <= now]
                if ready:
                    self._busy = max(ready, key=self._due.__getitem__)
                    del self._due[self._busy]
                    return self._busy
                self._changed.wait(min(self._due.values()) - now if self._due else None)


def _tell(rested: Iterable[Future[None]]) -> None:
    for waiting in rested:
        if waiting.set_running_or_notify_cancel():
            waiting.set_result(None)
