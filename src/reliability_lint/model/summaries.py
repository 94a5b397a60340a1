"""
What a function does with what it is given, as plain data for whoever calls it: the calls that it hands its arguments on to, and what it gives back.

Only what holds for every caller is said: a parameter that is bound again, or an argument that is worked out from it, is not handed on as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import libcst as cst
import msgspec

from ..syntax.tree import walk
from .calls import slim
from .endings import ends
from .exports import Forward, FunctionFacts, Given, Says
from .frames import Frame
from .places import Call, Class, Function
from .semantic import SemanticModel, Where, dotted
from .steps import is_kept, repeated, steps
from .taint import Seeds, asks_for_debugging, derived, narrowed
from .values import Constant, Datum

_EXCEPTION_NAMES = frozenset({"e", "err", "error", "ex", "exc", "exception", "cause", "failure"})
_MOST = 8  # calls of one function that are worth telling of


def forwards(model: SemanticModel, function: Function) -> tuple[Forward, ...]:
    """The calls in a function's own body that pass on its parameters, in source order."""
    given = _parameters(model, function)
    rest = _unchanged_rest(model, function)
    if not given and not rest:
        return ()
    found: list[Forward] = []
    for call in function.calls:
        if isinstance(call.node, cst.Call) and (forward := _forward(call, given, rest)) is not None:
            found.append(forward)
            if len(found) == _MOST:
                break
    return tuple(map(_asked, found)) if found and asks_for_debugging(function) else tuple(found)


def _asked(forward: Forward) -> Forward:
    """A call that hands on what it is given, where a debug switch decides what is done with it."""
    given = {slot: msgspec.structs.replace(one, asked=True) for slot, one in forward.given.items()}
    return msgspec.structs.replace(forward, given=given)


def _forward(call: Call, given: Mapping[str, Given], rest: str) -> Forward | None:
    assert isinstance(call.node, cst.Call)
    passed: dict[str, Given] = {}
    hands_rest = False
    position = 0
    for arg in call.node.args:
        if arg.star == "**":
            hands_rest = hands_rest or (bool(rest) and isinstance(arg.value, cst.Name) and arg.value.value == rest)
            continue
        if arg.star:
            return None  # which argument is which is not known
        handed = _given(arg.value, given, rest, call)
        if handed is not None:
            passed[arg.keyword.value if arg.keyword is not None else str(position)] = handed
        position += arg.keyword is None
    if not passed and not hands_rest:
        return None
    name, knowledge = call.name, call.model.knowledge
    if not name:
        return None
    if knowledge.modelled(name):
        if not knowledge.takes_arguments(name):
            return None
    else:
        # What a function of another file does with it nobody knows yet; by its name it must be something that could matter.
        passed = {slot: one for slot, one in passed.items() if {slot, one.name} & knowledge.parameter_names}
        if name.partition(".")[0] in sys.stdlib_module_names or not (passed or hands_rest):
            return None
    return Forward(slim(call.made), passed, hands_rest, _in_a_loop_or_try(call.frame), _limited(call.frame))


# By class: LibCST's classes are abstract base classes, for which `match` is slow.
_WITH_PARTS: frozenset[type[cst.CSTNode]] = frozenset(
    {cst.Dict, cst.List, cst.Tuple, cst.Set, cst.FormattedString, cst.BinaryOperation, cst.Call, cst.Name}
)


def _given(node: cst.BaseExpression, given: Mapping[str, Given], rest: str, call: Call) -> Given | None:
    """Which parameter an argument is, or holds."""
    found = _plainly_given(node, given, rest, call)
    return msgspec.structs.replace(found, asked=True) if found is not None and narrowed(call.frame, found.name) else found


def _plainly_given(node: cst.BaseExpression, given: Mapping[str, Given], rest: str, call: Call) -> Given | None:
    if node.__class__ not in _WITH_PARTS:
        return None
    match node:
        case cst.Name():
            return given.get(node.value)
        case cst.Call(func=cst.Attribute(value=cst.Name(value=options), attr=cst.Name(value="pop" | "get")), args=[key, *others]) if (
            rest and options == rest and isinstance(key.value, cst.SimpleString) and len(others) <= 1
        ):
            word = key.value.evaluated_value
            default = call.evaluate(others[0].value) if others else Constant(None)
            return Given(word, None, default=default) if isinstance(word, str) else None
    for part in _parts(node):
        if isinstance(part, cst.Name) and part.value in given:
            return _part_of(given[part.value])
    return None


def _part_of(whole: Given) -> Given:
    return Given(whole.name, whole.position, whole=False)


