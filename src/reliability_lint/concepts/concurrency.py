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


class LoopRun(Concept, frozen=True):
    """
    Runs an event loop until something is done, which the thread of a loop that runs already cannot do.

    `fresh`: the loop is made for this one call and closed after it. `coroutine` is the argument whose end it waits for.
    """

    fresh: bool = False
    coroutine: Parameter | None = None


class LoopCheck(Concept, frozen=True):
    """Tells whether an event loop runs here."""


class NestedLoops(Concept, frozen=True):
    """Sees to it that an event loop may run inside of another one."""


class Lock(Concept, frozen=True):
    """
    Makes an object that keeps others out while somebody holds it, and that nobody knows by name: each one that is made is another.

    `holder` is what holds it: whoever waits for it waits as a whole thread or process, or as one task. `reentrant`: the holder may take it again.
    `instead` is the one for tasks.
    """

    holder: Literal["thread", "process", "task"]
    reentrant: bool = False
    instead: str = ""


class Submission(Concept, frozen=True):
    """
    Starts work whose failure is kept in what the call gives, and told to nobody who does not ask there.

    `function` is the argument that is run, or `coroutine` the one that is awaited. `told` lists arguments that are called with the exception.
    """

    function: Parameter | None = None
    coroutine: Parameter | None = None
    told: tuple[Parameter, ...] = ()


class TaskGroup(Concept, frozen=True):
    """
    Makes an object whose `async with` waits for the tasks that are started with it, and puts whatever they or its body raise into an exception group.

    `starts` are its methods that start a task: of a coroutine, or of a coroutine function, which is their first argument.
    """

    starts: tuple[str, ...]


class Gather(Concept, frozen=True):
    """Waits for several tasks and gives their results; where the argument `keeps` is true, exceptions are among them and not raised."""

    keeps: Parameter


class Launch(Concept, frozen=True):
    """Has an object begin what it was made for, beside the caller and for as long as the process lives. `what` is a word for it, as in "a thread"."""

    what: str
