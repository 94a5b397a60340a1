"""What a handler tells of the exception that it has caught: whether anybody will see where that came from, and whether it was said more than once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import find
from ..concepts.lifecycle import Exit
from ..concepts.speech import ExceptionText, Log
from ..concepts.time import Sleep
from ..model.endings import ends
from ..model.places import Call, Function, Handler, Place
from ..model.semantic import SemanticModel
from ..model.swallowing import (
    BROAD,
    aside,
    cleaning_up,
    explained,
    imports,
    last_name,
    own,
    trap_of,
    tries_another,
)
from ..model.values import Constant, Missing
from ..syntax.tree import children, walk
from .once import once
from .telling import sends_failure
from .trying import asks_for_verdict, asks_one_thing, keeps_input, makes_only, runs_given

GRAVE = frozenset({"error", "exception", "critical"})
_FAILURES = GRAVE | {"warning"}
# What ends what runs here, by its name.
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


def handler_around(place: Place) -> cst.CSTNode | None:
    """The innermost `except` in which a place runs."""
    return next((frame.node for frame in place.frame.within_function() if frame.kind == "handler"), None)


def logs_of(handler: Handler) -> Iterator[tuple[Call, Log]]:
    """The log records that a handler writes, those of handlers inside of it left out."""
    meanings = handler.model.meanings
    for call in _calls_of(handler):
        log = meanings.means(call, Log)
        if log is not None:
            yield call, log


def _calls_of(handler: Handler) -> list[Call]:
    """The calls of a handler, those of handlers inside of it left out."""
    return _by_handler(handler.model).get(id(handler.node), [])


@once
def _by_handler(model: SemanticModel) -> dict[int, list[Call]]:
    """The calls of each handler, by the `id()` of it."""
    found: dict[int, list[Call]] = {}
    around: dict[int, int] = {}  # many calls share a frame
    for call in model.calls:
        frame = id(call.frame)
        if frame not in around:
            around[frame] = id(handler_around(call))
        found.setdefault(around[frame], []).append(call)
    return found


def shows_traceback(call: Call, log: Log) -> bool:
    """Whether a record may show the traceback of the exception in flight: it does so unasked, is asked to, or nobody can say."""
    if log.traceback is None:
        return log.level == "exception"
    asked = find(log.traceback, call.made)
    if asked is Missing.ABSENT:
        return log.level == "exception"
    return not (isinstance(asked, Constant) and not asked.value)


@once
def untraced(model: SemanticModel) -> list[Untraced]:
    """
    The gravest record of each handler of any exception at all that writes some, where neither the traceback nor the exception goes anywhere else: it is
    not raised again, kept, handed to anybody, or shown by another record. A comment in the handler says that somebody has thought about it.
    """
    found: list[Untraced] = []
    for handler in model.handlers:
        if BROAD.isdisjoint(handler.catches):
            continue
        logs = [(call, log) for call, log in logs_of(handler) if log.level in ("warning", "error", "critical")]
        if not logs or goes_further(handler):
            continue
        trap = trap_of(handler)
        if cleaning_up(trap) or aside(trap) or imports(trap) or tries_another(trap) or explained(trap) or pauses(handler):
            continue
        if asks_one_thing(handler) or asks_for_verdict(handler):
            continue
        call, log = next(((call, log) for call, log in logs if log.level != "warning"), logs[0])
        if not keeps_input(call, handler):
            found.append(Untraced(call, log, handler))
    return found


def pauses(handler: Handler) -> bool:
    """Whether a handler waits a while and then begins the next round of a loop: what failed is tried again."""
    meanings = handler.model.meanings
    if not any(frame.kind == "loop" for frame in handler.frame.within_function()) or not ends(handler.node.body) <= {"on", "continue"}:
        return False
    return any(handler_around(call) is handler.node for call, _ in meanings.of(Sleep))


@once
def goes_further(handler: Handler) -> bool:
    """Whether an exception, or its traceback, may be seen elsewhere than in records without one."""
    meanings = handler.model.meanings
    for node in own(handler.node.body):
        if isinstance(node, cst.Raise | cst.Yield):
            return True
        if not isinstance(node, cst.Call):
            continue
        call = meanings.at(node)
        log = meanings.means(call, Log) if call is not None else None
        if call is not None and log is not None:
            if shows_traceback(call, log) or call.made.open or id(node) in meanings.wrapped:
                return True
        elif (
            sends_failure(node)
            or _LEAVES.match(last_name(node))
            or _asks_for_traceback(node)
            or (call is not None and (meanings.means(call, ExceptionText) is not None or meanings.means(call, Exit) is not None))
        ):
            return True
    return bool(handler.bound) and _is_handed_on(handler.node.body, handler)


def _asks_for_traceback(node: cst.Call) -> bool:
    """Whether something unknown is asked to show an exception: `logger.opt(exception=True)`."""
    return any(
        arg.keyword is not None
        and arg.keyword.value in ("exc_info", "exception")
        and not (isinstance(arg.value, cst.Name) and arg.value.value in ("False", "None"))
        for arg in node.args
    )


# By class: LibCST's classes are abstract base classes, for which `match` is slow.
_HANDING: frozenset[type[cst.CSTNode]] = frozenset(
    {
        cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Call, cst.Assign, cst.AnnAssign, cst.Return, cst.NamedExpr, cst.Attribute,
    }
)  # fmt: skip


def _is_handed_on(node: cst.CSTNode, handler: Handler) -> bool:
    """Whether the exception itself, and not a text about it, is kept, given back, or given to somebody below a node."""
    if node.__class__ not in _HANDING:
        return any(_is_handed_on(child, handler) for child in children(node))
    match node:
        case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
            return mentions(node, handler.bound)
        case cst.Call():
            call = handler.model.meanings.at(node)
            # A method of something unknown may do more with it, whatever its name is.
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


def mentions(node: cst.CSTNode, name: str) -> bool:
    """Whether a name stands in what is written."""
    return bool(name) and any(isinstance(one, cst.Name) and one.value == name for one in walk(node))


# -- records that say less than they seem to

# The texts of these say next to nothing; those of others may be all that is to be said.
_TERSE = frozenset(
    {
        "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "Exception", "IndexError", "JSONDecodeError", "KeyError", "LookupError",
        "NameError", "RuntimeError", "StopIteration", "TimeoutError", "TypeError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError",
        "ValueError", "ZeroDivisionError",
    }
)  # fmt: skip


def wordless(handler: Handler) -> Iterator[Call]:
    """
    The records of a handler that are nothing but an exception whose text tells nobody what was being done, where that is known and no other record says
    so. A named exception that is mild says enough.
    """
    logs = list(logs_of(handler))
    found = [(call, log) for call, log in logs if log.level in _FAILURES and says_only_exception(call, log, handler)]
    if not found or len(found) < len(logs) or not all(name.rpartition(".")[2] in _TERSE for name in handler.catches):
        return
    if runs_given(handler) or makes_only(handler):
        return
    broad = not BROAD.isdisjoint(handler.catches)
    for call, log in found:
        if broad or log.level != "warning":
            yield call


def says_only_exception(call: Call, log: Log, handler: Handler) -> bool:
    """Whether the message of a record is the exception that its handler has caught, without a word of what was being done."""
    if log.message is None or not handler.bound or not isinstance(call.node, cst.Call):
        return False
    message = call.argument_node(*log.message.keywords, position=log.message.position)
    if message is None or any(arg.star for arg in call.node.args):
        return False
    others = [arg.value for arg in call.node.args if arg.keyword is None and arg.value is not message]
    match message:
        case cst.SimpleString(raw_value=text):
            return text.strip() in ("%s", "%r", "{}") and len(others) == 1 and _is_text_of(others[0], handler)
        case cst.FormattedString(parts=parts):
            holes = [part.expression for part in parts if isinstance(part, cst.FormattedStringExpression)]
            words = "".join(part.value for part in parts if isinstance(part, cst.FormattedStringText))
            return not words.strip() and not others and len(holes) == 1 and _is_text_of(holes[0], handler)
    said = [
        arg
        for arg in call.node.args
        if arg.keyword is not None and (log.traceback is None or arg.keyword.value not in log.traceback.keywords)
    ]
    return not others and not any(arg.value is not message for arg in said) and _is_text_of(message, handler)


def _is_text_of(node: cst.BaseExpression, handler: Handler) -> bool:
    match node:
        case cst.Name(value=name):
            return name == handler.bound
        case cst.Call(func=cst.Name(value="str" | "repr"), args=[cst.Arg(value=cst.Name(value=name))]):
            return name == handler.bound
    return False


def shows_nothing(call: Call, log: Log) -> bool:
    """Whether a record asks for the traceback of the exception in flight where there is certainly none: nobody calls this while handling one."""
    if log.message is None or call.bare:
        return False
    asked = find(log.traceback, call.made) if log.traceback is not None else Missing.ABSENT
    if not (asked is Missing.ABSENT and log.level == "exception") and asked != Constant(value=True):
        return False
    kinds = {frame.kind for frame in call.frame.outward()}
    if not kinds.isdisjoint({"handler", "finally", "with", "lambda", "class"}):
        return False
    function = call.function
    if function is None:
        return kinds <= {"module", "if", "else", "try", "try-else", "loop"}
    meanings = call.model.meanings
    outermost = function.function is None
    return outermost and not meanings.callers(function) and (meanings.route(function) or meanings.task(function)) is not None


def prints(handler: Handler) -> Iterator[Call]:
    """The calls of a handler that print to where nobody may look."""
    for call in _calls_of(handler):
        if call.word == "print" and call.name == "builtins.print" and call.argument("file") is Missing.ABSENT:
            yield call


def should_log(place: Place) -> bool:
    """
    Whether a place is part of a service that writes logs: a function of a file that does so elsewhere, and is no program of its own. What keeps log records
    itself cannot log that it failed.
    """
    model, function = place.model, place.function
    if function is None or not model.meanings.of(Log):
        return False
    if function.owner is not None and "logging.Handler" in model.base_names(model.qualified(function.owner.qualname)):
        return False
    return not model.is_program


def speaks_of(call: Call, name: str) -> bool:
    """Whether a name stands anywhere in the arguments of a call."""
    return isinstance(call.node, cst.Call) and any(mentions(arg, name) for arg in call.node.args)


def speaks_elsewhere(handler: Handler, calls: list[Call]) -> bool:
    """Whether a handler mentions its exception outside of these calls: then more comes of its text."""
    inside = {id(node) for call in calls for node in walk(call.node)}
    return any(isinstance(node, cst.Name) and node.value == handler.bound and id(node) not in inside for node in own(handler.node.body))


# -- what is logged here and again above


def says_more(call: Call, log: Log, handler: Handler) -> bool:
    """Whether a record has anything in it that the exception may not have: a value that was put into the message, or a field."""
    for arg in call.node.args if isinstance(call.node, cst.Call) else ():
        if log.traceback is not None and arg.keyword is not None and arg.keyword.value in log.traceback.keywords:
            continue
        if arg.star or any(
            isinstance(node, cst.Name) and node.value not in (handler.bound, "str", "repr", "type", "_") for node in _values(arg.value)
        ):
            return True
    return False


def _values(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and those below it, the names of attributes and keywords left out."""
    yield node
    for child in children(node):
        if isinstance(node, cst.Attribute) and child is node.attr:
            continue
        yield from _values(child)


