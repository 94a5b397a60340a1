"""
What annotations promise, and what frameworks put into the parameters that carry them.

An annotation is an expression, and its datum crosses files like any other: `X | None` is what the operator makes of the two, `Optional[X]` and
`Annotated[X, Depends(f)]` are what the generic is told. So an alias means the same wherever it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from .values import NONE, UNKNOWN, Constant, Datum, Instance, Items, Made, Reference, Unknown

if TYPE_CHECKING:
    from .semantic import SemanticModel, Where

MAPPING = "typing.Mapping"
SEQUENCE = "typing.Sequence"
_TYPING = ("typing", "typing_extensions")
_ABSTRACT = ("typing", "collections.abc")


def _in(roots: tuple[str, ...], *names: str) -> frozenset[str]:
    return frozenset(f"{root}.{name}" for root in roots for name in names)


# Generics that promise their first argument, and those that promise something of its kind.
_SAME = _in(_TYPING, "Optional", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly") | _in(_ABSTRACT, "Awaitable")
_YIELDING = _in(_ABSTRACT, "Iterator", "AsyncIterator", "Generator", "AsyncGenerator", "Iterable", "AsyncIterable")
_TUPLES = frozenset({"builtins.tuple", "typing.Tuple"})
_SEQUENCES = (
    _YIELDING
    | _in(_ABSTRACT, "Sequence", "MutableSequence", "Collection", "Set", "MutableSet")
    | {"builtins.list", "builtins.set", "builtins.frozenset", "typing.List", "typing.FrozenSet", "collections.deque", "typing.Deque"}
)
_MAPPINGS = _in(_ABSTRACT, "Mapping", "MutableMapping") | {
    "builtins.dict", "collections.defaultdict", "collections.OrderedDict", "typing.DefaultDict", "typing.Dict", "typing.OrderedDict",
    "weakref.WeakKeyDictionary", "weakref.WeakValueDictionary",
}  # fmt: skip
_ANNOTATED = _in(_TYPING, "Annotated")
_MANAGERS = _in(_TYPING, "ContextManager", "AsyncContextManager") | {
    "contextlib.AbstractContextManager", "contextlib.AbstractAsyncContextManager",
}  # fmt: skip
GENERICS = _MANAGERS | _SAME | _TUPLES | _SEQUENCES | _MAPPINGS | _ANNOTATED | {"typing.Union"}


def annotated(model: SemanticModel, annotation: cst.BaseExpression, where: Where) -> Datum:
    """The instance that an annotation promises: `T`, `T | None`, `Optional[T]`, `Annotated[T, …]`, or any of these in quotes."""
    if annotation.__class__ is cst.BinaryOperation and annotation.operator.__class__ is cst.BitOr:  # either side may stand in quotes
        sides = [side for side in (annotation.left, annotation.right) if not (isinstance(side, cst.Name) and side.value == "None")]
        return annotated(model, sides[0], where) if len(sides) == 1 else UNKNOWN
    return promised(model, model.evaluate(annotation, where), where)


def promised(model: SemanticModel, datum: Datum, where: Where | None = None) -> Datum:
    """
    The instance that an annotation's datum promises.

    Of a collection that is what it is a collection of: `Made(MAPPING, (K, V))`, `Made(SEQUENCE, (V,))`, or a tuple's parts. Text is read as an
    annotation in quotes, if it is known where it stands.
    """
    match datum:
        case Reference(owner=None) if model.knowledge.is_type(datum.name) or model.class_named(datum.name) is not None:
            return Instance(datum.name)
        case Constant(value=str() as text) if where is not None:
            inner = model.parsed(text)
            return annotated(model, inner, where) if inner is not None else UNKNOWN
        case Made(name="operator.or" | "typing.Union"):
            sides = list(_sides(datum))
            return promised(model, sides[0], where) if len(sides) == 1 else UNKNOWN
        case Made(arguments=[first, *rest]) if datum.name in GENERICS:
            if datum.name in _ANNOTATED:
                given = next((given for mark in rest if not isinstance(given := dependency(model, mark), Unknown)), UNKNOWN)
                return given if not isinstance(given, Unknown) else promised(model, first, where)
            if datum.name in _SAME:
                return promised(model, first, where)
            if datum.name in _MANAGERS:
                entered = promised(model, first, where)
                return Made("contextlib.context", (entered,)) if not isinstance(entered, Unknown) else UNKNOWN
            if datum.name in _TUPLES and not (rest and rest[-1] == _REST):
                return Items("tuple", tuple(promised(model, part, where) for part in datum.arguments))
            return Made(MAPPING if datum.name in _MAPPINGS else SEQUENCE, datum.arguments if datum.name in _MAPPINGS else (first,))
    return UNKNOWN


_REST = Reference("builtins.Ellipsis")  # the dots of `tuple[T, ...]`


def _sides(datum: Datum) -> Iterator[Datum]:
    """What a union is of, None left out."""
    if isinstance(datum, Made) and datum.name in ("operator.or", "typing.Union"):
        for side in datum.arguments:
            yield from _sides(side)
    elif datum != NONE:
        yield datum


def generic(model: SemanticModel, node: cst.Subscript, base: Reference, where: Where) -> Datum:
    """What a subscripted class is: a generic of which something is known keeps what it was told, any other is the class."""
    if base.name in GENERICS:
        parts = [element.slice.value if isinstance(element.slice, cst.Index) else None for element in node.slice]
        return Made(base.name, tuple(_part(model, part, where) for part in parts))
    # `sessionmaker[AsyncSession]`, `Repository[Order]`
    return base if model.knowledge.is_type(base.name) or model.class_named(base.name) is not None else UNKNOWN


def _part(model: SemanticModel, node: cst.BaseExpression | None, where: Where) -> Datum:
    if isinstance(node, cst.Ellipsis):
        return _REST
    return model.evaluate(node, where) if node is not None else UNKNOWN


def yielded(model: SemanticModel, annotation: cst.BaseExpression, where: Where) -> Datum:
    """What the annotation of a generator promises of each value."""
    if isinstance(annotation, cst.SimpleString):
        inner = model.parsed(str(annotation.evaluated_value))
        return yielded(model, inner, where) if inner is not None else UNKNOWN
    datum = model.evaluate(annotation, where)
    if isinstance(datum, Made) and datum.name in _YIELDING and datum.arguments:
        return promised(model, datum.arguments[0], where)
    return UNKNOWN


def dependency(model: SemanticModel, marker: Datum) -> Datum:
    """What `Depends(f)` injects: what `f` yields or gives."""
    provider = model.knowledge.injected(marker) if isinstance(marker, Made) else None
    if provider is None or isinstance(provider, Unknown):
        return UNKNOWN
    if isinstance(provider, Made) and provider.name == "lambda":
        return provider.arguments[0]
    if not isinstance(provider, Reference):
        provider = model.member(provider, "__call__") if model.type_of(provider) else UNKNOWN
    if not isinstance(provider, Reference):
        return UNKNOWN
    facts = model.function_named(provider.name)
    if facts is not None:
        return model.resolved(facts.yields if facts.generator else facts.gives)
    return promised(model, Reference(provider.name))
