"""Objects that are changed after they were made, so that their making no longer tells how they wait."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst
import msgspec

from .places import Call
from .semantic import SemanticModel
from .values import UNKNOWN, Constant, Datum, Instance, Made


class Altered(NamedTuple):
    """
    What a file changes: the calls that made the objects, by key, and the types of which it changes an instance.

    `anyone` are types of which it changes an instance that it did not make itself; that may be any.
    """

    keys: frozenset[int]
    types: frozenset[str]
    anyone: frozenset[str]


def altered(model: SemanticModel) -> Altered:
    """The objects that this file changes: it assigns to a hook or a setting, or builds a foreign part in."""
    knowledge = model.knowledge
    keys: set[int] = set()
    types: set[str] = set()
    anyone: set[str] = set()

    def change(datum: Datum, name: str, parts: tuple[str, ...] | None) -> None:
        changed = knowledge.altered(model.type_of(datum), name, parts)
        types.update(changed)
        if changed and (key := _key(datum)):
            keys.add(key)
        else:
            anyone.update(changed)

    for assignment in model.attribute_assignments:
        if assignment.target.attr.value in knowledge.altering:
            change(assignment.evaluate(assignment.target.value), assignment.target.attr.value, None)
    for call in model.calls:
        name = _method(call)
        if name in knowledge.mounting and (owner := call.made.owner) is not None:
            given = (*call.made.arguments, *call.made.keywords.values())
            change(owner, name, tuple(model.type_of(part) for part in given if not isinstance(part, Constant)))
    return Altered(frozenset(keys), frozenset(types), frozenset(anyone))


def is_altered(model: SemanticModel, datum: Datum | None, by: Altered) -> bool:
    """Whether an object may have been changed: in the file that made it, or by this file, which changes it, one like it or any."""
    made = datum.made if isinstance(datum, Instance) else datum
    if isinstance(made, Made) and made.changed:
        return True
    if datum is None or not by.types:
        return False
    key = _key(datum)
    return key in by.keys or not (by.anyone if key else by.types).isdisjoint(model.knowledge.lineage(model.type_of(datum)))


def _key(datum: Datum) -> int:
    made = datum.made if isinstance(datum, Instance) else datum
    return made.key if isinstance(made, Made) else 0


def marked(datum: Datum) -> Datum:
    """The same object, marked as changed."""
    match datum:
        case Made():
            return msgspec.structs.replace(datum, changed=True)
        case Instance(made=Made() as made):
            return Instance(datum.type, msgspec.structs.replace(made, changed=True))
        case Instance():
            return UNKNOWN
    return datum


def _method(call: Call) -> str:
    func = call.node.func if isinstance(call.node, cst.Call) else None
    return func.attr.value if isinstance(func, cst.Attribute) else ""