# What is begun by a queue, a thread or the program itself, by its name.
_BEGINS = re.compile(
    r"(^|_)(jobs?|tasks?|background|workers?|thread|daemon|initiali[sz]e|configure|setup|set_up|start_?up|boot(strap)?|migrations?)(_|$)",
    re.IGNORECASE,
)
# A logger of another name is for somebody in particular: for the user whose job this is, for an audit.
_FOR_ALL = re.compile(r"_*(log(ger|ging)?|[A-Z_]*LOG(GER)?|app_log)")
_POINTS_TO_LOG = re.compile(r"\b(see|check|consult|in|look at)\b[^.]*\blogs?\b", re.IGNORECASE)


def is_for_all(call: Call) -> bool:
    """Whether a record goes to the log that all of a module's records go to, by the name of the logger."""
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)))):
            return _FOR_ALL.fullmatch(name) is not None
    return True


def points_to_log(handler: Handler) -> bool:
    """Whether a handler tells somebody that the log has the details: then this is where they have to be."""
    written = {id(one) for call, _ in logs_of(handler) for one in walk(call.node)}
    return any(
        isinstance(node, cst.SimpleString | cst.FormattedStringText) and id(node) not in written and _POINTS_TO_LOG.search(node.value)
        for node in own(handler.node.body)
    )


def is_boundary(function: Function) -> bool:
    """Whether nobody above a function may log what it raises: it is called from outside of the project, as far as can be seen."""
    meanings = function.model.meanings
    if meanings.handled_by(function) is function or meanings.error_handler(function) or meanings.middleware(function):
        return True
    if re.fullmatch(r"_?(main|cli|run_forever|__call__|__exit__|__aexit__)", function.name):
        return True
    owner = function.owner
    if owner is not None and owner.node.bases and re.fullmatch(r"run|handle|dispatch|execute|process|perform|on_\w+", function.name):
        return True
    return bool(_BEGINS.search(function.name)) or any(
        not call.name.startswith(("builtins.", "functools.", "contextlib.", "abc.")) and not function.model.only_marks([call.name])
        for call in function.decorators
    )
