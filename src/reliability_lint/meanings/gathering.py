"""Results of tasks that were waited for together: what was started, and whether anybody asks which of the results are exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

import libcst as cst

from ..concepts.concurrency import TaskSpawn
from ..model.places import Call, Function
from ..model.swallowing import closes, own
from ..model.values import Reference
from ..syntax.tree import children
from .failing import may_fail, sees_to_failures
from .lookups import calls_by_node

Fate: TypeAlias = Literal["fails", "sees to it", "unknown"]


class Outcome(NamedTuple):
    """What is known of one of the tasks: what it runs, and what becomes of its failures."""

    name: str
    fate: Fate


def outcomes(call: Call) -> list[Outcome]:
    """What is known of the tasks that a call waits for; one that is unknown stands for those that cannot be seen."""
    assert isinstance(call.node, cst.Call)
    places = calls_by_node(call.model)
    found: list[Outcome] = []
    for arg in call.node.args:
        if arg.keyword is None:
            found += [_outcome(job, places, call) for job in (_several(arg.value, call) if arg.star else [arg.value])]
    return found


def _several(value: cst.BaseExpression, call: Call) -> list[cst.BaseExpression | None]:
    """The jobs in what is unpacked; None for those that cannot be seen."""
    match value:
        case cst.List() | cst.Tuple() | cst.Set():
            return [element.value if isinstance(element, cst.Element) else None for element in value.elements]
        case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
            return [value.elt]
        case cst.Name() if (bound := _bound(value, call)) is not None:
            return _several(bound, call)
    return [None]


def _bound(name: cst.Name, call: Call) -> cst.BaseExpression | None:
    """What a local name was set to, where that was done once and nothing was added since."""
    bindings = call.scope.bindings.get(name.value, []) if call.scope is not None else []
    if len(bindings) != 1 or bindings[0].kind != "assign" or isinstance(bindings[0].value, cst.Name):
        return None
    return bindings[0].value


def _outcome(job: cst.BaseExpression | None, places: dict[int, Call], call: Call) -> Outcome:
    if isinstance(job, cst.Name):
        job = _bound(job, call)
    place = places.get(id(job)) if job is not None else None
    if place is None or not isinstance(place.node, cst.Call):
        return Outcome("", "unknown")
    meanings = call.model.meanings
    spawn = meanings.means(place, TaskSpawn)
    if spawn is not None and spawn.coroutine is not None:
        inner = place.argument_node(*spawn.coroutine.keywords, position=spawn.coroutine.position)
        return _outcome(inner, places, call) if isinstance(inner, cst.Call) else Outcome("", "unknown")
    if closes(place.node):
        return Outcome(place.word, "sees to it")
    callee = _callee(place)
    if callee is not None:
        return Outcome(callee.name, "sees to it" if sees_to_failures(callee) else "fails" if may_fail(callee) else "unknown")
    known = meanings.index.known(place.name)
    return Outcome(place.title, "fails") if known is not None and known.raises else Outcome("", "unknown")


def _callee(place: Call) -> Function | None:
    assert isinstance(place.node, cst.Call)
    callee = place.model.meanings.callee(place)
    if callee is None:
        datum = place.evaluate(place.node.func)
        found = place.model.defined(datum.name) if isinstance(datum, Reference) else None
        callee = found if isinstance(found, Function) else None
    return callee


# -- what becomes of the results


def kept_as(call: Call) -> cst.BaseExpression | cst.For | None:
    """What takes the results of a call that is awaited: the target of an assignment, a loop, the `await` where they are thrown away; None for others."""
    match call.statement:
        case cst.For(iter=cst.Await(expression=awaited)) if awaited is call.node:
            return call.statement
        case cst.SimpleStatementLine(body=[*_, cst.Expr(value=cst.Await(expression=awaited) as thrown)]) if awaited is call.node:
            return thrown
        case cst.SimpleStatementLine(body=[*_, cst.Assign(targets=[target], value=cst.Await(expression=awaited))]) if awaited is call.node:
            return target.target
    return None


# These tell nothing of what a value is.
_COUNTING = frozenset({"len", "sum", "sorted", "min", "max", "dict", "set", "list", "tuple"})
# Looking at these means that exceptions are expected.
_OF_EXCEPTIONS = frozenset({"args", "exception", "with_traceback", "add_note", "__class__", "__traceback__", "__cause__"})


def taken_for_data(call: Call, kept: cst.BaseExpression | cst.For) -> cst.CSTNode | None:
    """
    The first use of a result as if it were none of the exceptions, where all uses in the function are seen and none asks what the results are; else
    None.
    """
    function = call.function
    if function is None:
        return None
    names, groups = _names(kept)
    nodes = own(function.node.body)
    parents = {id(child): node for node in nodes for child in children(node)}
    for node in nodes:
        if isinstance(node, cst.For | cst.CompFor):
            names |= _drawn(node.target, node.iter, groups)
    if names | groups and not _are_their_own(call, names | groups, nodes):
        return None
    guarded = {id(node) for one in nodes if isinstance(one, cst.Try | cst.TryStar) and one.handlers for node in own(one.body)}
    first: cst.CSTNode | None = None
    for node in nodes:
        if not isinstance(node, cst.Name) or node.value not in names | groups:
            continue
        how = _use(node, parents, node.value in groups)
        if how == "unknown" or (how == "data" and id(node) in guarded):
            return None
        if how == "data" and first is None:
            first = node
    return first


def _names(kept: cst.BaseExpression | cst.For) -> tuple[set[str], set[str]]:
    """The names of single results, and those of all of them together."""
    if isinstance(kept, cst.For):
        return ({kept.target.value} if isinstance(kept.target, cst.Name) else set()), set()
    if isinstance(kept, cst.Tuple | cst.List):
        values = [element.value for element in kept.elements]
        return {value.value for value in values if isinstance(value, cst.Name) and value.value != "_"}, set()
    return set(), ({kept.value} if isinstance(kept, cst.Name) else set())


def _drawn(target: cst.BaseExpression, source: cst.BaseExpression, groups: set[str]) -> set[str]:
    """The names that a loop gives to single results: of the results themselves, or of them beside others."""
    if isinstance(source, cst.Name) and source.value in groups:
        return {target.value} if isinstance(target, cst.Name) else set()
    match source:
        case cst.Call(func=cst.Name(value="zip"), args=args):
            position = next((at for at, arg in enumerate(args) if isinstance(arg.value, cst.Name) and arg.value.value in groups), None)
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=cst.Name(value=name)), *_]) if name in groups:
            position = 1
        case _:
            position = None
    if position is None or not isinstance(target, cst.Tuple) or position >= len(target.elements):
        return set()
    value = target.elements[position].value
    return {value.value} if isinstance(value, cst.Name) else set()


def _are_their_own(call: Call, names: set[str], nodes: list[cst.CSTNode]) -> bool:
    """Whether each name is set once in the function, so that it means the results wherever it stands, and nothing nested uses it."""
    assert call.function is not None
    inner = [node for node in nodes if isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef)]
    if inner or not names.isdisjoint(parameter.name.value for parameter in call.function.parameters):
        return False
    bound = [name for node in nodes for name in _bound_by(node)]
    return all(bound.count(name) == 1 for name in names)


def _bound_by(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case (
            cst.AssignTarget(target=target)
            | cst.For(target=target)
            | cst.CompFor(target=target)
            | cst.AnnAssign(target=target)
            | cst.AugAssign(target=target)
            | cst.NamedExpr(target=target)
        ):
            for part in own(target):
                if isinstance(part, cst.Name):
                    yield part.value
        case cst.AsName(name=cst.Name(value=name)):
            yield name


def _use(name: cst.Name, parents: dict[int, cst.CSTNode], whole: bool) -> Literal["data", "harmless", "unknown"]:
    """How a name is used: of all results together, a single one is meant where it is looked up."""
    node: cst.CSTNode = name
    parent = parents.get(id(name))
    if whole and isinstance(parent, cst.Subscript) and parent.value is node:
        node, parent = parent, parents.get(id(parent))
        whole = False
    match parent:
        case cst.Attribute() if parent.value is node:
            if whole or parent.attr.value in _OF_EXCEPTIONS:
                return "unknown"
            return "data"
        case cst.Attribute():
            return "harmless"  # the name of an attribute
        case cst.Subscript() if parent.value is node:
            return "data"
        case cst.AssignTarget():
            return "harmless"
        case cst.For() | cst.CompFor():
            return "harmless" if whole or parent.target is node else "data"
        case cst.Element() if _is_target(parent, parents):
            return "harmless"
        case cst.BinaryOperation() if not whole:
            return "data"
        case cst.Arg() if parent.keyword is node:
            return "harmless"
        case cst.Arg():
            call = parents.get(id(parent))
            func = call.func if isinstance(call, cst.Call) else None
            word = func.value if isinstance(func, cst.Name) else ""
            if whole:
                return "harmless" if word in ("zip", "enumerate", "len") else "unknown"
            return "data" if word in _COUNTING else "unknown"
        case cst.If(test=test) | cst.IfExp(test=test) | cst.CompIf(test=test) if test is node:
            return "harmless"  # exceptions are as true as anything
    return "unknown"


def _is_target(element: cst.CSTNode, parents: dict[int, cst.CSTNode]) -> bool:
    node = parents.get(id(element))
    while isinstance(node, cst.Tuple | cst.List | cst.Element):
        element, node = node, parents.get(id(node))
    return isinstance(node, cst.AssignTarget) or (isinstance(node, cst.For | cst.CompFor) and node.target is element)


__all__ = ["Outcome", "kept_as", "outcomes", "taken_for_data"]
