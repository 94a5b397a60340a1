"""
Attributes that a class declares: what dataclasses, attrs, pydantic and the like make of what stands in the class's body.

Callers may pass something else for them, so of what is written there the type is known and, unless no caller can, nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from .annotations import MAPPING, SEQUENCE
from .places import Class
from .scopes import Binding
from .values import UNKNOWN, Constant, Datum, Instance, Made, Missing, Reference

if TYPE_CHECKING:
    from .semantic import SemanticModel

_FIELDS = frozenset(
    {
        "dataclasses.field", "attr.attrib", "attr.field", "attr.ib", "attrs.field", "msgspec.field", "pydantic.Field", "pydantic.PrivateAttr",
        "pydantic.dataclasses.Field", "sqlmodel.Field",
    }
)  # fmt: skip
_FACTORIES = frozenset({"attr.Factory", "attrs.Factory"})
# Bases that make no fields of what a class declares.
_PLAIN = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"})


def field(model: SemanticModel, made: Made) -> Datum | None:
    """What a field holds of which a call speaks, `field(default_factory=…)`; None for any other call."""
    if made.name in _FACTORIES:
        factory: Datum | Missing = made.argument("factory", position=0)
    elif made.name in _FIELDS:
        default = made.argument("default", position=0)
        if isinstance(default, Made) and default.name in _FACTORIES:
            return field(model, default)
        factory = made.argument("default_factory", "factory")
        if factory is Missing.ABSENT:
            return _seen(model, made, default if not isinstance(default, Missing) else UNKNOWN)
    else:
        return None
    match factory:
        case Made(name="lambda"):
            return _seen(model, made, factory.arguments[0])
        case Reference():
            return _seen(model, made, model.given(Made(factory.name, owner=factory.owner)))
    return UNKNOWN


def _seen(model: SemanticModel, made: Made, held: Datum) -> Datum:
    """What is known of a field that holds something if no caller passes anything else."""
    if made.name.endswith(".PrivateAttr") or made.argument("init") == Constant(False):
        return held
    return passed(model, held)


def passed(model: SemanticModel, default: Datum) -> Datum:
    """What is known of something of which only the default is written down."""
    kind = model.type_of(default)
    return Instance(kind) if kind else UNKNOWN


def makes_fields(model: SemanticModel, place: Class) -> bool:
    """Whether callers may pass what a class declares: something is done to the class, or it has a base that is not seen to do nothing."""
    bases = model.base_names(model.qualified(place.qualname))
    known = {name: base for name in bases if isinstance(base := model.defined(name), Class)}
    if any(name not in known and name not in _PLAIN for name in bases):
        return True
    return any(one.decorators or len(model.class_facts(one).bases) < len(one.node.bases) for one in (place, *known.values()))


def declares(bindings: list[Binding]) -> bool:
    """Whether a name of a class's body is declared with a type, and so may be a field."""
    annotations = [binding.annotation for binding in bindings if binding.kind == "annotation" and binding.scope.kind == "class"]
    return any(annotation is not None and not _is_of_class(annotation) for annotation in annotations)


def _is_of_class(annotation: cst.BaseExpression) -> bool:
    while isinstance(annotation, cst.Subscript):
        annotation = annotation.value
    name = annotation.attr if isinstance(annotation, cst.Attribute) else annotation
    return isinstance(name, cst.Name) and name.value in ("ClassVar", "Final")


def of_instances(model: SemanticModel, default: Datum, binding: Binding) -> Datum:
    """What an instance holds of which the class declares a default: text is taken as it stands, a field has said what it is."""
    if isinstance(default, Constant) and (default.value is None or isinstance(default.value, str)):
        return default
    if isinstance(default, Made):
        written = model.evaluate(binding.value, binding) if binding.value is not None else UNKNOWN
        if default.name in (MAPPING, SEQUENCE) or (isinstance(written, Made) and written.name in _FIELDS | _FACTORIES):
            return default
    held = passed(model, default)
    return model.annotated(binding.annotation, binding) if held == UNKNOWN and binding.annotation is not None else held
