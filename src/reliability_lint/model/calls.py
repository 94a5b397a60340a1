"""What calls are: what is called, with what, and what the methods of displays and of managers give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import msgspec

from .annotations import MAPPING, SEQUENCE, promised
from .values import NONE, UNKNOWN, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Unknown

if TYPE_CHECKING:
    from .semantic import SemanticModel, Where

_EMPTY: dict[str, Datum] = {}
_PARTIAL = "functools.partial"
_HOLDING = frozenset({"contextlib.closing", "contextlib.aclosing", "contextlib.nullcontext"})
# Calls that give what their first argument gives, awaited or not.
PASSING = frozenset({"asyncio.run", "asyncio.shield", "asyncio.wait_for"})


def named(model: SemanticModel, target: Datum) -> tuple[str, Datum | None]:
    """The canonical dotted name of what a call calls, or "" where it is not known, and the object whose method it is."""
    if isinstance(target, Reference):
        return target.name, target.owner
    if (whole := _curried(target)) is not None:
        return whole.name, whole.owner
    if type_name := model.type_of(target):
        return model.knowledge.method(type_name, "__call__"), target
    return "", None


def _curried(target: Datum) -> Reference | None:
    """What `functools.partial` was given to call."""
    whole = target.arguments[0] if isinstance(target, Made) and target.name == _PARTIAL and target.arguments else None
    return whole if isinstance(whole, Reference) else None


def make(model: SemanticModel, node: cst.Call, where: Where, target: Datum) -> Made:
    """A call as a datum: what is called, with what; the name is "" where it is not known."""
    name, owner = named(model, target)
    arguments: list[Datum] = []
    keywords: dict[str, Datum] = {}
    unpacks = False
    for arg in node.args:
        if arg.star == "*":
            unpacks = True
        elif arg.star:
            inner = model.evaluate(arg.value, where)
            if isinstance(inner, Entries):
                for key, value in inner.entries:
                    if isinstance(key, Constant) and isinstance(key.value, str):
                        keywords[key.value] = value
                unpacks = unpacks or inner.open or any(not isinstance(key, Constant) for key, _ in inner.entries)
            else:
                unpacks = True
        elif arg.keyword is not None:
            keywords[arg.keyword.value] = model.evaluate(arg.value, where)
        elif not unpacks:
            arguments.append(model.evaluate(arg.value, where))
    if isinstance(target, Made) and _curried(target) is not None:
        return Made(
            name,
            (*target.arguments[1:], *arguments),
            {**target.keywords, **keywords},
            open=unpacks or target.open,
            owner=owner,
            key=id(node),
        )
    if name == _PARTIAL and arguments and isinstance(inner := arguments[0], Made) and inner.name == _PARTIAL:
        return Made(_PARTIAL, (*inner.arguments, *arguments[1:]), {**inner.keywords, **keywords}, open=unpacks or inner.open, key=id(node))
    return Made(name, tuple(arguments), keywords or _EMPTY, open=unpacks, owner=owner, key=id(node))


def entered(model: SemanticModel, manager: Datum) -> Datum:
    """What `with manager as x` binds."""
    if isinstance(manager, Made):
        if manager.name == "contextlib.context":
            return model.resolved(manager.arguments[0])
        if manager.name in _HOLDING and manager.arguments:
            return manager.arguments[0]
        given = model.knowledge.enters(manager.name)
        if given:
            return Instance(given, manager)
    kind = model.type_of(manager)
    if not kind or model.class_named(kind) is None:
        return manager
    result = manager
    for name in ("__enter__", "__aenter__"):  # of which one may be there to say that the other is wanted
        method = model.member(manager, name)
        if isinstance(method, Reference) and (facts := model.function_named(method.name)) is not None:
            result = manager if facts.gives == Instance(method.name.rpartition(".")[0]) else model.resolved(facts.gives)
            if not isinstance(result, Unknown):
                break
    return result


# Methods by which displays, spans of time and managers give what they hold. Most calls end at one look into this set.
METHODS = frozenset(
    {"__aenter__", "__enter__", "enter_async_context", "enter_context", "get", "items", "pop", "setdefault", "total_seconds", "values"}
)


def held(model: SemanticModel, func: cst.Attribute, node: cst.Call, where: Where) -> Datum:
    """What a method gives that no model describes: `clients.get(name)`, `stack.enter_context(client)`, `timedelta(…).total_seconds()`."""
    name = func.attr.value
    first = node.args[0].value if node.args and not node.args[0].star else None
    if name in ("enter_context", "enter_async_context"):
        return entered(model, model.evaluate(first, where)) if first is not None else UNKNOWN
    owner = model.evaluate(func.value, where)
    match name:
        case "__enter__" | "__aenter__":
            return entered(model, owner)
        case "total_seconds":  # spans of time are their seconds
            return owner if isinstance(owner, Constant) and isinstance(owner.value, int | float) else UNKNOWN
        case "values" | "items":
            return _all(owner, pairs=name == "items")
        case "get" if isinstance(owner, Entries) and first is not None:
            return _got(
                model, owner, model.evaluate(first, where), model.evaluate(node.args[1].value, where) if len(node.args) > 1 else NONE
            )
        case "get" | "pop" | "setdefault" if isinstance(owner, Made) and owner.name == MAPPING and len(owner.arguments) == 2:
            return promised(model, owner.arguments[1])
    return UNKNOWN


def _all(owner: Datum, *, pairs: bool) -> Datum:
    """What `.values()` and `.items()` go through."""
    if isinstance(owner, Entries) and not owner.open:
        return Items("list", tuple(Items("tuple", entry) if pairs else entry[1] for entry in owner.entries))
    if isinstance(owner, Made) and owner.name == MAPPING and len(owner.arguments) == 2:
        return Made(SEQUENCE, (Made("builtins.tuple", owner.arguments),) if pairs else owner.arguments[1:])
    return UNKNOWN


def _got(model: SemanticModel, table: Entries, key: Datum, default: Datum) -> Datum:
    """What `.get()` gives."""
    if isinstance(key, Constant):
        found = table.get(key.value)
        return default if found is Missing.ABSENT else UNKNOWN if isinstance(found, Missing) else found
    return UNKNOWN if table.open else model.same([*(value for _, value in table.entries), default])


def element(model: SemanticModel, base: Datum, key: Datum) -> Datum:
    """What is found in a display under a key; under one that is not known, what all that it holds has in common."""
    if isinstance(base, Items) and base.kind != "set":
        if isinstance(key, Constant):
            known = isinstance(key.value, int) and -len(base.items) <= key.value < len(base.items)
            return base.items[int(key.value or 0)] if known else UNKNOWN
        return model.same(list(base.items))
    if isinstance(base, Entries):
        if isinstance(key, Constant):
            return UNKNOWN if isinstance(found := base.get(key.value), Missing) else found
        return UNKNOWN if base.open else model.same([value for _, value in base.entries])
    if isinstance(base, Made) and base.name in (MAPPING, SEQUENCE) and base.arguments:
        return promised(model, base.arguments[-1])
    return UNKNOWN


def looped(model: SemanticModel, iterated: Datum, index: int | None) -> Datum:
    """What a loop's name takes, `index` being its place in the loop's target: what all that it goes through has in common."""
    if isinstance(iterated, Made) and iterated.name in (MAPPING, SEQUENCE) and iterated.arguments:
        return unpacked(promised(model, iterated.arguments[0]), index)
    kind = model.type_of(iterated)
    for method in ("__next__", "__anext__") if kind else ():
        if given := model.knowledge.returns(model.knowledge.method(kind, method)):
            return unpacked(Instance(given), index)
    items = iterated.items if isinstance(iterated, Items) else ()
    if isinstance(iterated, Entries) and not iterated.open:
        items = tuple(key for key, _ in iterated.entries)
    return model.same([unpacked(item, index) for item in items]) if items else UNKNOWN


def unpacked(datum: Datum, index: int | None) -> Datum:
    """What a place in a target takes of a value; `index` counts from the end where a starred name stands before it."""
    if index is None or isinstance(datum, Unknown):
        return datum
    if isinstance(datum, Items) and datum.kind != "set" and -len(datum.items) <= index < len(datum.items):
        return datum.items[index]
    return UNKNOWN


def slim(call: Made) -> Made:
    """A call without arguments of which nothing simple is known."""
    plain = tuple(argument if isinstance(argument, Constant) else UNKNOWN for argument in call.arguments)
    return msgspec.structs.replace(
        call, arguments=plain, keywords={key: value if isinstance(value, Constant) else UNKNOWN for key, value in call.keywords.items()}
    )
