"""Handlers of any failure at all that leave no trace of it: nobody is told, nothing is kept, and what comes after looks like success."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import libcst as cst

from ..concepts.data import Rollback
from ..concepts.http import Response
from ..concepts.time import Sleep
from ..model.endings import always, ends, statements
from ..model.places import Handler
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import (
    Trap,
    aside,
    awaits,
    cleaning_up,
    closes,
    explained,
    following,
    imports,
    last_name,
    own,
    traps,
    tries_another,
)
from ..syntax.tree import walk
from .reports import mentions
from .silence import told_of
from .stand_ins import is_quiet
from .trying import asks_one_thing
from .unwritten import put_off

_ANY = frozenset({"builtins.Exception"})
# Calls that only make a value, and ask nobody.
_MAKING = frozenset(
    {
        "bytes", "datetime", "Decimal", "defaultdict", "deque", "dict", "float", "frozenset", "int", "list", "now", "OrderedDict", "set", "str", "time",
        "timedelta", "today", "tuple", "utcnow", "copy", "deepcopy", "strip", "lower", "upper", "format", "replace", "get", "join", "Counter",
    }
)  # fmt: skip


def traceless(model: SemanticModel) -> Iterator[Trap]:
    """The handlers of `Exception` that leave no trace, as far as is to be seen, and of which no other rule tells."""
    told: set[int] | None = None
    for trap in traps(model, _ANY):
        if "builtins.BaseException" in trap.catches or not _leaves_nothing(trap) or _is_expected(trap):
            continue
        told = told_of(model) if told is None else told
        if id(trap.at) not in told:
            yield trap


def _is_expected(trap: Trap) -> bool:
    """Whether a failure is one of the things that are to happen here: by what is tried, by where it is, by what comes next, or because words say so."""
    return (
        imports(trap)
        or cleaning_up(trap)
        or tries_another(trap)
        or _is_simple(trap)
        or _is_end_of_something(trap)
        or _is_meant(trap)
        or _is_beside(trap)
        or _tells_later(trap)
    )


# -- what words say

# What must not fail, whatever it is about: how an object looks, what is done when it goes; and what says by its name that it may.
_MUST_NOT_FAIL = re.compile(
    r"^__(repr|str|del|format|hash|eq|bool|len|getattr|exit|aexit)__$|^_?(safe|safely|try|maybe|attempt|guess|best_effort|quietly|silently)_"
    r"|_(safe|safely|quietly|silently|or_none|or_default|best_effort|if_possible)$"
)
_SAID = re.compile(
    r"best.effort|\b(silent(ly)?|swallow\w*|never raises?|does not raise|doesn't raise|must not (raise|fail|crash|break)|fire.and.forget"
    r"|fail(s|ing)?.(soft|open|quiet\w*|silent\w*)|ignor(e|es|ing)|fall(s|ing)? ?back|tolerant|defensive\w*|potential"
    r"|(if|when|on) (\w+ )?(fails?|failure|errors?))\b",
    re.IGNORECASE,
)
_HANDLING = re.compile(r"except|catch|fail|error|ignor|best.effort|flaky|optional", re.IGNORECASE)


def _is_meant(trap: Trap) -> bool:
    """Whether a comment, the words of the function or its name say that a failure is of no consequence, or that somebody will see to it."""
    place, function = trap.place, trap.place.function
    above = (line.comment.value for line in getattr(trap.whole, "leading_lines", ()) if line.comment is not None)
    if explained(trap) or any(_HANDLING.search(text) for text in above) or (isinstance(place, Handler) and put_off(place)):
        return True
    if function is None:
        return False
    meanings = place.model.meanings
    if meanings.error_handler(function) is not None or meanings.middleware(function) is not None:
        return True
    return _MUST_NOT_FAIL.search(function.name) is not None or _SAID.search(function.node.get_docstring() or "") is not None


# What a program writes down about itself beside what it does, and what it throws away.
_BESIDE = re.compile(
    r"otel|opentelemetry|tracing|tracer|(?<![a-z])span(?![a-z])|amplitude|posthog|mixpanel|metrics?|counter|gauge|histogram|statsd|analytics|track_event"
    r"|(^|[_.])log(s|ger|ging)?([_.]|$)",
    re.IGNORECASE,
)
_REMOVES = re.compile(r"(clear|discard|evict|invalidate|expire|forget|destroy|remove|delete|unset)(_|$)")


def _is_beside(trap: Trap) -> bool:
    """Whether what is tried is no part of the program's business: telemetry, logs, tidying up."""
    calls = [node for node in own(trap.guarded) if isinstance(node, cst.Call)]
    function = trap.place.function
    if "cli" in trap.place.model.module_name.split("."):
        return True  # somebody sits in front of it
    about = [trap.place.model.module_name, *(dotted(node.func) for node in calls), function.qualname if function is not None else ""]
    if aside(trap) or any(_BESIDE.search(text) for text in about) or any(closes(node) for node in calls):
        return True
    return bool(calls) and all(_REMOVES.match(last_name(node)) for node in calls)


