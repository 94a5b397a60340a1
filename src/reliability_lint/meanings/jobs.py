"""Background jobs that keep a failure to themselves, so that whoever runs them takes them for done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.lifecycle import Exit
from ..concepts.retry import RetryPolicy, Task
from ..concepts.speech import Log
from ..model.endings import Statement, ends, statements
from ..model.places import Function, Handler
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import BROAD, aside, cleaning_up, explained, following, imports, looks_empty, own, says_nothing, trap_of
from ..model.values import Constant, Missing
from .refusals import swallowed
from .reports import GRAVE

# What is called like this tells of a failure, or forgets what was begun, and does nothing about it. The last group says how grave it is.
_TELLS = re.compile(
    r"(.*\.)?(print_exc|format_exc|exc_info|capture_\w+|record_exception|set_status|rollback|incr|inc|increment|labels)"
    r"|(.*\.)?_*(log(ger|ging)?|get_?logger)\.a?(?P<level>debug|info|warn(ing)?|error|exception|critical|log)",
    re.IGNORECASE,
)
_GRAVE = frozenset({*GRAVE, "any"})


@dataclass(frozen=True, slots=True)
class Accepted:
    """A handler that is the end of whatever happens in a job. `repeats`: the job asks for attempts that such a failure will never get."""

    handler: Handler
    function: Function
    task: Task
    repeats: bool


def accepted(model: SemanticModel, told: Collection[int]) -> Iterator[Accepted]:
    """
    The handlers of a file that catch whatever goes wrong with a job, tell of it as of a failure, and let the job count as done.

    `told` are those of which others tell, by the `id()` of what is underlined.
    """
    tasks = model.meanings.tasks
    if not any(task.done for task in tasks.values()):
        return
    refused = {id(one.handler) for one in swallowed(model)}
    seen: set[int] = set()
    for handler in model.handlers:
        function = handler.function
        task = tasks.get(id(function)) if function is not None else None
        if function is None or task is None or not task.done or id(handler.tries) in seen or BROAD.isdisjoint(handler.catches):
            continue
        seen.add(id(handler.tries))
        if id(handler) in refused or id(handler.at) in told:
            continue
        if _is_last(handler) and only_tells(handler) and not is_meant(handler) and _works(handler):
            yield Accepted(handler, function, task, _asks_for_more(function))


def _is_last(handler: Handler) -> bool:
    """Whether the job is over with its `try`, and comes to that in any case."""
    if any(frame.kind != "with" for frame in handler.frame.within_function()):
        return False
    if not ends(handler.node.body) <= {"on", "return"}:
        return False
    return all(_is_end(statement, handler) for statement in following(handler.tries, handler))


def _is_end(statement: Statement, handler: Handler) -> bool:
    """Whether a statement does no work: it says that the job is done, or gives its result."""
    return not isinstance(statement, cst.Raise) and all(_tells(node, handler) for node in own(statement) if isinstance(node, cst.Call))


def only_tells(handler: Handler) -> bool:
    """Whether a handler does nothing with a failure but to tell of it as of a failure, or nothing at all."""
    levels = _levels(handler)
    return levels is not None and (not levels or not _GRAVE.isdisjoint(levels))


def says_so(handler: Handler) -> bool:
    """Whether a handler does nothing with a failure but to log it as one."""
    levels = _levels(handler)
    return levels is not None and not _GRAVE.isdisjoint(levels)


def _levels(handler: Handler) -> set[str] | None:
    """How grave a handler calls a failure of which it only tells; None where it does anything else."""
    levels: set[str] = set()
    for statement in statements(handler.node.body):
        if isinstance(statement, cst.Return):
            if not _is_nothing(statement.value):
                return None
        elif isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call | cst.Await):
            pass
        elif not says_nothing(statement):
            return None
        for node in own(statement):
            if isinstance(node, cst.Call):
                if not _tells(node, handler):
                    return None
                levels.add(_level(node, handler))
    return levels - {""}


def _is_nothing(value: cst.BaseExpression | None) -> bool:
    return value is None or looks_empty(value) or (isinstance(value, cst.Name) and value.value in ("None", "False"))


def _tells(node: cst.Call, handler: Handler) -> bool:
    """Whether a call does no more than to put something into words, or to write them down."""
    meanings = handler.model.meanings
    call = meanings.at(node)
    if call is not None and meanings.means(call, Log) is not None:
        return True
    if call is not None and meanings.means(call, Exit) is not None:
        return False
    return _TELLS.fullmatch(dotted(node.func)) is not None or handler.model.name_of(node.func, handler).startswith("builtins.")


def _level(node: cst.Call, handler: Handler) -> str:
    """How grave a call says that it is; "" where it says nothing of that."""
    meanings = handler.model.meanings
    call = meanings.at(node)
    log = meanings.means(call, Log) if call is not None else None
    if log is not None:
        return log.level
    named = _TELLS.fullmatch(dotted(node.func))
    return (named["level"] or "").lower() if named is not None else ""


def is_meant(handler: Handler) -> bool:
    """Whether it is no harm if such a job fails: by a comment, by what is tried, or by what it is called."""
    trap = trap_of(handler)
    return explained(trap) or aside(trap) or cleaning_up(trap) or imports(trap)


def _works(handler: Handler) -> bool:
    """Whether anything is tried that may fail."""
    return any(isinstance(node, cst.Call) and not _tells(node, handler) for node in own(handler.tries.body))


def _asks_for_more(function: Function) -> bool:
    """Whether a job is to be tried again after a failure, as its decorator says."""
    meanings = function.model.meanings
    decorator = meanings.retry_of(function)
    policy = meanings.means(decorator, RetryPolicy) if decorator is not None else None
    if decorator is None or policy is None:
        return False
    made = decorator.made
    never = (Missing.UNKNOWN, Constant(0), Constant(value=False))
    if any(made.argument(keyword) in never for limit in policy.limits for keyword in limit.keywords):
        return False
    return not policy.optional or any(made.argument(name) not in (Missing.ABSENT, *never) for name in policy.activated_by)


__all__ = ["Accepted", "accepted", "is_meant", "only_tells", "says_so"]