def _parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What the text of an expression, or the container that it makes, holds."""
    if node.__class__ not in _WITH_PARTS:
        return
    match node:
        case cst.Dict() | cst.List() | cst.Tuple() | cst.Set():
            below: list[cst.CSTNode] = [element.value for element in node.elements]
        case cst.FormattedString():
            below = [part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        case cst.BinaryOperation():
            below = [node.left, node.right]
        case cst.Call(func=cst.Name(value="str" | "repr" | "format" | "dict")):
            below = [arg.value for arg in node.args]
        case cst.Name():
            yield node
            return
        case _:
            return
    for part in below:
        yield from _parts(part)


def _parameters(model: SemanticModel, function: Function) -> dict[str, Given]:
    """The parameters that keep what the caller passed, by name."""
    params = function.node.params
    bound = function.owner is not None and "staticmethod" not in {dotted(decorator.node) for decorator in function.decorators}
    positional = [*params.posonly_params, *params.params]
    found: dict[str, Given] = {}
    for index, param in enumerate([*positional, *params.kwonly_params]):
        name = param.name.value
        if (bound and index == 0) or not _stays(function, name):
            continue
        default: Datum | None = model.evaluate(param.default, function) if param.default is not None else None
        position = index - bound if index < len(positional) else None
        found[name] = Given(name, position, default=default)
    return found


def _stays(function: Function, name: str) -> bool:
    """Whether a name of a function is bound by its parameter alone, so that it is what the caller passed wherever it stands."""
    bindings = function.inner.bindings.get(name, ())
    return len(bindings) == 1 and bindings[0].kind == "parameter"


def _unchanged_rest(model: SemanticModel, function: Function) -> str:
    """The name of `**kwargs`, where nothing is put into it or taken out of it; "" without one."""
    star = function.node.params.star_kwarg
    name = star.name.value if star is not None else ""
    bindings = function.inner.bindings.get(name, ())
    return name if len(bindings) == 1 and bindings[0].node is star and not _filled(model, function, name) else ""


def _filled(model: SemanticModel, function: Function, name: str) -> bool:
    return model.is_filled(name, function.inner) and not _only_taken_from(function, name)


def _only_taken_from(function: Function, name: str) -> bool:
    """Whether all that changes a dictionary is that keys are taken out of it."""
    methods = {
        node.func.attr.value
        for node in walk(function.node.body)
        if isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and isinstance(node.func.value, cst.Name)
        and node.func.value.value == name
    }
    stores = any(
        isinstance(target.target, cst.Subscript) and isinstance(target.target.value, cst.Name) and target.target.value.value == name
        for node in walk(function.node.body)
        if isinstance(node, cst.Assign)
        for target in node.targets
    )
    return not stores and methods <= {"pop", "get", "items", "keys", "values", "copy"}


def summary(model: SemanticModel, function: Function, facts: FunctionFacts) -> FunctionFacts:
    """A function's facts with what it does with what it is given; unchanged where decorators may change what a call of it does."""
    if not model.leaves_as_it_is(facts.decorators):
        return facts
    return msgspec.structs.replace(
        facts,
        forwards=forwards(model, function),
        hands_back=handed_back(model, function),
        tells=tells(model, function),
        always_raises=always_raises(function),
        steps=() if is_kept(facts) else steps(function),
        repeated=repeated(function),
    )


def _in_a_loop_or_try(frame: Frame) -> bool:
    return any(one.kind in ("loop", "try", "handler") for one in frame.within_function())


def _limited(frame: Frame) -> bool:
    """Whether something around a call may end it: any `with` whose manager is named for a limit."""
    for one in frame.within_function():
        if one.kind == "with" and isinstance(one.node, cst.With):
            for item in one.node.items:
                called = item.item.func if isinstance(item.item, cst.Call) else item.item
                name = dotted(called).rpartition(".")[2].lower()
                if any(word in name for word in ("timeout", "limit", "deadline", "fail_after", "move_on")):
                    return True
    return False


def always_raises(function: Function) -> bool:
    """Whether no call of a function returns, as its shape tells: every path ends in a `raise`."""
    return bool(function.raises) and not function.returns and not function.generator and ends(function.node.body) == frozenset({"raise"})


def handed_back(model: SemanticModel, function: Function) -> Given | None:
    """The parameter that a function gives back as it was, on every path."""
    names = {returned.value.value if isinstance(returned.value, cst.Name) else "" for returned in function.returns}
    if len(names) != 1 or "" in names or function.generator:
        return None
    given = _parameters(model, function).get(names.pop())
    return given if given is not None and "on" not in ends(function.node.body) else None


