"""Handlers of what is to end a program, a coroutine or a generator: `SystemExit`, `KeyboardInterrupt`, `GeneratorExit`, and everything at once."""

from __future__ import annotations

import re

import libcst as cst

from ..concepts.lifecycle import Exit
from ..model.places import Handler
from ..model.swallowing import Trap, following, imports, last_name, own, trap_of, tried
from ..syntax.tree import children, walk
from .exits import ends_only_thread
from .telling import tells

_BASE = "builtins.BaseException"
_STOPS = frozenset({"builtins.SystemExit", "builtins.KeyboardInterrupt"})
# These give the exception that is being handled.
_IN_FLIGHT = frozenset({"exc_info", "exception", "format_exc"})
# What is over at once, whatever it is given.
_AT_ONCE = re.compile(
    r"(builtins\.(?!open|input|exec|eval|__import__)|urllib\.parse\.|ipaddress\.|decimal\.|fractions\.|uuid\.|datetime\.|base64\.|binascii\.|json\.loads$"
    r"|ast\.literal_eval$)"
)
_OF_TEXTS = frozenset(
    {
        "casefold", "decode", "encode", "endswith", "format", "get", "isdigit", "join", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
        "replace", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "title", "upper",
    }
)  # fmt: skip


def takes_no_time(trap: Trap) -> bool:
    """Whether all that is tried is over at once, so that nobody interrupts it: a text that is taken apart, a number that is read."""
    nodes = tried(trap)
    if any(isinstance(node, cst.For | cst.While | cst.With | cst.Await | cst.Yield | cst.Import | cst.ImportFrom) for node in nodes):
        return False
    calls = [node for node in nodes if isinstance(node, cst.Call)]
    return bool(calls) and all(_is_over_at_once(call, trap) for call in calls)


def _is_over_at_once(node: cst.Call, trap: Trap) -> bool:
    name = trap.place.model.name_of(node.func, trap.place)
    if name:
        return _AT_ONCE.match(name) is not None
    return isinstance(node.func, cst.Attribute) and node.func.attr.value in _OF_TEXTS


def keeps_everything(handler: Handler) -> bool:
    """
    Whether a handler that catches everything is where it ends, as far as can be seen: it raises nothing, does not end the process, hands the exception
    on to nobody, and no handler before it has taken what it should not.
    """
    return not (_is_spared(handler) or _lets_go(handler) or _raises_later(handler) or imports(trap_of(handler)) or _ends_thread(handler))


def _is_spared(handler: Handler) -> bool:
    """Whether a handler above has caught what ends a program, or everything, so that this one is for the rest."""
    for other in handler.model.handlers:
        if other is handler:
            return False
        if other.tries is handler.tries and not {_BASE, *_STOPS}.isdisjoint(other.catches):
            return True
    return False


def _lets_go(handler: Handler) -> bool:
    """Whether a handler raises on some path, ends the process, or gives the exception to anything that does more than to tell of it."""
    body = handler.node.body
    nodes = own(body)
    if any(isinstance(node, cst.Raise) for node in walk(body)):
        return True
    meanings = handler.model.meanings
    if any(meanings.means(call, Exit) is not None for call in handler.model.calls if handler.inside.encloses(call.frame)):
        return True
    parents = {id(child): node for node in nodes for child in children(node)}
    # `sys.exception()` has a name like that of a log record, and is none: nothing is given to it.
    calls = [node for node in nodes if isinstance(node, cst.Call) and (node.args or last_name(node) not in _IN_FLIGHT)]
    telling = {id(node) for node in calls if tells(node, handler.model)}
    for node in nodes:
        in_flight = (isinstance(node, cst.Name) and handler.bound and node.value == handler.bound) or (
            isinstance(node, cst.Call) and last_name(node) in _IN_FLIGHT and id(node) not in telling
        )
        if in_flight and not _is_within(node, telling, parents):
            return True
    return False


def _is_within(node: cst.CSTNode, wanted: set[int], parents: dict[int, cst.CSTNode]) -> bool:
    current: cst.CSTNode | None = node
    while current is not None:
        if id(current) in wanted:
            return True
        current = parents.get(id(current))
    return False


def remembers(handler: Handler) -> bool:
    """Whether a handler sets a flag, for what comes later."""
    return any(
        isinstance(node, cst.Assign) and isinstance(node.value, cst.Name) and node.value.value in ("True", "False")
        for node in own(handler.node.body)
    )


def _raises_later(handler: Handler) -> bool:
    """Whether a flag is set, and what follows raises something."""
    return remembers(handler) and any(
        isinstance(node, cst.Raise) for statement in following(handler.tries, handler) for node in own(statement)
    )


def _ends_thread(handler: Handler) -> bool:
    """Whether this runs in a thread of its own, which no signal reaches and `SystemExit` would only end."""
    return handler.function is not None and ends_only_thread(handler.function) is not None


def yields_in(trap: Trap) -> bool:
    """Whether a generator may be closed in the block that is guarded."""
    return any(isinstance(node, cst.Yield) for node in tried(trap))


__all__ = ["keeps_everything", "remembers", "takes_no_time", "yields_in"]
