"""
How text comes about: an expression becomes text with holes.

What is written in the code is text; what is only known at run time is a hole, with the expression that fills it. Names are followed to what they
were given, functions of the same file to what they return. Where a text may come about in several ways, each is a text of its own, up to a
few. A hole is safe when it cannot change the meaning of the text around it: a number, one of a few constants, something quoted or checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import Literal, Protocol, TypeAlias

import libcst as cst

from ..syntax.tree import walk
from .places import Call, Class, Function
from .scopes import Binding, reaching
from .semantic import SemanticModel, Where, dotted
from .values import Constant, Datum, Entries, Instance, Items, Made, Reference

Source: TypeAlias = Literal["parameter", "private", "request", "attribute", "passed", "element", "call", "other"]


@dataclass(frozen=True, slots=True)
class Hole:
    """
    A part of a text that is known at run time only.

    `at` is the expression that stands in the text, `node` the one that its value comes from, as far as that could be followed. `source` says what
    that is: a parameter of a function that anybody may call ("parameter") or of one that is called in this file alone ("private"), the request,
    an attribute, an element of a collection that was passed in ("passed") or of another, a call. `siblings` are the names that were unpacked from the same call.
    `escaped`: quotes within it were made harmless, so that it cannot end a text that stands between quotes; anywhere else it is as it was.
    """

    at: cst.BaseExpression
    node: cst.BaseExpression
    safe: bool = False
    source: Source = "other"
    siblings: frozenset[str] = frozenset()
    escaped: bool = False


Text: TypeAlias = tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """
    The texts that an expression may be.

    `wrappers` are the calls, by `id()` of their nodes, through which a text went on its way, such as `text(…)`; `wrapped`: there were any, also in
    other files, so that the value is no plain string.
    """

    texts: tuple[Text, ...]
    wrappers: frozenset[int] = frozenset()
    wrapped: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is certainly a `str`: nothing but text has written parts."""
        return not self.wrapped and bool(self.texts) and all(any(isinstance(piece, str) and piece for piece in text) for text in self.texts)


class Lexicon(Protocol):
    """What folding asks of the library models, and of the file's calls."""

    def sanitises(self, name: str) -> bool:
        """Whether what this callable gives may stand in any text of its kind."""

    def wraps(self, name: str) -> tuple[tuple[str, ...], int | None] | None:
        """The keywords and the position under which this callable takes a text that it renders as it stands, if it is such a one."""

    def callers(self, function: Function) -> list[Call]:
        """The calls of a function within its file."""


_MOST = 12  # texts of one expression; what is beyond them is not looked at
_LONGEST = 64  # elements of a joined list
_DEEPEST = 40  # expressions inside each other
_HOPS = 2  # through functions
_CAPITALS = re.compile(r"_*[A-Z][A-Z0-9_]*")
# Calls and checks whose name says that they make or find a text harmless: they are believed.
_CAREFUL = re.compile(
    r"(?:^|_)(?:quot|escap|sanit|clean|valid|safe|ident|slug|whitelist|allow|check|literal|assert|ensure|placeholder|normali[sz]e|permit|verify)",
    re.IGNORECASE,
)
# Names of what such a call gave.
_CARED_FOR = re.compile(r"(?:^|_)(?:quoted?|escaped?|saniti[sz]ed?|safe|cleaned|validated|checked|verified)(?:_|$)", re.IGNORECASE)
# Methods of moments and spans of time: digits, a few signs, and a format that the program chose.
_OF_TIME = frozenset({"strftime", "isoformat", "timestamp", "total_seconds", "toordinal"})
# Objects that hold what whoever runs the program has chosen.
_SETTINGS = re.compile(r"(?:^|_)(?:config|conf|settings)$", re.IGNORECASE)
_CHECKS = re.compile(
    r"^(?:full)?match$|^search$|^is(?:identifier|alnum|alpha|digit|decimal|numeric)$|^(?:has|get)attr$|^get_field$|valid|allow|safe|check|sanit|exist"
)
# They quote for something else.
_CARELESS = frozenset({"html.escape", "shlex.quote", "markupsafe.escape", "urllib.parse.quote", "urllib.parse.quote_plus"})
# They make quotes within a text harmless and put none around it.
_ESCAPES = frozenset({"escape_string", "real_escape_string"})
# They put quotes around a name and let those within it be.
_HALF_QUOTES = re.compile(r"(?:^|\.)(?:ops|operations|schema_editor|BaseDatabaseOperations|BaseDatabaseSchemaEditor)\.quote_name$")
_NUMBERS = frozenset(
    {
        "builtins.int", "builtins.float", "builtins.bool", "builtins.complex", "builtins.len", "builtins.round", "builtins.abs", "builtins.hash",
        "builtins.id", "builtins.ord", "builtins.sum", "builtins.isinstance", "decimal.Decimal", "fractions.Fraction", "time.time", "time.time_ns",
        "time.monotonic", "time.perf_counter", "os.getpid", "random.randint", "random.random",
    }
)  # fmt: skip
_NUMERIC_TYPES = re.compile(
    r"(?:Positive|Negative|NonNegative|NonPositive|Strict|Finite|Future|Past|Aware|Naive)?(?:Int|Float|Bool|Date|Datetime|Decimal|UUID\d?)"
)
_CONTAINERS = frozenset(
    {
        "List", "Sequence", "Iterable", "Collection", "Set", "FrozenSet", "Tuple", "Iterator", "MutableSequence", "AbstractSet", "list", "set", "frozenset",
        "tuple",
    }
)  # fmt: skip
_TRANSPARENT_TYPES = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Mapped", "Required", "NotRequired"})
_SAME_TEXT = frozenset(
    {
        "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "encode", "decode", "expandtabs", "removeprefix", "removesuffix",
        "ljust", "rjust", "center",
    }
)  # fmt: skip
_SAME_ITEMS = frozenset(
    {"builtins.sorted", "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.reversed", "builtins.dict"}
)
_SAME_ARGUMENT = frozenset({"builtins.str", "builtins.repr", "textwrap.dedent", "textwrap.indent", "inspect.cleandoc"})
_STEPS = 1000  # of one folding; a query that is built up under twenty conditions has more ways through it than there is time for
_ARITHMETIC = (
    cst.Subtract, cst.Divide, cst.FloorDivide, cst.Power, cst.BitAnd, cst.BitOr, cst.BitXor, cst.LeftShift, cst.RightShift, cst.MatrixMultiply,
)  # fmt: skip
_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])")
_NUMBER_FORMAT = re.compile(r".*[bcdeEfFgGnoxX%]", re.DOTALL)
_FIELD = re.compile(r"\$(?:\$|(?P<named>[_a-zA-Z]\w*)|\{(?P<braced>[_a-zA-Z]\w*)\})")
_OWN_NAMES = frozenset({"__tablename__", "__table__", "__name__", "__qualname__", "__class__", "__module__", "_meta"})


