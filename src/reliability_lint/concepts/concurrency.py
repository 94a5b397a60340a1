"""Things that run beside each other."""

from __future__ import annotations

from .base import Concept, Parameter


class TaskSpawn(Concept, frozen=True):
    """
    Starts a task that nothing but the returned object keeps alive.

    `idle_methods` are methods of that object that keep nothing. `hands_back`: a task that is passed instead of a coroutine is given back as it is.
    """

    coroutine: Parameter | None = None
    idle_methods: tuple[str, ...] = ()
    hands_back: bool = False


class Offload(Concept, frozen=True):
    """Runs a function elsewhere: in a thread or a process. `function` is the argument that is run."""

    function: Parameter


class Executor(Concept, frozen=True):
    """
    Makes an object that runs functions in workers of its own.

    `joins`: leaving its `with` waits until all that was handed to it is done. `released_by` are methods after which it does not.
    """

    joins: bool = False
    released_by: tuple[str, ...] = ()
