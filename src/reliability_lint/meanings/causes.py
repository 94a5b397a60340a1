"""Exceptions that are raised in place of others: whether the one that was caught is named as their cause, and whether anybody would read that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.http import Response
from ..concepts.lifecycle import Exit
from ..concepts.speech import ExceptionText, Log
from ..model.endings import statements
from ..model.places import Handler, Place, Raise
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import imports, own, trap_of
from .lookups import handlers_by_node
from .reports import handler_around, mentions

# By their names: what was wrong with a request, a form, a command, or how the code goes on.
_FOR_OTHERS = re.compile(
    r"^_?http|(validation|usage|command|click|user|uservalue|argumenttype)(error|exception)$|notfound|permissiondenied|forbidden|unauthori[sz]ed"
    r"|bad(request|parameter)|authenticationfailed|conflict$|^permissionerror$|importerror$|invalid(response|input|choice)$"
    r"|(skip(ped)?|abort(ed)?|stop|retry|exit|quit|finish)$",
    re.IGNORECASE,
)
_PROTOCOL = frozenset({"builtins.AttributeError", "builtins.IndexError", "builtins.KeyError", "builtins.TypeError"})
_ENDS = frozenset({"builtins.SystemExit", "builtins.KeyboardInterrupt", "builtins.StopIteration", "builtins.StopAsyncIteration"})


@dataclass(frozen=True, slots=True)
class Replaced:
    """An exception that takes the place of the one that was caught. `hidden`: `from None` says that nobody is to see that one."""

    place: Raise
    handler: Handler
    exception: cst.BaseExpression
    hidden: bool


def replacements(model: SemanticModel) -> Iterator[Replaced]:
    """
    The exceptions of a file that are raised in a handler without the one that was caught as their cause. Left out are those that are caught again in the
    same function, whose traceback nobody reads, those that say what is to be installed, and what may be an object that has its cause already.
    """
    handlers = handlers_by_node(model)
    for place in model.raises:
        handler = handlers.get(id(handler_around(place)))
        node = place.node
        assert isinstance(node, cst.Raise)
        if (
            handler is None
            or node.exc is None
            or not _is_made_here(node.exc)
            or imports(trap_of(handler))
            or _is_caught_here(place, node.exc)
        ):
            continue
        hidden = node.cause is not None and isinstance(node.cause.item, cst.Name) and node.cause.item.value == "None"
        if node.cause is None or hidden:
            yield Replaced(place, handler, node.exc, hidden)


def _is_caught_here(place: Raise, exception: cst.BaseExpression) -> bool:
    """Whether a `try` in the same function, around the handler or in it, names the exception that is raised: then it only shows the way."""
    raised = _class_of(exception)
    tries = {id(frame.node) for frame in place.frame.within_function() if frame.kind == "try"}
    return any(
        id(one.tries) in tries and one.node.type is not None and any(_class_of(node) == raised for node in _caught_by(one.node.type))
        for one in place.model.handlers
    )


def _caught_by(kinds: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [element.value for element in kinds.elements] if isinstance(kinds, cst.Tuple) else [kinds]


def passes_on(handler: Handler) -> bool:
    """Whether the last that a handler does is to raise what it has caught, or another exception of which that is the cause, for somebody who handles it."""
    body = statements(handler.node.body)
    last = body[-1] if body else None
    if not isinstance(last, cst.Raise):
        return False
    if last.exc is None:
        return True
    cause = last.cause.item if last.cause is not None else None
    named = [node for node in (last.exc, cause) if isinstance(node, cst.Name) and node.value == handler.bound]
    return bool(handler.bound) and bool(named) and not becomes_answer(last.exc, handler)


def becomes_answer(exception: cst.BaseExpression, place: Place) -> bool:
    """
    Whether an exception is one that is raised to be sent to a client, to tell somebody what is wrong with what was given, to answer the interpreter, or
    to end the process.
    """
    model = place.model
    func = exception.func if isinstance(exception, cst.Call) else exception
    if _FOR_OTHERS.search(dotted(func).rpartition(".")[2]):
        return True
    name = model.name_of(func, place)
    known = model.meanings.index.known(name) if name else None
    if known is not None and (Response in known.concepts or Exit in known.concepts):
        return True
    if any((base := model.meanings.index.known(one)) is not None and Response in base.concepts for one in model.base_names(name) if name):
        return True
    if name in _PROTOCOL:
        return place.function is not None and re.fullmatch(r"__\w+__", place.function.name) is not None
    return name in _ENDS


def _is_made_here(exception: cst.BaseExpression) -> bool:
    """Whether what is raised is a class or a new object of one, by its name."""
    return _class_of(exception).lstrip("_")[:1].isupper()


def _class_of(exception: cst.BaseExpression) -> str:
    """The last name of the class that is raised, as it is written."""
    func = exception.func if isinstance(exception, cst.Call) else exception
    return func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""


def is_rebound(handler: Handler) -> bool:
    """Whether the name of the exception comes to mean something else in its handler."""
    for node in own(handler.node.body):
        match node:
            case (
                cst.AssignTarget(target=cst.Name(value=name))
                | cst.AnnAssign(target=cst.Name(value=name))
                | cst.NamedExpr(target=cst.Name(value=name))
            ):
                if name == handler.bound:
                    return True
            case cst.Del() | cst.For() | cst.With() | cst.AsName():
                if mentions(node, handler.bound):
                    return True
            case cst.ExceptHandler(name=cst.AsName(name=cst.Name(value=name))) if name == handler.bound:
                return True
    return False


def tells_nothing(handler: Handler) -> bool:
    """Whether a handler writes no record and asks for no text of the exception."""
    meanings = handler.model.meanings
    for node in own(handler.node.body):
        if isinstance(node, cst.Call):
            call = meanings.at(node)
            said = call is not None and (meanings.means(call, Log) is not None or meanings.means(call, ExceptionText) is not None)
            if said or not _is_made_here(node):
                return False
    return True