def fold(model: SemanticModel, node: cst.BaseExpression, where: Where, lexicon: Lexicon) -> Folded:
    """The texts that an expression at `where` may be."""
    folding = _Folding(model, lexicon)
    try:
        texts = tuple(_merged(text) for text in folding.texts(node, where))
    except _TooManySteps:
        texts = ((Hole(node, node, safe=True),),)
    return Folded(texts, frozenset(folding.wrappers), folding.wrapped)


def _merged(text: Text) -> Text:
    """The same text with neighbouring strings joined."""
    pieces: list[str | Hole] = []
    for piece in text:
        if isinstance(piece, str) and pieces and isinstance(last := pieces[-1], str):
            pieces[-1] = last + piece
        elif piece != "":
            pieces.append(piece)
    return tuple(pieces)


def _safe(text: Iterable[str | Hole]) -> bool:
    return all(isinstance(piece, str) or piece.safe for piece in text)


def _harmless(node: cst.BaseExpression) -> list[Text]:
    return [(Hole(node, node, safe=True),)]


class _TooManySteps(Exception):
    """A name has so many definitions that depend on each other that following them all would take for ever: nothing is known."""


class _Folding:
    """The state of one folding: what is open, what local names and parameters stand for, and which wrappers were seen."""

    def __init__(self, model: SemanticModel, lexicon: Lexicon) -> None:
        self.model, self.lexicon = model, lexicon
        self.wrappers: set[int] = set()
        self.wrapped = False
        self.open: set[int] = set()
        self.steps = 0
        self.hops = 0
        self.seen: dict[int, list[Text]] = {}  # what bindings were found to give, while nothing around gives them another meaning
        # Names of comprehensions, and what they go through; parameters of functions that are looked into, and what they were given.
        self.local: dict[str, Callable[[cst.BaseExpression], list[Text]]] = {}
        self.given: dict[int, tuple[cst.BaseExpression, Where]] = {}
        self._checked: dict[int, frozenset[str]] = {}

    def texts(self, node: cst.BaseExpression, where: Where) -> list[Text]:
        """The texts of an expression: at least one, which may be a single hole."""
        key = id(node)
        if key in self.open or len(self.open) > _DEEPEST:
            return [(Hole(node, node),)]
        self.steps += 1
        if self.steps > _STEPS:
            raise _TooManySteps
        self.open.add(key)
        try:
            visit = _VISIT.get(node.__class__)
            found: list[Text] = visit(self, node, where) if visit is not None else [(self.hole(node, where),)]
            return found[:_MOST]
        finally:
            self.open.discard(key)

    def spliced(self, node: cst.BaseExpression, where: Where) -> list[Text]:
        """The texts of an expression that stands in a text: a hole that its name was given is shown here."""
        texts = self.texts(node, where)
        return [(replace(text[0], at=node),) if len(text) == 1 and isinstance(text[0], Hole) else text for text in texts]

    # -- literals and operators

    def string(self, node: cst.SimpleString, where: Where) -> list[Text]:  # noqa: ARG002
        value = node.evaluated_value
        return [(value if isinstance(value, str) else value.decode("utf-8", "replace"),)]

    def concatenated(self, node: cst.ConcatenatedString, where: Where) -> list[Text]:
        return _product(self.texts(node.left, where), self.texts(node.right, where))

    def formatted(self, node: cst.FormattedString, where: Where) -> list[Text]:
        found: list[Text] = [()]
        for part in node.parts:
            if isinstance(part, cst.FormattedStringExpression):
                spec = "".join(piece.value for piece in part.format_spec or () if isinstance(piece, cst.FormattedStringText))
                found = _product(found, self._field(part.expression, where, spec))
            else:
                assert isinstance(part, cst.FormattedStringText)
                found = _product(found, [(_unescaped(part.value),)])
        return found

    def template(self, node: cst.TemplatedString, where: Where) -> list[Text]:  # noqa: ARG002
        """A t-string: who is given it binds its values."""
        pieces = [part for part in node.parts if isinstance(part, cst.TemplatedStringText | cst.TemplatedStringExpression)]
        self.wrapped = True
        return [
            tuple(
                _unescaped(part.value) if isinstance(part, cst.TemplatedStringText) else Hole(part.expression, part.expression, safe=True)
                for part in pieces
            )
        ]

    def _field(self, node: cst.BaseExpression, where: Where, spec: str | None) -> list[Text]:
        """What stands in place of a field of a format string; a format for numbers raises for anything else."""
        return _harmless(node) if spec and _NUMBER_FORMAT.fullmatch(spec) else self.spliced(node, where)

    def binary(self, node: cst.BinaryOperation, where: Where) -> list[Text]:
        left, right = node.left, node.right
        match node.operator:
            case cst.Add():
                if isinstance(left, cst.Integer | cst.Float) or isinstance(right, cst.Integer | cst.Float):
                    return _harmless(node)
                return _product(self.spliced(left, where), self.spliced(right, where))
            case cst.Modulo():
                return [one for text in self.texts(left, where) for one in self._interpolated(text, right, where)]
            case cst.Multiply():
                for side in (left, right):
                    texts = [] if isinstance(side, cst.Integer | cst.Float) else self.texts(side, where)
                    if any(isinstance(piece, str) and piece for text in texts for piece in text):
                        return texts
                return _harmless(node)
        return [(Hole(node, node, safe=isinstance(node.operator, _ARITHMETIC)),)]

    def _interpolated(self, text: Text, right: cst.BaseExpression, where: Where) -> list[Text]:
        """What `text % right` is."""
        values, there = self._display(right, where)
        found: list[Text] = [()]
        index = 0
        for piece in text:
            if isinstance(piece, Hole):
                found = _product(found, [(piece,)] if len(text) > 1 else [(piece, self.hole(right, where))])
                continue
            end = 0
            for match in _PERCENT.finditer(piece):
                found = _product(found, [(piece[end : match.start()],)])
                end = match.end()
                if match["kind"] == "%":
                    found = _product(found, [("%",)])
                    continue
                value: cst.BaseExpression | None = right
                if isinstance(values, cst.Dict):
                    value = _entry(values, match["key"] or "")
                elif isinstance(values, cst.Tuple):
                    value = values.elements[index].value if index < len(values.elements) else None
                    index += 1
                if match["kind"] not in "rsa":
                    found = _product(found, _harmless(right if value is None else value))
                elif value is None:
                    found = _product(found, [(Hole(right, right, source="element"),)])
                else:
                    found = _product(found, self.spliced(value, where if value is right else there))
            found = _product(found, [(piece[end:],)])
        return found

    def _display(self, node: cst.BaseExpression, where: Where) -> tuple[cst.BaseExpression, Where]:
        """The tuple or dictionary display that an expression is, through one name, and where that stands."""
        if isinstance(node, cst.Name) and node.value not in self.local and (found := where.scope.find(node.value)) is not None:
            usable = reaching(found[1], found[0], where.scope, where.order, where.frame)
            if len(usable) == 1 and usable[0].kind == "assign" and isinstance(usable[0].value, cst.Tuple | cst.Dict):
                return usable[0].value, usable[0]
        return node, where

    def choice(self, node: cst.IfExp, where: Where) -> list[Text]:
        return [*self.texts(node.body, where), *self.texts(node.orelse, where)]

    def boolean(self, node: cst.BooleanOperation, where: Where) -> list[Text]:
        return [*self.texts(node.left, where), *self.texts(node.right, where)]

    def walrus(self, node: cst.NamedExpr, where: Where) -> list[Text]:
        return self.texts(node.value, where)

    def awaited(self, node: cst.Await, where: Where) -> list[Text]:
        return self.texts(node.expression, where)

    def computed(self, node: cst.BaseExpression, where: Where) -> list[Text]:  # noqa: ARG002
        return _harmless(node)

    def number(self, node: cst.Integer | cst.Float, where: Where) -> list[Text]:  # noqa: ARG002
        return [(node.value,)]

    def subscript(self, node: cst.Subscript, where: Where) -> list[Text]:
        known = self._constant(self.model.evaluate(node, where))
        if known is not None:
            return [(known,)]
        if self._table_of_constants(node.value, where):
            return _harmless(node)
        if node.slice and isinstance(node.slice[0].slice, cst.Slice):  # all but the last comma, mostly
            return self.texts(node.value, where)
        return [(self.hole(node, where),)]

    def _table_of_constants(self, node: cst.BaseExpression, where: Where) -> bool:
        """Whether whatever is looked up in this is written in the code."""
        datum = self.model.evaluate(node, where)
        if isinstance(datum, Entries):
            return not datum.open and all(_written_out(value) for _, value in datum.entries)
        if isinstance(datum, Items):
            return all(_written_out(item) for item in datum.items)
        return _in_capitals(node)

    # -- names

    def name(self, node: cst.Name, where: Where) -> list[Text]:
        local = self.local.get(node.value)
        if local is not None:
            return local(node)
        known = self._constant(self.model.evaluate(node, where))
        if known is not None:
            return [(known,)]
        found = where.scope.find(node.value)
        if found is None or self._is_checked(node.value, where):
            return [(self.hole(node, where),)]
        scope, bindings = found
        texts: list[Text] = []
        for binding in reaching(bindings, scope, where.scope, where.order, where.frame):
            key = id(binding)
            if key in self.open:
                continue
            self.open.add(key)
            try:
                if binding.kind == "augmented":
                    texts = self._augmented(binding, texts or [()])
                elif binding.kind != "delete":
                    texts += self._remembered(binding, node)
            finally:
                self.open.discard(key)
            texts = texts[:_MOST]
        return texts or [()]

    def _remembered(self, binding: Binding, name: cst.BaseExpression) -> list[Text]:
        """What `bound` says, asked once: a statement that grows in many steps would be followed in all their combinations."""
        if self.given or self.local:
            return self.bound(binding, name)
        found = self.seen.get(id(binding))
        if found is None:
            found = self.seen[id(binding)] = self.bound(binding, name)
        return found

    def _augmented(self, binding: Binding, texts: list[Text]) -> list[Text]:
        assert isinstance(binding.node, cst.AugAssign)
        value = binding.node.value
        match binding.node.operator:
            case cst.AddAssign():
                return _product(texts, self.spliced(value, binding))
            case cst.ModuloAssign():
                return [one for text in texts for one in self._interpolated(text, value, binding)]
        return _harmless(value)

    def bound(self, binding: Binding, name: cst.BaseExpression) -> list[Text]:
        """The texts that one binding gives a name."""
        given = self.given.get(id(binding.node))
        if given is not None:
            return self.texts(*given)
        if binding.annotation is not None and self.promises(binding.annotation, binding):
            return _harmless(name)
        value = binding.value
        match binding.kind:
            case "assign" | "annotation":
                return self.texts(value, binding) if value is not None else []
            case "parameter":
                return [(self._parameter(binding, name),)]
            case "for" if value is not None:
                return self._each(value, binding, _path(binding, name), name)
            case "unpack" if value is not None:
                if isinstance(value, cst.Tuple | cst.List) and binding.index is not None and binding.index < len(value.elements):
                    return self.texts(value.elements[binding.index].value, binding)
                names = frozenset(
                    node.value
                    for target in getattr(binding.node, "targets", ())
                    for node in walk(target.target)
                    if isinstance(node, cst.Name)
                )
                return [(replace(self.hole(value, binding), at=name, siblings=names - {last_name(name)}),)]
            case "function" | "class":
                return _harmless(name)
            case "import":
                return [(self.hole(name, binding),)]  # another file's constant, by its name
        return [(Hole(name, name, source="element" if binding.kind == "other" else "other"),)]

    def _parameter(self, binding: Binding, name: cst.BaseExpression) -> Hole:
        """A parameter: of a function for this file alone it is what the calls here pass, of any other it may be anything."""
        function = binding.scope.function
        if function is None:
            return Hole(name, name)
        if function.owner is not None and binding.index == 0 and not _is_static(function):
            return Hole(name, name, source="attribute")
        if binding.annotation is not None and not _may_be_text(binding.annotation):
            return Hole(name, name, source="attribute")  # an object, which is shown in its own way
        private = function.name.startswith("_") and not function.name.endswith("__")
        if not private and function.function is None:
            return Hole(name, name, source="parameter")
        passed = self._passed(function, binding) if self.hops < _HOPS else []
        unsafe: list[Hole] = []
        self.hops += 1
        try:
            for expression, where in passed:
                unsafe += [piece for text in self.texts(expression, where) for piece in text if isinstance(piece, Hole) and not piece.safe]
        finally:
            self.hops -= 1
        source: Source = next((hole.source for hole in unsafe if hole.source in ("parameter", "request")), "private")
        return Hole(name, name, safe=bool(passed) and not unsafe, source=source)

    def _passed(self, function: Function, binding: Binding) -> list[tuple[cst.BaseExpression, Where]]:
        """What the calls in this file pass for a parameter; nothing where one of them cannot be read."""
        found: list[tuple[cst.BaseExpression, Where]] = []
        for call in self.lexicon.callers(function):
            given = _argument(call.node, function, binding)
            if given is None:
                return []
            found.append((given, call))
        return found

    # -- collections

    def elements(self, node: cst.BaseExpression, where: Where) -> list[Text] | None:
        """The texts of the elements of a collection, or None where they are not known."""
        match node:
            case cst.Tuple() | cst.List() | cst.Set():
                return [text for element in node.elements for text in self._element(element, where)]
            case cst.Dict():
                return [
                    text for element in node.elements if isinstance(element, cst.DictElement) for text in self.spliced(element.key, where)
                ]
            case cst.GeneratorExp() | cst.ListComp() | cst.SetComp():
                return self._comprehension(node, where)
            case cst.BinaryOperation(operator=cst.Add()):
                return _both(self.elements(node.left, where), self.elements(node.right, where))
            case cst.BinaryOperation(operator=cst.Multiply()):
                return self.elements(node.left, where) or self.elements(node.right, where)
            case cst.IfExp():
                return _both(self.elements(node.body, where), self.elements(node.orelse, where))
            case cst.Subscript() if node.slice and isinstance(node.slice[0].slice, cst.Slice):
                return self.elements(node.value, where)
            case cst.Call():
                return self._elements_of_call(node, where)
            case cst.Name() if node.value not in self.local:
                return self._built(node, where)
        return self._known_items(node, where)

    def _known_items(self, node: cst.BaseExpression, where: Where) -> list[Text] | None:
        datum = self.model.evaluate(node, where)
        if isinstance(datum, Items) and all(_written_out(item) for item in datum.items):
            return [(_shown(item),) for item in datum.items]
        if isinstance(datum, Entries) and not datum.open and all(_written_out(key) for key, _ in datum.entries):
            return [(_shown(key),) for key, _ in datum.entries]
        return _harmless(node) if _in_capitals(node) else None

    def _element(self, element: cst.BaseElement, where: Where) -> list[Text]:
        if isinstance(element, cst.StarredElement):
            found = self.elements(element.value, where)
            return found if found is not None else [(self._one_of(element.value, where, element.value),)]
        return self.spliced(element.value, where)

    def _comprehension(self, node: cst.GeneratorExp | cst.ListComp | cst.SetComp, where: Where) -> list[Text]:
        outer = dict(self.local)
        try:
            loop: cst.CompFor | None = node.for_in
            while loop is not None:
                self._enter(loop, where)
                loop = loop.inner_for_in
            return self.spliced(node.elt, where)
        finally:
            self.local = outer

    def _enter(self, loop: cst.CompFor, where: Where) -> None:
        """Makes the names of a comprehension mean the elements of what it goes through."""
        checked = _checked_names([condition.test for condition in loop.ifs])
        around = dict(self.local)

        def meaning(path: tuple[int, ...]) -> Callable[[cst.BaseExpression], list[Text]]:
            def each(at: cst.BaseExpression) -> list[Text]:
                here, self.local = self.local, around
                try:
                    return self._each(loop.iter, where, path, at)
                finally:
                    self.local = here

            return each

        for name, path in _targets(loop.target, ()):
            self.local[name] = _harmless if name in checked else meaning(path)

    def _each(self, iterated: cst.BaseExpression, where: Where, path: tuple[int, ...], at: cst.BaseExpression) -> list[Text]:
        """The texts that a loop's name takes, `path` being its place in the loop's target."""
        if isinstance(iterated, cst.Call):
            name = self.model.name_of(iterated.func, where)
            arguments = [arg.value for arg in iterated.args if not arg.star and arg.keyword is None]
            if name == "builtins.range":
                return _harmless(at)
            if name == "builtins.enumerate" and arguments and path:
                return _harmless(at) if path[0] == 0 else self._each(arguments[0], where, path[1:], at)
            if name == "builtins.zip" and path and path[0] < len(arguments):
                return self._each(arguments[path[0]], where, path[1:], at)
            if name in _SAME_ITEMS and arguments:
                return self._each(arguments[0], where, path, at)
            if isinstance(iterated.func, cst.Attribute) and iterated.func.attr.value in ("items", "keys", "values"):
                return self._entries(iterated.func, where, path, at)
        if not path:
            found = self.elements(iterated, where)
            if found is None:
                return [(self._one_of(iterated, where, at),)]
            return _harmless(at) if len(found) > _MOST and all(map(_safe, found)) else found
        datum = self.model.evaluate(iterated, where)
        if isinstance(datum, Items) and all(_written_out(item) for item in datum.items):
            return _harmless(at)
        if isinstance(datum, Entries) and all(_written_out(key) for key, _ in datum.entries):
            return _harmless(at)
        if isinstance(iterated, cst.Tuple | cst.List | cst.Set) and len(path) == 1:
            rows = [element.value for element in iterated.elements if isinstance(element.value, cst.Tuple | cst.List)]
            if rows and len(rows) == len(iterated.elements):
                return [text for row in rows if path[0] < len(row.elements) for text in self.texts(row.elements[path[0]].value, where)]
        return [(self._one_of(iterated, where, at),)]

    def _one_of(self, iterated: cst.BaseExpression, where: Where, at: cst.BaseExpression) -> Hole:
        hole = self.hole(iterated, where, element=True)
        return replace(hole, at=at, source="passed" if hole.source in ("parameter", "request", "passed") else "element")

    def _entries(self, method: cst.Attribute, where: Where, path: tuple[int, ...], at: cst.BaseExpression) -> list[Text]:
        """What `d.keys()`, `d.values()` and `d.items()` go through."""
        datum = self.model.evaluate(method.value, where)
        values = method.attr.value == "values" or (method.attr.value == "items" and path[:1] == (1,))
        if isinstance(datum, Entries) and not datum.open and all(_written_out(entry[values]) for entry in datum.entries):
            return _harmless(at)
        if _in_capitals(method.value):
            return _harmless(at)
        return [(replace(self._one_of(method.value, where, at), safe=False),)]

    def _elements_of_call(self, node: cst.Call, where: Where) -> list[Text] | None:
        name = self.model.name_of(node.func, where)
        arguments = [arg.value for arg in node.args]
        if name in _SAME_ITEMS and arguments:
            return self.elements(arguments[0], where)
        if name == "builtins.filter" and len(arguments) == 2:
            return self.elements(arguments[1], where)
        if name == "itertools.repeat" and arguments:
            return self.spliced(arguments[0], where)
        if name == "builtins.map" and len(arguments) >= 2:
            return self._mapped(arguments[0], arguments[1], where)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("keys", "values"):
            return self._entries(node.func, where, (), node)
        callee = self.model.defined(name) if name else None
        if isinstance(callee, Function) and self.hops < _HOPS:
            self.hops += 1
            try:
                found = [self.elements(value, at) for value, at in self._results(callee, node, where)]
            finally:
                self.hops -= 1
            if found and all(one is not None for one in found):
                return [text for one in found for text in one or ()]
        return None

    def _mapped(self, function: cst.BaseExpression, items: cst.BaseExpression, where: Where) -> list[Text] | None:
        if isinstance(function, cst.Lambda):
            outer = dict(self.local)
            try:
                for parameter in function.params.params:
                    self.local[parameter.name.value] = lambda at: self._each(items, where, (), at)
                return self.texts(function.body, where)
            finally:
                self.local = outer
        name = self.model.name_of(function, where)
        if self._is_careful(name, function):
            return _harmless(items)
        return self._each(items, where, (), items) if name in _SAME_ARGUMENT else None

    def _built(self, node: cst.Name, where: Where) -> list[Text] | None:
        """The elements of a list that grows in the function: its first ones, and what is appended."""
        found = where.scope.find(node.value)
        if found is None:
            return self._known_items(node, where)
        scope, bindings = found
        texts: list[Text] = []
        for binding in reaching(bindings, scope, where.scope, where.order, where.frame):
            if id(binding) in self.open:
                continue
            self.open.add(id(binding))
            try:
                elements = self._first_elements(binding)
            finally:
                self.open.discard(id(binding))
            if elements is None:
                return self._known_items(node, where)
            texts += elements
        for call in scope.function.calls if scope.function is not None else ():
            texts += self._appended(call, node.value)
        return texts

    def _first_elements(self, binding: Binding) -> list[Text] | None:
        given = self.given.get(id(binding.node))
        if given is not None:
            return self.elements(*given)
        if binding.value is None or binding.kind not in ("assign", "annotation", "augmented"):
            return None
        return self.elements(binding.value, binding)

    def _appended(self, call: Call, name: str) -> list[Text]:
        node = call.node
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or not node.args or id(node) in self.open:
            return []
        method = node.func.attr.value
        if method not in ("append", "insert", "add", "extend", "update") or dotted(node.func.value) != name:
            return []
        value = node.args[-1].value
        self.open.add(id(node))
        try:
            if method in ("append", "insert", "add"):
                return self.spliced(value, call)
            found = self.elements(value, call)
            return found if found is not None else [(self._one_of(value, call, value),)]
        finally:
            self.open.discard(id(node))

    # -- calls

    def call(self, node: cst.Call, where: Where) -> list[Text]:
        known = self._constant(self.model.evaluate(node, where))
        if known is not None:
            return [(known,)]
        name = self.model.name_of(node.func, where)
        wraps = self.lexicon.wraps(name) if name else None
        if wraps is not None:
            text = _passed_for(node, *wraps)
            self.wrappers.add(id(node))
            self.wrapped = True
            return self.texts(text, where) if text is not None else _harmless(node)
        if node.args and (name in _SAME_ARGUMENT or _is_half_quoted(name, node.func)):
            return self.texts(node.args[0].value, where)
        if node.args and last_name(node.func) in _ESCAPES:
            return [
                tuple(replace(piece, at=node, escaped=True) if isinstance(piece, Hole) else piece for piece in text)
                for text in self.texts(node.args[0].value, where)
            ]
        if isinstance(node.func, cst.Attribute):
            found = self._method(node, node.func, name, where)
            if found is not None:
                return found
        callee = self.model.defined(name) if name and not self._is_careful(name, node.func) else None
        if isinstance(callee, Function) and self.hops < _HOPS:
            results = self._results(callee, node, where)
            self.hops += 1
            try:
                texts = [text for value, at in results for text in self.texts(value, at)]
            finally:
                self.hops -= 1
            if texts and any(isinstance(piece, str) for text in texts for piece in text):
                return texts
            if texts and (node.args or not self._is_ours(node, where)):
                return texts
        return [(self.hole(node, where),)]

    def _method(self, node: cst.Call, func: cst.Attribute, name: str, where: Where) -> list[Text] | None:
        """What a method makes of a text; None where it is no method of one."""
        method = func.attr.value
        before = len(self.wrappers)
        if name and self.lexicon.sanitises(name):
            # `SQL(…).format(…)`: what is put in is quoted, what it is put into is text as it stands.
            texts = self.texts(func.value, where)
            return [_filled(text, Hole(node, node, safe=True)) for text in texts] if len(self.wrappers) > before else _harmless(node)
        if method in ("substitute", "safe_substitute"):
            return self._substituted(node, func, where)
        if method == "join" and len(node.args) == 1:
            return self._joined(func.value, node.args[0].value, where)
        if method in ("format", "format_map"):
            texts = self.texts(func.value, where)
            if any(isinstance(piece, str) for text in texts for piece in text):
                return [one for text in texts for one in self._format(text, node, where)]
            return None
        if method == "replace" and len(node.args) >= 2:
            return self._replaced(node, func, where)
        if method in _SAME_TEXT:
            return self.texts(func.value, where)
        if method == "get" and node.args and self._table_of_constants(func.value, where):
            fallback = self.texts(node.args[1].value, where) if len(node.args) > 1 else []
            return [*_harmless(node), *(text for text in fallback if not _safe(text))]
        if self._is_construct(self.model.evaluate(func.value, where)) and self.model.knowledge.returns(name):
            texts = self.texts(func.value, where)  # `text(…).bindparams(…)` is the same text
            return texts if len(self.wrappers) > before else None
        return None

    def _is_construct(self, datum: Datum | None) -> bool:
        """Whether something is a wrapped text, or what its methods made of one."""
        while isinstance(datum, Made):
            if self.lexicon.wraps(datum.name) is not None:
                return True
            datum = datum.owner
        return False

    def _joined(self, separator: cst.BaseExpression, items: cst.BaseExpression, where: Where) -> list[Text]:
        found = self.elements(items, where)
        if found is None:
            return [(self._one_of(items, where, items),)]
        between = self.texts(separator, where)[0]
        pieces: list[str | Hole] = []
        for index, text in enumerate(found[:_LONGEST]):
            pieces += [*between, *text] if index else text
        return [tuple(pieces)]

    def _format(self, text: Text, node: cst.Call, where: Where) -> list[Text]:
        """What `format` makes of a text: every field is what it names."""
        positional = [arg.value for arg in node.args if arg.keyword is None and not arg.star]
        opened = [arg.value for arg in node.args if arg.star]
        assert isinstance(node.func, cst.Attribute)
        if node.func.attr.value == "format_map":
            opened, positional = positional, []
        named = {arg.keyword.value: (arg.value, where) for arg in node.args if arg.keyword is not None}
        for value in opened:
            named |= self._named_values(value, where)
        found: list[Text] = [()]
        index = 0
        for piece in text:
            if isinstance(piece, Hole):
                found = _product(found, [(piece,)])
                continue
            try:
                fields = list(Formatter().parse(piece))
            except ValueError:  # no format string: it raises
                return _product(found, [(piece,)])
            for literal, field, spec, _ in fields:
                found = _product(found, [(literal,)])
                if field is None:
                    continue
                first = re.split(r"[.\[]", field, maxsplit=1)[0]
                value_at: tuple[cst.BaseExpression, Where] | None
                if first.isdigit() or not first:
                    place = int(first) if first else index
                    index += not first
                    value_at = (positional[place], where) if place < len(positional) else None
                else:
                    value_at = named.get(first)
                if value_at is None or first != field:
                    whole = value_at or (opened[0] if opened else node, where)
                    found = _product(found, [(replace(self.hole(*whole), source="element"),)])
                else:
                    found = _product(found, self._field(*value_at, spec))
        return found

    def _named_values(self, node: cst.BaseExpression, where: Where) -> Mapping[str, tuple[cst.BaseExpression, Where]]:
        """The values of a dictionary display by their keys."""
        display, there = self._display(node, where)
        if not isinstance(display, cst.Dict):
            return {}
        entries = [element for element in display.elements if isinstance(element, cst.DictElement)]
        return {key: (entry.value, there) for entry in entries if (key := _text(entry.key)) is not None}

    def _substituted(self, node: cst.Call, func: cst.Attribute, where: Where) -> list[Text] | None:
        """`string.Template(…).substitute(…)`."""
        made = self.model.evaluate(func.value, where)
        if not isinstance(made, Made) or made.name != "string.Template":
            return None
        template, there = func.value, where
        if (
            isinstance(template, cst.Name)
            and (found := where.scope.find(template.value)) is not None
            and (value := found[1][0].value) is not None
        ):
            template, there = value, found[1][0]
        if not isinstance(template, cst.Call) or not template.args:
            return None
        named = {arg.keyword.value: (arg.value, where) for arg in node.args if arg.keyword is not None}
        for arg in node.args:
            if arg.keyword is None:
                named |= self._named_values(arg.value, where)
        found_texts: list[Text] = []
        for text in self.texts(template.args[0].value, there):
            ones: list[Text] = [()]
            for piece in text:
                if isinstance(piece, Hole):
                    ones = _product(ones, [(piece,)])
                    continue
                end = 0
                for match in _FIELD.finditer(piece):
                    ones = _product(ones, [(piece[end : match.start()],)])
                    end = match.end()
                    field = match["named"] or match["braced"]
                    value_at = named.get(field or "")
                    if not field:
                        ones = _product(ones, [("$",)])
                    else:
                        ones = _product(ones, self.spliced(*value_at) if value_at is not None else [(Hole(node, node, source="element"),)])
                ones = _product(ones, [(piece[end:],)])
            found_texts += ones
        return found_texts

    def _replaced(self, node: cst.Call, func: cst.Attribute, where: Where) -> list[Text]:
        old = self._constant(self.model.evaluate(node.args[0].value, where))
        texts = self.texts(func.value, where)
        if (
            old in ("'", '"', "`") and self._constant(self.model.evaluate(node.args[1].value, where)) == ""
        ):  # what ends a text is taken away
            return [tuple(replace(piece, safe=True) if isinstance(piece, Hole) else piece for piece in text) for text in texts]
        if not old or not any(isinstance(piece, str) and old in piece for text in texts for piece in text):
            return texts
        new = self.spliced(node.args[1].value, where)
        found: list[Text] = []
        for text in texts:
            ones: list[Text] = [()]
            for piece in text:
                if isinstance(piece, Hole):
                    ones = _product(ones, [(piece,)])
                    continue
                first, *rest = piece.split(old)
                ones = _product(ones, [(first,)])
                for part in rest:
                    ones = _product(_product(ones, new), [(part,)])
            found += ones
        return found

    def _results(self, function: Function, node: cst.Call | None, where: Where) -> list[tuple[cst.BaseExpression, Where]]:
        """What a function of this file returns, its parameters being what the call passes; nothing where that is not plain."""
        if function.generator or len(function.returns) > 4 or any(place.value is None for place in function.returns):
            return []
        if node is not None:
            for bindings in function.inner.bindings.values():
                if bindings[0].kind == "parameter" and (given := _argument(node, function, bindings[0])) is not None:
                    self.given[id(bindings[0].node)] = (given, where)
        return [(place.value, place) for place in function.returns if place.value is not None]

    # -- attributes

    def attribute(self, node: cst.Attribute, where: Where) -> list[Text]:
        known = self._constant(self.model.evaluate(node, where))
        if known is not None:
            return [(known,)]
        owner = self._own_class(node.value, where)
        if owner is None or self._is_checked(dotted(node), where):
            return [(self.hole(node, where),)]
        texts = self._held(owner, node)
        if not texts:
            return [(self.hole(node, where),)]
        return [tuple(replace(piece, source="attribute") if isinstance(piece, Hole) else piece for piece in text) for text in texts]

    def _held(self, owner: Class, node: cst.Attribute) -> list[Text]:
        """What an object of a class of this file holds under a name."""
        name = node.attr.value
        texts: list[Text] = []
        for place in self._lineage(owner):
            method = place.methods.get(name)
            if method is not None:
                if method.decorators and self.hops < _HOPS:
                    self.hops += 1
                    try:
                        texts += [text for value, at in self._results(method, None, method) for text in self.texts(value, at)]
                    finally:
                        self.hops -= 1
                return texts
            for binding in (*place.inner.bindings.get(name, ()), *place.attributes.get(name, ())):
                if id(binding) not in self.open:
                    self.open.add(id(binding))
                    try:
                        texts += self.bound(binding, node)
                    finally:
                        self.open.discard(id(binding))
        return texts

    def _own_class(self, node: cst.BaseExpression, where: Where) -> Class | None:
        """The class of which `self`, `cls` or `self.__class__` is meant."""
        if isinstance(node, cst.Attribute) and node.attr.value == "__class__":
            node = node.value
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "type" and len(node.args) == 1:
            node = node.args[0].value
        function = where.scope.function
        while function is not None and function.owner is None:
            function = function.function
        if function is None or not isinstance(node, cst.Name) or not function.parameters:
            return None
        return function.owner if function.parameters[0].name.value == node.value else None

    def _lineage(self, owner: Class) -> Iterator[Class]:
        yield owner
        for name in self.model.base_names(self.model.qualified(owner.qualname)):
            base = self.model.defined(name)
            if isinstance(base, Class):
                yield base

    # -- holes

    def hole(self, node: cst.BaseExpression, where: Where, *, element: bool = False) -> Hole:
        """What is known of an expression only as a hole; with `element` the hole is one of its elements."""
        return Hole(node, node, safe=self._is_safe(node, where, element=element), source=self._source(node, where))

    def _source(self, node: cst.BaseExpression, where: Where) -> Source:
        root = _root(node)
        if isinstance(root, cst.Name) and (found := where.scope.find(root.value)) is not None:
            usable = reaching(found[1], found[0], where.scope, where.order, where.frame)
            kinds = {binding.kind for binding in usable}
            if kinds == {"import"}:
                return "request" if usable[0].dotted.rpartition(".")[2] == "request" else "call"
            if kinds == {"parameter"}:
                given = self.given.get(id(usable[0].node))
                if given is not None:
                    return self._source(*given) if given[0] is not node else "other"
                source = self._parameter(usable[0], root).source
                # What an object that was passed in holds is as much its own affair as that of `self`.
                return source if source != "parameter" or _is_looked_up(node) else "attribute"
        return "call" if isinstance(node, cst.Call) else "other"

    def _is_safe(self, node: cst.BaseExpression, where: Where, *, element: bool) -> bool:
        if _in_capitals(node) or any(part in _OWN_NAMES for part in dotted(node).split(".")):
            return True
        if isinstance(node, cst.Attribute) and any(map(_SETTINGS.search, dotted(node.value).split("."))):
            return True
        if isinstance(node, cst.Name | cst.Attribute) and _CARED_FOR.search(last_name(node)):
            return True
        if isinstance(node, cst.Attribute) and self._is_of_class(node, where):
            return True
        if isinstance(node, cst.Await):
            return self._is_safe(node.expression, where, element=element)
        if isinstance(node, cst.Call):
            name = self.model.name_of(node.func, where)
            if self._is_careful(name, node.func):
                return True
            if name == "json.dumps" and node.args and self._is_safe(node.args[0].value, where, element=True):
                return True  # a list of numbers
            if not node.args and name != "builtins.input" and self._is_ours(node, where):
                return True
            callee = self.model.defined(name) if name else None
            if isinstance(callee, Function) and callee.node.returns is not None:
                return self.promises(callee.node.returns.annotation, callee, element=element)
        datum = self.model.evaluate(node, where)
        if isinstance(datum, Reference) and datum.owner is None:
            return self.model.defined(datum.name) is not None or self._is_enum(datum.name)
        if isinstance(datum, Made | Instance):
            kind = self.model.type_of(datum)
            if self._is_harmless(kind or (datum.name if isinstance(datum, Made) else "")):
                return True
        return self._is_promised(node, where, element=element) or self._is_checked(dotted(node), where)

    def _is_ours(self, node: cst.Call, where: Where) -> bool:
        """Whether what is called belongs to the program itself: it is no method of something that was passed in, nor of the request."""
        root = _root(node.func)
        if not isinstance(root, cst.Name):
            return False
        found = where.scope.find(root.value)
        own = self._own_class(root, where) is not None
        return found is not None and all(
            b.kind in ("function", "class") or (b.kind == "import" and not b.dotted.endswith("request")) or own for b in found[1]
        )

    def _is_of_class(self, node: cst.Attribute, where: Where) -> bool:
        """Whether something is a class's own, by the spelling of the class: `Kind.plain.value`, `Order.table`."""
        root = _root(node)
        if not isinstance(root, cst.Name) or not root.value.lstrip("_")[:1].isupper():
            return False
        found = where.scope.find(root.value)
        return found is not None and all(binding.kind in ("import", "class") for binding in found[1])

    def _is_promised(self, node: cst.BaseExpression, where: Where, *, element: bool) -> bool:
        """Whether the annotation of a name, or of a class's attribute, says that a value is harmless."""
        bindings: Sequence[Binding] = ()
        if isinstance(node, cst.Attribute):
            if node.attr.value in ("value", "name") and self._is_enum_member(node.value, where):
                return True
            kind = self.model.type_of(self.model.evaluate(node.value, where))
            place = self.model.defined(kind) if kind else None
            bindings = place.inner.bindings.get(node.attr.value, ()) if isinstance(place, Class) else ()
        elif isinstance(node, cst.Name) and (found := where.scope.find(node.value)) is not None:
            bindings = reaching(found[1], found[0], where.scope, where.order, where.frame)
        return bool(bindings) and all(b.annotation is not None and self.promises(b.annotation, b, element=element) for b in bindings)

    def _is_careful(self, name: str, func: cst.BaseExpression) -> bool:
        """Whether what a call gives cannot hurt: numbers and dates, what a library quotes, and what by its name is checked or quoted."""
        called = last_name(func)
        if name in _CARELESS or called in _ESCAPES or _is_half_quoted(name, func):
            return False
        return name == "re.sub" or called in _OF_TIME or bool(_CAREFUL.search(called)) or self._is_harmless(name)

    def _is_harmless(self, name: str) -> bool:
        return bool(name) and (
            name in _NUMBERS
            or self.lexicon.sanitises(name)
            or _NUMERIC_TYPES.fullmatch(name.rpartition(".")[2]) is not None
            or self._is_enum(name)
        )

    def _is_enum(self, name: str) -> bool:
        return any(
            base.startswith("enum.") or base.rpartition(".")[2] in ("StrEnum", "IntEnum", "TextChoices", "IntegerChoices")
            for base in self.model.base_names(name)
        )

    def _is_enum_member(self, node: cst.BaseExpression, where: Where) -> bool:
        datum = self.model.evaluate(node, where)
        if isinstance(datum, Made | Instance):
            return self._is_enum(self.model.type_of(datum))
        if isinstance(node, cst.Attribute):
            owner = self.model.evaluate(node.value, where)
            return isinstance(owner, Reference) and self._is_enum(owner.name)
        return False

    def promises(self, annotation: cst.BaseExpression, where: Where, *, element: bool = False) -> bool:
        """Whether an annotation promises numbers, dates, identifiers or one of a few constants; with `element`, a collection of them."""
        match annotation:
            case cst.SimpleString():
                inner_text = self.model.parsed(str(annotation.evaluated_value))
                return inner_text is not None and self.promises(inner_text, where, element=element)
            case cst.BinaryOperation(operator=cst.BitOr()):
                return all(_is_none(side) or self.promises(side, where, element=element) for side in (annotation.left, annotation.right))
            case cst.Subscript():
                last = (self.model.name_of(annotation.value, where) or dotted(annotation.value)).rpartition(".")[2]
                inner = [item.slice.value for item in annotation.slice if isinstance(item.slice, cst.Index)]
                if last == "Literal":
                    return not element
                if last in _TRANSPARENT_TYPES:
                    chosen = inner if last == "Union" else inner[:1]
                    return bool(chosen) and all(_is_none(item) or self.promises(item, where, element=element) for item in chosen)
                if element and last in _CONTAINERS:
                    return bool(inner) and all(isinstance(item, cst.Ellipsis) or self.promises(item, where) for item in inner)
                return False
            case cst.Name() | cst.Attribute() if not element:
                datum = self.model.evaluate(annotation, where)
                if isinstance(datum, Made) and datum.name.endswith(".NewType") and len(datum.arguments) == 2:
                    datum = datum.arguments[1]
                return self._is_harmless(datum.name if isinstance(datum, Reference) else dotted(annotation))
        return False

    def _constant(self, datum: Datum) -> str | None:
        if isinstance(datum, Constant) and datum.value is not None:
            return _shown(datum)
        if isinstance(datum, Made) and datum.arguments and isinstance(text := datum.arguments[0], Constant) and not datum.key:
            wraps = self.lexicon.wraps(datum.name)
            if wraps is not None and wraps[1] == 0:  # a text construct of another file
                self.wrapped = True
                return _shown(text)
        return None

    def _is_checked(self, name: str, where: Where) -> bool:
        """Whether the function around asks if a name's value is one of a few, or of a harmless form."""
        function = where.scope.function
        while name and function is not None:
            names = self._checked.get(id(function))
            if names is None:
                names = _checked_names([function.node])
                self._checked[id(function)] = names
            if name in names:
                return True
            function = function.function
        return False


