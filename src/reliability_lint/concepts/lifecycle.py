"""How a process, and what lives in it, begins and ends."""

from __future__ import annotations

from typing import Literal

from .base import Concept, Parameter


class Exit(Concept, frozen=True):
    """
    Ends the process. It raises `SystemExit`, or, `at_once`, nothing more is done: no `finally`, no exit function, nothing that others were waiting for.

    Where the call ends any process, in any way: `process` is the argument that says which, and `own` lists the calls that give this one; `signal` is the
    argument that says how, and only that in `signals` counts, by name or number. Those in `asks` end it as well, but let it do what is left to do.
    """

    at_once: bool = False
    process: Parameter | None = None
    own: tuple[str, ...] = ()
    signal: Parameter | None = None
    signals: tuple[str | int, ...] = ()
    asks: tuple[str | int, ...] = ()


class Application(Concept, frozen=True):
    """
    Makes what a process is there for: something that answers "requests", or whose workers do "jobs".

    Of the latter: `limited_by` are words of which one stands in the settings, or at a job, where jobs may not run for ever; none, where they may not by
    default. `reads` is the method that takes settings from a module or an object, and `elsewhere` are words that stand where settings come from outside of the
    program. `cure` says how to set a limit.

    Of the former: `unhandled` is what a client gets, in words, where nothing catches an exception; empty, where that is what it expects. `handled_by` are
    patterns of which one stands in some file where something does, and `clients` patterns of files whose clients are programs; none, where they always are.
    `cure` says how to catch everything.
    """

    serves: Literal["requests", "jobs"]
    limited_by: tuple[str, ...] = ()
    reads: str = ""
    elsewhere: tuple[str, ...] = ()
    cure: str = ""
    unhandled: str = ""
    handled_by: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()


class Fork(Concept, frozen=True):
    """What follows runs in two processes."""


class Lifespan(Concept, frozen=True):
    """
    Makes an application, and takes the function that runs around its life as `lifespan`, or several of them.

    `events` are arguments that list functions for its start and end, and that are ignored where a lifespan is given. `replaced_by` are attributes whose
    assignment sets another lifespan, and `runs` those by which a lifespan may run the events itself; both dotted, as they end.
    """

    lifespan: Parameter
    events: tuple[Parameter, ...] = ()
    replaced_by: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


class LifeEvent(Concept, frozen=True):
    """
    Has a function run when the application starts or ends on which it is called, and not at all if that has a lifespan. `event` is the argument that says
    which of both, `function` the one that is run, where the call is no decorator.
    """

    event: Parameter
    function: Parameter | None = None


class Serve(Concept, frozen=True):
    """
    Goes on until somebody ends it, and leaves the signal that ends a process as it is. `limit` is an argument that ends it in time, where it is given.
    """

    limit: Parameter | None = None


class Closable(Concept, frozen=True):
    """Opens something that stays open until one of the methods `by` is called on it. `holds` says in words what that is."""

    by: tuple[str, ...]
    holds: str


class Buffered(Concept, frozen=True):
    """
    Leaves something in the buffer of the object on which it is called, to be sent by and by. `flushed_by` are the methods that wait until all is sent,
    `perhaps_by` those that may wait, unless they are told a time of zero. `with_process`: it is lost with the process, and else with the object.
    """

    flushed_by: tuple[str, ...]
    perhaps_by: tuple[str, ...] = ()
    with_process: bool = False
