"""How a process, and what lives in it, begins and ends."""

from __future__ import annotations

from .base import Concept, Parameter


class Exit(Concept, frozen=True):
    """
    Ends the process. It raises `SystemExit`, or, `at_once`, nothing more is done: no `finally`, no exit function, nothing that others were waiting for.

    Where the call ends any process, in any way: `process` is the argument that says which, and `own` lists the calls that give this one; `signal` is the
    argument that says how, and only that in `signals` counts, by name or number.
    """

    at_once: bool = False
    process: Parameter | None = None
    own: tuple[str, ...] = ()
    signal: Parameter | None = None
    signals: tuple[str | int, ...] = ()


class Fork(Concept, frozen=True):
    """What follows runs in two processes."""