def _is_half_quoted(name: str, func: cst.BaseExpression) -> bool:
    """Whether a call quotes a name in such a way that a quote within it ends it."""
    return any(_HALF_QUOTES.search(one) for one in (name, dotted(func)) if one)


# By class: LibCST's classes are abstract base classes, for which a `match` is slow.
_CHECKING: frozenset[type[cst.CSTNode]] = frozenset({cst.Comparison, cst.Call, cst.Expr})


def _checked_names(nodes: Sequence[cst.CSTNode]) -> frozenset[str]:
    """The names, dotted ones too, that are compared with a collection, asked for their form, or handed to something that checks."""
    found: set[str] = set()
    for root in nodes:
        for node in walk(root):
            if node.__class__ not in _CHECKING:
                continue
            match node:
                case cst.Comparison():
                    for target in node.comparisons:
                        if isinstance(target.operator, cst.In | cst.NotIn):
                            left = (
                                node.left.func.value
                                if isinstance(node.left, cst.Call) and isinstance(node.left.func, cst.Attribute)
                                else node.left
                            )
                            found.add(dotted(target.comparator if isinstance(left, cst.SimpleString) else left))
                case cst.Call() if _CHECKS.search(last_name(node.func)):
                    found |= {dotted(arg.value) for arg in node.args}
                    if isinstance(node.func, cst.Attribute):
                        found.add(dotted(node.func.value))
                case cst.Expr(value=cst.Call() as call) | cst.Expr(value=cst.Await(expression=cst.Call() as call)) if _CAREFUL.search(
                    last_name(call.func)
                ):
                    found |= {dotted(arg.value) for arg in call.args}
    return frozenset(found - {"", "self", "cls"})