# Calls that only wait for what was begun elsewhere.
_WAITING = frozenset({"wait_for", "shield", "gather", "wait"})
_OF_FAILURE = re.compile(r"(^|_)(err|errors?|failed|failures?|exceptions?)(_|$)", re.IGNORECASE)


def _is_end_of_something(trap: Trap) -> bool:
    """
    Whether an exception is how something ends: a connection of which a loop takes one message after the other, a task that is waited for; or whether
    something has failed before, and it is only tried to tell of that.
    """
    tried = statements(trap.guarded)
    nodes = own(trap.guarded)
    calls = [node for node in nodes if isinstance(node, cst.Call)]
    if len(tried) == 1 and isinstance(tried[0], cst.For | cst.While) and any(awaits(node) for node in nodes):
        return isinstance(tried[0], cst.For) or always(tried[0].test)
    if any(awaits(node) for node in nodes) and all(last_name(node) in _WAITING for node in calls):
        return True
    keys = [str(node.key.evaluated_value) for node in nodes if isinstance(node, cst.DictElement) and isinstance(node.key, cst.SimpleString)]
    targets = [dotted(target.target) for node in nodes if isinstance(node, cst.Assign) for target in node.targets]
    return any(_OF_FAILURE.search(word) for word in (*keys, *targets))


# -- what comes next


def _tells_later(trap: Trap) -> bool:
    """Whether what comes next says that something failed, whatever the handler does; success has returned before, or says so by a flag."""
    rest = following(trap.whole, trap.place)
    flags = {dotted(target) for statement in statements(trap.guarded) if _is_flag(statement) for target in _targets(statement)}
    if trap.place.function is None and flags:
        return True
    if any(isinstance(node, cst.Name) and node.value in flags for statement in rest for node in own(statement)):
        return True
    match rest[0] if rest else None:
        case cst.Raise():
            return True
        case cst.Return(value=cst.BaseExpression() as value):
            return "return" in ends(trap.guarded) and not _tells_nothing(value, trap)
    return False


def _is_flag(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Assign) and isinstance(statement.value, cst.Name) and statement.value.value in ("True", "False")


# -- what is tried


_FEW = 6  # statements that convert one thing


def _is_simple(trap: Trap) -> bool:
    """Whether all that is tried is to look something up or to convert it, so that a failure tells of the value and of nothing else."""
    nodes = own(trap.guarded)
    if any(awaits(node) for node in nodes):
        return False
    if isinstance(trap.place, Handler) and asks_one_thing(trap.place):
        return True
    calls = [node for node in nodes if isinstance(node, cst.Call)]
    return len(statements(trap.guarded)) <= _FEW and all(_is_about_value(node, trap) for node in calls)


