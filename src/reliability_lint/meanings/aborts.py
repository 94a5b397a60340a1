"""Handlers that end the whole process because one of many things failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..model.endings import ends
from ..model.frames import Frame
from ..model.places import Function, Handler
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import BROAD, explained, own, trap_of
from .exits import Leaving, ends_only_thread, leavings, library_leavings

# Functions that are called with whatever arrives, by their names.
_RECEIVES = re.compile(
    r"_*(on|handle|process|consume|receive)_?(message|msg|event|delivery|update|record|notification|request|data|task|job)s?(_\w+)?"
    r"|(message|event|update|request)_(handler|callback|received)|callback",
    re.IGNORECASE,
)
# What a loop goes over, and what it calls, that has something arrive from elsewhere. A `get` must be that of a queue.
_ARRIVING = re.compile(
    r"(^|[_.])(consumer|subscriber|subscription|receiver|listener|messages?|msgs|events?|records|queue|inbox|stream|channel|updates)s?($|[_.(])",
    re.IGNORECASE,
)
_FETCHES = re.compile(
    r"(.*\.)?(poll|recv(from|_\w+)?|receive(_\w+)?|accept|getone|getmany|consume|bl?r?pop|bzpop\w+|xread(group)?|run_pending|dequeue|get_message|next_msg"
    r"|run_once|fetch_(messages?|jobs?|tasks?|events?))"
    r"|(.*[._])?(queue|inbox|mailbox|jobs|tasks|events|messages|q)\w*\.(get|get_nowait|popleft|pop)",
    re.IGNORECASE,
)
_SITS_BEFORE = frozenset({"input", "prompt", "readline", "cmdloop", "ask", "confirm"})


@dataclass(frozen=True, slots=True)
class Abort:
    """A handler that ends the process for whatever went wrong. `what` is what went wrong, in words: one of many."""

    leaving: Leaving
    handler: Handler
    what: str


def aborts(model: SemanticModel) -> Iterator[Abort]:
    """
    The broad handlers of a file around the work on one of many things that arrive, which end the process in any case.

    Left out are those of which other rules tell: exits of requests, jobs and threads, and of functions that belong to no program.
    """
    handlers = {id(handler.node): handler for handler in model.handlers if not BROAD.isdisjoint(handler.catches)}
    if not handlers:
        return
    found = [(leaving, handler) for leaving in leavings(model, politely=True) if (handler := _handler(leaving, handlers)) is not None]
    told = {id(leaving.place) for leaving in library_leavings(model)} if found else set()
    for leaving, handler in found:
        what = _arrives(handler)
        if what and id(leaving.place) not in told and not _is_told_elsewhere(leaving) and not explained(trap_of(handler)):
            yield Abort(leaving, handler, what)


def _handler(leaving: Leaving, handlers: dict[int, Handler]) -> Handler | None:
    """The handler that a place is come to in, whatever it has caught; None where it hangs on something."""
    for frame in leaving.place.frame.within_function():
        if frame.kind == "handler":
            return handlers.get(id(frame.node))
        if frame.kind != "with":
            return None
    return None


def _is_told_elsewhere(leaving: Leaving) -> bool:
    function = leaving.place.function
    assert function is not None
    if function.model.meanings.handled_by(function) is not None:
        return True
    return leaving.failed and not leaving.at_once and ends_only_thread(function) is not None


def _arrives(handler: Handler) -> str:
    """What is tried, in words, where it is one of many things that arrive; "" where nothing says so."""
    function = handler.function
    assert function is not None
    if any(call.word in _SITS_BEFORE for call in function.calls):
        return ""  # somebody sees it end
    frames = list(handler.frame.within_function())
    if any(frame.kind in ("handler", "finally") for frame in frames):
        return ""
    loop = next((frame for frame in frames if frame.kind == "loop"), None)
    if loop is not None:
        goes_on = bool(ends(handler.tries.body) & {"on", "continue"})
        return "round of this loop" if goes_on and _receives_in(loop) else ""
    return "message" if _receives(function) else ""


def _receives(function: Function) -> bool:
    """Whether a function is called with what arrives: a library was told to, or its name says so."""
    takes = len(function.parameters) - (1 if function.owner is not None else 0)
    return takes > 0 and (function.model.is_delivered_to(function) or _RECEIVES.fullmatch(function.name) is not None)


def _receives_in(loop: Frame) -> bool:
    """Whether a loop goes on as long as something arrives."""
    node = loop.node
    if isinstance(node, cst.For):
        over = node.iter.func if isinstance(node.iter, cst.Call) else node.iter
        return node.asynchronous is not None or _ARRIVING.search(dotted(over)) is not None or _fetches(node.iter)
    return isinstance(node, cst.While) and (_fetches(node.test) or _fetches(node.body))


def _fetches(node: cst.CSTNode) -> bool:
    return any(isinstance(one, cst.Call) and _FETCHES.fullmatch(dotted(one.func)) is not None for one in own(node))


__all__ = ["Abort", "aborts"]
