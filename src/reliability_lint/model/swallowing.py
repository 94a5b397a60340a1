"""Exceptions that end where they are caught: handlers that say nothing, and handlers of the cancellation of a coroutine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from ..syntax.tree import children, walk
from .endings import Statement, ends, statements
from .frames import Frame
from .places import Handler, Place
from .semantic import SemanticModel, dotted

BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
_CANCELLATIONS = frozenset({"asyncio.CancelledError", "asyncio.exceptions.CancelledError", "trio.Cancelled", "builtins.BaseException"})
_CANCELLED_CLASS = "anyio.get_cancelled_exc_class"
_SUPPRESS = "contextlib.suppress"
# What code does when it leaves, where nobody is left to be told of a failure.
_CLEANUP = re.compile(
    r"(^|_)(a?close|shutdown|disconnect|rollback|unlink|kill|terminate|cancel|stop|clean_?up|tear_?down|dispose|release|rmtree|quit|logout|finali[sz]e"
    r"|a?exit|abort|wait_closed|detach|unsubscribe|deregister|unregister|uninstall)(_|\d|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Trap:
    """
    Where exceptions are caught: an `except` clause, or a `with suppress(…)`.

    `guarded` is the block whose exceptions they are, `reaction` the block that runs then, `whole` the statement, `catches` the names.
    """

    place: Place
    at: cst.CSTNode
    whole: cst.Try | cst.TryStar | cst.With
    guarded: cst.BaseSuite
    reaction: cst.BaseSuite | None
    catches: tuple[str, ...]


def traps(model: SemanticModel, names: frozenset[str]) -> Iterator[Trap]:
    """The places of a file that catch any of these exceptions, the first of each `try` that does."""
    seen: set[int] = set()
    for handler in model.handlers:
        if (
            id(handler.tries) not in seen
            and (caught := tuple(handler.catches))
            and (names.intersection(caught) or _cancelled_class(handler))
        ):
            seen.add(id(handler.tries))
            yield trap_of(handler)
    if any(name == "contextlib" or name.startswith("contextlib.") for name in model.imports):
        for place in model.withs:
            for item in place.node.items:
                manager = item.item
                if isinstance(manager, cst.Call) and model.name_of(manager.func, place) == _SUPPRESS:
                    caught = tuple(name for arg in manager.args for name in model.exception_names(arg.value, place))
                    if names.intersection(caught):
                        yield Trap(place, manager, place.node, place.node.body, None, caught)


def _cancelled_class(handler: Handler) -> bool:
    node = handler.node.type
    return isinstance(node, cst.Call) and handler.model.name_of(node.func, handler) == _CANCELLED_CLASS


def tried(trap: Trap) -> list[cst.CSTNode]:
    """What runs in what a trap guards, as `own` gives it. Several rules ask about the same one."""
    known = trap.place.model.tried
    found = known.get(id(trap.guarded))
    if found is None:
        found = known[id(trap.guarded)] = own(trap.guarded)
    return found


# By class: LibCST's classes are abstract base classes, for which `isinstance` is slow.
_DEFINITIONS: frozenset[type[cst.CSTNode]] = frozenset({cst.FunctionDef, cst.ClassDef, cst.Lambda})


def own(node: cst.CSTNode) -> list[cst.CSTNode]:
    """A node and everything below it that runs with it: the bodies of functions and classes defined there are left out."""
    found: list[cst.CSTNode] = []
    stack = [node]
    while stack:
        current = stack.pop()
        found.append(current)
        if current.__class__ not in _DEFINITIONS:
            stack.extend(reversed(children(current)))
    return found


def last_name(call: cst.Call) -> str:
    """The last part of what is called."""
    func = call.func
    return func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""


# -- handlers that say nothing


def silent(reaction: cst.BaseSuite | None) -> bool:
    """Whether a handler does nothing, or no more than to put `None` in place of what failed. A truth value is an answer, not silence."""
    return all(says_nothing(statement) for statement in statements(reaction))


def says_nothing(statement: Statement) -> bool:
    """Whether a statement has no effect that anybody could notice, or gives `None`."""
    match statement:
        case cst.Pass() | cst.Continue() | cst.Break() | cst.Del() | cst.Global() | cst.Nonlocal():
            return True
        case cst.Expr(value=cst.Ellipsis() | cst.SimpleString() | cst.Name()):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="_"))], value=cst.Name()):
            return True
        case cst.Return(value=None | cst.Name(value="None")):
            return True
        case cst.Assign(targets=targets, value=cst.Name(value="None")):
            return all(isinstance(target.target, cst.Name) for target in targets)
        case cst.AnnAssign(target=cst.Name(), value=cst.Name(value="None")):
            return True
    return False


def looks_empty(value: cst.BaseExpression) -> bool:
    """Whether a value looks like there was nothing: zero, empty text, an empty container."""
    match value:
        case cst.Integer() | cst.Float():
            return not value.evaluated_value
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Integer(value="1")):
            return True
        case cst.SimpleString():
            return not value.raw_value
        case cst.List() | cst.Tuple() | cst.Dict():
            return not value.elements
        case cst.Call(func=cst.Name(value="dict" | "list" | "set" | "tuple" | "frozenset"), args=()):
            return True
    return False


_WORD = re.compile(r"[A-Za-z]{2,}")
_MACHINE = re.compile(
    r"#\s*(noqa|REL\d{3}|type:|pragma|pylint|nosec|ruff|reliability:|mypy:|fmt:|isort:)[^#]*?(?=(\s[-—–]|\s#|$))", re.IGNORECASE
)
_LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def explained(trap: Trap) -> bool:
    """Whether a comment of at least three words in the handler, or on its first line, says why nothing is done; a note to do it later does not."""
    lines: list[object] = [trap.whole.leading_lines] if trap.reaction is None else []
    if isinstance(trap.place, Handler):
        lines.append(trap.place.node.leading_lines)
    said = [*_comments(lines), *comments(trap.reaction if trap.reaction is not None else trap.guarded)]
    return any(len(_WORD.findall(text)) >= 3 and not _LATER.search(text) for text in said)


def comments(block: cst.BaseSuite) -> Iterator[str]:
    """The comments in a block and on its first line, without what they say to tools."""
    for node in walk(block):
        for field in ("header", "leading_lines", "trailing_whitespace", "footer"):
            yield from _comments([getattr(node, field, None)])


def trap_of(handler: Handler) -> Trap:
    """One `except` clause as a place where exceptions are caught."""
    return Trap(handler, handler.at, handler.tries, handler.tries.body, handler.node.body, tuple(handler.catches))


def _comments(trivia: Sequence[object]) -> Iterator[str]:
    for item in trivia:
        if isinstance(item, Sequence):
            yield from _comments(item)
        else:
            comment = getattr(item, "comment", None)
            if comment is not None:
                yield _MACHINE.sub("", comment.value)


def cleaning_up(trap: Trap) -> bool:
    """
    Whether this is done on the way out: in `finally` or another handler, in a function that is given the exception it deals with, in a method that
    closes, or to something that is being closed.
    """
    if any(frame.kind in ("finally", "handler") for frame in trap.place.frame.within_function()):
        return True
    function = trap.place.function
    if function is not None and (_CLEANUP.search(function.name) or function.name in ("__del__", "__exit__", "__aexit__")):
        return True
    if function is not None and any(_is_exception(parameter) for parameter in function.parameters):
        return True
    calls = [node for node in tried(trap) if node.__class__ is cst.Call]
    return bool(calls) and all(_CLEANUP.search(last_name(call)) for call in calls)


def leaving(place: Place) -> bool:
    """Whether a place runs on the way out: in `finally` or a handler, in a function that closes something, or where something has been cancelled."""
    function = place.function
    if any(frame.kind in ("finally", "handler") for frame in place.frame.within_function()):
        return True
    if function is None:
        return False
    if _CLEANUP.search(function.name) or function.name in ("__del__", "__exit__", "__aexit__"):
        return True
    return any(call.word == "cancel" and call.order < place.order for call in function.calls)


def closes(call: cst.Call) -> bool:
    """Whether a call closes or ends something, by its name."""
    return bool(_CLEANUP.search(last_name(call)))


def _is_exception(parameter: cst.Param) -> bool:
    """Whether a parameter is annotated with the class of an exception, by its name."""
    annotation = parameter.annotation
    return annotation is not None and dotted(annotation.annotation).endswith(("Exception", "Error"))


# What may fail without any harm: telling others how we are, and asking whether there is news.
_ASIDE = re.compile(
    r"telemetry|(?<![a-z])tele(?![a-z])|metrics|statsd|analytics|heartbeat|usage_(stats|data)|(latest|newest)_version|update_check|check_update",
    re.IGNORECASE,
)


def aside(trap: Trap) -> bool:
    """Whether what is tried is telemetry or a look for news: by the names in it, its addresses, and that of the function."""
    function = trap.place.function
    words = [node.value for node in tried(trap) if node.__class__ is cst.Name or node.__class__ is cst.SimpleString]
    if function is not None:
        words += [function.name, function.owner.name if function.owner is not None else ""]
    return any(_ASIDE.search(word) for word in words if len(word) < 200)


def imports(trap: Trap) -> bool:
    """Whether a `try` imports something that may not be there."""
    return any(node.__class__ is cst.Import or node.__class__ is cst.ImportFrom for node in tried(trap))


def tries_another(trap: Trap) -> bool:
    """Whether the next thing done after a failure is to try again, or to try something else: success leaves the loop or the function before that."""
    leaves = ends(trap.guarded)
    looping = any(frame.kind == "loop" for frame in trap.place.frame.within_function())
    if looping and any(isinstance(node, cst.Break | cst.Return) for node in tried(trap)):
        return True
    if "return" in leaves and (rest := following(trap.whole, trap.place)):
        return isinstance(rest[0], cst.Try | cst.TryStar | cst.Raise | cst.With | cst.For | cst.While)
    return False


# -- where control goes after a handler


def following(statement: cst.CSTNode, place: Place) -> list[Statement]:
    """The statements of the function that run after one, from there to the end, those around it included; of a loop, what stands after it only."""
    function = place.function
    return after(function.node.body, statement) or [] if function is not None else []


def rest_of_round(statement: cst.CSTNode, place: Place) -> list[Statement]:
    """The statements that run after one that stands where a place does, to the end of the round if a loop is around it, else to that of the function."""
    frames = place.frame.within_function()
    loop = next((frame.node for frame in frames if frame.kind == "loop" and isinstance(frame.node, cst.For | cst.While)), None)
    return following(statement, place) if loop is None else after(loop.body, statement) or []


def after(block: cst.BaseSuite | None, wanted: cst.CSTNode) -> list[Statement] | None:
    """What follows a statement in a block or in any block inside it, then in the blocks around; None where it is not in there."""
    below = statements(block)
    for index, statement in enumerate(below):
        if statement is wanted:
            return list(below[index + 1 :])
        for inner in blocks(statement):
            rest = after(inner, wanted)
            if rest is not None:
                return [*rest, *below[index + 1 :]]
    return None


def blocks(statement: cst.CSTNode) -> Iterator[cst.BaseSuite]:
    """The blocks of a compound statement; functions and classes have none that run with it."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return
    for node in children(statement):
        if isinstance(node, cst.BaseSuite):
            yield node
        elif isinstance(node, cst.If | cst.Else | cst.Finally | cst.ExceptHandler | cst.ExceptStarHandler | cst.MatchCase):
            yield from blocks(node)


