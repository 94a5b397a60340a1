"""
Why something is known, or is not: the way from a call back to the constructor, annotation or import that told what it is.

Evaluation keeps no record of its way, for every run would pay for it. Here it is gone once more, backwards, for people who ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from ..finding import Note
from ..model.places import Call, Class, Function
from ..model.scopes import Binding, reaching
from ..model.semantic import SemanticModel, Where, dotted
from ..model.values import Datum, Instance, Made, Reference, Unknown
from ..syntax.tree import excerpt

_LONGEST = 16  # steps; whoever needs more is walking in a circle


class Gap(NamedTuple):
    """Where the way ends: `kind` is one of few, to be counted; `detail` names what stands there."""

    kind: str
    detail: str


PARAMETER = "a parameter without annotation"
ANNOTATION = "an annotation that tells no known type"
RESULT = "the result of a call that is not known"
FOREIGN = "something of a library that is not modelled"
ATTRIBUTE = "an attribute of something unknown"
MEMBER = "an attribute that its class does not tell"
ELEMENT = "an element of a container, or of an iteration"
DISAGREEING = "a name whose definitions disagree"
IMPORTED = "a name from another file, in which it is not known"
STARRED = "a name that only a star import can have brought"
UNTOLD = "a method that no model describes"
OTHER = "another kind of expression"


def called(call: Call) -> cst.BaseExpression:
    """The expression that is called."""
    return call.node.func if isinstance(call.node, cst.Call) else call.node


def holder(call: Call) -> cst.BaseExpression:
    """What decides what is called: the object of a method, else the called name itself."""
    func = called(call)
    return func.value if isinstance(func, cst.Attribute) else func


def reasons(call: Call) -> list[Note]:
    """The places that tell what a call is, from the call backwards; none where only its name is needed."""
    return _each_once(_back(call.model, holder(call), call, 0))


def sources_of(model: SemanticModel, node: cst.BaseExpression, where: Where) -> list[Note]:
    """The places that tell what an expression is."""
    return _each_once(_back(model, node, where, 0))


def _each_once(notes: Iterator[Note]) -> list[Note]:
    found: dict[tuple[object, str], Note] = {}
    for note in notes:
        found.setdefault((note.at if not isinstance(note.at, cst.CSTNode) else id(note.at), note.message), note)
        if len(found) >= _LONGEST:
            break
    return list(found.values())


# -- backwards through what is known


def _back(model: SemanticModel, node: cst.BaseExpression, where: Where, depth: int) -> Iterator[Note]:
    if depth > _LONGEST:
        return
    match node:
        case cst.Name():
            yield from _name(model, node.value, where, depth)
        case cst.Attribute():
            yield from _attribute(model, node, where, depth)
        case cst.Call():
            yield from _call(model, node, where, depth)
        case cst.Await():
            yield from _back(model, node.expression, where, depth)
        case cst.NamedExpr() | cst.Subscript():
            yield from _back(model, node.value, where, depth)
        case cst.IfExp():
            yield from _back(model, node.body, where, depth)
            yield from _back(model, node.orelse, where, depth)
        case cst.BooleanOperation():
            yield from _back(model, node.left, where, depth)
            yield from _back(model, node.right, where, depth)


def _reaching(name: str, where: Where) -> list[Binding]:
    found = where.scope.find(name)
    return reaching(found[1], found[0], where.scope, where.order, where.frame) if found is not None else []


def _name(model: SemanticModel, name: str, where: Where, depth: int) -> Iterator[Note]:
    for binding in _reaching(name, where):
        yield from _binding(model, binding, name, depth + 1)


def _binding(model: SemanticModel, binding: Binding, name: str, depth: int) -> Iterator[Note]:
    match binding.kind:
        case "import":
            yield Note(binding.node, f"{name} is imported: {binding.dotted}")
            yield from _elsewhere(model.follow(binding.dotted))
        case "assign":
            if binding.value is not None:
                yield from _back(model, binding.value, binding, depth)
        case "annotation":
            if binding.value is not None and model.type_of(model.evaluate(binding.value, binding)):
                yield from _back(model, binding.value, binding, depth)
            elif binding.annotation is not None:
                yield Note(binding.annotation, f"{name} is annotated as {excerpt(binding.annotation)}")
        case "parameter":
            yield from _parameter(model, binding, name, depth)
        case "with":
            yield Note(binding.node, f"{name} is what `with` enters")
            if binding.value is not None:
                yield from _back(model, binding.value, binding, depth)
        case "function" | "class":
            yield Note(binding.node, f"{name} is defined here")
        case "unpack" | "for":
            yield Note(binding.node, f"{name} is {'unpacked' if binding.kind == 'unpack' else 'an element'} here")
            if binding.value is not None:
                yield from _back(model, binding.value, binding, depth)
        case "case":
            yield Note(binding.node, f"{name} is matched here")


def _parameter(model: SemanticModel, binding: Binding, name: str, depth: int) -> Iterator[Note]:
    datum = model.binding(binding, name)
    function = binding.scope.function
    if function is not None and function.owner is not None and binding.index == 0 and binding.annotation is None:
        yield Note(
            function.owner.at, f"{name} is {'an instance' if isinstance(datum, Instance) else 'the class'}: {function.owner.qualname}"
        )
        return
    if binding.annotation is not None:
        yield Note(binding.annotation, f"{name} is annotated as {excerpt(binding.annotation)}")
    for marker in _markers(model, binding):
        injected = model.knowledge.injected(marker)
        if isinstance(injected, Reference):
            yield Note(binding.node, f"{name} is filled by the dependency {injected.name}")
            yield from _given_by(model, injected.name, depth)
    yield from _elsewhere(datum)


def _markers(model: SemanticModel, binding: Binding) -> Iterator[Made]:
    """What may mark a parameter as injected: its default, and what stands in an `Annotated[…]`."""
    candidates = [binding.value] if binding.value is not None else []
    if isinstance(binding.annotation, cst.Subscript):
        candidates += [element.slice.value for element in binding.annotation.slice[1:] if isinstance(element.slice, cst.Index)]
    for node in candidates:
        datum = model.evaluate(node, _Around(binding))
        if isinstance(datum, Made):
            yield datum


class _Around:
    """Where the defaults of a function's parameters are looked up."""

    def __init__(self, binding: Binding) -> None:
        self.scope, self.frame, self.order = binding.scope.parent or binding.scope, binding.frame, binding.order