# -- reading nodes


def _product(left: list[Text], right: list[Text]) -> list[Text]:
    """Every text of one side followed by every text of the other, up to a few."""
    if len(right) == 1:
        return [(*text, *right[0]) for text in left]
    return [(*a, *b) for a in left for b in right][:_MOST]


def _both(left: list[Text] | None, right: list[Text] | None) -> list[Text] | None:
    return None if left is None or right is None else [*left, *right]


def _filled(text: Text, hole: Hole) -> Text:
    """A text whose fields in braces are filled by something harmless."""
    pieces: list[str | Hole] = []
    for piece in text:
        if isinstance(piece, Hole):
            pieces.append(piece)
            continue
        for index, part in enumerate(re.split(r"\{\w*\}", piece)):
            pieces += [hole, part] if index else [part]
    return tuple(pieces)


def _unescaped(raw: str) -> str:
    """The text between the fields of an f-string; escapes that matter to nobody here stay as they are written."""
    for written, meant in (("{{", "{"), ("}}", "}"), ("\\\n", ""), ("\\n", "\n"), ("\\t", " "), ("\\'", "'"), ('\\"', '"')):
        raw = raw.replace(written, meant)
    return raw


def _in_capitals(node: cst.CSTNode) -> bool:
    """Whether something is named as constants are."""
    while isinstance(node, cst.Subscript):
        node = node.value
    return _CAPITALS.fullmatch(last_name(node)) is not None and not isinstance(node, cst.Call)