# -- cancellation


def cancellation_traps(model: SemanticModel) -> Iterator[Trap]:
    """The places in coroutines that catch the cancellation of what they await."""
    for trap in traps(model, _CANCELLATIONS):
        if trap.place.runs_in_coroutine and any(awaits(node) for node in tried(trap)):
            yield trap


def turns(trap: Trap) -> bool:
    """Whether the innermost loop around begins another round after a handler."""
    end = ends(trap.reaction)
    loop = next((frame for frame in trap.place.frame.within_function() if frame.kind == "loop"), None)
    return loop is not None and bool(end & {"on", "continue"}) and _turns(loop, trap, end)


def awaits(node: cst.CSTNode) -> bool:
    """Whether a coroutine lets others run here."""
    return isinstance(node, cst.Await) or (isinstance(node, cst.With | cst.For | cst.CompFor) and node.asynchronous is not None)


def goes_on(trap: Trap) -> str:
    """What a coroutine does after it has caught its own cancellation, in words; "" where it ends, raises, or looks at what it has caught."""
    reaction = trap.reaction
    if reaction is not None and any(
        isinstance(node, cst.Raise | cst.Match) or _decides(node) or _remembers(node) for node in own(reaction)
    ):
        return ""
    end = ends(reaction)
    if not end & {"on", "continue"}:
        return ""
    for frame in trap.place.frame.within_function():
        if frame.kind == "loop":
            return "the loop goes on" if _turns(frame, trap, end) else ""
    rest = following(trap.whole, trap.place)
    if any(awaits(node) for statement in rest for node in own(statement)):
        return "the function goes on"
    return ""