def _is_about_value(node: cst.Call, trap: Trap) -> bool:
    """Whether a call is one of the language, or of a library, or one that does the same by its name: what it is given may be wrong, and nothing else."""
    model = trap.place.model
    if model.meanings.at(node) is not None and id(node) in model.meanings.wrapped:
        return False
    if isinstance(node.func, cst.Attribute) and last_name(node) in _OF_VALUES:
        return True
    name = model.name_of(node.func, trap.place)
    return name.partition(".")[0] in sys.stdlib_module_names or model.meanings.index.modelled(name)


_OF_VALUES = frozenset(
    {
        "add", "append", "astimezone", "date", "decode", "dumps", "encode", "endswith", "format", "get", "group", "groups", "index", "isoformat", "items", "join", "keys", "loads", "lstrip", "lower", "parse", "partition", "read_text", "replace", "rfind",
        "rsplit", "rstrip", "split", "splitlines", "startswith", "strftime", "strip", "timestamp", "total_seconds", "upper", "values", "zfill",
    }
)  # fmt: skip


# -- what is left of it


def _leaves_nothing(trap: Trap) -> bool:
    """Whether nobody can see, from what a handler does or from what comes after, that anything has failed."""
    reaction = trap.reaction
    if reaction is None:
        return True
    if isinstance(trap.place, Handler) and mentions(reaction, trap.place.bound):
        return False
    return all(_says_nothing(statement, trap) for statement in statements(reaction)) and not _is_asked_for(trap)


def _says_nothing(statement: cst.CSTNode, trap: Trap) -> bool:
    match statement:
        case cst.Pass() | cst.Continue() | cst.Break() | cst.Return(value=None) | cst.Global() | cst.Nonlocal():
            return True
        case cst.Expr(value=value) | cst.Return(value=cst.BaseExpression() as value):
            return _tells_nothing(value, trap)
        case cst.Assign(targets=targets, value=value):
            return all(_tells_nothing(target.target, trap) for target in targets) and _tells_nothing(value, trap)
        case cst.AnnAssign(target=target, value=cst.BaseExpression() as value):
            return _tells_nothing(target, trap) and _tells_nothing(value, trap)
    return False


def _tells_nothing(value: cst.BaseExpression, trap: Trap) -> bool:
    """Whether a value could as well stand where nothing failed: it asks nobody, it is no yes or no, and no word in it speaks of a failure."""
    for node in walk(value):
        match node:
            case cst.Call():
                if not _only_makes(node, trap):
                    return False
            case cst.Name(value="True" | "False") | cst.Await() | cst.Yield() | cst.Lambda() | cst.NamedExpr():
                return False
            case cst.Name(value=name):
                if not is_quiet(name):
                    return False
            case cst.SimpleString():
                if not is_quiet(str(node.evaluated_value)):
                    return False
            case cst.FormattedString():
                return False
    return True


def _only_makes(node: cst.Call, trap: Trap) -> bool:
    meanings = trap.place.model.meanings
    call = meanings.at(node)
    if call is not None and any(meanings.means(call, kind) is not None for kind in (Response, Rollback, Sleep)):
        return True
    return last_name(node) in _MAKING


def _is_asked_for(trap: Trap) -> bool:
    """Whether what comes after asks for a value that the handler has set, or for one that only success sets."""
    names = {
        name
        for statement in (*statements(trap.reaction), *statements(trap.guarded))
        for target in _targets(statement)
        if (name := dotted(target))
    }
    return bool(names) and any(
        isinstance(node, cst.If | cst.IfExp | cst.While | cst.Assert)
        and any(dotted(part) in names for part in walk(node.test) if isinstance(part, cst.Name | cst.Attribute))
        for statement in following(trap.whole, trap.place)
        for node in own(statement)
    )


def _targets(statement: cst.CSTNode) -> list[cst.BaseExpression]:
    match statement:
        case cst.Assign(targets=targets):
            return [target.target for target in targets]
        case cst.AnnAssign(target=target):
            return [target]
    return []


__all__ = ["traceless"]
