"""Values that a handler puts in place of what failed: nothing at all, a constant, what was there before."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ..concepts.http import Response
from ..model.endings import Statement, statements
from ..model.places import Function, Handler, Place
from ..model.semantic import dotted
from ..model.swallowing import Trap, following, looks_empty, own, says_nothing, tried
from ..model.values import Constant, Entries, Items, Reference
from ..syntax.tree import alike, walk

# Words of values that tell whoever gets them that something went wrong.
_TELLS = re.compile(
    r"(?<![a-z])(err(or)?s?|fail\w*|un(available|known|reachable|healthy|able|defined|set|checked|verified)|down|offline|degraded|missing|n/?a|none|null"
    r"|(in|not_)valid\w*|timed?_?out|broken|not_\w+|no_?(data|value|result)s?|exception|can'?t|cannot|dead|bad|stopped|skip\w*|abort\w*|cancel\w*"
    r"|disconnected|closed|denied|forbidden|reject\w*|lost|stale|sentinel|empty|retry|pending|exit\w*)(?![a-z])",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COPIES = frozenset({"dict", "list", "set", "tuple", "frozenset", "str", "int", "float", "Decimal", "copy", "deepcopy", "timedelta"})
# What a caller has given for just this case.
_GIVEN = re.compile(r"default|fallback|otherwise|alternative|^(if|on|or)_", re.IGNORECASE)


def stand_in(trap: Trap) -> cst.BaseExpression | None:
    """
    What a handler puts in place of that which failed, where it does nothing else; None where it does, where it puts nothing there, or where whoever
    gets it can see that something went wrong.
    """
    if not isinstance(trap.place, Handler):
        return None
    telling = [statement for statement in statements(trap.reaction) if not says_nothing(statement)]
    values = [value for statement in telling if (value := _empty(statement)) is not None]
    if len(values) == len(telling):
        return values[0] if values and not _asks_for_none(trap) else None
    value = _put(telling[0], trap) if len(telling) == 1 and trap.place.function is not None else None
    return value if value is not None and _passes_for_real(value, trap) and not _is_looked_at(value, trap) else None


def _empty(statement: Statement) -> cst.BaseExpression | None:
    """The value that a statement returns or binds to a name, if it looks like there was nothing."""
    match statement:
        case cst.Return(value=cst.BaseExpression() as value) | cst.AnnAssign(target=cst.Name(), value=cst.BaseExpression() as value):
            return value if looks_empty(value) else None
        case cst.Assign(targets=targets, value=value) if all(isinstance(target.target, cst.Name) for target in targets):
            return value if looks_empty(value) else None
    return None


def _put(statement: Statement, trap: Trap) -> cst.BaseExpression | None:
    """The value that a statement returns, or assigns to what the guarded block would have."""
    match statement:
        case cst.Return(value=cst.BaseExpression() as value) if any(_is_data(one, place) for place, one in _results(trap)):
            return value
        case cst.Assign(targets=[cst.AssignTarget(target=target)], value=value) if _fetches(target, trap):
            return value
        case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) if _fetches(target, trap):
            return value
    return None


def _results(trap: Trap) -> Iterator[tuple[Place, cst.BaseExpression]]:
    """What the function of a handler returns where nothing failed."""
    function = trap.place.function
    for place in function.returns if function is not None else ():
        if place.value is not None and not any(frame.kind == "handler" for frame in place.frame.within_function()):
            yield place, place.value


def _fetches(target: cst.BaseExpression, trap: Trap) -> bool:
    """Whether the guarded block would have put something there that it was told."""
    for node in tried(trap):
        match node:
            case cst.Assign(targets=targets, value=value):
                if any(alike(one.target, target) for one in targets) and _is_data(value, trap.place):
                    return True
            case cst.AnnAssign(target=one, value=cst.BaseExpression() as value):
                if alike(one, target) and _is_data(value, trap.place):
                    return True
    return False


def _is_data(value: cst.BaseExpression, place: Place) -> bool:
    """Whether a value is something that the code was told: neither one that stands in the source, nor an answer to a yes-or-no question."""
    match value:
        case cst.IfExp():
            return _is_data(value.body, place) or _is_data(value.orelse, place)
        case cst.Tuple():
            return any(_is_data(element.value, place) for element in value.elements)
        case cst.Comparison() | cst.UnaryOperation(operator=cst.Not()):
            return False
        case cst.Name() | cst.Attribute():
            return not isinstance(place.evaluate(value), Constant | Reference)
    return any(isinstance(node, cst.Call | cst.Name | cst.Attribute) for node in walk(value))


# -- what passes for an answer


def _passes_for_real(value: cst.BaseExpression, trap: Trap) -> bool:
    """Whether a value looks like what would have come, to whoever gets it."""
    place = trap.place
    assert isinstance(place, Handler)
    if any(isinstance(node, cst.Name) and node.value in ("True", "False", place.bound) for node in walk(value)):
        return False
    return _is_ready(value, trap) and all(is_quiet(text) for text in _texts(value, place))


def _is_ready(value: cst.BaseExpression, trap: Trap) -> bool:
    """Whether nothing has to be asked for a value, and it is known where it comes from."""
    match value:
        case cst.Integer() | cst.Float() | cst.SimpleString() | cst.ConcatenatedString():
            return True
        case cst.UnaryOperation():
            return _is_ready(value.expression, trap)
        case cst.BinaryOperation():
            return _is_ready(value.left, trap) and _is_ready(value.right, trap)
        case cst.List() | cst.Tuple() | cst.Set() | cst.Dict():
            return all(_is_ready(element.value, trap) for element in value.elements)
        case cst.Call(func=func, args=args):
            if not all(_is_ready(arg.value, trap) for arg in args):
                return False
            if dotted(func).rpartition(".")[2] in _COPIES:
                return bool(args) or (isinstance(func, cst.Attribute) and _is_ready(func.value, trap))
            return _is_of_the_same_kind(value, trap)
        case cst.Name(value=name):
            return name == "None" or _is_constant(value, trap.place) or _is_input(value, trap.place.function)
        case cst.Attribute():
            root = _root(value)
            return root is not None and (
                root.value in ("self", "cls") or _is_input(root, trap.place.function) or _is_constant(value, trap.place)
            )
        case cst.Subscript():
            return _is_ready(value.value, trap) and not any(isinstance(node, cst.Call) for node in walk(value))
    return False


def _root(value: cst.BaseExpression) -> cst.Name | None:
    """The name that a chain of attributes begins with."""
    while isinstance(value, cst.Attribute):
        value = value.value
    return value if isinstance(value, cst.Name) else None


def _is_of_the_same_kind(call: cst.Call, trap: Trap) -> bool:
    """Whether success makes an object of the same class; responses have a status that tells."""
    made = trap.place.model.meanings.at(call)
    if made is not None and trap.place.model.meanings.means(made, Response) is not None:
        return False
    name = dotted(call.func)
    return name.rpartition(".")[2][:1].isupper() and any(
        isinstance(result, cst.Call) and dotted(result.func) == name for _, result in _results(trap)
    )


def _is_constant(value: cst.Name | cst.Attribute, place: Place) -> bool:
    """Whether this is a name that stands for one value everywhere: so written, or known to be one."""
    if isinstance(place.evaluate(value), Constant | Items | Entries):
        return True
    last = dotted(value).rpartition(".")[2]
    return last.isupper() and len(last) > 1


def _is_input(value: cst.Name, function: Function | None) -> bool:
    """Whether this is what the function was given, sent back as it came; not what was given for the case of a failure."""
    if function is None or _GIVEN.search(value.value):
        return False
    names = {parameter.name.value for parameter in function.parameters[function.owner is not None :]}
    return value.value in names and not any(
        isinstance(node, cst.AssignTarget | cst.AugAssign | cst.NamedExpr) and dotted(node.target) == value.value
        for node in own(function.node.body)
    )


def _texts(value: cst.BaseExpression, place: Place) -> Iterator[str]:
    """The words in a value: its texts, the names in it, and the text that it stands for."""
    for node in walk(value):
        if isinstance(node, cst.SimpleString):
            yield str(node.evaluated_value)
        elif isinstance(node, cst.Name):
            yield node.value
    known = place.evaluate(value)
    if isinstance(known, Constant) and isinstance(known.value, str):
        yield known.value


def is_quiet(text: str) -> bool:
    """Whether a text tells of no failure, and is no sentence for somebody to read."""
    words = _HUMP.sub("_", text).replace("-", "_").split()
    return text == "None" or (len(words) < 3 and not _TELLS.search("_".join(words)))


def _asks_for_none(trap: Trap) -> bool:
    """Whether the handler sets a name to None as well, and what comes after asks whether it is: then the failure is seen."""
    unset = {
        target.target.value
        for statement in statements(trap.reaction)
        if isinstance(statement, cst.Assign) and isinstance(statement.value, cst.Name) and statement.value.value == "None"
        for target in statement.targets
        if isinstance(target.target, cst.Name)
    }
    return bool(unset) and any(
        isinstance(node, cst.Comparison) and isinstance(node.left, cst.Name) and node.left.value in unset
        for statement in following(trap.whole, trap.place)
        for node in own(statement)
    )


def _is_looked_at(value: cst.BaseExpression, trap: Trap) -> bool:
    """Whether what comes after compares with just this value."""
    return any(
        isinstance(node, cst.Comparison) and any(alike(part, value) for part in (node.left, *(one.comparator for one in node.comparisons)))
        for statement in following(trap.whole, trap.place)
        for node in own(statement)
    )


__all__ = ["is_quiet", "stand_in"]
