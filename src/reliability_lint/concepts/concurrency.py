"""Things that run beside each other."""

from __future__ import annotations

from typing import Literal

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
    """
    Runs a function elsewhere: in a thread or a process. `function` is the argument that is run. `keeps_exit`: a `SystemExit` that leaves it ends the thread
    and nothing else, without a word.
    """

    function: Parameter
    keeps_exit: bool = False


class SyncOnly(Concept, frozen=True):
    """
    Decorates a function as if its call were all its work, and so knows nothing of what a coroutine does when it is awaited.

    `does` is what is lost by that. Where the argument `unless` is true, it knows of coroutines. `instead` names what does.
    """

    does: Literal["repeat", "breaker", "cache"]
    unless: Parameter | None = None
    instead: str = ""


class Executor(Concept, frozen=True):
    """
    Makes an object that runs functions in workers of its own.

    `joins`: leaving its `with` waits until all that was handed to it is done. `released_by` are methods after which it does not.
    """

    joins: bool = False
    released_by: tuple[str, ...] = ()
