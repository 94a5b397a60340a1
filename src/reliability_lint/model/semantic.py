"""
The semantic model of a file: its places and scopes, and what its expressions are.

Evaluation is lazy and says only what it knows. What another file defines is asked of `sources`; without them, as when facts are collected,
names from elsewhere stay references, to be followed by whoever asks.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import libcst as cst
import msgspec

from .exports import ClassFacts, FunctionFacts
from .frames import Frame
from .knowledge import Knowledge, Sources
from .places import AttributeAssignment, Call, Class, Function, Handler, Loop, Raise, With
from .scopes import Binding, Scope, reaching
from .values import NONE, UNKNOWN, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Unknown, agree

if TYPE_CHECKING:
    from ..meanings.match import Meanings

_DEEPEST = 40  # of evaluations inside each other; beyond it nothing is known
_BUILTINS = frozenset(dir(builtins))
_OPTIONAL = frozenset(
    {"typing.Optional", "typing.Annotated", "typing.Final", "typing.ClassVar", "typing_extensions.Annotated", "typing.Required"}
)
_EMPTY: dict[str, Datum] = {}
# Decorators that leave what a call gives as it is.
_TRANSPARENT = frozenset(
    {
        "functools.cache", "functools.lru_cache", "builtins.staticmethod", "builtins.classmethod", "builtins.property",
        "functools.cached_property", "contextlib.contextmanager", "contextlib.asynccontextmanager", "functools.wraps",
        "tenacity.retry", "stamina.retry", "backoff.on_exception",
    }
)  # fmt: skip
_CONTEXT_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})


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
    while isinstance(node, cst.Attribute):
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
        self.calls: list[Call] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.handlers: list[Handler] = []
        self.loops: list[Loop] = []
        self.withs: list[With] = []
        self.raises: list[Raise] = []
        self.attribute_assignments: list[AttributeAssignment] = []
        self.filled: dict[str, list[Scope]] = {}  # the names, and with a dot the attributes, whose objects are changed in place, and where
        self.meanings: Meanings  # set when they are found: what the places mean
        self._known: dict[int, Datum] = {}
        self._unknown: list[int] | None = None  # while a class is looked at: what of it, or around it, was found unknown
        self._open: set[int] = set()
        self._following: set[str] = set()
        self._functions: dict[int, FunctionFacts] = {}
        self._classes: dict[int, ClassFacts] = {}
        self._kept: list[cst.BaseExpression] = []  # parsed annotations: known by id(), so they must live as long as we do
        self._by_name: dict[str, Function | Class] | None = None

    def forget(self) -> None:
        """Drops what was evaluated, so that new sources are asked."""
        self._known.clear()
        self._functions.clear()
        self._classes.clear()
        for call in self.calls:
            call.forget()

    def release(self) -> None:
        """
        Lets go of the tree. Places, scopes and models refer to each other in circles; without these the tree, which is by far the largest, goes at once
        and not when the garbage collector comes by. The model is of no use afterwards.
        """
        for scope in (self.scope, *(function.inner for function in self.functions), *(place.inner for place in self.classes)):
            scope.bindings.clear()
            scope.nonlocals.clear()
            scope.function = scope.owner = None
        for function in self.functions:
            for places in (function.calls, function.decorators, function.returns, function.raises, function.yields):
                places.clear()
        for place in self.classes:
            place.attributes.clear()
            place.methods.clear()
            place.decorators.clear()
        every: tuple[list[Any], ...] = (
            self.calls, self.functions, self.classes, self.handlers, self.loops, self.withs, self.raises, self.attribute_assignments, self._kept
        )  # fmt: skip
        for listed in every:
            listed.clear()
        self.forget()
        self._by_name = None
        self.__dict__.pop("meanings", None)
        self.__dict__.pop("tree", None)

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
            places: list[Function | Class] = [*self.functions, *self.classes]
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
            return known
        if key in self._open or len(self._open) > _DEEPEST:
            return UNKNOWN
        self._open.add(key)
        try:
            result = self._evaluate(node, where)
        finally:
            self._open.discard(key)
        self._known[key] = result
        if self._unknown is not None and result.__class__ is Unknown:
            self._unknown.append(key)
        return result

    def _evaluate(self, node: cst.BaseExpression, where: Where) -> Datum:
        # By class, not by `isinstance`: LibCST's classes are abstract base classes, for which that is slow.
        evaluate = _EVALUATE.get(node.__class__)
        return evaluate(self, node, where) if evaluate is not None else UNKNOWN

    def _of_name(self, node: cst.Name, where: Where) -> Datum:
        return self._name(node.value, where)

    def _of_attribute(self, node: cst.Attribute, where: Where) -> Datum:
        return self.member(self.evaluate(node.value, where), node.attr.value)

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
        return Constant(node.evaluated_value)

    def _of_walrus(self, node: cst.NamedExpr, where: Where) -> Datum:
        return self.evaluate(node.value, where)

    def _of_choice(self, node: cst.IfExp, where: Where) -> Datum:
        return self.same([self.evaluate(node.body, where), self.evaluate(node.orelse, where)])

    def _of_boolean(self, node: cst.BooleanOperation, where: Where) -> Datum:
        if not isinstance(node.operator, cst.Or):
            return UNKNOWN
        left = self.evaluate(node.left, where)
        if isinstance(left, Constant) and left.value:
            return left
        right = self.evaluate(node.right, where)
        return right if left == NONE else self.same([left, right])

    def same(self, data: list[Datum]) -> Datum:
        """What several possible data have in common: the datum, or at least the type."""
        found = agree(data)
        if not isinstance(found, Unknown):
            return found
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
            generated = self.knowledge.generated(datum.name)
            if generated is not None:
                argument = datum.argument(*generated.takes.keywords, position=generated.takes.position)
                return generated.gives.get(self.type_of(argument), "") if not isinstance(argument, Missing) else ""
            return datum.name if self.knowledge.is_type(datum.name) or self._class_facts(datum.name) is not None else ""
        return ""

    def _operation(self, node: cst.UnaryOperation | cst.BinaryOperation, where: Where) -> Datum:
        if isinstance(node, cst.UnaryOperation):
            operand = self.evaluate(node.expression, where)
            if isinstance(node.operator, cst.Minus) and isinstance(operand, Constant) and isinstance(operand.value, int | float):
                return Constant(-operand.value)
            return UNKNOWN
        left, right = self.evaluate(node.left, where), self.evaluate(node.right, where)
        if not (isinstance(left, Constant) and isinstance(right, Constant)):
            # A strategy added to another, one policy or another: what the pieces are, a rule may ask.
            name = _OPERATORS.get(type(node.operator), "")
            if name and not (isinstance(left, Unknown) and isinstance(right, Unknown)):
                return Made(f"operator.{name}", (left, right))
            return UNKNOWN
        a, b = left.value, right.value
        if isinstance(a, str) and isinstance(b, str) and isinstance(node.operator, cst.Add):
            return Constant(a + b) if len(a) + len(b) < 100_000 else UNKNOWN
        if isinstance(a, bool | str) or isinstance(b, bool | str) or a is None or b is None:
            return UNKNOWN
        try:
            match node.operator:
                case cst.Add():
                    return Constant(a + b)
                case cst.Subtract():
                    return Constant(a - b)
                case cst.Multiply():
                    return Constant(a * b) if abs(a) < 1e12 and abs(b) < 1e12 else UNKNOWN
                case cst.Divide():
                    return Constant(a / b)
                case cst.FloorDivide():
                    return Constant(a // b)
        except (ArithmeticError, ValueError):
            return UNKNOWN
        return UNKNOWN

    def _display(self, node: cst.Tuple | cst.List | cst.Set, where: Where) -> Datum:
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return UNKNOWN
        kind = "tuple" if isinstance(node, cst.Tuple) else "list" if isinstance(node, cst.List) else "set"
        return Items(kind, tuple(self.evaluate(element.value, where) for element in node.elements))  # type: ignore[arg-type]

    def _dictionary(self, node: cst.Dict, where: Where) -> Datum:
        entries: list[tuple[Datum, Datum]] = []
        unpacks = False
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                entries.append((self.evaluate(element.key, where), self.evaluate(element.value, where)))
            elif isinstance(inner := self.evaluate(element.value, where), Entries):
                entries += inner.entries
                unpacks = unpacks or inner.open
            else:
                unpacks = True
        return Entries(tuple(entries), unpacks)

    def _subscript(self, node: cst.Subscript, where: Where) -> Datum:
        base = self.evaluate(node.value, where)
        index: Datum = UNKNOWN
        if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
            index = self.evaluate(node.slice[0].slice.value, where)
        if isinstance(index, Constant):
            if (
                isinstance(base, Items)
                and base.kind != "set"
                and isinstance(index.value, int)
                and -len(base.items) <= index.value < len(base.items)
            ):
                return base.items[index.value]
            if isinstance(base, Entries) and isinstance(index.value, str) and not isinstance(found := base.get(index.value), Missing):
                return found
        name = self.type_of(base)
        given = self.knowledge.returns(f"{name}.__getitem__") if name else ""
        if not given and isinstance(base, Reference):
            return self._instance_of(base)
        return Instance(given) if given else UNKNOWN

    def _instance_of(self, generic: Reference) -> Datum:
        # `Depends[…]`, `sessionmaker[AsyncSession]`: a subscripted class is the class.
        return generic if self.knowledge.is_type(generic.name) else UNKNOWN

    # -- names

    def _name(self, name: str, where: Where) -> Datum:
        found = where.scope.find(name)
        if found is None:
            if name == "None":
                return NONE
            if name in ("True", "False"):
                return Constant(name == "True")
            return self._unbound(name, where)
        scope, bindings = found
        usable = reaching(bindings, scope, where.scope, where.order, where.frame)
        datum = self.binding(usable[0], name) if len(usable) == 1 else self.same([self.binding(binding, name) for binding in usable])
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
                facts = self.sources.facts(module) if self.sources is not None else None
                if facts is not None and (name in facts.names or name in facts.functions or name in facts.classes):
                    return self.follow(f"{module}.{name}")
                if facts is None and self.knowledge.modelled(module):
                    full = self.knowledge.canonical(f"{module}.{name}")
                    if self.knowledge.is_type(full) or full.rpartition(".")[2] in self.knowledge.tails:
                        return Reference(full)
            scope = scope.parent
        return Reference(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def binding(self, binding: Binding, name: str) -> Datum:
        """What one binding makes of a name."""
        match binding.kind:
            case "import":
                return self.follow(binding.dotted)
            case "function" | "class":
                qualname = f"{binding.scope.qualname}.{name}" if binding.scope.qualname else name
                return Reference(self.qualified(qualname))
            case "assign":
                return self.evaluate(binding.value, binding) if binding.value is not None else UNKNOWN
            case "annotation":
                value = self.evaluate(binding.value, binding) if binding.value is not None else UNKNOWN
                if isinstance(value, Made) and self.type_of(value):
                    return value
                if (value == NONE or isinstance(value, Unknown)) and binding.annotation is not None:
                    declared = self.annotated(binding.annotation, binding)
                    return declared if not isinstance(declared, Unknown) else value
                return value
            case "parameter":
                return self._parameter(binding)
            case "with":
                return self.entered(self.evaluate(binding.value, binding)) if binding.value is not None else UNKNOWN
            case "unpack":
                value = self.evaluate(binding.value, binding) if binding.value is not None else UNKNOWN
                if isinstance(value, Items) and value.kind != "set" and binding.index is not None and binding.index < len(value.items):
                    return value.items[binding.index]
        return UNKNOWN

    def _parameter(self, binding: Binding) -> Datum:
        function = binding.scope.function
        if function is not None and binding.index == 0 and function.owner is not None:
            decorators = {dotted(d.node) for d in function.decorators}
            owner = self.qualified(function.owner.qualname)
            if "classmethod" in decorators:
                return Reference(owner)
            if "staticmethod" not in decorators and binding.annotation is None:
                return Instance(owner)
        if binding.value is not None:
            default = self.evaluate(binding.value, _Outside(binding))
            given = self._dependency(default)
            if not isinstance(given, Unknown):
                return given
        if binding.annotation is not None:
            return self.annotated(binding.annotation, _Outside(binding))
        return self._passed(function, binding.index) if function is not None and binding.index and binding.value is None else UNKNOWN

    def _passed(self, method: Function, index: int) -> Datum:
        """What a framework passes to a method that it calls."""
        if method.owner is None:
            return UNKNOWN
        bases = self.base_names(self.qualified(method.owner.qualname)) if method.owner.node.bases else ()
        given = self.knowledge.passes(bases, self.imports, method.name, len(method.parameters) - 1, index - 1)
        return Instance(given) if given else UNKNOWN

    def _dependency(self, marker: Datum) -> Datum:
        """What `Depends(f)` injects: what `f` yields or gives."""
        provider = self.knowledge.injected(marker) if isinstance(marker, Made) else None
        if not isinstance(provider, Reference):
            return UNKNOWN
        facts = self._function_facts(provider.name)
        if facts is None:
            return Instance(provider.name) if self.knowledge.is_type(provider.name) else UNKNOWN
        return facts.yields if facts.generator else facts.gives

    def parsed(self, text: str) -> cst.BaseExpression | None:
        """The expression that an annotation in quotes holds, or None where it holds none."""
        try:
            inner = cst.parse_expression(text)
        except Exception:  # not an expression: nothing is promised
            return None
        self._kept.append(inner)
        return inner

    def annotated(self, annotation: cst.BaseExpression, where: Where) -> Datum:
        """The instance that an annotation promises: `T`, `T | None`, `Optional[T]`, `Annotated[T, …]`, or any of these in quotes."""
        match annotation:
            case cst.SimpleString():
                text = annotation.evaluated_value
                if not isinstance(text, str):
                    return UNKNOWN
                inner = self.parsed(text)
                return self.annotated(inner, where) if inner is not None else UNKNOWN
            case cst.Name() | cst.Attribute():
                named = self.evaluate(annotation, where)
                if isinstance(named, Reference) and (self.knowledge.is_type(named.name) or self._class_facts(named.name) is not None):
                    return Instance(named.name)
                if isinstance(named, Instance | Made):  # an alias such as `Db = Annotated[Session, Depends(get_db)]`
                    return named
                return UNKNOWN
            case cst.BinaryOperation() if isinstance(annotation.operator, cst.BitOr):
                sides = [side for side in (annotation.left, annotation.right) if not (isinstance(side, cst.Name) and side.value == "None")]
                return self.annotated(sides[0], where) if len(sides) == 1 else UNKNOWN
            case cst.Subscript():
                outer = self.evaluate(annotation.value, where)
                if not isinstance(outer, Reference) or not annotation.slice or not isinstance(annotation.slice[0].slice, cst.Index):
                    return UNKNOWN
                first = annotation.slice[0].slice.value
                if outer.name.endswith(".Annotated"):
                    for element in annotation.slice[1:]:
                        if isinstance(element.slice, cst.Index):
                            given = self._dependency(self.evaluate(element.slice.value, where))
                            if not isinstance(given, Unknown):
                                return given
                    return self.annotated(first, where)
                if outer.name in _OPTIONAL:
                    return self.annotated(first, where)
                if outer.name in _YIELDING:
                    return self.annotated(first, where)
                return Instance(outer.name) if self.knowledge.is_type(outer.name) else UNKNOWN
        return UNKNOWN

    # -- members

    def member(self, owner: Datum, attribute: str) -> Datum:
        """What `owner.attribute` is."""
        if isinstance(owner, Reference):
            method = self._method_reference(owner, attribute)
            return method if method is not None else self.follow(f"{owner.name}.{attribute}")
        type_name = self.type_of(owner)
        if not type_name:
            return UNKNOWN
        made = owner.made if isinstance(owner, Instance) else owner if isinstance(owner, Made) else None
        held = self.knowledge.attribute(type_name, attribute)
        if held:
            return Instance(held, made)
        facts = self._class_facts(type_name)
        if facts is not None:
            return self._class_member(type_name, facts, attribute, owner)
        return Reference(self.knowledge.method(type_name, attribute), owner)

    def _method_reference(self, owner: Reference, attribute: str) -> Datum | None:
        """A class's own member reached through the class: `Payments.charge`, `cls.charge`."""
        facts = self._class_facts(owner.name)
        if facts is None:
            return None
        if attribute in facts.attributes or attribute in facts.methods:
            return self._class_member(owner.name, facts, attribute, Instance(owner.name))
        inherited = self._class_member(owner.name, facts, attribute, Instance(owner.name)) if facts.bases else UNKNOWN
        return inherited if isinstance(inherited, Instance) else None

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
                if its.attributes[attribute] == NONE:  # so it was declared; whoever sets it is not to be seen here
                    return UNKNOWN
                return (
                    its.attributes[attribute]
                    if isinstance(its.attributes[attribute], Constant)
                    else self._settled(its.attributes[attribute])
                )
            if attribute in its.methods:
                method = its.methods[attribute]
                if {"builtins.property", "functools.cached_property"} & set(method.decorators):
                    return self._settled(method.gives)
                return Reference(f"{current}.{attribute}", owner)
            overridden |= its.methods.keys()
            for base in its.bases:
                known = self._class_facts(base)
                if known is not None:
                    pending.append((base, known))
                elif self.knowledge.is_type(base):
                    if overridden & self.knowledge.hooks(base):
                        return UNKNOWN
                    held = self.knowledge.attribute(base, attribute)
                    return Instance(held) if held else Reference(self.knowledge.method(base, attribute), Instance(base))
        return UNKNOWN

    def _settled(self, datum: Datum) -> Datum:
        """A datum from a class's facts, with what it names in other files followed."""
        if self.sources is None:
            return datum
        if isinstance(datum, Reference) and datum.owner is None:
            return self.follow(datum.name)
        if isinstance(datum, Made) and not self.knowledge.modelled(datum.name):
            return self._given(datum)
        return datum

    def base_names(self, name: str) -> list[str]:
        """The dotted names of all bases of a class, direct and further up, as far as they are known."""
        found: list[str] = []
        pending = [name]
        while pending:
            facts = self._class_facts(pending.pop())
            for base in facts.bases if facts is not None else ():
                if base not in found:
                    found.append(base)
                    pending.append(base)
        return found

    # -- other definitions, here and in other files

    def follow(self, name: str, depth: int = 0) -> Datum:
        """What a dotted name refers to: through re-exports and aliases, to the library or the file that defines it."""
        canonical = self.knowledge.canonical(name)
        held = self.knowledge.instance(canonical)
        if held:
            return Instance(held)
        if self.knowledge.modelled(canonical) or depth > 8 or name in self._following:
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
        if self.sources is None:
            return Reference(name)
        module, _, rest = name, "", ""
        while module:
            facts = self.sources.facts(module)
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
        datum = self.same([self.binding(binding, first) for binding in bindings])
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
            if isinstance(datum, Reference) and datum.owner is None and datum.name != full:
                datum = self.follow(datum.name, depth + 1)
            elif isinstance(datum, Made):
                datum = self._given(datum, depth + 1)
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
                    self.knowledge.modelled(found.name) or self._class_facts(found.name) or self._function_facts(found.name)
                ):
                    datum = found
                    break
        return self._descend(datum, more, full, depth)

    def _function_facts(self, name: str) -> FunctionFacts | None:
        """The facts of a function or method by its dotted name, here or in another file."""
        place = self.defined(name)
        if place is not None:
            return self.function_facts(place) if isinstance(place, Function) else None
        head, _, last = name.rpartition(".")
        if not head or self.sources is None or self.knowledge.modelled(name):
            return None
        facts = self.sources.facts(head)
        if facts is not None:
            return facts.functions.get(last)
        its = self._class_facts(head)
        return its.methods.get(last) if its is not None else None

    def _class_facts(self, name: str) -> ClassFacts | None:
        """The facts of a class by its dotted name, here or in another file."""
        place = self.defined(name)
        if place is not None:
            return self.class_facts(place) if isinstance(place, Class) else None
        head, _, last = name.rpartition(".")
        if not head or self.sources is None or self.knowledge.modelled(name):
            return None
        facts = self.sources.facts(head)
        return facts.classes.get(last) if facts is not None else None

    def function_facts(self, function: Function) -> FunctionFacts:
        """What other places may know of a function of this file."""
        known = self._functions.get(id(function))
        if known is not None:
            return known
        self._functions[id(function)] = FunctionFacts(asynchronous=function.asynchronous, generator=function.generator)
        names = tuple(self.name_of(call.node.func if isinstance(call.node, cst.Call) else call.node, call) for call in function.decorators)
        gives: Datum = UNKNOWN
        yields: Datum = UNKNOWN
        if all(name in _TRANSPARENT or self.knowledge.keeps_result(name) for name in names):
            if function.generator:
                given = [self.evaluate(y.value, y) for y in function.yields if y.value is not None]
                yields = self.same(given) if given else UNKNOWN
                if isinstance(yields, Unknown) and function.node.returns is not None:
                    yields = self.annotated(function.node.returns.annotation, function)
                if _CONTEXT_MANAGERS & set(names):
                    gives = Made("contextlib.context", (yields,))
            else:
                given = [self.evaluate(r.value, r) for r in function.returns if r.value is not None]
                gives = self.same(given) if given else UNKNOWN
                if isinstance(gives, Unknown | Constant) and function.node.returns is not None:
                    declared = self.annotated(function.node.returns.annotation, function)
                    gives = declared if not isinstance(declared, Unknown) else gives
        result = FunctionFacts(
            gives=gives, yields=yields, asynchronous=function.asynchronous, generator=function.generator, decorators=names
        )
        self._functions[id(function)] = result
        return result

    def class_facts(self, place: Class) -> ClassFacts:
        """What other places may know of a class of this file."""
        known = self._classes.get(id(place))
        if known is not None:
            return known
        bases = tuple(name for base in place.node.bases if (name := self.name_of(_unsubscripted(base.value), place)))
        attributes: dict[str, Datum] = {}
        methods = {name: self._outline(function) for name, function in place.methods.items()}
        # Attributes are made from each other and by methods, and what methods give depends on attributes: what is known so far is seen by the rest,
        # and what remains unknown is tried again.
        result = ClassFacts(bases=bases, methods=methods, attributes=attributes)
        self._classes[id(place)] = result
        around, self._unknown = self._unknown, []
        for _ in range(2):
            for name, bindings in (*place.inner.bindings.items(), *place.attributes.items()):
                if name in attributes or any(binding.kind in ("function", "class", "import") for binding in bindings):
                    continue
                datum = self.same([self.binding(binding, name) for binding in bindings])
                if not isinstance(datum, Unknown) and not (isinstance(datum, Items | Entries) and f".{name}" in self.filled):
                    attributes[name] = datum
            self._doubt()
            for name, function in place.methods.items():
                if isinstance(methods[name].gives, Unknown) and isinstance(methods[name].yields, Unknown):
                    self._functions.pop(id(function), None)
                    methods[name] = self.function_facts(function)
            self._doubt()
        self._unknown = around
        return result

    def _outline(self, function: Function) -> FunctionFacts:
        """What is seen of a function without looking at what it gives."""
        names = tuple(self.name_of(call.node.func if isinstance(call.node, cst.Call) else call.node, call) for call in function.decorators)
        return FunctionFacts(asynchronous=function.asynchronous, generator=function.generator, decorators=names)

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

    def made(self, call: Call) -> Made:
        """A call as a datum: what is called, with what; the name is "" where it is not known."""
        if not isinstance(call.node, cst.Call):
            target = self.evaluate(call.node, call)
            if isinstance(target, Reference):
                return Made(target.name, owner=target.owner, key=id(call.node))
            return Made("", key=id(call.node))
        return self._make(call.node, call, self.evaluate(call.node.func, call))

    def _make(self, node: cst.Call, where: Where, target: Datum) -> Made:
        name, owner = "", None
        if isinstance(target, Reference):
            name, owner = target.name, target.owner
        elif type_name := self.type_of(target):
            name, owner = self.knowledge.method(type_name, "__call__"), target
        arguments: list[Datum] = []
        keywords: dict[str, Datum] = {}
        unpacks = False
        for arg in node.args:
            if arg.star == "*":
                unpacks = True
            elif arg.star:
                inner = self.evaluate(arg.value, where)
                if isinstance(inner, Entries):
                    for key, value in inner.entries:
                        if isinstance(key, Constant) and isinstance(key.value, str):
                            keywords[key.value] = value
                    unpacks = unpacks or inner.open or any(not isinstance(key, Constant) for key, _ in inner.entries)
                else:
                    unpacks = True
            elif arg.keyword is not None:
                keywords[arg.keyword.value] = self.evaluate(arg.value, where)
            elif not unpacks:
                arguments.append(self.evaluate(arg.value, where))
        if (
            isinstance(target, Made)
            and target.name == "functools.partial"
            and target.arguments
            and isinstance(target.arguments[0], Reference)
        ):
            whole = target.arguments[0]
            return Made(
                whole.name,
                (*target.arguments[1:], *arguments),
                {**target.keywords, **keywords},
                open=unpacks or target.open,
                owner=whole.owner,
                key=id(node),
            )
        return Made(name, tuple(arguments), keywords or _EMPTY, open=unpacks, owner=owner, key=id(node))

    def _called(self, node: cst.Call, where: Where) -> Datum:
        target = self.evaluate(node.func, where)
        if isinstance(target, Unknown):
            return UNKNOWN
        made = self._make(node, where, target)
        if not made.name:
            return UNKNOWN
        if made.name == "builtins.float" and len(made.arguments) == 1 and isinstance(made.arguments[0], Constant):
            try:
                return Constant(float(made.arguments[0].value))  # type: ignore[arg-type]
            except (TypeError, ValueError):
                return UNKNOWN
        if made.name == "datetime.timedelta":
            return _timedelta(made)
        return self._given(made)

    def _given(self, made: Made, depth: int = 0) -> Datum:
        """What a call gives: for functions of the checked project what they return, for everything else the call itself."""
        if self.knowledge.modelled(made.name) or depth > 8:
            return made
        facts = self._function_facts(made.name)
        if facts is None:
            return made
        given = facts.gives
        if isinstance(given, Made) and depth <= 8 and not self.knowledge.modelled(given.name):
            given = self._given(given, depth + 1)
        if isinstance(given, Reference):
            given = self.follow(given.name, depth + 1)
        return msgspec.structs.replace(given, key=given.key or 0) if isinstance(given, Made) else given

    def entered(self, manager: Datum) -> Datum:
        """What `with manager as x` binds."""
        if isinstance(manager, Made):
            if manager.name == "contextlib.context":
                return manager.arguments[0]
            if manager.name == "contextlib.closing" and manager.arguments:
                return manager.arguments[0]
            entered = self.knowledge.enters(manager.name)
            if entered:
                return Instance(entered, manager)
        return manager


