"""Circuit breakers, and how long they live."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from ..concepts.bounds import find
from ..concepts.retry import Breaker
from ..model.frames import Frame
from ..model.places import Call, Function
from ..model.semantic import dotted
from ..model.swallowing import own
from ..model.values import NONE, Missing
from ..syntax.tree import walk
from .attempts import starts_something

# What keeps the result of a function, so that it runs once.
_KEEPS = re.compile(r"cache|memo|once|singleton|fixture", re.IGNORECASE)


def forgotten(call: Call, breaker: Breaker) -> Function | None:
    """
    The function in which a breaker is made anew for each call, lets something through, and is forgotten. None where it is kept, handed on or used by what a
    function defined there does later; where it lets things through in a loop; and where the function runs once, as far as its name and decorators tell.
    """
    function = call.function
    if function is None or call.scope is not function.inner or function.yields or function.name.startswith("__"):
        return None
    if starts_something(function) or any(_KEEPS.search(dotted(_called(decorator.node))) for decorator in function.decorators):
        return None
    if any(find(parameter, call.made) not in (Missing.ABSENT, NONE) for parameter in breaker.shared):
        return None
    uses = list(_uses(call, breaker, function))
    frames = {id(other.node): other.frame for other in call.model.calls}
    frames |= {id(place.node): place.frame for place in call.model.withs}
    if uses and all(use is not None and not _repeats(use, call, frames, function) for use in uses):
        return function
    return None


def _uses(call: Call, breaker: Breaker, function: Function) -> Iterator[cst.CSTNode | None]:
    """The places that let something through a breaker; None for each where that is not all that happens to it."""
    if isinstance(call.decorated, Function):
        yield from _calls_of(call.decorated, function)
        return
    nodes = own(function.node.body)
    names = [
        binding
        for bindings in function.inner.bindings.values()
        for binding in bindings
        if binding.kind == "assign" and binding.value is call.node
    ]
    name = next((one for one, bindings in function.inner.bindings.items() if names and names[0] in bindings), "")
    if not name:
        yield _through(call.node, nodes, breaker)
        return
    if len(function.inner.bindings[name]) > 1 or name in call.scope.nonlocals:
        yield None
        return
    decorated = {
        id(one.decorator): inner for inner in function.model.functions if inner.function is function for one in inner.node.decorators
    }
    heads = {id(node.attr) for node in walk(function.node) if isinstance(node, cst.Attribute)}
    heads |= {id(node.keyword) for node in walk(function.node) if isinstance(node, cst.Arg) and node.keyword is not None}
    heads |= {id(node.target) for node in nodes if isinstance(node, cst.AssignTarget)}
    for node in walk(function.node.body):
        if isinstance(node, cst.Name) and node.value == name and id(node) not in heads:
            if id(node) in decorated and breaker.decorates:
                yield from _calls_of(decorated[id(node)], function)
            else:
                yield _through(node, nodes, breaker)


def _through(node: cst.BaseExpression, nodes: Sequence[cst.CSTNode], breaker: Breaker) -> cst.CSTNode | None:
    """The call or `with` by which an expression for a breaker lets something through, among the nodes of a function's own body."""
    for outer in nodes:
        match outer:
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=method))) if value is node:
                return outer if method in breaker.calls else None
            case cst.Call(func=cst.Call(func=inner)) if inner is node and breaker.decorates:
                return outer
            case cst.With(items=items) if breaker.entered and any(item.item is node for item in items):
                return outer
    return None


def _calls_of(inner: Function, function: Function) -> Iterator[cst.CSTNode | None]:
    """The calls of a function that is defined in another; None for each mention of it that is no call, or stands in yet another."""
    nodes = own(function.node.body)
    called = {id(node.func): node for node in nodes if isinstance(node, cst.Call)}
    heads = {id(node.attr) for node in walk(function.node) if isinstance(node, cst.Attribute)} | {id(inner.node.name)}
    heads |= {id(node.keyword) for node in walk(function.node) if isinstance(node, cst.Arg) and node.keyword is not None}
    for node in walk(function.node.body):
        if isinstance(node, cst.Name) and node.value == inner.name and id(node) not in heads:
            yield called.get(id(node))


def _repeats(use: cst.CSTNode, call: Call, frames: dict[int, Frame], function: Function) -> bool:
    """Whether a breaker lets things through again and again: in a loop in which it is not made."""
    frame = frames.get(id(use))
    around = set(map(id, call.frame.outward()))
    if frame is None or any(one.kind == "loop" and id(one) not in around for one in frame.within_function()):
        return True
    repeated = [
        node.test if isinstance(node, cst.While) else node
        for node in own(function.node.body)
        if isinstance(node, cst.While | cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp)
    ]
    return any(one is use for part in repeated for one in walk(part))


def _called(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.func if isinstance(node, cst.Call) else node
