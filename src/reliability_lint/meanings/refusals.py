"""Exceptions for which a framework waits, and that do not reach it: a handler of the same function takes them for failures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import libcst as cst

from ..concepts.bounds import find
from ..concepts.http import Refusal, Response
from ..libraries.index import Index
from ..model.endings import ends
from ..model.places import Call, Handler, Place, Raise
from ..model.semantic import SemanticModel
from ..model.swallowing import BROAD, last_name, own
from ..model.values import Constant, Missing, Reference
from .exposure import status_of
from .lookups import handlers_by_node
from .telling import tells

# Calls that put an exception into words, and do nothing else with it.
_WORDS = re.compile(r"^(?:str|repr|type|format|set_status|notify)$|format_exc|format_exception")
_TEXTS = frozenset({"args", "message"})
Outcome: TypeAlias = Literal["raise", "return", "on"]
_SUPPRESSES = "suppress"
_SMALLEST = 300  # of the statuses that an exception stands for; those of messages on a socket are none
_OURS = 500  # from here on it is this side's fault


@dataclass(frozen=True, slots=True)
class Swallowed:
    """
    An exception that is raised on purpose and ends in a handler.

    `place` raises `error`, by its dotted name, which would be answered with `status`; `answer` is what the handler answers instead. Both are None where they
    are not known. `outcome` is how the handler ends.
    """

    place: Place
    handler: Handler
    error: str
    status: int | None
    answer: int | None
    outcome: Outcome
    job: bool


@dataclass(frozen=True, slots=True)
class _Raised:
    place: Place
    names: tuple[str, ...]  # of its class and the bases of that
    status: int | None
    job: bool


def swallowed(model: SemanticModel) -> Iterator[Swallowed]:
    """The broad handlers of a file that take what their own `try` raises on purpose for a failure, each with the first that it takes."""
    handlers = handlers_by_node(model)
    seen: set[int] = set()
    for raised in sorted(_raised(model), key=lambda one: one.place.order) if handlers else ():
        handler = _taken_by(raised, handlers, model.meanings.index)
        if handler is None or id(handler) in seen or not _ends_here(handler):
            continue
        answer, outcome = _answer(handler), _outcome(handler)
        if _is_no_loss(raised, handler, answer, outcome):
            continue
        seen.add(id(handler))
        yield Swallowed(raised.place, handler, raised.names[0], raised.status, answer, outcome, raised.job)


def _outcome(handler: Handler) -> Outcome:
    end = ends(handler.node.body)
    if end == {"raise"}:
        return "raise"
    return "return" if end <= {"raise", "return"} or _refuses(handler) else "on"


def _is_no_loss(raised: _Raised, handler: Handler, answer: int | None, outcome: Outcome) -> bool:
    """Whether it is all the same to the client, or the raise is no more than a way to the next attempt."""
    if answer is not None and answer == raised.status:
        return True
    if outcome == "on":
        return any(frame.kind == "loop" for frame in handler.frame.within_function())
    return raised.status is not None and raised.status >= _OURS and (answer is None or answer >= _OURS)


# -- what is raised


def _raised(model: SemanticModel) -> Iterator[_Raised]:
    meanings = model.meanings
    for place in model.raises:
        found = _by_class(place, model)
        if found is not None:
            yield found
    for call, refusal in meanings.of(Refusal):
        if refusal.error and not call.bare and _asked(call, refusal):
            yield _Raised(call, _lineage(refusal.error, model), refusal.status or _argument_status(call), refusal.job)
    for call, refusal in _of_jobs(model):
        if refusal.error and _asked(call, refusal):
            yield _Raised(call, _lineage(refusal.error, model), refusal.status, refusal.job)


def _of_jobs(model: SemanticModel) -> Iterator[tuple[Call, Refusal]]:
    """What jobs call on the object that they are passed because they asked for it."""
    meanings = model.meanings
    for key, task in meanings.tasks.items():
        function = meanings.functions[key]
        if task.bound_by is None or not function.parameters:
            continue
        if not any(find(task.bound_by, decorator.made) == Constant(True) for decorator in function.decorators):
            continue
        first = function.parameters[0].name.value
        for call in function.calls:
            match call.node:
                case cst.Call(func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=method))) if owner == first:
                    known = meanings.index.known(f"{task.becomes}.{method}")
                    refusal = known.concepts.get(Refusal) if known is not None else None
                    if isinstance(refusal, Refusal) and meanings.means(call, Refusal) is None:
                        yield call, refusal


def _by_class(place: Raise, model: SemanticModel) -> _Raised | None:
    """What `raise` gives its name to: an exception that the framework of a model answers, or one derived from such."""
    exception = place.exception
    if exception is None:
        return None
    named = model.evaluate(exception.func if isinstance(exception, cst.Call) else exception, place)
    if not isinstance(named, Reference):
        return None
    names = _lineage(named.name, model)
    for name in names:
        known = model.meanings.index.known(name)
        concepts = known.concepts if known is not None else {}
        refusal, response = concepts.get(Refusal), concepts.get(Response)
        if isinstance(refusal, Refusal):
            return None if refusal.error else _Raised(place, names, refusal.status, refusal.job)
        if isinstance(response, Response):
            made = model.meanings.at(exception)
            status = status_of(made, response) if made is not None and name == names[0] else None
            return _Raised(place, names, status if status is None or status >= _SMALLEST else None, job=False)
    return None


def _lineage(name: str, model: SemanticModel) -> tuple[str, ...]:
    return (name, *model.base_names(name))


def _asked(call: Call, refusal: Refusal) -> bool:
    if refusal.asked_by is None:
        return True
    given = find(refusal.asked_by, call.made)
    return refusal.asked_default if given is Missing.ABSENT else given == Constant(True)


def _argument_status(call: Call) -> int | None:
    response = call.model.meanings.means(call, Response)
    return status_of(call, response) if response is not None else None


# -- where it ends


def _taken_by(raised: _Raised, handlers: dict[int, Handler], index: Index) -> Handler | None:
    """The broad handler that takes an exception; None where one before it was written for it, or that is not known."""
    for frame in raised.place.frame.within_function():
        if isinstance(frame.node, cst.With) and any(_suppresses(item.item) for item in frame.node.items):
            return None
        if frame.kind != "try" or not isinstance(frame.node, cst.Try | cst.TryStar):
            continue
        for node in frame.node.handlers:
            handler = handlers.get(id(node))
            names = handler.catches if handler is not None else [""]
            if any(_may_be_several(name) for name in names):
                return None
            if BROAD.intersection(names):
                return handler
            if any(name in raised.names or _is_meant(name, raised, index) for name in names):
                return None
    return None


def _suppresses(manager: cst.BaseExpression) -> bool:
    return isinstance(manager, cst.Call) and last_name(manager) == _SUPPRESSES


def _may_be_several(name: str) -> bool:
    """Whether it is not known what is caught: what is written small is a variable that holds classes, and no class."""
    return not name or name.rpartition(".")[2].islower()


def _is_meant(name: str, raised: _Raised, index: Index) -> bool:
    """Whether a handler is for exceptions of this kind: they become answers, too, or come from the same library."""
    known = index.known(name)
    if known is not None and {Refusal, Response} & known.concepts.keys():
        return True
    return name.partition(".")[0] in {one.partition(".")[0] for one in raised.names}


def _ends_here(handler: Handler) -> bool:
    """Whether a handler puts what it has caught into words at most: it neither raises it again, nor looks at what it is, nor hands it to anybody."""
    nodes = own(handler.node.body)
    if any(
        isinstance(node, cst.Raise) and (node.exc is None or (isinstance(node.exc, cst.Name) and node.exc.value == handler.bound))
        for node in nodes
    ):
        return False
    if any(isinstance(node, cst.Call) and last_name(node) in ("isinstance", "exc_info", "reraise", "raise_from") for node in nodes):
        return False
    told = _told(nodes, handler)
    return all(id(node) in told for node in nodes if isinstance(node, cst.Name) and handler.bound and node.value == handler.bound)


def _told(nodes: Sequence[cst.CSTNode], handler: Handler) -> set[int]:
    """The places where a handler's exception stands and no more than its text is taken, by `id()`."""
    found: set[int] = set()
    for node in nodes:
        match node:
            case cst.Call():
                name = handler.model.name_of(node.func, handler).rpartition(".")[2] or last_name(node)
                if tells(node, handler.model) or _WORDS.search(name):
                    found |= {id(arg.value) for arg in node.args}
            case cst.FormattedStringExpression(expression=expression):
                found.add(id(expression))
            case cst.From(item=item):
                found.add(id(item))
            case cst.BinaryOperation(right=right):
                found.add(id(right))
            case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in _TEXTS:
                found.add(id(value))
            case cst.Attribute(attr=attribute):
                found.add(id(attribute))
            case cst.Arg(keyword=cst.Name() as keyword):
                found.add(id(keyword))
    return found


def _refuses(handler: Handler) -> bool:
    """Whether a handler refuses the request itself, by a call that does not return."""
    meanings = handler.model.meanings
    calls = [meanings.at(node) for node in own(handler.node.body) if isinstance(node, cst.Call)]
    return any(call is not None and meanings.means(call, Refusal) is not None for call in calls)


def _answer(handler: Handler) -> int | None:
    """The status with which a handler answers, where it is one."""
    model, found = handler.model, set[int | None]()
    nodes = own(handler.node.body)
    for node in nodes:
        place = model.meanings.at(node) if isinstance(node, cst.Call) else None
        if place is not None and (response := model.meanings.means(place, Response)) is not None:
            found.add(status_of(place, response))
    inside = {id(node) for node in nodes}
    raised = [_by_class(place, model) for place in model.raises if id(place.node) in inside]
    found |= {one.status for one in raised if one is not None and one.status is not None}
    return found.pop() if len(found) == 1 else None


__all__ = ["Swallowed", "swallowed"]
