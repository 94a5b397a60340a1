"""Objects that send by and by what they are given, and whether anything waits until they have."""

from __future__ import annotations

import libcst as cst

from ..concepts.lifecycle import Buffered
from ..model.endings import always
from ..model.places import Call, Function
from ..model.semantic import dotted
from ..syntax.tree import walk


def unflushed(call: Call, buffered: Buffered) -> str | None:
    """
    The name in its function of an object that is given something to send by a call, the first of these, and that nothing waits for; "" where it has no
    name. None where somebody else may have it, or where what the calls give is looked at.
    """
    function = call.function
    receiver = call.node.func.value if isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Attribute) else None
    if function is None or receiver is None or function.yields or not _is_dropped(call):
        return None
    maker = call.made.maker
    if isinstance(receiver, cst.Call):
        return "" if maker is not None and maker.key == id(receiver) and not buffered.with_process else None
    if not isinstance(receiver, cst.Name) or maker is None or receiver.value in call.scope.nonlocals:
        return None
    name = receiver.value
    bindings = function.inner.bindings.get(name, [])
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None
    value = value.expression if isinstance(value, cst.Await) else value
    if value is None or id(value) != maker.key or call.scope is not function.inner or _goes_on(call):
        return None
    senders = [
        other
        for other, kind in call.model.meanings.of(Buffered)
        if kind == buffered and _receiver(other) == name and other.function is function
    ]
    if senders[0] is not call or not all(_is_dropped(sender) for sender in senders):
        return None
    return None if _is_handed_on(function, name, buffered) else name


def _receiver(call: Call) -> str:
    return dotted(call.node.func.value) if isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Attribute) else ""


def _is_dropped(call: Call) -> bool:
    """Whether the result of a call is thrown away, that of awaiting it included."""
    if call.dropped:
        return True
    match call.statement:
        case cst.SimpleStatementLine(body=[*_, cst.Expr(value=cst.Await(expression=expression))]):
            return expression is call.node
    return False


def _goes_on(call: Call) -> bool:
    """Whether it stands in a loop without end: its function may live as long as the process."""
    return any(isinstance(frame.node, cst.While) and always(frame.node.test) for frame in call.frame.within_function())


def _is_handed_on(function: Function, name: str, buffered: Buffered) -> bool:
    """Whether anything happens to an object but that methods are called on it that do not wait for what it sends."""
    nodes = walk(function.node.body)
    meant: set[int] = set()  # names that are no uses of this one, or harmless ones
    for node in nodes:
        match node:
            case cst.Call(func=cst.Attribute(value=cst.Name(value=owner) as used, attr=cst.Name(value=method))) if owner == name:
                waits = method in buffered.flushed_by or (method in buffered.perhaps_by and not _at_once(node))
                if not waits:
                    meant.add(id(used))
            case cst.AssignTarget() | cst.AnnAssign():
                meant.add(id(node.target))
            case cst.Arg() if node.keyword is not None:
                meant.add(id(node.keyword))
        if isinstance(node, cst.Attribute):
            meant.add(id(node.attr))
    return any(isinstance(node, cst.Name) and node.value == name and id(node) not in meant for node in nodes)


def _at_once(node: cst.Call) -> bool:
    return bool(node.args) and all(isinstance(arg.value, cst.Integer | cst.Float) and not arg.value.evaluated_value for arg in node.args)
