"""What becomes of the result of a call: whether anything in the function keeps it."""

from __future__ import annotations

from collections.abc import Collection

import libcst as cst

from ..syntax.tree import walk
from .places import Call, Function
from .semantic import dotted

# Awaiting one of these, a function stays, and its local names with it, until the program ends.
_STAYS = frozenset(
    {
        "gather",
        "idle",
        "join",
        "run",
        "run_forever",
        "serve",
        "serve_forever",
        "sleep_forever",
        "start",
        "start_polling",
        "start_serving",
        "wait",
        "wait_closed",
    }
)


def lost(call: Call, idle_methods: Collection[str] = ()) -> str:
    """
    In which way nothing keeps the result of a call, in words; "" where something may.

    `idle_methods` are methods of the result after whose call it is kept no better than before.
    """
    if call.dropped:
        return "its result is thrown away"
    match call.statement:
        case cst.SimpleStatementLine(body=[*_, cst.Expr(value=cst.ListComp(elt=kept) | cst.SetComp(elt=kept))]) if kept is call.node:
            return "the list is thrown away"
        case cst.SimpleStatementLine(body=[*_, cst.Expr(value=cst.Call(func=cst.Attribute(value=kept, attr=cst.Name(value=method))))]) if (
            kept is call.node
        ):
            return f"{method}() does not keep it" if method in idle_methods else ""
        case cst.SimpleStatementLine(body=[*_, cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=kept)]) if (
            kept is call.node
        ):
            return _unread(call, name)
        case cst.SimpleStatementLine(body=[*_, cst.AnnAssign(target=cst.Name(value=name), value=kept)]) if kept is call.node:
            return _unread(call, name)
    return ""


def _unread(call: Call, name: str) -> str:
    function = call.function
    if function is None or call.scope is not function.inner or name in call.scope.nonlocals or _stays(function, call.order):
        return ""
    nodes = walk(function.node.body)
    meant: set[int] = set()  # names that are no uses of this one
    for node in nodes:
        match node:
            case cst.Attribute():
                meant.add(id(node.attr))
            case cst.Arg() if node.keyword is not None:
                meant.add(id(node.keyword))
            case cst.AssignTarget() | cst.AnnAssign():
                meant.add(id(node.target))
    if any(isinstance(node, cst.Name) and node.value == name and id(node) not in meant for node in nodes):
        return ""
    return f"{name} is never read"


def _stays(function: Function, order: int) -> bool:
    """Whether a function, and so what it holds, may live as long as the program after a place: it yields, loops, or awaits something that serves."""
    if any(place.order > order for place in function.yields):
        return True
    loops = (loop for loop in function.model.loops if loop.function is function and loop.order > order)
    if any(isinstance(loop.node, cst.While) or loop.node.asynchronous is not None for loop in loops):
        return True
    return any(
        call.awaited and call.order > order and isinstance(call.node, cst.Call) and dotted(call.node.func).rpartition(".")[2] in _STAYS
        for call in function.calls
    )