def _attribute(model: SemanticModel, node: cst.Attribute, where: Where, depth: int) -> Iterator[Note]:
    owner = model.evaluate(node.value, where)
    kind = model.type_of(owner)
    if kind:
        held = model.knowledge.attribute(kind, node.attr.value)
        if held:
            yield Note(node, f"the attribute {node.attr.value} of {kind} holds {held}")
        else:
            yield from _of_class(model, kind, node.attr.value, depth)
        yield from _elsewhere(model.evaluate(node, where))
    else:
        yield from _elsewhere(model.evaluate(node, where))
    yield from _back(model, node.value, where, depth + 1)


def _of_class(model: SemanticModel, kind: str, attribute: str, depth: int) -> Iterator[Note]:
    """Where a class of this file, or one of its bases, sets an attribute or defines a method."""
    for name in (kind, *model.base_names(kind)):
        place = model.defined(name)
        if not isinstance(place, Class):
            continue
        bindings = [*place.attributes.get(attribute, ()), *place.inner.bindings.get(attribute, ())]
        for binding in bindings:
            if binding.kind in ("function", "class"):
                continue
            yield Note(binding.node, f"{place.qualname}.{attribute} is set here")
            yield from _binding(model, binding, attribute, depth + 1)
        method = place.methods.get(attribute)
        if method is not None:
            yield Note(method.at, f"{method.qualname} is defined here")
            yield from _returned(model, method, depth)
        if bindings or method is not None:
            return


