"""Groups of tasks: what is started in them, which exceptions leave their tasks, and who meets the exception group that comes of it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.concurrency import TaskGroup
from ..concepts.http import Response
from ..model.frames import Frame
from ..model.places import Call, Function, Handler, Place, Raise, With
from ..model.semantic import SemanticModel
from ..model.swallowing import BROAD
from ..model.values import Reference
from .exposure import registered

_GROUPS = frozenset({"builtins.ExceptionGroup", "builtins.BaseExceptionGroup"})
_SUPPRESS = "contextlib.suppress"
# What a task group may raise itself, not of a task: it was entered twice, or in another task.
_ITS_OWN = frozenset({"builtins.RuntimeError"})


@dataclass(frozen=True, slots=True)
class Group:
    """A task group: the `with` that waits for it, the call that makes it, and what it is called in there ("" where it has no name)."""

    place: With
    call: Call
    concept: TaskGroup
    name: str
    alone: bool

    @property
    def title(self) -> str:
        """What messages call it."""
        return f"{self.call.title}()"


def groups(model: SemanticModel) -> Iterator[Group]:
    """The task groups that are made where they are entered."""
    made = {id(call.node): (call, concept) for call, concept in model.meanings.of(TaskGroup)}
    for place in model.withs if made else ():
        for item in place.node.items:
            call, concept = made.get(id(item.item), (None, None))
            if call is not None and concept is not None:
                bound = item.asname.name if item.asname is not None else None
                yield Group(place, call, concept, bound.value if isinstance(bound, cst.Name) else "", len(place.node.items) == 1)


def raised_in(group: Group) -> Iterator[tuple[Raise, Function | None]]:
    """What is raised in the body of a group, or by functions of this file that are started in it: those that nothing there catches."""
    model = group.place.model
    for raised in model.raises:
        if raised.function is group.place.function and _leaves(raised, group.place.inside):
            yield raised, None
    seen: set[int] = set()
    for call in model.calls:
        function = _started(call, group) if group.place.inside.encloses(call.frame) else None
        if (
            function is None
            or id(function) in seen
            or function.generator
            or not model.leaves_as_it_is(one.name for one in function.decorators)
        ):
            continue
        seen.add(id(function))
        for raised in function.raises:
            if _leaves(raised, None):
                yield raised, function


def _started(call: Call, group: Group) -> Function | None:
    """The function of this file that a call starts as a task of the group."""
    if call.function is not group.place.function or not isinstance(call.node, cst.Call) or not call.node.args:
        return None
    match call.node.func:
        case cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=method)):
            if not group.name or holder != group.name or method not in group.concept.starts:
                return None
        case _:
            return None
    first = call.node.args[0]
    if first.star or first.keyword is not None:
        return None
    datum = call.evaluate(first.value.func if isinstance(first.value, cst.Call) else first.value)
    place = call.model.defined(datum.name) if isinstance(datum, Reference) else None
    return place if isinstance(place, Function) else None


def _leaves(raised: Raise, until: Frame | None) -> bool:
    """Whether what is raised certainly leaves the function, or comes to this frame: no `try` with handlers and no `suppress` is around it."""
    for frame in raised.frame.within_function():
        if frame is until:
            return True
        if (frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar) and frame.node.handlers) or _suppresses(frame, raised):
            return False
    return until is None


def _suppresses(frame: Frame, place: Place) -> bool:
    return isinstance(frame.node, cst.With) and any(
        isinstance(item.item, cst.Call) and place.model.name_of(item.item.func, place) == _SUPPRESS for item in frame.node.items
    )


def name_of_raised(raised: Raise) -> str:
    """The dotted name of the class that is raised, or ""."""
    exception = raised.exception
    if exception is None:
        return ""
    return raised.model.name_of(exception.func if isinstance(exception, cst.Call) else exception, raised)


def is_answer(name: str, model: SemanticModel) -> bool:
    """Whether raising an exception of this name is how a response is sent: a framework makes one of it, or a handler of this file does."""
    known = model.meanings.index.known(name) if name else None
    if known is not None and Response in known.concepts:
        return True
    return any(name in names for names in registered(model).values()) and name not in BROAD and bool(name)


def is_met(place: Place) -> bool:
    """Whether an exception group that leaves this place may be met within its function, or by what decorates it."""
    meeting = {id(handler.tries) for handler in place.model.handlers if _meets(handler)}
    return any((frame.kind == "try" and id(frame.node) in meeting) or _suppresses(frame, place) for frame in place.frame.within_function())


def _meets(handler: Handler) -> bool:
    return isinstance(handler.node, cst.ExceptStarHandler) or not {"", *BROAD, *_GROUPS}.isdisjoint(handler.catches)


def answers_group(function: Function) -> bool:
    """Whether something turns exception groups into responses for a request handler: a decorator that is not known, or a handler of errors."""
    model = function.model
    ways = {id(call) for call in model.meanings.ways(function)}
    if not model.leaves_as_it_is(one.name for one in function.decorators if id(one) not in ways):
        return True
    return any(not _GROUPS.isdisjoint(names) for names in registered(model).values())


def never_matches(handler: Handler, model: SemanticModel) -> bool:
    """Whether what a handler catches is surely neither a group nor raised by the group itself."""
    names = handler.catches
    return isinstance(handler.node, cst.ExceptHandler) and bool(names) and all(_is_single(name, model) for name in names)


def _is_single(name: str, model: SemanticModel) -> bool:
    if name in _ITS_OWN or name in BROAD or name in _GROUPS:
        return False
    module, _, last = name.rpartition(".")
    if module == "builtins":
        kind = getattr(builtins, last, None)
        return isinstance(kind, type) and issubclass(kind, Exception)
    known = model.meanings.index.known(name) if name else None
    return known is not None and Response in known.concepts


__all__ = ["Group", "answers_group", "groups", "is_answer", "is_met", "name_of_raised", "never_matches", "raised_in"]
