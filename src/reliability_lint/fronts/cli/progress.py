"""How far a run has come, on a terminal, and only where it lasts."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

_PATIENCE = 0.7  # seconds in which nothing is said: nothing that is over at once may flicker
_AGAIN = 0.1
_CLEAR = "\r\x1b[2K"


class Progress:
    """A line on standard error that tells how many files are checked, and is gone when all are. Where nobody would see it, not one byte is written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self._wanted = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + _PATIENCE
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """Hears that some of the files are checked."""
        if not self._wanted or (now := time.monotonic()) < self._next:
            return
        self._next = now + _AGAIN
        self._shown = True
        self.stream.write(f"{_CLEAR}checked {done} of {total} files")
        self.stream.flush()

    def close(self) -> None:
        """Takes the line away."""
        if self._shown:
            self.stream.write(_CLEAR)
            self.stream.flush()
            self._shown = False