def _written_out(datum: Datum) -> bool:
    return isinstance(datum, Constant) or (isinstance(datum, Items) and all(_written_out(item) for item in datum.items))


def _shown(datum: Datum) -> str:
    return str(datum.value) if isinstance(datum, Constant) else ""


def _text(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def _entry(values: cst.Dict, key: str) -> cst.BaseExpression | None:
    for element in values.elements:
        if isinstance(element, cst.DictElement) and _text(element.key) == key:
            return element.value
    return None


def _may_be_text(annotation: cst.BaseExpression) -> bool:
    """Whether an annotation allows a text, or a collection of texts."""
    return any((isinstance(node, cst.Name) and node.value == "str") or isinstance(node, cst.SimpleString) for node in walk(annotation))


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _is_static(function: Function) -> bool:
    return any(dotted(decorator.node) == "staticmethod" for decorator in function.decorators)


def _is_looked_up(node: cst.BaseExpression) -> bool:
    """Whether a value is a name, or found under a key: not the attribute of an object."""
    match node:
        case cst.Name():
            return True
        case cst.Subscript() | cst.Call(func=cst.Attribute(attr=cst.Name(value="get"))):
            return True
    return False


def last_name(node: cst.CSTNode) -> str:
    """What an expression is called: the last name of a dotted one, of a call's function, the key or the name of what is looked up."""
    while True:
        match node:
            case cst.Name():
                return node.value
            case cst.Attribute():
                return node.attr.value
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="join")), args=[only]):
                node = only.value
            case cst.Call():
                node = node.func
            case cst.Await():
                node = node.expression
            case cst.Subscript():
                key = node.slice[0].slice if node.slice else None
                if isinstance(key, cst.Index) and (name := _text(key.value)) is not None:
                    return name
                node = node.value
            case _:
                return ""


