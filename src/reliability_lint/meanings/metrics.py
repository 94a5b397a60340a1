"""Metrics: how often one is made, and how many series its labels make."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ..concepts.bounds import find
from ..concepts.retry import Fresh
from ..concepts.speech import Metric, MetricLabel
from ..model.places import Call, Function
from ..model.scopes import Binding, reaching
from ..model.semantic import SemanticModel, Where, dotted
from ..model.swallowing import own
from ..model.taint import Seeds, derived
from ..model.values import Constant, Items, Missing
from ..syntax.tree import walk
from .attempts import starts_something
from .exposure import Text, text_of
from .lookups import calls_by_node

# What keeps the result of a function, so that it runs once.
_KEEPS = re.compile(r"cache|memo|once|singleton|fixture", re.IGNORECASE)
# Functions that set something up, which is done once: by their names.
_SETS_UP = re.compile(
    r"(?<![a-z])(init|initiali[sz]e|set_?up|configure|create_app|make|build|register|instrument|lifespan)(?![a-z])", re.IGNORECASE
)


# -- metrics that are made again


def made_anew(call: Call, metric: Metric) -> Function | None:
    """
    The function that makes a metric each time it is called. None where the metric is kept elsewhere or has no fixed name, where the function sees to it that
    it is made once, and where nothing tells that the function runs more than once: it neither answers requests nor measures with the metric and forgets it.
    """
    function = call.function
    if function is None or call.bare or call.scope is not function.inner or function.name.startswith("__") or function.yields:
        return None
    if not isinstance(find(metric.name, call.made), Constant) or call.made.open:
        return None
    if metric.registry is not None and find(metric.registry, call.made) is not Missing.ABSENT:
        return None
    if any(frame.kind in ("if", "else", "case", "try", "handler") for frame in call.frame.within_function()):
        return None  # perhaps it asks whether it is there already
    if any(_KEEPS.search(dotted(place.node.func if isinstance(place.node, cst.Call) else place.node)) for place in function.decorators):
        return None
    if call.model.meanings.handled_by(function) is function:
        return function
    if starts_something(function) or _SETS_UP.search(function.name):
        return None
    return function if _forgotten(call, function) else None


def _forgotten(call: Call, function: Function) -> bool:
    """Whether nothing but measuring is done with what a call makes, in the function itself and not again and again."""
    places = calls_by_node(call.model)
    around = set(map(id, call.frame.outward()))

    def measures(node: cst.BaseExpression) -> bool:
        for outer in own(function.node.body):
            if isinstance(outer, cst.Call) and isinstance(outer.func, cst.Attribute) and outer.func.value is node:
                place = places.get(id(outer))
                return place is not None and not any(one.kind == "loop" and id(one) not in around for one in place.frame.within_function())
        return False

    if measures(call.node):
        return True
    name = next(
        (
            name
            for name, bindings in function.inner.bindings.items()
            if len(bindings) == 1 and bindings[0].kind == "assign" and bindings[0].value is call.node
        ),
        "",
    )
    if not name or name in function.inner.nonlocals:
        return False
    aside = {id(node.attr) for node in walk(function.node) if isinstance(node, cst.Attribute)}
    aside |= {id(node.keyword) for node in walk(function.node) if isinstance(node, cst.Arg) and node.keyword is not None}
    aside |= {id(node.target) for node in own(function.node.body) if isinstance(node, cst.AssignTarget)}
    uses = [node for node in walk(function.node.body) if isinstance(node, cst.Name) and node.value == name and id(node) not in aside]
    return bool(uses) and all(measures(use) for use in uses)


# -- labels without bounds

_DEEPEST = 8
_REQUEST = re.compile(r"(?:^|[._])(?:request|req)$")
_ADDRESS = re.compile(r"(?:url|url\.path|path|path_info|raw_path|full_path|rel_url|rel_url\.path|base_url|uri|query_string)")
_PEER = re.compile(r"(?:remote_addr|remote|remote_ip|client\.host|ip)")
_IDENTITY = re.compile(
    r"(?:^|_)(?:(?:user|customer|account|order|request|session|trace|span|device|message|transaction|payment|invoice)_?u?u?id|email(?:_address)?|uuid|guid"
    r"|(?:client|remote|user|peer)_ip|ip_address|(?:access|session|api|auth|refresh|bearer)_token)$"
)
# Of these a program may have a list: the devices that it reads, the accounts that it watches.
_THINGS = re.compile(r"(?:device|account)_?u?u?id$")
_WHOLE = frozenset({"user", "email", "ip", "uuid", "token"})
# One object of these for the life of the process: what they hold is one value, too.
_OWN = frozenset({"self", "cls", "settings", "config", "conf", "cfg", "options", "args", "env", "app"})
# Objects of modules that stand for another one in each request.
_OF_REQUEST = frozenset({"g", "request", "current_user"})
_FORMING = frozenset({"str", "repr", "format"})
_SHAPING = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "replace", "format", "removeprefix", "removesuffix", "decode", "encode"}
)


def unbounded(call: Call, label: MetricLabel) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression, str]]:
    """The label values of a call that may be anything: the part of the call that has each, the value, and what kind of thing makes it so."""
    for at, value in _values(call, label):
        found = _endless(value, call, call.model, _DEEPEST)
        if found is not None and not _limited(found[0], call):
            yield at, value, found[1]


def _values(call: Call, label: MetricLabel) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    given = [call.argument_node(*parameter.keywords, position=parameter.position) for parameter in label.values]
    for value in given:
        if value is not None:
            yield from ((value if isinstance(value, cst.Name) else member, member) for member in _members(value, call))
    for arg in call.node.args if isinstance(call.node, cst.Call) else ():
        if not arg.star and (label.keywords if arg.keyword is not None else label.rest):
            yield arg.value, arg.value


def _members(value: cst.BaseExpression, where: Where) -> Iterator[cst.BaseExpression]:
    """What a list or dictionary holds that is written here or in the assignment before; else the value itself."""
    if isinstance(value, cst.Name):
        bindings = _seen(value.value, where)
        if len(bindings) == 1 and bindings[0].kind == "assign" and isinstance(bindings[0].value, cst.Dict | cst.List | cst.Tuple):
            value = bindings[0].value
    match value:
        case cst.Dict():
            yield from (element.value for element in value.elements if isinstance(element, cst.DictElement))
        case cst.List() | cst.Tuple() | cst.Set():
            yield from (element.value for element in value.elements if isinstance(element, cst.Element))
        case _:
            yield value


def _seen(name: str, where: Where) -> list[Binding]:
    found = where.scope.find(name)
    if found is None:
        return []
    scope, bindings = found
    return list(reaching(bindings, scope, where.scope, where.order, where.frame))


def _endless(node: cst.BaseExpression, where: Where, model: SemanticModel, depth: int) -> tuple[cst.BaseExpression, str] | None:
    """The part of an expression that may be anything, and its kind; None where nothing is, or that is not known."""
    if depth == 0 or isinstance(model.evaluate(node, where), Constant):
        return None
    parts: list[cst.BaseExpression] = []
    match node:
        case cst.Name() | cst.Attribute():
            return _named(node, where, model, depth)
        case cst.Call():
            return _called(node, where, model, depth)
        case cst.FormattedString():
            parts = [part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        case cst.ConcatenatedString() | cst.BinaryOperation():
            parts = [node.left, node.right]
        case cst.Tuple():
            parts = [element.value for element in node.elements]
        case cst.BooleanOperation() if isinstance(node.operator, cst.Or):
            parts = [node.left]
        case cst.IfExp():
            either = [_endless(part, where, model, depth - 1) for part in (node.body, node.orelse)]
            return either[0] if all(either) else None
    return next((found for part in parts if (found := _endless(part, where, model, depth - 1)) is not None), None)


def _called(node: cst.Call, where: Where, model: SemanticModel, depth: int) -> tuple[cst.BaseExpression, str] | None:
    place = model.meanings.at(node)
    if place is not None and model.meanings.means(place, Fresh) is not None and not node.args:
        return node, "fresh"
    func = node.func
    if isinstance(func, cst.Name) and func.value in _FORMING and node.args:
        return _endless(node.args[0].value, where, model, depth - 1)
    if isinstance(func, cst.Attribute):
        if func.attr.value == "get_full_path" and _REQUEST.search(dotted(func.value)):
            return node, "address"
        if func.attr.value in _SHAPING:
            owner = _endless(func.value, where, model, depth - 1)
            inserted = node.args if func.attr.value == "format" else ()
            return owner or next((found for arg in inserted if (found := _endless(arg.value, where, model, depth - 1)) is not None), None)
    return None


def _named(node: cst.Name | cst.Attribute, where: Where, model: SemanticModel, depth: int) -> tuple[cst.BaseExpression, str] | None:
    imported = model.name_of(node, where)
    name = imported or dotted(node)
    if not name:
        return None
    parts = name.split(".")
    for split in range(1, len(parts)):
        owner, rest = ".".join(parts[:split]), ".".join(parts[split:])
        if _REQUEST.search(owner):
            if _ADDRESS.fullmatch(rest):
                return node, "address"
            if _PEER.fullmatch(rest):
                return node, "identity"
    if isinstance(node, cst.Name):
        return _of_bindings(node, where, model, depth)
    if imported and _OF_REQUEST.isdisjoint(parts[:-1]):
        return None  # of a module: one value for the process
    said = name.replace(".", "_").lower()
    if (
        parts[0] not in _OWN
        and not parts[-1].isupper()
        and _IDENTITY.search(said)
        and not (_THINGS.search(said) and _looped(parts[0], where))
    ):
        return node, "identity"
    return _of_exception(node, where, model)


def _looped(name: str, where: Where) -> bool:
    """Whether a name goes through a collection, as where an exporter tells of all that there is."""
    return any(binding.kind == "for" for binding in _seen(name, where))


def _of_bindings(node: cst.Name, where: Where, model: SemanticModel, depth: int) -> tuple[cst.BaseExpression, str] | None:
    """What a name holds, by where it has it from; where that does not tell, by the name itself."""
    found = where.scope.find(node.value)
    if found is None or found[0].kind != "function" or node.value.isupper():
        return None  # of a module or class: one value for the process
    bindings = _seen(node.value, where)
    said = (node, "identity") if node.value in _WHOLE or _IDENTITY.search(node.value) else None
    kinds: list[tuple[cst.BaseExpression, str] | None] = []
    for binding in bindings:
        if binding.kind == "except":
            kinds.append(_of_exception(node, where, model))
        elif binding.kind in ("assign", "annotation") and binding.value is not None:
            known = _endless(binding.value, binding, model, depth - 1)
            plain = isinstance(model.evaluate(binding.value, binding), Constant) or isinstance(binding.value, cst.IfExp)
            kinds.append(known or (None if plain else said))
        elif binding.kind == "for" and binding.value is not None and isinstance(model.evaluate(binding.value, binding), Items):
            kinds.append(None)
        else:
            kinds.append(None if binding.kind == "for" and _THINGS.search(node.value) else said)
    return kinds[0] if kinds and all(kinds) else None


def _of_exception(node: cst.BaseExpression, where: Where, model: SemanticModel) -> tuple[cst.BaseExpression, str] | None:
    """The text of an exception that is not the program's own."""
    source = derived(node, where, Seeds())
    if source is None or (isinstance(node, cst.Attribute) and node.attr.value == "reason"):
        return None
    caught = next((handler.catches for handler in model.handlers if handler.node is source.origin), [])
    known = [text_of(name, 500, model) for name in caught]
    return (node, "error") if known and all(text is not Text.CURATED for text in known) else None


def _limited(source: cst.BaseExpression, call: Call) -> bool:
    """Whether the function looks at the value first: it asks whether it is one of those that are known, or is in a branch for this one."""
    name = dotted(source)
    function = call.function
    if function is None or not name:
        return False
    for node in own(function.node.body):
        match node:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn(), comparator=comparator)]):
                if dotted(left) == name and isinstance(comparator, cst.Name | cst.Attribute | cst.Call):
                    return True
    for frame in call.frame.within_function():
        if frame.kind == "if" and isinstance(frame.node, cst.If):
            for node in walk(frame.node.test):
                if isinstance(node, cst.Comparison) and dotted(node.left) == name:
                    return True
    return False


__all__ = ["made_anew", "unbounded"]
