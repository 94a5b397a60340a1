"""Whether those who failed together come back together: pauses between attempts that are the same for all."""

from __future__ import annotations

import libcst as cst

from ..concepts.bounds import find
from ..concepts.retry import Jitter, RetryPolicy
from ..concepts.time import Sleep
from ..libraries.index import Index
from ..model.places import Call
from ..model.scopes import Binding
from ..model.values import Constant, Datum, Items, Made, Missing, Reference
from ..syntax.tree import walk
from .attempts import Attempts
from .policies import automatic, given_pauses

_RANDOM = ("random", "jitter", "uniform", "secrets", "shuffle")
_EXACT = frozenset({"builtins.min", "builtins.max", "builtins.int", "builtins.float", "builtins.round", "builtins.pow", "builtins.abs"})


def in_step(policy: RetryPolicy, made: Made, index: Index) -> str | None:
    """What would make the pauses of a policy differ, if they surely are the same for all who use it; None where they are not, or that is not known."""
    if made.open or not automatic(made, policy):
        return None
    answers = [_spreads(value, policy, index) for value in given_pauses(policy, made)]
    answers += [_told(one, made) for one in policy.jitter]
    if not answers or any(answer is not False for answer in answers):
        return None
    return _cure(policy, made, index)


def _spreads(value: Datum | Missing, policy: RetryPolicy, index: Index) -> bool | None:
    """Whether what is passed as the pause is random; None where that is not known."""
    match value:
        case Constant(value=bool() | int() | float() | None) if policy.jitter:
            return False
        case Items(items=items) if policy.jitter and all(isinstance(item, Constant) for item in items):
            return False
        case Made(name="operator.add", arguments=sides):
            return _any([_spreads(side, policy, index) for side in sides])
        case Made(name=name) | Reference(name=name) if name in index.strategies:
            strategy = index.strategies[name]
            if strategy.kind != "pause" or isinstance(value, Made) == strategy.instance:
                return None
            if strategy.spread == "any" and isinstance(value, Made):
                parts = _any([_spreads(part, policy, index) for part in value.arguments])
                return parts if parts or not value.open else None
            return {"yes": True, "no": False}.get(strategy.spread)
    return None


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _told(jitter: Jitter, made: Made) -> bool | None:
    """Whether a parameter makes pauses random; None where that is not known."""
    if jitter.needs and made.argument(jitter.needs) in (Missing.ABSENT, Constant(None), Constant(False), Constant(0)):
        return False
    value = find(jitter, made)
    match value:
        case Missing.ABSENT:
            return None if jitter.default == "unknown" else jitter.default
        case Constant(value=bool() | int() | float() | None as given):
            return bool(given) and not (jitter.number_is_fixed and not isinstance(given, bool))
        case Reference() | Items():
            return True
    return None


def _cure(policy: RetryPolicy, made: Made, index: Index) -> str:
    for value in given_pauses(policy, made):
        for name in _names(value):
            strategy = index.strategies.get(name)
            if strategy is not None and strategy.instead and not policy.jitter:
                return f"use {strategy.instead}()"
    for jitter in policy.jitter:
        if jitter.instead:
            return jitter.instead
        if jitter.needs and made.argument(jitter.needs) is Missing.ABSENT:
            return f"pass {jitter.needs}=True, which comes with random pauses"
        if jitter.keyword:
            return f"pass {jitter.keyword}=" if find(jitter, made) is Missing.ABSENT else f"leave {jitter.keyword}= on"
    return "make its pauses random"


def _names(value: Datum | Missing) -> list[str]:
    if isinstance(value, Made):
        return [value.name, *(name for part in value.arguments for name in _names(part))]
    return [value.name] if isinstance(value, Reference) else []


# -- loops


def pauses_in_step(tried: Attempts) -> Call | None:
    """The first pause of a loop that tries again, if all of its pauses are surely the same for whoever runs it."""
    loop, meanings = tried.loop, tried.loop.model.meanings
    # Of who waits for a file of this machine there are few.
    local = {name.partition(".")[0] for handler in tried.handlers for name in handler.catches} & meanings.index.local_stores
    if loop.function is None or local or any(_speaks_of_chance(node) for node in walk(loop.function.node)):
        return None
    found = [
        (call, sleep)
        for call, sleep in meanings.of(Sleep)
        if call.function is loop.function and loop.inside.encloses(call.frame) and find(sleep.seconds, call.made) != Constant(0)
    ]
    for call, sleep in found:
        node = call.argument_node(*sleep.seconds.keywords, position=sleep.seconds.position)
        if node is None or not _is_exact(node, call):
            return None
    return found[0][0] if found else None


def _speaks_of_chance(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and any(word in node.value.lower() for word in _RANDOM)


def _is_exact(node: cst.BaseExpression, call: Call, seen: frozenset[str] = frozenset()) -> bool:
    """
    Whether an expression is worked out from numbers and counters alone, so that it is the same everywhere. `seen` are the names that are being looked at:
    in `delay = min(delay * 2, 60)` the new one is exact if the old one is.
    """
    match node:
        case cst.Integer() | cst.Float():
            return True
        case cst.BinaryOperation(left=left, right=right):
            return _is_exact(left, call, seen) and _is_exact(right, call, seen)
        case cst.UnaryOperation(expression=inner):
            return _is_exact(inner, call, seen)
        case cst.IfExp(body=one, orelse=other):
            return _is_exact(one, call, seen) and _is_exact(other, call, seen)
        case cst.Call(func=func, args=args):
            name = call.model.name_of(func, call)
            exact = name in _EXACT or name.startswith("math.")
            return exact and all(not arg.star and _is_exact(arg.value, call, seen) for arg in args)
        case cst.Subscript(value=table):
            held = call.evaluate(table)
            return isinstance(held, Items) and all(isinstance(item, Constant) for item in held.items)
    value = call.evaluate(node)
    if isinstance(value, Constant):
        return isinstance(value.value, int | float)
    if not isinstance(node, cst.Name):
        return False
    if node.value in seen:
        return True
    found = call.scope.find(node.value)
    return found is not None and all(_is_exactly_bound(binding, call, seen | {node.value}) for binding in found[1])


def _is_exactly_bound(binding: Binding, call: Call, seen: frozenset[str]) -> bool:
    value = binding.value
    if value is None:
        return False
    if binding.kind == "for":
        return isinstance(value, cst.Call) and call.model.name_of(value.func, call) in ("builtins.range", "itertools.count")
    if binding.kind == "parameter":
        return isinstance(value, cst.Integer | cst.Float)  # a default that is a number: a setting
    return binding.kind in ("assign", "augmented") and _is_exact(value, call, seen)