def _root(node: cst.BaseExpression) -> cst.BaseExpression:
    """What a chain of attributes, subscripts and calls of methods begins with."""
    while True:
        match node:
            case cst.Attribute() | cst.Subscript():
                node = node.value
            case cst.Call(func=cst.Attribute() as func):
                node = func.value
            case cst.Await():
                node = node.expression
            case _:
                return node


def _targets(target: cst.BaseExpression, path: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names in a loop's target, each with its place."""
    if isinstance(target, cst.Name):
        yield target.value, path
    elif isinstance(target, cst.Tuple | cst.List):
        for index, element in enumerate(target.elements):
            yield from _targets(element.value, (*path, index))


def _path(binding: Binding, name: cst.BaseExpression) -> tuple[int, ...]:
    target = getattr(binding.node, "target", None)
    return dict(_targets(target, ())).get(last_name(name), ()) if target is not None else ()


def _passed_for(node: cst.Call, keywords: tuple[str, ...], position: int | None) -> cst.BaseExpression | None:
    positional = [arg for arg in node.args if arg.keyword is None]
    for arg in node.args:
        if arg.keyword is not None and arg.keyword.value in keywords:
            return arg.value
    if position is not None and position < len(positional) and not any(arg.star for arg in positional[: position + 1]):
        return positional[position].value
    return None


def _argument(node: cst.CSTNode, function: Function, binding: Binding) -> cst.BaseExpression | None:
    """What a call passes for a function's parameter: its argument, else the default; None where that cannot be read."""
    if (
        not isinstance(node, cst.Call)
        or not isinstance(binding.node, cst.Param)
        or binding.index is None
        or any(arg.star for arg in node.args)
    ):
        return None
    bound = function.owner is not None and not _is_static(function) and isinstance(node.func, cst.Attribute)
    given = _passed_for(node, (binding.node.name.value,), binding.index - bound if binding.index >= bound else None)
    return given if given is not None else binding.value


_VISIT: dict[type[cst.CSTNode], Callable[..., list[Text]]] = {
    cst.SimpleString: _Folding.string,
    cst.ConcatenatedString: _Folding.concatenated,
    cst.FormattedString: _Folding.formatted,
    cst.TemplatedString: _Folding.template,
    cst.BinaryOperation: _Folding.binary,
    cst.IfExp: _Folding.choice,
    cst.BooleanOperation: _Folding.boolean,
    cst.NamedExpr: _Folding.walrus,
    cst.Await: _Folding.awaited,
    cst.UnaryOperation: _Folding.computed,
    cst.Comparison: _Folding.computed,
    cst.Integer: _Folding.number,
    cst.Float: _Folding.number,
    cst.Subscript: _Folding.subscript,
    cst.Name: _Folding.name,
    cst.Attribute: _Folding.attribute,
    cst.Call: _Folding.call,
}