def _call(model: SemanticModel, node: cst.Call, where: Where, depth: int) -> Iterator[Note]:
    target = model.evaluate(node.func, where)
    given = model.evaluate(node, where)
    name = target.name if isinstance(target, Reference) else model.type_of(target)
    made = given.made if isinstance(given, Instance) else given
    if isinstance(made, Made) and made.key == id(node):
        yield Note(node, f"made here by {made.name}()")
    elif name:
        yield Note(node, f"given by {name}()")
        yield from _given_by(model, name, depth)
        yield from _elsewhere(given)
    yield from _back(model, node.func.value if isinstance(node.func, cst.Attribute) else node.func, where, depth + 1)


def _given_by(model: SemanticModel, name: str, depth: int) -> Iterator[Note]:
    """What a function of this file gives."""
    place = model.defined(name)
    if isinstance(place, Function):
        yield from _returned(model, place, depth)


def _returned(model: SemanticModel, function: Function, depth: int) -> Iterator[Note]:
    spoken: list[tuple[cst.BaseExpression, Where]] = [(item.value, item) for item in function.returns if item.value is not None]
    spoken += [(item.value, item) for item in function.yields if item.value is not None]
    for value, item in spoken:
        yield from _back(model, value, item, depth + 1)
    annotation = function.node.returns
    if annotation is not None and not any(model.type_of(model.evaluate(value, item)) for value, item in spoken):
        yield Note(annotation.annotation, f"{function.qualname} is annotated as giving {excerpt(annotation.annotation)}")


def _elsewhere(datum: Datum) -> Iterator[Note]:
    """Where another file makes it."""
    made = datum.made if isinstance(datum, Instance) else datum
    if isinstance(made, Made) and made.site is not None:
        yield Note(made.site, f"made here by {made.name}()")


# -- where it ends


def gap(call: Call) -> Gap | None:
    """Why it is not known what is called; None where it is."""
    func, model = called(call), call.model
    made = call.made
    if made.name:
        return None
    if not isinstance(func, cst.Attribute):
        return _gap(model, func, call, 0)
    owner = model.evaluate(func.value, call)
    if not isinstance(owner, Unknown) and (kind := model.type_of(owner) or getattr(owner, "name", "")):
        return _made_gap(model, owner, kind) or Gap(MEMBER, f"{kind}.{func.attr.value}")
    return _gap(model, func.value, call, 0)


def object_gap(call: Call) -> Gap:
    """Why the object of a method, or what is called, is not known; for calls that are known to be of no use."""
    return _gap(call.model, holder(call), call, 0)


def _gap(model: SemanticModel, node: cst.BaseExpression, where: Where, depth: int) -> Gap:
    if depth > _LONGEST:
        return Gap(OTHER, excerpt(node))
    datum = model.evaluate(node, where)
    if not isinstance(datum, Unknown) and (found := _made_gap(model, datum, model.type_of(datum))) is not None:
        return found
    match node:
        case cst.Name():
            return _name_gap(model, node.value, where, depth)
        case cst.Attribute():
            owner = model.evaluate(node.value, where)
            kind = model.type_of(owner)
            if kind:
                return _member_gap(model, kind, node.attr.value, depth)
            if isinstance(owner, Unknown):
                inner = _gap(model, node.value, where, depth + 1)
                return inner if inner.kind in (PARAMETER, FOREIGN, RESULT, ANNOTATION) else Gap(ATTRIBUTE, excerpt(node))
            return Gap(MEMBER, excerpt(node))
        case cst.Call():
            return _call_gap(model, node, where, depth)
        case cst.Await():
            return _gap(model, node.expression, where, depth + 1)
        case cst.NamedExpr():
            return _gap(model, node.value, where, depth + 1)
        case cst.Subscript():
            return Gap(ELEMENT, excerpt(node))
        case cst.IfExp() | cst.BooleanOperation():
            return Gap(DISAGREEING, excerpt(node))
    return Gap(OTHER, excerpt(node))


