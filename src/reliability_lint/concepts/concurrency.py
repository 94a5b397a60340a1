"""Things that run beside each other."""

from __future__ import annotations

from .base import Concept, Parameter


class TaskSpawn(Concept, frozen=True):
    """Starts a task that nothing but the returned object keeps alive."""

    coroutine: Parameter | None = None


class Offload(Concept, frozen=True):
    """Runs a function elsewhere: in a thread or a process. `function` is the argument that is run."""

    function: Parameter