def tells(model: SemanticModel, function: Function) -> tuple[Given, ...]:
    """The parameters for exceptions whose text is in what a function returns."""
    if function.generator or not function.returns:
        return ()
    of_exceptions = [param for param in function.parameters if _holds_exception(param)]
    if of_exceptions and (asks_for_debugging(function) or any(_asks_for_class(node) for node in walk(function.node.body))):
        return ()  # it knows which errors say what, and to whom
    given = _parameters(model, function) if of_exceptions else {}
    found: list[Given] = []
    for param in of_exceptions:
        one, seeds = given.get(param.name.value), Seeds(frozenset({id(param)}))
        values = [
            (returned.value, returned) for returned in function.returns if returned.value is not None and not _is_empty(returned.value)
        ]
        telling = [returned for value, returned in values if derived(value, returned, seeds) is not None]
        # Where some results are other texts, it chooses what may be seen.
        if one is not None and len(telling) == len(values) and any(not narrowed(returned.frame, one.name) for returned in telling):
            found.append(one)
    return tuple(found)


# Classes that are taken for exceptions, by their names and those of their bases.
_EXCEPTION_CLASSES = ("Error", "Exception", "Failure", "Fault", "Warning")


def says(model: SemanticModel, place: Class) -> Says | None:
    """What an exception of a class says of what it was made with; None where the class has neither a constructor nor a text of its own."""
    bases = [dotted(base.value) for base in place.node.bases]
    if not any(name.endswith(_EXCEPTION_CLASSES) for name in (place.name, *bases)):
        return None
    made, text = place.methods.get("__init__"), place.methods.get("__str__")
    if made is None and text is None:
        return None
    for one in (made, text):
        if one is not None and (asks_for_debugging(one) or any(_asks_for_class(node) for node in walk(one.node.body))):
            return Says(made=True, up={}, text=())  # it knows which errors say what, and to whom
    return Says(
        attributes=_kept(model, place, made) if made is not None else {},
        up=_handed_up(model, made) if made is not None else None,
        text=_shown(text) if text is not None else None,
        made=made is not None,
    )


def _kept(model: SemanticModel, place: Class, made: Function) -> dict[str, tuple[Given, ...]]:
    """The attributes in which a constructor keeps what it is given, or a text about it."""
    found = {}
    for name, bindings in place.attributes.items():
        values = [(one.value, one) for one in bindings if one.scope is made.inner and one.value is not None]
        given = tuple(one for value, where in values for one in _quoting(model, made, value, where))
        if given:
            found[name] = given
    return found


def _handed_up(model: SemanticModel, made: Function) -> dict[str, tuple[Given, ...]] | None:
    """What a constructor hands on to that of its base, by position (as text) or keyword; None where it calls none."""
    for call in made.calls:
        if not (isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Attribute) and call.node.func.attr.value == "__init__"):
            continue
        by_class = not isinstance(call.node.func.value, cst.Call)  # `Base.__init__(self, …)`
        found: dict[str, tuple[Given, ...]] = {}
        position = 0
        for arg in call.node.args[by_class:]:
            given = tuple(_quoting(model, made, arg.value, call))
            if given:
                found[arg.keyword.value if arg.keyword is not None else str(position)] = given
            position += arg.keyword is None
        return found
    return None


def _quoting(model: SemanticModel, made: Function, value: cst.BaseExpression, where: Where) -> Iterator[Given]:
    """The parameters of a constructor whose text is in a value."""
    for name, one in _parameters(model, made).items():
        param = next(param for param in made.parameters if param.name.value == name)
        source = derived(value, where, Seeds(frozenset({id(param)})))
        if source is not None and source.origin is param and not source.asked and not narrowed(where.frame, name):
            yield one


def _shown(text: Function) -> tuple[str, ...]:
    """The attributes of which a method that gives an object's text speaks."""
    own = text.parameters[0].name.value if text.parameters else ""
    nodes = [node for returned in text.returns if returned.value is not None for node in walk(returned.value)]
    return tuple(
        sorted(
            {
                node.attr.value
                for node in nodes
                if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == own
            }
        )
    )


def _asks_for_class(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "isinstance"


def _is_empty(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.SimpleString) and not value.raw_value


def _holds_exception(param: cst.Param) -> bool:
    annotation = dotted(param.annotation.annotation) if param.annotation is not None else ""
    return param.name.value in _EXCEPTION_NAMES or annotation.endswith(("Exception", "Error"))


__all__ = ["always_raises", "forwards", "handed_back", "says", "summary", "tells"]
