"""Work that was lost and counts as done: what was to be kept, published or paid, and messages that are acknowledged although nobody has handled them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.data import Commit, Write
from ..concepts.queues import Acknowledgement, Publication
from ..concepts.retry import Payment
from ..model.course import Happening, course
from ..model.endings import ends
from ..model.places import Call, Handler
from ..model.semantic import SemanticModel
from ..model.swallowing import BROAD, following, looks_empty, own, rest_of_round
from .jobs import is_meant, says_so
from .silence import told_of

# What may be lost without harm: copies of what stands elsewhere, and what is written beside the work.
_BESIDE = re.compile(
    r"cache|audit|histor(y|ies)|activit(y|ies)|last_?(seen|used|login|active|access|activity|run|read)|view_?count|visit|stat(istic)?s|usage|log(s|ging)?(_|$)"
    r"|track|notif|warm|prefetch|touch|heartbeat|telemetry|metric|seed|migrat|backfill|index",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unkept:
    """
    A handler that logs a failure and lets what failed count as done. `effect` is the call that had an effect which is lost now; or, if `message`, the one that
    tells the broker that the message was handled.
    """

    handler: Handler
    effect: Call
    message: bool


def unkept(model: SemanticModel) -> Iterator[Unkept]:
    """The handlers of a file that only log the failure of what was to have an effect, where whoever waits for it is told that all went well."""
    meanings = model.meanings
    effects = {id(call.node): call for call in _effects(model)}
    acknowledging = {id(call.node): call for call, _ in meanings.of(Acknowledgement)}
    if not effects and not acknowledging:
        return
    told: set[int] | None = None
    for handler in model.handlers:
        if handler.function is None or not says_so(handler) or is_meant(handler):
            continue
        found = _acknowledged(handler, acknowledging) or _lost(handler, effects)
        if found is None:
            continue
        told = told_of(model) if told is None else told
        if id(handler.at) not in told:
            yield found


def _effects(model: SemanticModel) -> Iterator[Call]:
    """The calls of a file by which something is kept, paid or handed over."""
    meanings = model.meanings
    for kind in (Commit, Payment, Publication):
        yield from (call for call, _ in meanings.of(kind))
    yield from (call for call, write in meanings.of(Write) if not write.deferred)


# -- messages


def _acknowledged(handler: Handler, acknowledging: dict[int, Call]) -> Unkept | None:
    """What tells the broker, after a handler that has caught whatever went wrong with a message, that it was handled."""
    if BROAD.isdisjoint(handler.catches) or not ends(handler.node.body) <= {"on", "continue"}:
        return None
    final = handler.tries.finalbody
    after = course(final.body) if final is not None else []
    if ends(handler.node.body) == {"on"}:
        after += [one for statement in rest_of_round(handler.tries, handler) for one in course(statement)]
    tried = [node for node in own(handler.tries.body) if isinstance(node, cst.Call)]
    for one in after:
        call = acknowledging.get(id(one.node)) if one.kind == "fail" else None
        if call is not None and not one.conditions:
            return Unkept(handler, call, message=True) if tried else None
        if one.kind == "leave":
            return None
    return None


# -- effects


def _lost(handler: Handler, effects: dict[int, Call]) -> Unkept | None:
    """What was tried and is lost, where nobody is told but the log."""
    if ends(handler.node.body) != {"on"} or any(frame.kind == "loop" for frame in handler.frame.within_function()):
        return None
    tried = [effects[id(node)] for node in own(handler.tries.body) if id(node) in effects]
    effect = next((call for call in tried if _is_caught(call, handler)), None)
    if effect is None or _is_beside(handler) or not _says_success(handler):
        return None
    return Unkept(handler, effect, message=False)


def _is_caught(call: Call, handler: Handler) -> bool:
    """Whether a handler is for failures of this call: for any, or for just those that it raises, and no `try` inside has them first."""
    for frame in call.frame.within_function():
        if frame.node is handler.tries:
            break
        if frame.kind in ("try", "handler", "finally", "loop"):
            return False
    known = handler.model.meanings.index.known(call.name)
    return not {*BROAD, *(known.raises if known is not None else ())}.isdisjoint(handler.catches)


def _is_beside(handler: Handler) -> bool:
    """Whether the effect is not what the function is there for, by the names in it."""
    function = handler.function
    assert function is not None
    names = [node.value for node in own(handler.tries.body) if isinstance(node, cst.Name)]
    names += [function.name, function.owner.name if function.owner is not None else ""]
    return any(_BESIDE.search(name) for name in names)


def _says_success(handler: Handler) -> bool:
    """Whether what comes after the handler gives something that does not depend on whether it went well."""
    happenings: list[Happening] = []
    bound = {one.name for one in (*course(handler.tries.body), *course(handler.node.body)) if one.kind == "bind"}
    for statement in following(handler.tries, handler):
        happenings += course(statement)
    for one in happenings:
        if one.kind == "read" and one.name in bound:
            return False
        if one.kind == "leave":
            return isinstance(one.node, cst.Return) and not one.conditions and _is_something(one.node.value)
    return False


def _is_something(value: cst.BaseExpression | None) -> bool:
    return value is not None and not looks_empty(value) and not (isinstance(value, cst.Name) and value.value in ("None", "False"))


__all__ = ["Unkept", "unkept"]
