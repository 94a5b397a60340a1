"""What a `try` tries: whether its failures have one place to come from, and whether somebody who reads of one could see it again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ..concepts.base import Concept
from ..concepts.concurrency import Executor, LoopRun, Offload, Submission, TaskSpawn
from ..concepts.time import Deadline
from ..model.endings import statements
from ..model.places import Call, Handler
from ..model.semantic import dotted
from ..model.swallowing import last_name, own
from ..syntax.tree import walk
from .lookups import calls_by_node
from .telling import tells

# Calls that run what they are given, so that a failure may come from anywhere.
_RUN_OTHERS: tuple[type[Concept], ...] = (Deadline, Executor, LoopRun, Offload, Submission, TaskSpawn)
_OTHERS = ("asyncio.", "concurrent.", "functools.", "multiprocessing.", "threading.")
# What fails for the value that it is given, and for nothing else; and what does not fail, or says all when it does.
_OF_VALUES = frozenset({"bytes", "chr", "complex", "float", "int", "open", "ord"})
_HARMLESS = frozenset(
    {
        "bool", "dict", "enumerate", "hasattr", "id", "isinstance", "issubclass", "len", "list", "range", "repr", "set", "str", "tuple", "type", "zip",
    }
)  # fmt: skip
_OF_TEXTS_AND_LISTS = frozenset(
    {
        "append", "endswith", "extend", "format", "items", "join", "keys", "lower", "lstrip", "replace", "rstrip", "split", "startswith", "strip",
        "title", "upper", "values",
    }
)  # fmt: skip
# With these there is more than one thing that may fail, or fails over and over.
_COMPOUND = (cst.For, cst.While, cst.With, cst.Try, cst.TryStar, cst.Match, cst.CompFor, cst.Yield)
_READS = re.compile(r"(^|_)(loads?|pars\w+|decode|deserialize|unmarshal|strptime|from_?iso\w*|model_validate\w*)$", re.IGNORECASE)


def asks_one_thing(handler: Handler) -> bool:
    """
    Whether all that may fail in what is tried is one line, or one call that runs no code of this project, as far as is known: its failures have only one
    place to come from. Log records and what is done with plain texts and lists do not count.
    """
    tried = statements(handler.tries.body)
    nodes = own(handler.tries.body)
    if any(isinstance(node, _COMPOUND) for node in nodes):
        return False
    calls = list(_things(nodes, handler))
    if len(tried) > 1:
        if len(calls) != 1 or any(isinstance(node, cst.Subscript) for node in _read(nodes)):
            return False
    elif not isinstance(tried[0], cst.BaseSmallStatement):
        return False
    return len(calls) < 2 and not any(_is_ours(node, handler) for node in calls)


# What these raise is their answer.
_CHECKS = re.compile(r"_*(pre|before|check|validate|verify|ensure|assert|require|authori[sz]e)(_\w+)?")


def asks_for_verdict(handler: Handler) -> bool:
    """Whether all that is tried is a check, by its name: it raises to say no, and its text says why."""
    calls = [node for node in own(handler.tries.body) if isinstance(node, cst.Call)]
    return len(statements(handler.tries.body)) == 1 and len(calls) == 1 and _CHECKS.fullmatch(last_name(calls[0])) is not None


def _things(nodes: list[cst.CSTNode], handler: Handler) -> Iterator[cst.Call]:
    """The calls that may fail. Of `session.get(url).json()` the first stands for all."""
    raised = {id(node.exc) for node in nodes if isinstance(node, cst.Raise)}
    for node in nodes:
        if not isinstance(node, cst.Call) or id(node) in raised or tells(node, handler.model) or _is_harmless(node, handler):
            continue
        if _before(node) is None or _runs_others(node, handler):
            yield node


def _before(call: cst.Call) -> cst.Call | None:
    """The call on whose result another is made, as in `before().call()`."""
    node: cst.BaseExpression = call.func
    while True:
        match node:
            case cst.Attribute() | cst.Subscript():
                node = node.value
            case cst.Await():
                node = node.expression
            case cst.Call():
                return node
            case _:
                return None


def _is_harmless(node: cst.Call, handler: Handler) -> bool:
    if handler.model.meanings.at(node) is not None:
        return False
    if isinstance(node.func, cst.Attribute):
        return node.func.attr.value in _OF_TEXTS_AND_LISTS
    return handler.model.name_of(node.func, handler).removeprefix("builtins.") in _HARMLESS


def _runs_others(node: cst.Call, handler: Handler) -> bool:
    meanings = handler.model.meanings
    call = meanings.at(node)
    return call is not None and any(meanings.means(call, kind) is not None for kind in _RUN_OTHERS)


def _is_ours(node: cst.Call, handler: Handler) -> bool:
    """Whether a call runs code of this project, or what it was given by somebody who may have written it there."""
    model = handler.model
    if model.meanings.at(node) is not None:
        return id(node) in model.meanings.wrapped or _runs_others(node, handler)
    name = _name(node, handler)
    if name.startswith("builtins."):
        return name.removeprefix("builtins.") not in _OF_VALUES
    if name.startswith(_OTHERS) or (
        name and (model.defined(name) is not None or model.function_named(name) is not None or model.class_named(name) is not None)
    ):
        return True
    match node.func:
        case cst.Attribute(value=cst.Name(value="self" | "cls")) | cst.Attribute(value=cst.Call(func=cst.Name(value="super"))):
            return True
        case cst.Attribute():
            return False  # of what others have made, as far as is known
    return "." not in name


def _name(node: cst.Call, handler: Handler) -> str:
    """What is called, by its dotted name; "" where that is not known."""
    place = calls_by_node(handler.model).get(id(node))
    return place.name if place is not None else ""


def _read(nodes: list[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """The nodes of a block, without those that are written to."""
    written = {id(one) for node in nodes if isinstance(node, cst.AssignTarget) for one in walk(node)}
    return (node for node in nodes if id(node) not in written)


def keeps_input(record: Call, handler: Handler) -> bool:
    """Whether something is read from a value in what is tried, and a record shows that value: whoever looks for the reason can do the same again."""
    shown = {node.value for node in walk(record.node) if isinstance(node, cst.Name)}
    if handler.bound in shown:
        return False
    return any(
        isinstance(node, cst.Call)
        and _READS.search(last_name(node))
        and any(isinstance(one, cst.Name) and one.value in shown for arg in node.args for one in walk(arg))
        for node in own(handler.tries.body)
    )


def runs_given(handler: Handler) -> bool:
    """Whether what is tried is work that somebody else has passed here, of which nothing can be said: `return view(*args)`, or the block of a `with`."""
    nodes = own(handler.tries.body)
    if any(isinstance(node, cst.Yield) for node in nodes):
        return True
    given: set[str] = set()
    function = handler.function
    while function is not None:
        given |= {parameter.name.value for parameter in function.parameters}
        function = function.function
    return any(isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in given - {"cls"} for node in nodes)


def makes_only(handler: Handler) -> bool:
    """Whether all that is tried is to make one object of the fields of another, by a class that checks them: `Order(**data)`."""
    calls = [node for node in own(handler.tries.body) if isinstance(node, cst.Call)]
    return (
        len(statements(handler.tries.body)) == 1
        and len(calls) == 1
        and dotted(calls[0].func).rpartition(".")[2][:1].isupper()
        and any(arg.star == "**" for arg in calls[0].args)
    )


__all__ = ["asks_for_verdict", "asks_one_thing", "keeps_input", "makes_only", "runs_given"]
