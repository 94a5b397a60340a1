"""What annotations promise, and what frameworks put into the parameters that carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from .values import UNKNOWN, Datum, Instance, Made, Reference, Unknown

if TYPE_CHECKING:
    from .semantic import SemanticModel, Where

_OPTIONAL = frozenset(
    {"typing.Optional", "typing.Annotated", "typing.Final", "typing.ClassVar", "typing_extensions.Annotated", "typing.Required"}
)
# Generic types whose first argument is what a generator, or an awaited call, gives.
_YIELDING = frozenset(
    f"{root}.{name}"
    for root in ("typing", "collections.abc")
    for name in ("Iterator", "AsyncIterator", "Generator", "AsyncGenerator", "Iterable", "AsyncIterable", "Awaitable")
)


def annotated(model: SemanticModel, annotation: cst.BaseExpression, where: Where) -> Datum:
    """The instance that an annotation promises: `T`, `T | None`, `Optional[T]`, `Annotated[T, …]`, or any of these in quotes."""
    match annotation:
        case cst.SimpleString():
            text = annotation.evaluated_value
            if not isinstance(text, str):
                return UNKNOWN
            inner = model.parsed(text)
            return annotated(model, inner, where) if inner is not None else UNKNOWN
        case cst.Name() | cst.Attribute():
            named = model.evaluate(annotation, where)
            if isinstance(named, Reference) and (model.knowledge.is_type(named.name) or model.class_named(named.name) is not None):
                return Instance(named.name)
            if isinstance(named, Instance | Made):  # an alias such as `Db = Annotated[Session, Depends(get_db)]`
                return named
            return UNKNOWN
        case cst.BinaryOperation() if isinstance(annotation.operator, cst.BitOr):
            sides = [side for side in (annotation.left, annotation.right) if not (isinstance(side, cst.Name) and side.value == "None")]
            return annotated(model, sides[0], where) if len(sides) == 1 else UNKNOWN
        case cst.Subscript():
            outer = model.evaluate(annotation.value, where)
            if not isinstance(outer, Reference) or not annotation.slice or not isinstance(annotation.slice[0].slice, cst.Index):
                return UNKNOWN
            first = annotation.slice[0].slice.value
            if outer.name.endswith(".Annotated"):
                for element in annotation.slice[1:]:
                    if isinstance(element.slice, cst.Index):
                        given = dependency(model, model.evaluate(element.slice.value, where))
                        if not isinstance(given, Unknown):
                            return given
                return annotated(model, first, where)
            if outer.name in _OPTIONAL:
                return annotated(model, first, where)
            if outer.name in _YIELDING:
                return annotated(model, first, where)
            return Instance(outer.name) if model.knowledge.is_type(outer.name) else UNKNOWN
    return UNKNOWN


def dependency(model: SemanticModel, marker: Datum) -> Datum:
    """What `Depends(f)` injects: what `f` yields or gives."""
    provider = model.knowledge.injected(marker) if isinstance(marker, Made) else None
    if not isinstance(provider, Reference):
        return UNKNOWN
    facts = model.function_named(provider.name)
    if facts is None:
        return Instance(provider.name) if model.knowledge.is_type(provider.name) else UNKNOWN
    return facts.yields if facts.generator else facts.gives