def _decides(node: cst.CSTNode) -> bool:
    """Whether a condition decides about more than what is said: where it goes on from here, or what is remembered."""
    return isinstance(node, cst.If) and any(
        isinstance(part, cst.Return | cst.Break | cst.Continue | cst.Assign | cst.AugAssign | cst.AnnAssign | cst.NamedExpr | cst.Await)
        for part in own(node)
    )


def counts_as_failure(trap: Trap) -> bool:
    """
    Whether a cancellation is taken for an attempt that failed: the loop around goes round again until the attempts are used up, and nothing but their
    number is looked at.
    """
    reaction, loop = trap.reaction, next((frame.node for frame in trap.place.frame.within_function() if frame.kind == "loop"), None)
    if reaction is None or not isinstance(loop, cst.For | cst.While) or not isinstance(trap.place, Handler) or not tries_another(trap):
        return False
    counters = {node.target.value for node in own(loop.body) if isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name)}
    if isinstance(loop, cst.For) and isinstance(loop.target, cst.Name):
        counters.add(loop.target.value)
    nodes = own(reaction)
    tests = [node.test for node in nodes if isinstance(node, cst.If)]
    if not tests or any(isinstance(node, cst.Match | cst.IfExp) or _remembers(node) for node in nodes):
        return False
    if not all(_looks_only_at(test, counters, trap.place.bound) for test in tests):
        return False
    end = ends(reaction)
    return bool(end & {"on", "continue"}) and ("continue" in end or bool(ends(after(loop.body, trap.whole) or []) & {"on", "continue"}))


