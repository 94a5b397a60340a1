"""What calls are: what is called, with what, and what entering the result gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from .knowledge import Knowledge
from .values import Constant, Datum, Entries, Instance, Made, Reference

if TYPE_CHECKING:
    from .semantic import SemanticModel, Where

_EMPTY: dict[str, Datum] = {}


def make(model: SemanticModel, node: cst.Call, where: Where, target: Datum) -> Made:
    """A call as a datum: what is called, with what; the name is "" where it is not known."""
    name, owner = "", None
    if isinstance(target, Reference):
        name, owner = target.name, target.owner
    elif type_name := model.type_of(target):
        name, owner = model.knowledge.method(type_name, "__call__"), target
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
    if isinstance(target, Made) and target.name == "functools.partial" and target.arguments and isinstance(target.arguments[0], Reference):
        whole = target.arguments[0]
        return Made(
            whole.name,
            (*target.arguments[1:], *arguments),
            {**target.keywords, **keywords},
            open=unpacks or target.open,
            owner=whole.owner,
            key=id(node),
        )
    return Made(name, tuple(arguments), keywords or _EMPTY, open=unpacks, owner=owner, key=id(node))


def entered(knowledge: Knowledge, manager: Datum) -> Datum:
    """What `with manager as x` binds."""
    if isinstance(manager, Made):
        if manager.name == "contextlib.context":
            return manager.arguments[0]
        if manager.name == "contextlib.closing" and manager.arguments:
            return manager.arguments[0]
        given = knowledge.enters(manager.name)
        if given:
            return Instance(given, manager)
    return manager
