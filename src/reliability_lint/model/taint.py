"""
What of an exception is in a value: its message, or the trace of where it happened.

An expression derives from an exception where that surely gives its text: through assignments, formatting and containers. A call that is not known
ends it, for it may be what makes the text fit to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst

from ..syntax.tree import walk
from .endings import gone
from .frames import Frame
from .scopes import Binding, reaching

if TYPE_CHECKING:
    from .places import Function, Place
    from .semantic import Where

# Attributes of exceptions that hold what happened. All others are taken for curated ones: `code`, `status`, `user_message`.
_TELLING = frozenset(
    {
        "args", "message", "msg", "detail", "details", "description", "orig", "params", "statement", "strerror", "filename", "filename2", "stderr",
        "stdout", "output", "cmd", "request", "response", "text", "body", "content", "reason", "pgerror", "diag", "original_exception",
        "__cause__", "__context__", "__notes__",
    }
)  # fmt: skip
_TRACES = frozenset({"__traceback__", "__dict__", "tb_frame"})
# Functions and methods that give their argument, or the text they are called on, in another form.
_FORMING = frozenset({"str", "repr", "format", "ascii", "dict", "list", "tuple", "set", "sorted", "bytes", "asdict"})
_GETTEXT = frozenset(
    {"_", "gettext", "ugettext", "gettext_lazy", "lazy_gettext", "ngettext", "dumps", "escape", "quote", "quote_plus", "urlencode"}
)
_TEXT_METHODS = frozenset(
    {
        "format", "join", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition", "replace", "lower", "upper",
        "title", "capitalize", "encode", "decode", "removeprefix", "removesuffix", "expandtabs", "copy", "with_traceback", "format_map", "__str__",
        "__repr__", "model_dump", "model_dump_json", "dict", "_asdict",
    }
)  # fmt: skip
_DEEPEST = 12
_MOST_LOOKED = 200


@dataclass(frozen=True, slots=True)
class Seeds:
    """
    Where exceptions come from, besides `except … as`: the parameters that hold one, and the calls that give the text of the one in flight; both by
    the `id()` of their nodes. Of a call, the value says whether it shows code and paths. `tellers` are calls of functions whose result has the text of
    some of their arguments: these arguments. `told` are parameters for keywords, and the keyword under which one holds what `sys.exc_info()` gives;
    `written` the texts that calls write into an object, by its name and the function. `holds` says of a call whether it makes an object that holds its
    arguments and nothing else. `looked` counts what has been looked at in containers, for one question.
    """

    parameters: frozenset[int] = frozenset()
    calls: Mapping[int, bool] = field(default_factory=dict)
    tellers: Mapping[int, Sequence[cst.CSTNode]] = field(default_factory=dict)
    told: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[tuple[str, int], cst.CSTNode] = field(default_factory=dict)
    holds: Callable[[cst.Call, Where], bool] = lambda _call, _where: False
    looked: list[int] = field(default_factory=lambda: [0])


@dataclass(frozen=True, slots=True)
class Derived:
    """
    What an expression takes from an exception. `origin` is the `except` clause, parameter or call that gives it; `trace`: code and paths too.

    `attribute` is the one of the exception from which the text is; "" for its own. `asked`: on the way it was asked what the exception is. `within` is what it
    was first put into, where that has a name or is part of a container.
    """

    origin: cst.CSTNode
    trace: bool = False
    attribute: str = ""
    asked: bool = False
    within: cst.BaseExpression | None = None


def derived(expression: cst.BaseExpression, where: Where, seeds: Seeds) -> Derived | None:
    """What of an exception is in the value of an expression; of several things the one that tells most."""
    seeds.looked[0] = 0
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
            elif _is_exc_info(node, where, seeds):
                yield Derived(node)
            elif _names_as_text(node, where):
                yield Derived(node, trace=True)
            elif isinstance(node.func, cst.Name) and node.func.value == "vars" and len(node.args) == 1:
                yield from _traced(node.args[0].value, where, seeds, depth - 1)
            elif isinstance(node.func, cst.Name) and node.func.value == "getattr" and len(node.args) > 1:
                yield from _got(node, where, seeds, depth - 1)
            else:
                yield from _written_into(node, where, seeds)
                parts = list(seeds.tellers.get(id(node), ())) or _passed_on(node)
                if not parts and node.args and seeds.holds(node, where):
                    parts = [arg.value for arg in node.args]
        case cst.Attribute():
            if node.attr.value in _TRACES:
                yield from _traced(node.value, where, seeds, depth - 1)
            elif node.attr.value in _TELLING:
                yield from _of_attribute(node.value, node.attr.value, where, seeds, depth - 1)
        case cst.Subscript():
            if _is_exc_info(node, where, seeds):
                yield Derived(node)
            elif not _type_or_trace(node, where, seeds):
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


def _of_attribute(owner: cst.CSTNode, attribute: str, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    """What an attribute of an expression takes from exceptions."""
    for one in _from(owner, where, seeds, depth):
        yield replace(one, attribute=one.attribute or attribute)


def _got(call: cst.Call, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    """What `getattr(error, "message", …)` takes from exceptions: by the attribute, and by what is there instead of one."""
    owner, name, *default = (arg.value for arg in call.args)
    if isinstance(name, cst.SimpleString) and name.raw_value in _TELLING:
        yield from _of_attribute(owner, name.raw_value, where, seeds, depth)
    for value in default:
        yield from _from(value, where, seeds, depth)


def _traced(node: cst.CSTNode, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    """What shows code and paths of every exception that an expression holds."""
    for one in _from(node, where, seeds, depth):
        yield replace(one, trace=True)


def _names_as_text(call: cst.Call, where: Where) -> bool:
    """Whether a call makes text of all that the names around hold, while an exception is handled; what a page is given it need not show."""
    word = call.func.attr.value if isinstance(call.func, cst.Attribute) else call.func.value if isinstance(call.func, cst.Name) else ""
    return (
        word in ("str", "repr", "format", "dumps", "pformat")
        and any(_is_locals(arg.value) for arg in call.args)
        and any(frame.kind == "handler" for frame in where.frame.within_function())
    )


def _is_locals(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "locals" and not node.args


def _written_into(call: cst.Call, where: Where, seeds: Seeds) -> Iterator[Derived]:
    """What was written before into the object of which a call gives the text: `buffer.getvalue()`."""
    func = call.func
    if seeds.written and isinstance(func, cst.Attribute) and func.attr.value in ("getvalue", "read") and isinstance(func.value, cst.Name):
        found = where.scope.find(func.value.value)
        writer = seeds.written.get((func.value.value, id(found[0]))) if found is not None else None
        if writer is not None:
            yield Derived(writer, trace=True)


def _is_exc_info(node: cst.CSTNode, where: Where, seeds: Seeds) -> bool:
    """Whether this is what `sys.exc_info()` gives, out of the keywords that a function was passed: `kwargs["exc_info"]`."""
    if not seeds.told:
        return False
    match node:
        case cst.Subscript(value=cst.Name(value=holder), slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
            pass
        case cst.Call(
            func=cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value="get")),
            args=[cst.Arg(value=cst.SimpleString() as key), *_],
        ):
            pass
        case _:
            return False
    found = where.scope.find(holder)
    return found is not None and any(seeds.told.get(id(binding.node)) == key.raw_value for binding in found[1])


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


def _type_or_trace(node: cst.Subscript, where: Where, seeds: Seeds) -> bool:
    """Whether this is the class, or the traceback object, out of `exc_info()`: neither has telling text."""
    told = seeds.calls.get(id(node.value)) is False or _is_exc_info(node.value, where, seeds)
    if not told or len(node.slice) != 1:
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
            yield from _bound(binding, where, seeds, depth)


def _bound(binding: Binding, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    match binding.kind:
        case "except":
            yield Derived(binding.node)
        case "parameter":
            if id(binding.node) in seeds.parameters:
                yield Derived(binding.node)
        case "assign" | "annotation" | "augmented" | "for":
            if binding.value is not None:
                yield from _kept(binding.value, binding, seeds, depth)
                if _is_container(binding.value):
                    yield from _put_in(binding, where, seeds, depth)
        case "unpack":
            value = binding.value
            told = value is not None and _is_exc_info(value, binding, seeds)
            if (told or (isinstance(value, cst.Call) and id(value) in seeds.calls)) and binding.index != 1:
                return  # the class or the traceback object of `exc_info()`
            if isinstance(value, cst.Tuple) and binding.index is not None and binding.index < len(value.elements):
                value = value.elements[binding.index].value
            if value is not None:
                yield from _from(value, binding, seeds, depth)


def _kept(value: cst.BaseExpression, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    """What a value takes from exceptions that is kept under a name, with a note where that is done for some exceptions only."""
    for one in _from(value, where, seeds, depth):
        asked = one.asked or narrowed(where.frame, name_of(one.origin))
        yield replace(one, asked=asked, within=one.within or value)


def name_of(origin: cst.CSTNode) -> str:
    """The name that holds an exception: that of an `except` clause or a parameter."""
    name = getattr(origin, "name", None)
    while name is not None and not isinstance(name, str):
        name = getattr(name, "name", None) or getattr(name, "value", None)
    return name or ""


_CONTAINERS = frozenset({"list", "dict", "set", "defaultdict", "OrderedDict", "deque"})
_PUTS = frozenset({"append", "appendleft", "extend", "insert", "add", "update", "setdefault"})


def _is_container(value: cst.BaseExpression) -> bool:
    """Whether this makes a list or dictionary, into which more may be put."""
    match value:
        case cst.List() | cst.Dict():
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in _CONTAINERS
    return False


def _put_in(binding: Binding, where: Where, seeds: Seeds, depth: int) -> Iterator[Derived]:
    """What was put into a container before it is looked at, in the function in which both happens."""
    function, name = binding.scope.function, _target(binding)
    if function is None or not name:
        return
    puts: list[tuple[cst.BaseExpression, Where]] = []
    for call in function.calls:
        if call.scope is binding.scope and binding.order < call.order < where.order and _is_put(call.node, name):
            puts += [(arg.value, call) for arg in (call.node.args if isinstance(call.node, cst.Call) else ())]
    for item in function.model.item_assignments:
        if item.scope is binding.scope and binding.order < item.order < where.order and _holder(item.target) == name:
            puts.append((item.value, item))
    for value, place in reversed(puts):
        # What is put into each other many times would be looked at for ever; what was put in last is likely to be it.
        seeds.looked[0] += 1
        if seeds.looked[0] > _MOST_LOOKED:
            return
        yield from _kept(value, place, seeds, depth)


def _is_put(node: cst.CSTNode, name: str) -> bool:
    match node:
        case cst.Call(func=cst.Attribute(value=holder, attr=cst.Name(value=method))):
            return method in _PUTS and _holder(holder) == name
    return False


def _holder(node: cst.BaseExpression) -> str:
    """The name of the container in which something is put, however deep."""
    while isinstance(node, cst.Subscript):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _target(binding: Binding) -> str:
    """The name that a plain assignment binds."""
    match binding.node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) | cst.AnnAssign(target=cst.Name(value=name)):
            return name
    return ""


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
    return place.function is not None and asks_for_debugging(place.function)


def asks_for_debugging(function: Function) -> bool:
    """Whether a function decides anything by a debug switch."""
    known = function.model.switched.get(id(function))
    if known is None:
        known = function.model.switched[id(function)] = any(
            _DEBUGGING.search(part.value) for test in function.tests for part in walk(test) if isinstance(part, cst.Name | cst.SimpleString)
        )
    return known
