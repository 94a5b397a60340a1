"""What a handler tells of the exception that it has caught: whether anybody will see where that came from, and whether it was said more than once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import find
from ..concepts.lifecycle import Exit
from ..concepts.speech import ExceptionText, Log
from ..model.places import Call, Handler
from ..model.semantic import SemanticModel
from ..model.swallowing import BROAD, Trap, aside, cleaning_up, imports, last_name, own, tries_another
from ..model.values import Constant, Missing
from ..syntax.tree import children

GRAVE = frozenset({"error", "exception", "critical"})
# What code calls that tells others of an exception without being given one, or ends what runs here. Nobody modelled these, but their names say so.
_TELLS = re.compile(
    r"(^|_)(exc|exception|traceback|backtrace|stack_?trace|capture|report|notify|alert|crash)(_|$)|Exception$|Traceback$|^handleError$",
    re.IGNORECASE,
)
_LEAVES = re.compile(r"^_?(abort|exit|fail|quit|halt|die|skip)(_\w+)?$")
# With these an exception becomes text, or is asked about: what comes of it has no traceback.
_TEXTS = frozenset(
    {"str", "repr", "format", "type", "isinstance", "issubclass", "getattr", "hasattr", "print", "len", "bool", "id", "vars", "dir"}
)


@dataclass(frozen=True, slots=True)
class Untraced:
    """A log record of a failure whose traceback nobody keeps: the call, and the handler in which it stands."""

    call: Call
    log: Log
    handler: Handler


def handler_around(call: Call) -> cst.CSTNode | None:
    """The innermost `except` in which a call runs."""
    return next((frame.node for frame in call.frame.within_function() if frame.kind == "handler"), None)


def logs_of(handler: Handler) -> Iterator[tuple[Call, Log]]:
    """The log records that a handler writes, those of handlers inside of it left out."""
    for call, log in handler.model.meanings.of(Log):
        if handler_around(call) is handler.node:
            yield call, log


def shows_traceback(call: Call, log: Log) -> bool:
    """Whether a record may show the traceback of the exception in flight: it does so unasked, is asked to, or nobody can say."""
    if log.traceback is None:
        return log.level == "exception"
    asked = find(log.traceback, call.made)
    if asked is Missing.ABSENT:
        return log.level == "exception"
    return not (isinstance(asked, Constant) and not asked.value)


def untraced(model: SemanticModel) -> Iterator[Untraced]:
    """
    The gravest record of each handler of any exception at all that writes some, where neither the traceback nor the exception goes anywhere else: it is
    not raised again, kept, handed to anybody, or shown by another record.
    """
    for handler in model.handlers:
        caught = tuple(handler.catches)
        if BROAD.isdisjoint(caught):
            continue
        logs = [(call, log) for call, log in logs_of(handler) if log.level in ("warning", "error", "critical")]
        if not logs or goes_further(handler):
            continue
        trap = Trap(handler, handler.at, handler.tries, handler.tries.body, handler.node.body, caught)
        if cleaning_up(trap) or aside(trap) or imports(trap) or tries_another(trap):
            continue
        call, log = next(((call, log) for call, log in logs if log.level != "warning"), logs[0])
        yield Untraced(call, log, handler)


def goes_further(handler: Handler) -> bool:
    """Whether an exception, or its traceback, may be seen elsewhere than in records without one."""
    meanings = handler.model.meanings
    for node in own(handler.node.body):
        if isinstance(node, cst.Raise | cst.Yield):
            return True
        if not isinstance(node, cst.Call):
            continue
        if _TELLS.search(last_name(node)) or _LEAVES.match(last_name(node)):
            return True
        call = meanings.at(node)
        if call is None:
            continue
        if meanings.means(call, ExceptionText) is not None or meanings.means(call, Exit) is not None:
            return True
        log = meanings.means(call, Log)
        if log is not None and (shows_traceback(call, log) or call.made.open or id(node) in meanings.wrapped):
            return True
    return bool(handler.bound) and _is_handed_on(handler.node.body, handler)


def _is_handed_on(node: cst.CSTNode, handler: Handler) -> bool:
    """Whether the exception itself, and not a text about it, is kept, given back, or given to somebody below a node."""
    match node:
        case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
            return _names(node, handler.bound)
        case cst.Call():
            call = handler.model.meanings.at(node)
            only_says = last_name(node) in _TEXTS or (call is not None and handler.model.meanings.means(call, Log) is not None)
            if not only_says and any(_is_it(arg.value, handler) for arg in node.args):
                return True
        case cst.Assign() | cst.AnnAssign() | cst.Return() | cst.NamedExpr():
            if node.value is not None and _is_it(node.value, handler):
                return True
        case cst.Attribute(attr=cst.Name(value="__traceback__" | "with_traceback" | "__cause__")):
            return True
    return any(_is_handed_on(child, handler) for child in children(node))


def _is_it(value: cst.BaseExpression, handler: Handler) -> bool:
    """Whether a value is the exception, or has it among its parts."""
    match value:
        case cst.Name():
            return value.value == handler.bound
        case cst.Tuple() | cst.List() | cst.Set():
            return any(_is_it(element.value, handler) for element in value.elements)
        case cst.Dict():
            return any(_is_it(element.value, handler) for element in value.elements)
        case cst.IfExp():
            return _is_it(value.body, handler) or _is_it(value.orelse, handler)
        case cst.BooleanOperation():
            return _is_it(value.left, handler) or _is_it(value.right, handler)
        case cst.Await():
            return _is_it(value.expression, handler)
    return False


def _names(node: cst.CSTNode, name: str) -> bool:
    return bool(name) and any(isinstance(one, cst.Name) and one.value == name for one in _below(node))


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in children(node):
        yield from _below(child)


__all__ = ["GRAVE", "Untraced", "goes_further", "handler_around", "logs_of", "shows_traceback", "untraced"]