def _looks_only_at(test: cst.BaseExpression, counters: set[str], bound: str) -> bool:
    """Whether a test compares a counter with a number, or with a name or attribute that holds one."""
    names = {node.value for node in walk(test) if isinstance(node, cst.Name)}
    return (
        isinstance(test, cst.Comparison)
        and bool(names & counters)
        and bound not in names
        and not any(isinstance(node, cst.Call) for node in walk(test))
    )


def is_cancellation(name: str) -> bool:
    """Whether the cancellation of a coroutine is an exception of this name, or derives from it."""
    return name in _CANCELLATIONS


def _remembers(node: cst.CSTNode) -> bool:
    """Whether this sets a flag, for what comes later."""
    return isinstance(node, cst.Assign) and isinstance(node.value, cst.Name) and node.value.value in ("True", "False")


def _turns(frame: Frame, trap: Trap, end: frozenset[str]) -> bool:
    """Whether a loop begins its next round after the handler: nothing behind it leaves the loop, and the handler does not end what it waits for."""
    loop = frame.node
    assert isinstance(loop, cst.For | cst.While)
    if isinstance(loop, cst.While) and trap.reaction is not None:
        nodes = own(trap.reaction)
        told = {dotted(target.target) for node in nodes if isinstance(node, cst.Assign) for target in node.targets}
        told |= {dotted(node.func.value) for node in nodes if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute)}
        if told & {dotted(node) for node in walk(loop.test) if isinstance(node, cst.Name | cst.Attribute)} - {""}:
            return False
    if "continue" in end:
        return True
    rest = after(loop.body, trap.whole) or []
    return bool(ends(rest) & {"on", "continue"})


def expects_cancellation(trap: Trap) -> bool:
    """
    Whether the cancellation may be that of another task, which this coroutine ended itself and waits for: something is cancelled in the function, the
    function closes something or is cleaning up, or nothing but tasks is awaited; or the coroutine asks whether it is meant.
    """
    function = trap.place.function
    assert function is not None
    if any(frame.kind in ("finally", "handler") for frame in trap.place.frame.within_function()):
        return True
    if _CLEANUP.search(function.name) or function.name in ("main", "_main", "amain", "async_main"):
        return True
    for call in function.calls:
        if isinstance(call.node, cst.Call) and last_name(call.node) in ("cancel", "uncancel", "cancelling", "cancelled", "cancel_scope"):
            return True
    awaited = [node.expression for node in tried(trap) if isinstance(node, cst.Await)]
    return bool(awaited) and all(_task(expression) for expression in awaited)


def _task(expression: cst.BaseExpression) -> bool:
    """Whether an awaited expression is a task, or several of them, rather than a coroutine called here."""
    if isinstance(expression, cst.Call):
        return last_name(expression) in ("gather", "wait", "wait_for", "shield") and all(
            _task(arg.value) for arg in expression.args if arg.keyword is None
        )
    return isinstance(expression, cst.Name | cst.Attribute | cst.Subscript | cst.Integer | cst.Float)


__all__ = [
    "BROAD",
    "Trap",
    "after",
    "aside",
    "blocks",
    "cancellation_traps",
    "cleaning_up",
    "closes",
    "counts_as_failure",
    "expects_cancellation",
    "explained",
    "following",
    "goes_on",
    "imports",
    "is_cancellation",
    "last_name",
    "leaving",
    "looks_empty",
    "own",
    "rest_of_round",
    "says_nothing",
    "silent",
    "traps",
    "tries_another",
    "turns",
]
