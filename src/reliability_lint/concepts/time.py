"""Waiting: how long a call may take, who says so, and what stops it."""

from __future__ import annotations

from typing import Literal

import msgspec

from .base import Concept, Parameter

Tier = Literal["always", "sensitive", "opt-in", "disabled-only", "never"]


class VersionedDefault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A default that changed: `versions` is a specifier set of the distribution, as in `>=8,<9`."""

    versions: str
    value: float | Literal["never", "client", "socket", "unknown"]


class Timeout(Parameter, frozen=True):
    """
    How a callable takes its timeout, and what holds if none is given.

    `default` is in the parameter's own unit, or one of these words: "never" (waits for ever), "client" (as the object's maker was
    told), "socket" (`socket.setdefaulttimeout`, else for ever), "unknown". `none`, `zero` and `negative` say what these values mean; "ignored" is
    "default" for who believes otherwise: as everywhere else it reads as a timeout switched off, and nothing happens.
    `phases` names the parts of a tuple, as in requests' `(connect, read)`: each must be finite. `carried_by` is an argument whose text may hold the
    setting under the same keyword: a connection string, a URL's query.
    """

    default: float | Literal["never", "client", "socket", "unknown"] | tuple[VersionedDefault, ...] = "never"
    unit: Literal["s", "ms"] = "s"
    none: Literal["never", "default", "now", "error", "ignored"] = "never"
    zero: Literal["never", "default", "now", "error"] = "now"
    negative: Literal["never", "default", "now", "error"] = "error"
    phases: tuple[str, ...] = ()
    carried_by: Parameter | None = None
    per: Literal["operation", "total"] = "operation"


class Wait(Concept, frozen=True):
    """
    A call, or the making of a client, that waits for somebody else.

    `what` completes "… may wait for ever": "HTTP request", "Redis command". `tier` says where a missing timeout is worth a word:
    "always"; "sensitive" (request handlers, coroutines, tasks); "opt-in"; "disabled-only" (the default is finite: speak only of a
    timeout that was switched off); "never". `timeout` absent: the callable has no such parameter. `partial` lists parameters that
    bound one phase only. `asynchronous`: awaited, so an enclosing deadline bounds it. `streams`: a keyword that, when true, makes a
    missing read timeout legitimate. `switch`: an argument that, when false, makes the call return at once. `arrives`: it waits for something to
    arrive, which is what the loop of a consumer is there for. `settled_by`: callables after which there is nothing left to wait for.
    `cut_short`: the timeout of the client runs meanwhile, and ends the call with an error if it is the shorter one.
    """

    what: str
    tier: Tier
    timeout: Timeout | None = None
    partial: tuple[Parameter, ...] = ()
    asynchronous: bool = False
    streams: str = ""
    switch: Parameter | None = None
    arrives: bool = False
    settled_by: tuple[str, ...] = ()
    cut_short: bool = False
    cure: str = ""


class Deadline(Concept, frozen=True):
    """A scope or wrapper that ends what is awaited in it. `awaits`: the argument that is awaited, for wrappers such as `wait_for`."""

    seconds: Timeout
    awaits: Parameter | None = None


class GlobalTimeout(Concept, frozen=True):
    """Sets the timeout of every wait whose default is "socket"; waits that are told "no timeout" explicitly do not ask for it."""

    seconds: Parameter


class Sleep(Concept, frozen=True):
    """A pause. `asynchronous`: it leaves the event loop free."""

    seconds: Parameter
    asynchronous: bool = False


class Blocking(Concept, frozen=True):
    """
    A call that keeps its thread, and so an event loop, from doing anything else. `instead` is what a coroutine would do. `awaitable` is the callable that
    takes the same arguments and only has to be awaited.
    """

    kind: Literal["sleep", "network", "process", "database", "lock", "queue", "cpu", "file", "tree", "input"]
    instead: str = ""
    awaitable: str = ""


class TimeoutClass(Concept, frozen=True):
    """
    A class whose instances are timeouts, such as `httpx.Timeout`; a call of it means this.

    `whole` sets all parts that are not given. The instance is finite when every part in `needs_all` is, or any part in `needs_any`.
    `default` holds for parts that neither their own keyword nor `whole` sets; "error": there is no such instance. `positions` are the parts by
    position.
    """

    name: str
    parts: tuple[str, ...]
    whole: Parameter | None = None
    positions: tuple[str, ...] = ()
    needs_all: tuple[str, ...] = ()
    needs_any: tuple[str, ...] = ()
    default: float | Literal["never", "socket", "error"] = "never"
    zero: Literal["never", "now", "error"] = "now"
