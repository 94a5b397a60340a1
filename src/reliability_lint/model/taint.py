"""
What of an exception is in a value: its message, or the trace of where it happened.

An expression derives from an exception where that surely gives its text: through assignments, formatting and containers. A call that is not known
ends it, for it may be what makes the text fit to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from ..syntax.tree import walk
from .endings import gone
from .frames import Frame
from .scopes import Binding, reaching

if TYPE_CHECKING:
    from .places import Place
    from .semantic import Where

# Attributes of exceptions that hold what happened. All others are taken for curated ones: `code`, `status`, `user_message`.
_TELLING = frozenset(
    {
        "args", "message", "msg", "detail", "details", "description", "orig", "params", "statement", "strerror", "filename", "filename2", "stderr",
        "stdout", "output", "cmd", "request", "response", "text", "body", "content", "reason", "pgerror", "diag", "__cause__", "__context__",
        "__notes__",
    }
)  # fmt: skip
_TRACES = frozenset({"__traceback__", "__dict__", "tb_frame"})
# Functions and methods that give their argument, or the text they are called on, in another form.
_FORMING = frozenset({"str", "repr", "format", "ascii", "dict", "list", "tuple", "set", "sorted", "bytes"})
_GETTEXT = frozenset(
    {"_", "gettext", "ugettext", "gettext_lazy", "lazy_gettext", "ngettext", "dumps", "escape", "quote", "quote_plus", "urlencode"}
)
_TEXT_METHODS = frozenset(
    {
        "format", "join", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition", "replace", "lower", "upper",
        "title", "capitalize", "encode", "decode", "removeprefix", "removesuffix", "expandtabs", "copy", "with_traceback", "format_map", "__str__",
        "__repr__",
    }
)  # fmt: skip
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Seeds:
    """
    Where exceptions come from, besides `except … as`: the parameters that hold one, and the calls that give the text of the one in flight; both by
    the `id()` of their nodes. Of a call, the value says whether it shows code and paths. `tellers` are calls of functions whose result has the text of
    some of their arguments: these arguments.
    """

    parameters: frozenset[int] = frozenset()
    calls: Mapping[int, bool] = field(default_factory=dict)
    tellers: Mapping[int, Sequence[cst.CSTNode]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derived:
    """What an expression takes from an exception. `origin` is the `except` clause, parameter or call that gives it; `trace`: code and paths too."""

    origin: cst.CSTNode
    trace: bool = False


def derived(expression: cst.BaseExpression, where: Where, seeds: Seeds) -> Derived | None:
    """What of an exception is in the value of an expression; of several things the one that tells most."""
    return _worst(_from(expression, where, seeds, _DEEPEST))


def _worst(found: Iterable[Derived]) -> Derived | None:
    first: Derived | None = None
    for one in found:
        if one.trace:
            return one
        first = first or one
    return first


def _from(node: cst.CSTNode, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    """Everything that a value takes from exceptions."""
    if depth == 0:
        return
    parts: list[cst.CSTNode] = []
    match node:
        case cst.Name():
            yield from _named(node.value, where, seeds, depth - 1)
        case cst.Call():
            if id(node) in seeds.calls:
                yield Derived(node, seeds.calls[id(node)])
            else:
                parts = list(seeds.tellers.get(id(node), ())) or _passed_on(node)
        case cst.Attribute():
            if node.attr.value in _TRACES:
                yield from (Derived(one.origin, trace=True) for one in _from(node.value, where, seeds, depth - 1))
            elif node.attr.value in _TELLING:
                parts = [node.value]
        case cst.Subscript():
            if not _type_or_trace(node, seeds):
                parts = [node.value]
        case cst.FormattedString():
            parts = [part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        case cst.ConcatenatedString():
            parts = [node.left, node.right]
        case cst.BinaryOperation():
            parts = [node.left, node.right]
        case cst.BooleanOperation():
            # Of `a and b` the value is `b`, or something empty.
            parts = [node.right] if isinstance(node.operator, cst.And) else [node.left, node.right]
        case cst.IfExp():
            parts = [node.orelse] if tests_type(node.test) else [node.body, node.orelse]
        case cst.Dict():
            parts = [element.value for element in node.elements]
        case cst.List() | cst.Tuple() | cst.Set():
            parts = [element.value for element in node.elements]
        case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
            parts = [node.elt]
        case cst.DictComp():
            parts = [node.value]
        case cst.NamedExpr():
            parts = [node.value]
        case cst.Await():
            parts = [node.expression]
    for part in parts:
        yield from _from(part, where, seeds, depth - 1)


def _passed_on(call: cst.Call) -> list[cst.CSTNode]:
    """The parts of a call whose text is in its result."""
    func = call.func
    arguments: list[cst.CSTNode] = [arg.value for arg in call.args]
    if isinstance(func, cst.Name):
        return arguments if func.value in _FORMING or func.value in _GETTEXT else []
    if isinstance(func, cst.Attribute):
        if func.attr.value in _TEXT_METHODS:
            return [func.value, *arguments] if func.attr.value in ("format", "join", "format_map", "replace") else [func.value]
        if func.attr.value in _GETTEXT:
            return arguments
    return []


def _type_or_trace(node: cst.Subscript, seeds: Seeds) -> bool:
    """Whether this is the class, or the traceback object, out of `exc_info()`: neither has telling text."""
    if not (isinstance(node.value, cst.Call) and seeds.calls.get(id(node.value)) is False and len(node.slice) == 1):
        return False
    index = node.slice[0].slice
    return isinstance(index, cst.Index) and isinstance(index.value, cst.Integer) and index.value.value in ("0", "2")


def _named(name: str, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    found = where.scope.find(name)
    if found is None:
        return
    scope, bindings = found
    around = {id(frame) for frame in where.frame.outward()}
    for binding in reaching(bindings, scope, where.scope, where.order, where.frame):
        # The name of an `except` clause ends with it.
        if (binding.kind != "except" or binding.frame.encloses(where.frame)) and (
            scope is not where.scope or not gone(binding.frame, around)
        ):
            yield from _bound(binding, seeds, depth)


def _bound(binding: Binding, seeds: Seeds, depth: int) -> Iterator[Derived]:
    match binding.kind:
        case "except":
            yield Derived(binding.node)
        case "parameter":
            if id(binding.node) in seeds.parameters:
                yield Derived(binding.node)
        case "assign" | "annotation" | "augmented" | "for":
            if binding.value is not None:
                yield from _from(binding.value, binding, seeds, depth)
        case "unpack":
            value = binding.value
            if isinstance(value, cst.Call) and id(value) in seeds.calls and binding.index != 1:
                return  # the class or the traceback object of `exc_info()`
            if isinstance(value, cst.Tuple) and binding.index is not None and binding.index < len(value.elements):
                value = value.elements[binding.index].value
            if value is not None:
                yield from _from(value, binding, seeds, depth)


def first_of(value: cst.BaseExpression) -> tuple[cst.BaseExpression, cst.BaseExpression | None]:
    """What is returned, split into body and status where it is a tuple that begins with the body."""
    if isinstance(value, cst.Tuple) and value.elements:
        return value.elements[0].value, value.elements[1].value if len(value.elements) > 1 else None
    return value, None


def sent_with(statement: cst.CSTNode, node: cst.CSTNode) -> cst.BaseExpression | None:
    """The status in `return <node>, 404`."""
    if isinstance(statement, cst.SimpleStatementLine):
        for small in statement.body:
            if isinstance(small, cst.Return) and small.value is not None:
                body, status = first_of(small.value)
                if body is node:
                    return status
    return None


def tests_type(test: cst.BaseExpression) -> bool:
    """Whether a condition asks what an object is, so that below it more is known of the object than we do."""
    return any(
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value in ("isinstance", "hasattr", "issubclass", "callable", "type")
        for node in walk(test)
    )


def narrowed(frame: Frame, name: str) -> bool:
    """Whether a place stands in a branch that is taken for some objects only: a condition asks for the type, or for anything of `name`."""
    for outer in frame.within_function():
        if outer.kind == "case":
            return True
        if outer.kind == "if" and isinstance(outer.node, cst.If):
            test = outer.node.test
            if tests_type(test) or any(isinstance(node, cst.Name) and node.value == name for node in walk(test)):
                return True
    return False


def checks_input(body: cst.BaseSuite) -> bool:
    """Whether a `try` does no more than to convert or validate something: one or two plain statements that wait for nobody."""
    nodes = walk(body)
    return sum(isinstance(node, cst.SimpleStatementLine) for node in nodes) <= 2 and not any(
        isinstance(node, cst.Await | cst.With | cst.For | cst.While | cst.FunctionDef) for node in nodes
    )


def calls(body: cst.BaseSuite) -> bool:
    """Whether anything is called in a block."""
    return any(isinstance(node, cst.Call) for node in walk(body))


_DEBUGGING = re.compile(r"debug|\bdev\b|_dev\b|\bdev_|development|\bshow_|expose_|verbose|is_local", re.IGNORECASE)


def shown_to_developers(place: Place) -> bool:
    """Whether the function around a place decides by a debug switch what it shows."""
    function = place.function
    if function is None:
        return False
    known = place.model.switched.get(id(function))
    if known is None:
        known = place.model.switched[id(function)] = any(
            _DEBUGGING.search(part.value)
            for node in walk(function.node.body)
            if node.__class__ is cst.If or node.__class__ is cst.IfExp
            for part in walk(node.test)
            if part.__class__ is cst.Name or part.__class__ is cst.SimpleString
        )
    return known