def text_of(node: cst.SimpleString | cst.ConcatenatedString) -> str | None:
    """The text of a string literal; None for bytes and for what has holes."""
    if node.__class__ is cst.SimpleString:
        raw: str = node.value
        quote = raw[0]
        if quote in "'\"" and "\\" not in raw:
            return raw[3:-3] if raw.startswith(quote * 3) and len(raw) >= 6 else raw[1:-1]
    value = node.evaluated_value
    return value if isinstance(value, str) else None


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
}


class _Outside:
    """Where a function's defaults and annotations stand: around it."""

    __slots__ = ("frame", "order", "scope")

    def __init__(self, binding: Binding) -> None:
        self.scope = binding.scope.parent or binding.scope
        self.frame = binding.frame
        self.order = binding.order


_OPERATORS: dict[type[cst.CSTNode], str] = {cst.Add: "add", cst.BitOr: "or", cst.BitAnd: "and"}
# Generic types whose first argument is what a generator, or an awaited call, gives.
_YIELDING = frozenset(
    f"{root}.{name}"
    for root in ("typing", "collections.abc")
    for name in ("Iterator", "AsyncIterator", "Generator", "AsyncGenerator", "Iterable", "AsyncIterable", "Awaitable")
)
_UNITS = {"days": 86400.0, "seconds": 1.0, "microseconds": 1e-6, "milliseconds": 1e-3, "minutes": 60.0, "hours": 3600.0, "weeks": 604800.0}


def _timedelta(made: Made) -> Datum:
    """The seconds of a `timedelta(…)` of constants; a number, as rules want to compare it."""
    total = 0.0
    given = {**dict(zip(("days", "seconds", "microseconds"), made.arguments, strict=False)), **made.keywords}
    for unit, datum in given.items():
        if unit not in _UNITS or not isinstance(datum, Constant) or not isinstance(datum.value, int | float):
            return made
        total += _UNITS[unit] * datum.value
    return made if made.open else Constant(total)


def _unsubscripted(node: cst.BaseExpression) -> cst.BaseExpression:
    while isinstance(node, cst.Subscript):
        node = node.value
    return node
