"""
The semantic model of a file: its places and scopes, and what its expressions are.

Evaluation is lazy and says only what it knows. What another file defines is asked of `sources`; without them, as when facts are collected,
names from elsewhere stay references, to be followed by whoever asks.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import libcst as cst
import msgspec

from ..syntax.tree import walk
from .annotations import annotated, dependency, generic, promised, yielded
from .calls import METHODS, PASSING, element, entered, held, looped, make, named, unpacked
from .constants import NAMED, combined, computed, text_of, unary
from .exports import ClassFacts, FunctionFacts, Given
from .factories import made_from
from .fields import declares, field, makes_fields, of_instances
from .frames import Frame
from .knowledge import Knowledge, Sources
from .places import (
    Assertion,
    AttributeAssignment,
    Call,
    Class,
    Function,
    Handler,
    ItemAssignment,
    Jump,
    Loop,
    Place,
    Raise,
    Try,
    With,
)
from .scopes import Binding, Scope, reaching
from .values import NONE, UNKNOWN, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Unknown, agree

if TYPE_CHECKING:
    from ..libraries.schema import Generated
    from ..meanings.match import Meanings

_DEEPEST = 40  # of evaluations inside each other; beyond it nothing is known
_BUILTINS = frozenset(dir(builtins))
# Decorators that leave what a call gives as it is.
_PROPERTIES = frozenset(
    {
        "abc.abstractproperty", "builtins.property", "django.utils.functional.cached_property", "functools.cached_property",
        "werkzeug.utils.cached_property",
    }
)  # fmt: skip
# These say something to type checkers, and leave the function itself what it was.
_MARKS = frozenset({
    "typing.final", "typing.no_type_check", "typing.override", "typing_extensions.deprecated", "typing_extensions.final",
    "typing_extensions.override", "warnings.deprecated",
})  # fmt: skip
_TRANSPARENT = _PROPERTIES | _MARKS | {
    "abc.abstractmethod", "async_lru.alru_cache", "backoff.on_exception", "builtins.classmethod", "builtins.staticmethod", "cachetools.cached",
    "cachetools.func.lru_cache", "cachetools.func.ttl_cache", "contextlib.asynccontextmanager", "contextlib.contextmanager", "functools.cache",
    "functools.lru_cache", "functools.wraps", "stamina.retry", "tenacity.retry",
}  # fmt: skip
_CONTEXT_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})


_OF_CLASSES = frozenset({"__class_getitem__", "__init_subclass__", "__new__"})  # to these the class is passed, though no decorator says so


class Where(Protocol):
    """Anything that stands somewhere: a place or a binding."""

    @property
    def scope(self) -> Scope:
        """The scope in which names are looked up."""

    @property
    def frame(self) -> Frame:
        """The innermost enclosing construct."""

    @property
    def order(self) -> int:
        """Its number in source order."""


def dotted(node: cst.BaseExpression | None) -> str:
    """The text of a plain dotted name, or ""."""
    parts: list[str] = []
    while node.__class__ is cst.Attribute:  # as below: where most answers are no, `isinstance` is slow
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))


class SemanticModel:
    """One file, understood. `module_name` is dotted; `is_package` tells an `__init__.py`, from which relative imports count differently."""

    def __init__(
        self,
        tree: cst.Module,
        knowledge: Knowledge,
        *,
        module_name: str = "",
        is_package: bool = False,
        sources: Sources | None = None,
    ) -> None:
        self.tree = tree
        self.knowledge = knowledge
        self.sources = sources
        self.module_name = module_name
        self.is_package = is_package
        self.scope = Scope("module", "", None)
        self.frame = Frame("module", tree, None)
        self.imports: set[str] = set()
        self.renamed: dict[str, str] = {}  # names that imports give, by what they are called here instead
        self.calls: list[Call] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.handlers: list[Handler] = []
        self.loops: list[Loop] = []
        self.withs: list[With] = []
        self.tries: list[Try] = []
        self.raises: list[Raise] = []
        self.jumps: list[Jump] = []
        self.assertions: list[Assertion] = []
        self.attribute_assignments: list[AttributeAssignment] = []
        self.item_assignments: list[ItemAssignment] = []
        self.lambda_scopes: list[Scope] = []
        self.lambdas: dict[int, Place] = {}  # where the bodies of those stand that take nothing, by `id()`
        self.filled: dict[str, list[Scope]] = {}  # the names, and with a dot the attributes, whose objects are changed in place, and where
        self.tried: dict[int, list[cst.CSTNode]] = {}  # what runs in a guarded block, by the `id()` of it
        self.switched: dict[int, bool] = {}  # whether a function asks a debug switch, by its `id()`
        self.meanings: Meanings  # set when they are found: what the places mean
        self._known: dict[int, Datum] = {}
        self._asked = 0  # how often an answer depended on another file, or on something that was being looked at
        self._provisional: set[int] = set()  # what was found that way, by `id()`: expressions, functions, classes, calls
        self._unknown: list[int] | None = None  # while a class is looked at: what of it, or around it, was found unknown
        self._open: set[int] = set()
        self._following: set[str] = set()
        self._followed: dict[str, Datum] = {}  # names of other files: most are used often, and each may be a long way to go
        self._generated: dict[str, Generated | None] = {}
        self._functions: dict[int, FunctionFacts] = {}
        self._classes: dict[int, ClassFacts] = {}
        self._kept: list[cst.BaseExpression] = []  # parsed annotations: known by id(), so they must live as long as we do
        self._by_name: dict[str, Function | Class] | None = None
        self._delivered: dict[int, tuple[str, ...]] = {}  # by the `id()` of a function: the types of what a library calls it with

    def forget(self) -> None:
        """Drops what was evaluated and may be different now that there are new sources to ask."""
        for found in (self._known, self._functions, self._classes):
            for key in self._provisional & found.keys():
                del found[key]
        for call in self.calls:
            if id(call) in self._provisional:
                call.forget()
        self._followed.clear()
        self._provisional.clear()

    def assume(self, types: Mapping[int, Instance]) -> None:
        """Takes the types of expressions, by the `id()` of their nodes, for known: before anything is evaluated."""
        self._known.update(types)

    def unknown_receivers(self) -> list[tuple[cst.BaseExpression, cst.CSTNode]]:
        """Of calls that may be those of modelled methods: the objects whose type is not known, each with its statement."""
        found: list[tuple[cst.BaseExpression, cst.CSTNode]] = []
        for call in self.calls:
            func = call.node.func if isinstance(call.node, cst.Call) else None
            if not isinstance(func, cst.Attribute) or func.attr.value not in self.knowledge.tails or call.name:
                continue
            owner = self.evaluate(func.value, call)
            if isinstance(owner, Unknown) or (isinstance(owner, Made) and not self.type_of(owner)):
                found.append((func.value, call.statement))
        return found

    def release(self) -> None:
        """
        Lets go of the tree. Places, scopes and models refer to each other in circles; without these the tree, which is by far the largest, goes at once
        and not when the garbage collector comes by. The model is of no use afterwards.
        """
        for scope in (
            self.scope,
            *(function.inner for function in self.functions),
            *(place.inner for place in self.classes),
            *self.lambda_scopes,
        ):
            scope.bindings.clear()
            scope.nonlocals.clear()
            scope.function = scope.owner = None
        for function in self.functions:
            for places in (function.calls, function.decorators, function.returns, function.raises, function.yields, function.tests):
                places.clear()
        for place in self.classes:
            place.attributes.clear()
            place.methods.clear()
            place.decorators.clear()
        every: tuple[list[Any], ...] = (
            self.calls, self.functions, self.classes, self.lambda_scopes, self.handlers, self.loops, self.withs, self.tries, self.raises,
            self.jumps, self.assertions, self.attribute_assignments, self.item_assignments, self._kept,
        )  # fmt: skip
        for listed in every:
            listed.clear()
        for found in (
            self.lambdas,
            self._known,
            self._functions,
            self._classes,
            self._followed,
            self._delivered,
            self.tried,
            self.switched,
        ):
            found.clear()
        self._by_name = None
        meanings = self.__dict__.pop("meanings", None)
        if meanings is not None:
            vars(meanings).clear()
        for name in ("tree", "frame"):
            self.__dict__.pop(name, None)

    # -- names

    def absolute(self, module: str, dots: int) -> str:
        """The dotted name of a module as imported here, `dots` being the leading dots of a relative import."""
        if not dots:
            return module
        package = self.module_name.split(".") if self.module_name else []
        drop = dots - 1 if self.is_package else dots
        if drop:
            package = package[:-drop]
        return ".".join([*package, module] if module else package)

    def qualified(self, qualname: str) -> str:
        """The dotted name by which other files know something defined here."""
        return f"{self.module_name}.{qualname}" if self.module_name else qualname

    def defined(self, name: str) -> Function | Class | None:
        """The function or class of this file with a dotted name, if there is exactly one."""
        if self._by_name is None:
            table: dict[str, Function | Class] = {}
            doubled: set[str] = set()
            places: list[Function | Class] = [*(one for one in self.functions if not one.overload), *self.classes]
            for place in places:
                full = self.qualified(place.qualname)
                if full in table:
                    doubled.add(full)
                table[full] = place
            for full in doubled:
                del table[full]
            self._by_name = table
        return self._by_name.get(name)

    # -- evaluation

    def evaluate(self, node: cst.BaseExpression, where: Where) -> Datum:
        """What is known of an expression that stands at `where`."""
        key = id(node)
        known = self._known.get(key)
        if known is not None:
            if key in self._provisional:
                self._asked += 1
            return known
        if key in self._open or len(self._open) > _DEEPEST:
            self._asked += 1
            return UNKNOWN
        asked = self._asked
        # By class, not by `isinstance`: LibCST's classes are abstract base classes, for which that is slow.
        evaluate = _EVALUATE.get(node.__class__)
        if evaluate is None:
            result: Datum = UNKNOWN
        else:
            self._open.add(key)
            try:
                result = evaluate(self, node, where)
            finally:
                self._open.discard(key)
        self._known[key] = result
        if asked != self._asked:
            self._provisional.add(key)
        if self._unknown is not None and result.__class__ is Unknown:
            self._unknown.append(key)
        return result

    def _of_attribute(self, node: cst.Attribute, where: Where) -> Datum:
        if node.attr.value == "value" and node.value.__class__ is cst.Attribute:
            value = self._enum_value(self.evaluate(node.value.value, where), node.value.attr.value)
            if value is not None:
                return value
        return self.member(self.evaluate(node.value, where), node.attr.value)

    def _enum_value(self, owner: Datum, member: str) -> Datum | None:
        """The value of an enumeration's member; None where the owner is no enumeration."""
        facts = self.class_named(owner.name) if isinstance(owner, Reference) else None
        if facts is None or not isinstance(owner, Reference) or not any(base.startswith("enum.") for base in self.base_names(owner.name)):
            return None
        value = facts.attributes.get(member, UNKNOWN)
        return value if isinstance(value, Constant) else UNKNOWN

    def _of_lambda(self, node: cst.Lambda, where: Where) -> Datum:  # noqa: ARG002
        place = self.lambdas.get(id(node))
        given = self.evaluate(node.body, place) if place is not None else UNKNOWN
        return Made("lambda", (given,)) if not isinstance(given, Unknown) else UNKNOWN

    def _of_await(self, node: cst.Await, where: Where) -> Datum:
        return self.evaluate(node.expression, where)

    def _of_text(self, node: cst.SimpleString | cst.ConcatenatedString, where: Where) -> Datum:  # noqa: ARG002
        value = text_of(node)
        return Constant(value) if value is not None else UNKNOWN

    def _of_integer(self, node: cst.Integer, where: Where) -> Datum:  # noqa: ARG002
        return Constant(
            int(node.value) if node.value.isdecimal() and len(node.value) < 100 and node.value[0] != "0" else node.evaluated_value
        )

    def _of_float(self, node: cst.Float, where: Where) -> Datum:  # noqa: ARG002
        return Constant(float(node.value))

    def _of_walrus(self, node: cst.NamedExpr, where: Where) -> Datum:
        return self.evaluate(node.value, where)

    def _of_choice(self, node: cst.IfExp, where: Where) -> Datum:
        return self.same([self.evaluate(node.body, where), self.evaluate(node.orelse, where)])

    def _of_boolean(self, node: cst.BooleanOperation, where: Where) -> Datum:
        left = self.evaluate(node.left, where)
        either = isinstance(node.operator, cst.Or)
        if isinstance(left, Constant):
            return left if bool(left.value) is either else self.evaluate(node.right, where)
        return self.same([left, self.evaluate(node.right, where)]) if either else UNKNOWN

    def same(self, data: list[Datum]) -> Datum:
        """What several possible data have in common: the datum, or at least the type."""
        found = agree(data)
        if not isinstance(found, Unknown):
            return found
        if (tuples := _as_tuples(data)) is not None:  # `return None, None`, and `return credentials, client` further down
            return Items("tuple", tuple(self.same(list(parts)) for parts in zip(*tuples, strict=True)))
        types = {self.type_of(datum) for datum in data if datum != NONE}
        if len(types) == 1 and (name := types.pop()):
            return Instance(name)
        return UNKNOWN

    def type_of(self, datum: Datum) -> str:
        """The type of which a datum is an instance, or ""."""
        if isinstance(datum, Instance):
            return datum.type
        if isinstance(datum, Made):
            given = self.knowledge.returns(datum.name)
            if given:
                return given
            if datum.name not in self._generated:
                self._generated[datum.name] = self.knowledge.generated(datum.name)
            generated = self._generated[datum.name]
            if generated is not None:
                argument = datum.argument(*generated.takes.keywords, position=generated.takes.position)
                return generated.gives.get(self.type_of(argument), "") if not isinstance(argument, Missing) else ""
            return datum.name if self.knowledge.is_type(datum.name) or self.class_named(datum.name) is not None else ""
        return ""

    def _operation(self, node: cst.UnaryOperation | cst.BinaryOperation, where: Where) -> Datum:
        if isinstance(node, cst.UnaryOperation):
            return unary(node.operator, self.evaluate(node.expression, where))
        left, right = self.evaluate(node.left, where), self.evaluate(node.right, where)
        if isinstance(left, Constant) and isinstance(right, Constant):
            return combined(node.operator, left, right)
        # A strategy added to another, one policy or another: what the pieces are, a rule may ask.
        name = _OPERATORS.get(type(node.operator), "")
        if name and not (isinstance(left, Unknown) and isinstance(right, Unknown)):
            return Made(f"operator.{name}", (left, right))
        return UNKNOWN

    def _display(self, node: cst.Tuple | cst.List | cst.Set, where: Where) -> Datum:
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return UNKNOWN
        kind = "tuple" if isinstance(node, cst.Tuple) else "list" if isinstance(node, cst.List) else "set"
        return Items(kind, tuple(self.evaluate(element.value, where) for element in node.elements))  # type: ignore[arg-type]

    def _dictionary(self, node: cst.Dict, where: Where) -> Datum:
        entries: list[tuple[Datum, Datum]] = []
        unpacks = False
        for part in node.elements:
            if isinstance(part, cst.DictElement):
                entries.append((self.evaluate(part.key, where), self.evaluate(part.value, where)))
            elif isinstance(inner := self.evaluate(part.value, where), Entries):
                entries += inner.entries
                unpacks = unpacks or inner.open
            else:
                unpacks = True
        return Entries(tuple(entries), unpacks)

    def _subscript(self, node: cst.Subscript, where: Where) -> Datum:
        base = self.evaluate(node.value, where)
        if isinstance(base, Reference):
            return generic(self, node, base, where)
        if isinstance(base, Unknown):
            return UNKNOWN
        name = self.type_of(base)
        if name:
            given = self.knowledge.returns(f"{name}.__getitem__")
            return Instance(given) if given else UNKNOWN
        if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
            return element(self, base, self.evaluate(node.slice[0].slice.value, where))
        return UNKNOWN

    # -- names

    def _of_name(self, node: cst.Name, where: Where) -> Datum:
        name = node.value
        found = where.scope.find(name)
        if found is None:
            if name == "None":
                return NONE
            if name in ("True", "False"):
                return Constant(name == "True")
            return self._unbound(name, where)
        scope, bindings = found
        usable = reaching(bindings, scope, where.scope, where.order, where.frame)
        datum = self.binding(usable[0], name) if len(usable) == 1 else self.agreed(usable, name)
        return UNKNOWN if isinstance(datum, Items | Entries) and self.is_filled(name, scope) else datum

    def is_filled(self, name: str, scope: Scope) -> bool:
        """Whether what a name of a scope holds is changed in place anywhere in this file, so that its display does not tell all."""
        for user in self.filled.get(name, ()):
            found = user.find(name)
            if found is not None and found[0] is scope:
                return True
        return False

    def _unbound(self, name: str, where: Where) -> Datum:
        scope: Scope | None = where.scope
        while scope is not None:
            for module in scope.starred:
                self._asked += 1
                facts = self.sources.facts(module) if self.sources is not None else None
                if facts is not None and (name in facts.names or name in facts.functions or name in facts.classes):
                    return self.follow(f"{module}.{name}")
                if facts is None and self.knowledge.modelled(module):
                    full = self.knowledge.canonical(f"{module}.{name}")
                    if self.knowledge.is_type(full) or full.rpartition(".")[2] in self.knowledge.tails:
                        return Reference(full)
            scope = scope.parent
        return Reference(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def agreed(self, bindings: Sequence[Binding], name: str) -> Datum:
        """
        The one thing that several bindings make of a name.

        What is declared counts where the values that the name takes do not tell; `del` takes nothing away that could still be used.
        """
        several = [binding for binding in bindings if binding.kind != "delete"]
        if len(several) == 1:
            return self.binding(several[0], name)
        if (stand_in := self._stand_in(several)) is not None:
            return self.binding(stand_in, name)
        valued = [binding for binding in several if binding.kind != "annotation" or binding.value is not None]
        data = [self.assigned(binding) if binding.kind == "annotation" else self.binding(binding, name) for binding in valued]
        found = self.same(data)
        declared = [binding for binding in several if binding.kind == "annotation" and binding.annotation is not None]
        if not declared or not self._is_vague(found):
            return found
        promise = self.same([self.annotated(binding.annotation, binding) for binding in declared if binding.annotation is not None])
        kind = self.type_of(promise)
        kept = not isinstance(promise, Unknown) and all(self._is_vague(datum) or self.type_of(datum) == kind for datum in data)
        return promise if kept else found

    def _stand_in(self, bindings: Sequence[Binding]) -> Binding | None:
        """
        The function or class that this file defines for when an import fails, of something of which nothing is known: it promises what it replaces.
        """
        own = [binding for binding in bindings if binding.kind in ("function", "class")]
        if len(own) != 1 or own[0].frame.kind != "handler" or not _catches_failed_import(own[0].frame.node):
            return None
        for binding in bindings:
            if binding is own[0]:
                continue
            found = self.follow(binding.dotted) if binding.kind == "import" and binding.frame.kind == "try" else UNKNOWN
            if not isinstance(found, Reference) or self.knowledge.modelled(found.name) or self.is_of_project(found.name):
                return None
        return own[0]

    def assigned(self, binding: Binding) -> Datum:
        """What the value of a binding is, whatever was declared of it."""
        value = self.evaluate(binding.value, binding) if binding.value is not None else UNKNOWN
        if isinstance(value, Made) and (held := field(self, value)) is not None:
            return held
        return value

    def binding(self, binding: Binding, name: str) -> Datum:
        """What one binding makes of a name."""
        match binding.kind:
            case "import":
                return self.follow(binding.dotted)
            case "function" | "class":
                qualname = f"{binding.scope.qualname}.{name}" if binding.scope.qualname else name
                return Reference(self.qualified(qualname))
            case "assign":
                return self.assigned(binding)
            case "annotation":
                self._asked += 1
                value = self.assigned(binding)
                if binding.annotation is None or not self._is_vague(value):
                    return value
                declared = self.annotated(binding.annotation, binding)
                if isinstance(declared, Instance) and isinstance(value, Made) and self.sources is None:
                    return Instance(declared.type, value)  # another file may tell what the call gives
                return declared if not isinstance(declared, Unknown) else value
            case "parameter":
                return self._parameter(binding)
            case "with":
                return entered(self, self.evaluate(binding.value, binding)) if binding.value is not None else UNKNOWN
            case "unpack":
                return unpacked(self.evaluate(binding.value, binding), binding.index) if binding.value is not None else UNKNOWN
            case "for":
                return self._looped(binding, name)
            case "case":
                return self.annotated(binding.annotation, binding) if binding.annotation is not None else UNKNOWN
        return UNKNOWN

    def _is_vague(self, value: Datum) -> bool:
        """Whether a declaration tells more than a value: that of an empty collection, of None, or of a function that is not known."""
        match value:
            case Unknown() | Constant(value=None):
                return True
            case Items():
                return not value.items
            case Entries():
                return not value.entries
            case Made():
                # What is spelled like a class may be a subclass of which nothing else is known.
                return not value.name.rpartition(".")[2][:1].isupper() and not self.type_of(value)
            case Reference():
                self._asked += 1
                known = self.sources is None or self.knowledge.modelled(value.name) or self.function_named(value.name) is not None
                return not known and not value.name.rpartition(".")[2][:1].isupper()
        return False

    def _looped(self, binding: Binding, name: str) -> Datum:
        node = binding.node
        if binding.value is None or not isinstance(node, cst.For):  # names of comprehensions are seen inside of them only
            return UNKNOWN
        if binding.index is not None:
            parts = node.target.elements if isinstance(node.target, cst.Tuple | cst.List) else ()
            part = parts[binding.index].value if -len(parts) <= binding.index < len(parts) else None
            if not (isinstance(part, cst.Name) and part.value == name):  # a target within a target
                return UNKNOWN
        return looped(self, self.evaluate(binding.value, binding), binding.index)

    def _parameter(self, binding: Binding) -> Datum:
        function = binding.scope.function
        if function is not None and binding.index == 0 and function.owner is not None:
            decorators = {dotted(d.node) for d in function.decorators}
            owner = self.qualified(function.owner.qualname)
            if "classmethod" in decorators or function.name in _OF_CLASSES:
                return Reference(owner)
            if "staticmethod" not in decorators and binding.annotation is None:
                return Instance(owner)
        if binding.value is not None:
            given = dependency(self, self.evaluate(binding.value, _Outside(binding)))
            if not isinstance(given, Unknown):
                return given
        if binding.annotation is not None:
            return self.annotated(binding.annotation, _Outside(binding))
        if function is None or binding.index is None or binding.value is not None:
            return UNKNOWN
        given = self._passed(function, binding.index) if binding.index else UNKNOWN
        return self._arriving(function, binding.index) if isinstance(given, Unknown) else given

    def _passed(self, method: Function, index: int) -> Datum:
        """What a framework passes to a method that it calls."""
        if method.owner is None:
            return UNKNOWN
        given = self.knowledge.passes(self.bases_of(method.owner), self.imports, method.name, len(method.parameters) - 1, index - 1)
        return Instance(given) if given else UNKNOWN

    def _arriving(self, function: Function, index: int) -> Datum:
        """What a library passes to a function that it was told to call."""
        types = self._delivered.get(id(function), ())
        if not types and self.registers:
            self._asked += 1  # who calls it may be learned later
        static = function.owner is None or any(dotted(decorator.node) == "staticmethod" for decorator in function.decorators)
        position = index if static else index - 1
        return Instance(types[position]) if 0 <= position < len(types) and types[position] else UNKNOWN

    @cached_property
    def is_program(self) -> bool:
        """Whether this file does something of its own when it is run: `if __name__ == "__main__"`."""
        return any(
            isinstance(statement, cst.If) and any(isinstance(node, cst.Name) and node.value == "__name__" for node in walk(statement.test))
            for statement in self.tree.body
        )

    @cached_property
    def registers(self) -> bool:
        """Whether this file may tell a library which function to call with what arrives."""
        return any(call.may_be(self.knowledge.delivering) for call in self.calls)

    def learn_deliveries(self) -> bool:
        """
        Finds the functions that libraries call with what arrives, and whether there are any. Nothing may be under evaluation, for anything may be needed
        to tell.
        """
        for call in self.calls if self.registers else ():
            told = self.knowledge.delivered(call.made) if call.may_be(self.knowledge.delivering) else None
            for handler in () if told is None else told[0].items if isinstance(told[0], Items) else (told[0],):
                place = self.defined(handler.name) if isinstance(handler, Reference) else None
                if isinstance(place, Function) and told is not None:
                    self._delivered[id(place)] = told[1]
        if self._delivered:
            self.forget()
        return bool(self._delivered)

    def is_delivered_to(self, function: Function) -> bool:
        """Whether a library was told in this file to call a function with what arrives."""
        return id(function) in self._delivered

    def parsed(self, text: str) -> cst.BaseExpression | None:
        """The expression that an annotation in quotes holds, or None where it holds none."""
        try:
            inner = cst.parse_expression(text)
        except Exception:  # not an expression: nothing is promised
            return None
        self._kept.append(inner)
        return inner

    def annotated(self, annotation: cst.BaseExpression, where: Where) -> Datum:
        """The instance that an annotation promises."""
        return annotated(self, annotation, where)

    # -- members

    def member(self, owner: Datum, attribute: str) -> Datum:
        """What `owner.attribute` is."""
        if isinstance(owner, Reference):
            method = self._method_reference(owner, attribute)
            if method is not None:
                return method
            kind = self._made_into(owner.name) if attribute in self.knowledge.tails else ""
            return Reference(self.knowledge.method(kind, attribute), owner) if kind else self.follow(f"{owner.name}.{attribute}")
        type_name = self.type_of(owner)
        if not type_name:
            return UNKNOWN
        if attribute == "__class__":
            return Reference(type_name)
        made = owner.made if isinstance(owner, Instance) else owner if isinstance(owner, Made) else None
        held = self.knowledge.attribute(type_name, attribute)
        if held:
            return Instance(held, made)
        facts = self.class_named(type_name)
        if facts is not None:
            return self._class_member(type_name, facts, attribute, owner)
        return Reference(self.knowledge.method(type_name, attribute), owner)

    def _made_into(self, name: str) -> str:
        """The type of which a decorator makes a function an object: a background job, which is sent by a method of its own; or ""."""
        if self.knowledge.modelled(name):
            return ""
        place = self.defined(name)
        if place is not None:
            decorators = self._decorators(place) if isinstance(place, Function) else ()
        else:
            facts = self.function_named(name)
            decorators = facts.decorators if facts is not None else ()
        return next((kind for decorator in decorators if (kind := self.knowledge.becomes(self._origin(decorator)))), "")

    def _origin(self, name: str) -> str:
        """A name as the library knows it: as a file writes it, it may lead over an object of another file, `celery_app.task`."""
        if self.knowledge.modelled(name) or not name:
            return name
        found = self.follow(name)
        return found.name if isinstance(found, Reference) else name

    def _method_reference(self, owner: Reference, attribute: str) -> Datum | None:
        """A class's own member reached through the class: `Payments.charge`, `cls.charge`."""
        facts = self.class_named(owner.name)
        if facts is None:
            return None
        if attribute in facts.attributes or attribute in facts.methods:
            return self._class_member(owner.name, facts, attribute, Instance(owner.name))
        inherited = self._class_member(owner.name, facts, attribute, Instance(owner.name)) if facts.bases else UNKNOWN
        if isinstance(inherited, Unknown) or (isinstance(inherited, Reference) and self.knowledge.modelled(inherited.name)):
            return None
        return inherited

    def _class_member(self, name: str, facts: ClassFacts, attribute: str, owner: Datum) -> Datum:
        seen: set[str] = set()
        pending = [(name, facts)]
        overridden: set[str] = set()
        while pending:
            current, its = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            if attribute in its.attributes:
                return self._unless_none(self.resolved(its.attributes[attribute]))
            if attribute in its.methods:
                method = its.methods[attribute]
                if not _PROPERTIES.isdisjoint(method.decorators):
                    return self._unless_none(self.resolved(method.gives))
                return Reference(f"{current}.{attribute}", owner)
            overridden |= its.methods.keys()
            for base in map(self._base, its.bases):
                known = self.class_named(base)
                if known is not None:
                    pending.append((base, known))
                elif self.knowledge.is_type(base):
                    if overridden & self.knowledge.hooks(base):
                        return UNKNOWN
                    held = self.knowledge.attribute(base, attribute)
                    return Instance(held) if held else Reference(self.knowledge.method(base, attribute), Instance(base))
        return UNKNOWN

    def _base(self, name: str) -> str:
        """A base's name, where the class is defined: as it is written it may lead over other modules, or be an attribute of an object, `db.Model`."""
        if self.knowledge.is_type(name) or self.class_named(name) is not None:
            return name
        found = self.follow(name)
        return found.name if isinstance(found, Reference) else name

    def _unless_none(self, datum: Datum) -> Datum:
        """What a class says of its objects; where it says None, that was declared, and whoever sets or overrides it is not to be seen here."""
        return datum if datum != NONE else UNKNOWN

    def resolved(self, datum: Datum, depth: int = 0) -> Datum:
        """A datum from the facts of a file, with what it names in other files followed."""
        if self.sources is None and not isinstance(datum, Constant):
            self._asked += 1
        if self.sources is None or depth > 8:
            return datum
        match datum:
            case Reference(owner=None):
                return self.follow(datum.name, depth + 1)
            case Made():
                if not self.knowledge.modelled(datum.name):
                    return self.given(datum, depth + 1)
                return self._informed(datum, depth + 1)
            case Instance(made=Made() as made) if not self.type_of(made):  # declared, and given by a function of another file
                given = self.given(made, depth + 1)
                return given if self.type_of(given) else datum
            case Items() if datum.items:
                return Items(datum.kind, tuple(self.resolved(item, depth + 1) for item in datum.items))
            case Entries() if datum.entries:
                return Entries(tuple((key, self.resolved(value, depth + 1)) for key, value in datum.entries), datum.open)
        return datum

    def _informed(self, made: Made, depth: int) -> Made:
        """A call of another file, with the constants that it was passed by name."""
        named = [*made.arguments, *made.keywords.values()]
        if not any(isinstance(datum, Reference) and datum.owner is None and not self.knowledge.modelled(datum.name) for datum in named):
            return made
        arguments = tuple(self.resolved(datum, depth) for datum in made.arguments)
        return msgspec.structs.replace(
            made, arguments=arguments, keywords={key: self.resolved(datum, depth) for key, datum in made.keywords.items()}
        )

    def base_names(self, name: str) -> list[str]:
        """The dotted names of all bases of a class, direct and further up, as far as they are known."""
        found: list[str] = []
        pending = [name]
        while pending:
            facts = self.class_named(pending.pop())
            for base in map(self._base, facts.bases if facts is not None else ()):
                if base not in found:
                    found.append(base)
                    pending.append(base)
        return found

    def bases_of(self, place: Class) -> list[str]:
        """
        The dotted names of all bases of a class of this file, and of those that stand there as they are imported: modules that a tool writes when a
        program is built are not there to be looked into.
        """
        if not place.node.bases:
            return []
        found = self.base_names(self.qualified(place.qualname))
        for base in place.node.bases:
            first, _, rest = dotted(base.value).partition(".")
            bound = place.scope.find(first) if first else None
            imported = [binding.dotted for binding in bound[1] if binding.kind == "import" and binding.dotted] if bound is not None else []
            found += [name for one in imported if (name := f"{one}.{rest}" if rest else one) not in found]
        return found

    # -- other definitions, here and in other files

    def follow(self, name: str, depth: int = 0) -> Datum:
        """What a dotted name refers to: through re-exports and aliases, to the library or the file that defines it."""
        canonical = self.knowledge.canonical(name)
        known = self.knowledge.instance(canonical)
        if known:
            return Instance(known)
        if canonical in NAMED:
            return Constant(NAMED[canonical])
        if self.knowledge.modelled(canonical):
            return Reference(canonical)
        if depth > 8 or name in self._following:
            self._asked += 1
            return Reference(canonical)
        self._following.add(name)
        try:
            return self._follow(name, depth)
        finally:
            self._following.discard(name)

    def _follow(self, name: str, depth: int) -> Datum:
        own = self.module_name + "." if self.module_name else ""
        if own and name.startswith(own) and not self._in_submodule(name.removeprefix(own)):
            return self._own(name.removeprefix(own), name)
        self._asked += 1
        if self.sources is None:
            return Reference(name)
        known = self._followed.get(name)
        if known is None:
            known = self._found(self.sources, name, depth)
            # While a class is looked at, or on the way round a circle, something may not be known yet.
            if self._unknown is None and len(self._following) == 1:
                self._followed[name] = known
        return known

    def _found(self, sources: Sources, name: str, depth: int) -> Datum:
        module, _, rest = name, "", ""
        while module:
            facts = sources.facts(module)
            if facts is not None:
                return self._exported(module, rest, depth) if rest else Reference(name)
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
        return Reference(name)

    def _in_submodule(self, rest: str) -> bool:
        """Whether a name below a package is one of a module of which the package takes a member of the same name: `from .logger import logger`."""
        first, _, more = rest.partition(".")
        below = f"{self.qualified(first)}."
        return bool(more) and any(
            binding.kind == "import" and binding.dotted.startswith(below) for binding in self.scope.bindings.get(first, ())
        )

    def _own(self, rest: str, name: str) -> Datum:
        first, _, more = rest.partition(".")
        bindings = self.scope.bindings.get(first)
        if not bindings or any(binding.kind in ("function", "class") for binding in bindings):
            return Reference(name)
        datum = self.agreed(bindings, first)
        return self._descend(datum, more, self.qualified(first), 1)

    def _descend(self, datum: Datum, attributes: str, origin: str, depth: int) -> Datum:
        """The members of something that was reached as `origin`."""
        for attribute in attributes.split(".") if attributes else ():
            if isinstance(datum, Reference):
                method = self._method_reference(datum, attribute)
                if method is not None:
                    datum = method
                elif datum.name == origin or depth > 8:
                    datum = Reference(f"{datum.name}.{attribute}", datum.owner)
                else:
                    datum = self.follow(f"{datum.name}.{attribute}", depth + 1)
                origin = f"{origin}.{attribute}"
            else:
                datum = self.member(datum, attribute)
        return datum

    def _exported(self, module: str, rest: str, depth: int) -> Datum:
        assert self.sources is not None
        facts = self.sources.facts(module)
        first, _, more = rest.partition(".")
        if facts is None:
            return UNKNOWN
        full = f"{module}.{first}"
        datum: Datum
        if first in facts.names:
            datum = facts.names[first]
            if datum != Reference(full):
                datum = self.resolved(datum, depth)
        elif first in facts.functions or first in facts.classes or self.sources.facts(full) is not None:
            datum = Reference(full)
        else:
            datum = UNKNOWN
            for starred in facts.starred if depth < 4 else ():
                found = self.follow(f"{starred}.{first}", depth + 1)
                if not isinstance(found, Unknown | Reference):
                    datum = found
                    break
                if isinstance(found, Reference) and (
                    self.knowledge.modelled(found.name) or self.class_named(found.name) or self.function_named(found.name)
                ):
                    datum = found
                    break
        return self._descend(datum, more, full, depth)

    def is_of_project(self, name: str) -> bool:
        """Whether a dotted name is that of a function or class here or in another file."""
        return self.defined(name) is not None or self.function_named(name) is not None or self.class_named(name) is not None

    def function_named(self, name: str) -> FunctionFacts | None:
        """The facts of a function or method by its dotted name, here or in another file; of those here, without what it hands on."""
        place = self.defined(name)
        if place is not None:
            return self.function_facts(place) if isinstance(place, Function) else None
        head, _, last = name.rpartition(".")
        if not head or self.knowledge.modelled(name):
            return None
        self._asked += 1
        if self.sources is None:
            return None
        facts = self.sources.facts(head)
        if facts is not None:
            return facts.functions.get(last)
        its = self.class_named(head)
        return its.methods.get(last) if its is not None else None

    def class_named(self, name: str) -> ClassFacts | None:
        """The facts of a class by its dotted name, here or in another file."""
        place = self.defined(name)
        if place is not None:
            return self.class_facts(place) if isinstance(place, Class) else None
        head, _, last = name.rpartition(".")
        if not head or self.knowledge.modelled(name):
            return None
        self._asked += 1
        if self.sources is None:
            return None
        facts = self.sources.facts(head)
        return facts.classes.get(last) if facts is not None else None

    def function_facts(self, function: Function) -> FunctionFacts:
        """What other places may know of a function of this file."""
        key = id(function)
        known = self._functions.get(key)
        if known is not None:
            if key in self._provisional:
                self._asked += 1
            return known
        asked = self._asked
        self._provisional.add(key)
        self._functions[key] = FunctionFacts(asynchronous=function.asynchronous, generator=function.generator)
        names = self._decorators(function)
        gives: Datum = UNKNOWN
        yields: Datum = UNKNOWN
        makes: Given | None = None
        if self.leaves_as_it_is(names):
            if function.generator:
                given = [self.evaluate(y.value, y) for y in function.yields if y.value is not None]
                yields = self.same(given) if given else UNKNOWN
                if isinstance(yields, Unknown) and function.node.returns is not None:
                    yields = yielded(self, function.node.returns.annotation, function)
                if not _CONTEXT_MANAGERS.isdisjoint(names) and not isinstance(yields, Unknown):
                    gives = Made("contextlib.context", (yields,))
            else:
                given = [self.evaluate(r.value, r) for r in function.returns if r.value is not None]
                gives = self.same(given) if given else UNKNOWN
                if isinstance(gives, Unknown | Constant) and function.node.returns is not None:
                    declared = self._returned(function.node.returns.annotation, function)
                    gives = declared if not isinstance(declared, Unknown) else gives
                if isinstance(gives, Unknown):
                    makes = made_from(function)
        result = FunctionFacts(
            gives=gives, yields=yields, asynchronous=function.asynchronous, generator=function.generator, decorators=names, makes=makes
        )
        self._functions[key] = result
        if asked == self._asked:
            self._provisional.discard(key)
        return result

    def only_marks(self, decorators: Iterable[str]) -> bool:
        """Whether these decorators, by their dotted names, leave the function itself as it is."""
        return _MARKS.issuperset(decorators)

    def leaves_as_it_is(self, decorators: Iterable[str]) -> bool:
        """Whether these decorators, by their dotted names, leave what a call of the function gives as it is."""
        return all(name in _TRANSPARENT or self.knowledge.keeps_result(name) for name in decorators)

    def _returned(self, annotation: cst.BaseExpression, function: Function) -> Datum:
        if function.owner is not None and dotted(annotation).rpartition(".")[2] == "Self":
            return Instance(self.qualified(function.owner.qualname))
        return self.annotated(annotation, function)

    def class_facts(self, place: Class) -> ClassFacts:
        """What other places may know of a class of this file."""
        key = id(place)
        known = self._classes.get(key)
        if known is not None:
            if key in self._provisional:
                self._asked += 1
            return known
        asked = self._asked
        self._provisional.add(key)
        bases = tuple(name for base in place.node.bases if (name := self.name_of(_unsubscripted(base.value), place)))
        attributes: dict[str, Datum] = {}
        methods = {name: self._outline(function) for name, function in place.methods.items()}
        # Attributes are made from each other and by methods, and what methods give depends on attributes: what is known so far is seen by the rest,
        # and what remains unknown is tried again.
        result = ClassFacts(bases=bases, methods=methods, attributes=attributes)
        self._classes[key] = result
        around, self._unknown = self._unknown, []
        for _ in range(2):
            for name in {**place.inner.bindings, **place.attributes}:
                if name in attributes:
                    continue
                datum = self._attribute(place, name)
                if not isinstance(datum, Unknown) and not (isinstance(datum, Items | Entries) and f".{name}" in self.filled):
                    attributes[name] = datum
            self._doubt()
            for name, function in place.methods.items():
                if isinstance(methods[name].gives, Unknown) and isinstance(methods[name].yields, Unknown):
                    self._functions.pop(id(function), None)
                    methods[name] = self.function_facts(function)
            self._doubt()
        self._unknown = around
        if asked == self._asked:
            self._provisional.discard(key)
        return result

    def _attribute(self, place: Class, name: str) -> Datum:
        """What an attribute holds that is bound in a class's body, in its methods, or in both."""
        own, set_on_objects = place.inner.bindings.get(name, []), place.attributes.get(name, [])
        if any(binding.kind in ("function", "class", "import") for binding in own):
            if not set_on_objects or (name in place.methods and not _PROPERTIES.isdisjoint(self._decorators(place.methods[name]))):
                return UNKNOWN
            own = []
        bindings = [*own, *set_on_objects]
        datum = self.binding(bindings[0], name) if len(bindings) == 1 else self.agreed(bindings, name)
        if isinstance(datum, Constant | Made) and not set_on_objects and declares(own) and makes_fields(self, place):
            return of_instances(self, datum, own[0])
        return datum

    def _decorators(self, function: Function) -> tuple[str, ...]:
        """The dotted names of a function's decorators."""
        return tuple(self.name_of(call.node.func if isinstance(call.node, cst.Call) else call.node, call) for call in function.decorators)

    def _outline(self, function: Function) -> FunctionFacts:
        """What is seen of a function without looking at what it gives."""
        return FunctionFacts(asynchronous=function.asynchronous, generator=function.generator, decorators=self._decorators(function))

    def _doubt(self) -> None:
        """Forgets what was found unknown since the last time: by now more may be known."""
        for key in self._unknown or ():
            self._known.pop(key, None)
        self._unknown = []

    # -- calls

    def name_of(self, node: cst.BaseExpression, where: Where) -> str:
        """The canonical dotted name of what an expression refers to, or ""."""
        datum = self.evaluate(node, where)
        return datum.name if isinstance(datum, Reference) else ""

    def exception_names(self, node: cst.BaseExpression, where: Where) -> list[str]:
        """The dotted names of the classes in an `except`'s type; "" for each that is not known."""
        if isinstance(node, cst.Tuple):
            return [name for element in node.elements for name in self.exception_names(element.value, where)]
        datum = self.evaluate(node, where)
        if isinstance(datum, Items):
            return [item.name if isinstance(item, Reference) else "" for item in datum.items]
        return [datum.name if isinstance(datum, Reference) else ""]

    def called(self, call: Call) -> str:
        """The canonical dotted name of what a call calls, or ""."""
        asked = self._asked
        if isinstance(call.node, cst.Call):
            name, _ = named(self, self.evaluate(call.node.func, call))
        else:
            name = self.name_of(call.node, call)
        if asked != self._asked:
            self._provisional.add(id(call))
        return name

    def made(self, call: Call) -> Made:
        """A call as a datum: what is called, with what; the name is "" where it is not known."""
        asked = self._asked
        target = self.evaluate(call.node.func if isinstance(call.node, cst.Call) else call.node, call)
        if isinstance(call.node, cst.Call):
            made = make(self, call.node, call, target)
        elif isinstance(target, Reference):
            made = Made(target.name, owner=target.owner, key=id(call.node))
        else:
            made = Made("", key=id(call.node))
        if asked != self._asked:
            self._provisional.add(id(call))
        return made

    def _called(self, node: cst.Call, where: Where) -> Datum:
        func = node.func
        target = self.evaluate(func, where)
        if func.__class__ is cst.Attribute and func.attr.value in METHODS:
            of_stack = isinstance(target, Reference) and target.name.startswith("contextlib.")
            if isinstance(target, Unknown) or of_stack or func.attr.value.startswith("__"):
                return held(self, func, node, where)
        elif isinstance(target, Unknown):
            return UNKNOWN
        if isinstance(target, Made) and target.name == "lambda":
            return target.arguments[0]
        made = make(self, node, where, target)
        if not made.name:
            return UNKNOWN
        if made.name in PASSING and made.arguments:
            return made.arguments[0]
        if made.name == "builtins.type" and len(made.arguments) == 1 and (kind := self.type_of(made.arguments[0])):
            return Reference(kind)
        if made.name in ("typing.cast", "typing_extensions.cast") and len(made.arguments) == 2:
            return made.arguments[1] if self.type_of(made.arguments[1]) else promised(self, made.arguments[0], where)
        known = computed(made)
        return known if known is not None else self.given(made)

    def given(self, made: Made, depth: int = 0) -> Datum:
        """What a call gives: for functions of the checked project what they return, for everything else the call itself."""
        if self.knowledge.modelled(made.name) or depth > 8:
            return made
        facts = self.function_named(made.name)
        if facts is None:
            return made
        if facts.decorators and (kind := self._made_into(made.name)):
            sent = self.knowledge.method(kind, "__call__")
            return Made(sent, key=made.key) if self.knowledge.returns(sent) else UNKNOWN
        if isinstance(facts.gives, Unknown) and facts.hands_back is not None:
            passed = made.argument(facts.hands_back.name, position=facts.hands_back.position)
            return passed if not isinstance(passed, Missing) else UNKNOWN
        if isinstance(facts.gives, Unknown) and facts.makes is not None:
            passed = made.argument(facts.makes.name, position=facts.makes.position)
            return promised(self, passed) if isinstance(passed, Reference) else UNKNOWN
        given = self.resolved(facts.gives, depth + 1)
        if made.owner is None:
            return given
        if isinstance(given, Instance) and given.made is None and given.type in self.base_names(self.type_of(made.owner)):
            return Instance(self.type_of(made.owner))  # a method of a base that returns `self`
        return self._unless_none(given)


_EVALUATE: dict[type[cst.CSTNode], Callable[[SemanticModel, Any, Where], Datum]] = {
    cst.Name: SemanticModel._of_name,
    cst.Attribute: SemanticModel._of_attribute,
    cst.Call: SemanticModel._called,
    cst.Await: SemanticModel._of_await,
    cst.SimpleString: SemanticModel._of_text,
    cst.ConcatenatedString: SemanticModel._of_text,
    cst.Integer: SemanticModel._of_integer,
    cst.Float: SemanticModel._of_float,
    cst.UnaryOperation: SemanticModel._operation,
    cst.BinaryOperation: SemanticModel._operation,
    cst.Tuple: SemanticModel._display,
    cst.List: SemanticModel._display,
    cst.Set: SemanticModel._display,
    cst.Dict: SemanticModel._dictionary,
    cst.NamedExpr: SemanticModel._of_walrus,
    cst.IfExp: SemanticModel._of_choice,
    cst.BooleanOperation: SemanticModel._of_boolean,
    cst.Subscript: SemanticModel._subscript,
    cst.Lambda: SemanticModel._of_lambda,
}


class _Outside:
    """Where a function's defaults and annotations stand: around it."""

    __slots__ = ("frame", "order", "scope")

    def __init__(self, binding: Binding) -> None:
        self.scope = binding.scope.parent or binding.scope
        self.frame = binding.frame
        self.order = binding.order


_OPERATORS: dict[type[cst.CSTNode], str] = {cst.Add: "add", cst.BitOr: "or", cst.BitAnd: "and"}


def _as_tuples(data: Sequence[Datum]) -> list[tuple[Datum, ...]] | None:
    """The parts of several tuples, if that is what all data are, and all equally long."""
    found = [datum.items for datum in data if isinstance(datum, Items) and datum.kind == "tuple"]
    return found if found and len(found) == len(data) and len({len(parts) for parts in found}) == 1 else None


def _catches_failed_import(node: cst.CSTNode) -> bool:
    """Whether an `except` clause is there for imports that fail."""
    caught = getattr(node, "type", None)
    types = [element.value for element in caught.elements] if isinstance(caught, cst.Tuple) else [caught]
    return any(dotted(one) in ("ImportError", "ModuleNotFoundError") for one in types)


def _unsubscripted(node: cst.BaseExpression) -> cst.BaseExpression:
    while isinstance(node, cst.Subscript):
        node = node.value
    return node