def _made_gap(model: SemanticModel, datum: Datum, kind: str) -> Gap | None:
    """The end of the way in a datum that is known, but of no modelled type."""
    match datum:
        case Made() if not model.knowledge.is_type(kind):
            if _is_ours(model, datum.name):
                return Gap(RESULT, f"{datum.name}()")
            return Gap(RESULT if model.knowledge.modelled(datum.name) else FOREIGN, f"{datum.name}()")
        case Reference():
            if _is_ours(model, datum.name):
                return Gap(IMPORTED, datum.name)
            return Gap(UNTOLD if model.knowledge.modelled(datum.name) else FOREIGN, datum.name)
    return None


def _is_ours(model: SemanticModel, name: str) -> bool:
    """Whether a name is that of something in the checked project."""
    if model.defined(name) is not None:
        return True
    head = name
    while head:
        if head == model.module_name or (model.sources is not None and model.sources.facts(head) is not None):
            return True
        head = head.rpartition(".")[0]
    return False


def _name_gap(model: SemanticModel, name: str, where: Where, depth: int) -> Gap:
    bindings = _reaching(name, where)
    if not bindings:
        scope = where.scope
        while scope.parent is not None and not scope.starred:
            scope = scope.parent
        return Gap(STARRED if scope.starred else OTHER, name)
    unknown = [binding for binding in bindings if isinstance(model.binding(binding, name), Unknown)]
    if not unknown:
        data = [model.binding(binding, name) for binding in bindings]
        return Gap(DISAGREEING, name) if len(data) > 1 else Gap(OTHER, name)
    return _binding_gap(model, unknown[0], name, depth)


def _binding_gap(model: SemanticModel, binding: Binding, name: str, depth: int) -> Gap:
    if binding.annotation is not None and binding.kind in ("parameter", "annotation"):
        return Gap(ANNOTATION, f"{name}: {excerpt(binding.annotation)}")
    match binding.kind:
        case "parameter":
            return Gap(PARAMETER, name)
        case "for" | "unpack" | "case":
            return Gap(ELEMENT, name)
        case "import":
            ours = _is_ours(model, binding.dotted)
            return Gap(IMPORTED if ours else FOREIGN, binding.dotted)
        case "assign" | "with" | "annotation" if binding.value is not None:
            return _gap(model, binding.value, binding, depth + 1)
    return Gap(OTHER, name)


def _member_gap(model: SemanticModel, kind: str, attribute: str, depth: int) -> Gap:
    """Why what an attribute of a known class holds is not known."""
    for name in (kind, *model.base_names(kind)):
        place = model.defined(name)
        bindings = [*place.attributes.get(attribute, ()), *place.inner.bindings.get(attribute, ())] if isinstance(place, Class) else []
        for binding in bindings:
            if binding.kind in ("assign", "annotation", "with", "unpack", "for"):
                found = _binding_gap(model, binding, attribute, depth + 1)
                return found if found.kind in (PARAMETER, FOREIGN, RESULT, ANNOTATION, ELEMENT) else Gap(MEMBER, f"{kind}.{attribute}")
    return Gap(MEMBER, f"{kind}.{attribute}")


def _call_gap(model: SemanticModel, node: cst.Call, where: Where, depth: int) -> Gap:
    target = model.evaluate(node.func, where)
    if isinstance(target, Reference):
        if _is_ours(model, target.name) or model.knowledge.modelled(target.name):
            return Gap(RESULT, f"{target.name}()")
        return Gap(FOREIGN, f"{target.name}()")
    if isinstance(target, Unknown):
        base = node.func.value if isinstance(node.func, cst.Attribute) else node.func
        if isinstance(base, cst.Name | cst.Attribute | cst.Call | cst.Await):
            inner = _gap(model, base, where, depth + 1)
            if inner.kind in (PARAMETER, FOREIGN, ANNOTATION):
                return inner
    return Gap(RESULT, f"{dotted(node.func) or excerpt(node.func)}()")
