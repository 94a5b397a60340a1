"""The calls in a function that whoever calls it has to reckon with: those that keep the thread or repeat requests, and those of other functions."""

from __future__ import annotations

import sys

import libcst as cst

from .calls import slim
from .exports import FunctionFacts, Step
from .frames import Frame
from .places import Call, Function
from .semantic import dotted
from .values import Constant, Made

_MOST = 16  # calls of one function that are worth telling of
_BRANCHES = frozenset({"if", "else", "case", "loop-else", "handler", "try-else"})


def steps(function: Function) -> tuple[Step, ...]:
    """The calls in a function's own body that its callers have to reckon with, each once, in source order."""
    if any(frame.kind in _BRANCHES for frame in function.frame.outward()):
        return ()  # where it is defined in some cases only, another of its name may be meant
    found: dict[str, Step] = {}
    for call in function.calls:
        if not isinstance(call.node, cst.Call) or not _may_matter(call, function):
            continue
        name = call.name
        if not name or name in found:
            continue
        step = _step(call, name)
        if step is not None:
            found[name] = step
            if len(found) == _MOST:
                break
    return tuple(found.values())


def repeated(function: Function) -> Made | None:
    """The decorator that repeats a function, as it was made."""
    for decorator in function.decorators:
        if function.model.knowledge.repeats(decorator.name):
            return decorator.made
    return None


def is_kept(facts: FunctionFacts) -> bool:
    """Whether a function's decorators keep what it has given, so that most calls of it do nothing."""
    return any("cache" in name.lower() or "memo" in name.lower() for name in facts.decorators)


def _may_matter(call: Call, function: Function) -> bool:
    """Whether it is worth finding out what a call calls: most calls are methods of values that nobody models, or of the standard library."""
    func = call.node.func if isinstance(call.node, cst.Call) else call.node
    tails = call.model.knowledge.tails
    if func.__class__ is cst.Attribute and func.attr.value in tails:
        return True
    base = func
    while base.__class__ is cst.Attribute:
        base = base.value
    if not isinstance(base, cst.Name):
        return False
    found = call.scope.find(base.value)
    for binding in found[1] if found is not None else ():
        if binding.kind == "import":
            root, _, last = binding.dotted.partition(".")
            if root not in sys.stdlib_module_names or last.rpartition(".")[2] in tails:
                return True
        elif binding.kind == "parameter":
            if function.owner is not None and base.value in ("self", "cls"):
                return True
        elif base is func and binding.kind in ("function", "class"):
            return True
    return False


def _step(call: Call, name: str) -> Step | None:
    knowledge = call.model.knowledge
    conditional = any(frame.kind in _BRANCHES for frame in call.frame.within_function())
    caught = _is_caught(call.frame)
    if knowledge.modelled(name):
        if not (
            knowledge.tells(name)
            or knowledge.asks(name)
            or (name.partition(".")[0] in knowledge.repeating and (maker := call.made.maker) is not None and knowledge.repeats(maker.name))
        ):
            return None
        return Step(name, slim(call.made), conditional=conditional, caught=caught, to=destination(call))
    if name.partition(".")[0] in sys.stdlib_module_names:
        return None
    return Step(name, conditional=conditional, caught=caught)


def destination(call: Call) -> str:
    """What the address begins with that a call is given first: a host, a path, or the constant or setting that holds either; "" for anything else."""
    node = call.argument_node("url", position=0)
    while isinstance(node, cst.BinaryOperation):
        node = node.left
    if isinstance(node, cst.FormattedString) and node.parts:
        match node.parts[0]:
            case cst.FormattedStringExpression(expression=first):
                node = first
            case cst.FormattedStringText(value=text):
                return _host(text)
    if node is None:
        return ""
    known = call.evaluate(node)
    if isinstance(known, Constant):
        return _host(known.value) if isinstance(known.value, str) else ""
    name = dotted(node)
    last = name.rpartition(".")[2]
    return name if last.isupper() or name.startswith(("self.", "cls.", "settings.", "config.")) else ""


def _host(text: str) -> str:
    scheme, slashes, rest = text.partition("//")
    return rest.partition("/")[0] if slashes and scheme.endswith(":") else "/"


def _is_caught(frame: Frame) -> bool:
    return any(one.kind == "try" for one in frame.within_function())


__all__ = ["destination", "is_kept", "repeated", "steps"]
