"""
The places of a file that rules look at: thin views of syntax nodes, with the scope, frame and statement in which they stand.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import libcst as cst

from ..diagnostics import Severity
from ..finding import Finding, Fix, Note
from .frames import Frame
from .scopes import Binding, Scope
from .values import Datum, Made, Missing, Site

if TYPE_CHECKING:
    from .semantic import SemanticModel


class Place:
    """What all places have. `order` counts places through the file."""

    __slots__ = ("frame", "model", "order", "scope", "statement")

    def __init__(self, model: SemanticModel, scope: Scope, frame: Frame, order: int, statement: cst.CSTNode) -> None:
        self.model, self.scope, self.frame, self.order, self.statement = model, scope, frame, order, statement

    @property
    def at(self) -> cst.CSTNode:
        """The node to underline."""
        raise NotImplementedError

    @property
    def function(self) -> Function | None:
        """The function in whose body this place runs; None at module or class level, and in a lambda."""
        return self.scope.function

    @property
    def runs_in_coroutine(self) -> bool:
        """Whether the innermost function around this place is `async def`."""
        return self.scope.function is not None and self.scope.function.asynchronous

    def finding(
        self,
        message: str,
        *,
        cure: str = "",
        at: cst.CSTNode | None = None,
        notes: tuple[Note, ...] = (),
        severity: str | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """Says that something is wrong here; `at` underlines another node of the same statement."""
        return Finding(
            at=at or self.at,
            statement=self.statement,
            message=message,
            cure=cure,
            notes=notes,
            severity=Severity(severity) if severity else None,
            fix=fix,
        )

    def evaluate(self, expression: cst.BaseExpression) -> Datum:
        """What is known of an expression that stands here."""
        return self.model.evaluate(expression, self)


class Call(Place):
    """
    A call, or a decorator that stands without one (`bare`): `@retry` calls `retry` too.

    `awaited`: the result is awaited on the spot. `dropped`: the result is thrown away.
    """

    __slots__ = ("_made", "_name", "awaited", "bare", "decorated", "dropped", "node", "word")

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        frame: Frame,
        order: int,
        statement: cst.CSTNode,
        node: cst.BaseExpression,
        *,
        bare: bool = False,
        awaited: bool = False,
        dropped: bool = False,
        decorated: Function | Class | None = None,
    ) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node, self.bare, self.awaited, self.dropped, self.decorated = node, bare, awaited, dropped, decorated
        # The last part of what is called, as it is written: `get` in `client.get()`. Every rule of a word asks for it.
        func = node.func if isinstance(node, cst.Call) else node
        self.word = func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
        self._made: Made | None = None
        self._name: str | None = None

    @property
    def at(self) -> cst.CSTNode:
        return self.node

    @property
    def made(self) -> Made:
        """The call as a datum: what is called and with what. The name is "" where it is not known."""
        if self._made is None:
            self._made = self.model.made(self)
        return self._made

    def may_be(self, names: Collection[str]) -> bool:
        """Whether the last part of what is called may be one of these where it comes from: a first question, which costs next to nothing."""
        word = self.word
        return word in names or self.model.renamed.get(word) in names

    def forget(self) -> None:
        """Drops what was evaluated."""
        self._made = self._name = None

    @property
    def name(self) -> str:
        """The canonical dotted name of what is called, or "" where that is not known; for this alone no argument is looked at."""
        if self._name is None:
            self._name = self.model.called(self)
        return self._name

    @property
    def title(self) -> str:
        """What messages call it: the canonical name, or, where an object is called itself, what stands in the source."""
        if not self.name.endswith(".__call__"):
            return self.name
        from .semantic import dotted

        return dotted(self.node.func if isinstance(self.node, cst.Call) else self.node) or self.name.removesuffix(".__call__")

    def argument(self, *keywords: str, position: int | None = None) -> Datum | Missing:
        """What is known of the argument for a parameter."""
        return self.made.argument(*keywords, position=position)

    def argument_node(self, *keywords: str, position: int | None = None) -> cst.BaseExpression | None:
        """The expression passed for a parameter, where it is written at the call."""
        if not isinstance(self.node, cst.Call):
            return None
        index = 0
        found: cst.BaseExpression | None = None
        starred = False
        for arg in self.node.args:
            if arg.star:
                starred = True
            elif arg.keyword is not None:
                if arg.keyword.value in keywords:
                    return arg.value
            else:
                if index == position and not starred:
                    found = arg.value
                index += 1
        return found


class Function(Place):
    """
    A `def`. `inner` is the scope of its body; `calls`, `returns`, `yields` and `awaits` are those of its own body, nested functions left out.

    `overload`: it has a signature only, one of several, and the function itself comes after it.
    """

    __slots__ = (
        "asynchronous",
        "awaits",
        "calls",
        "decorators",
        "generator",
        "inner",
        "node",
        "overload",
        "owner",
        "qualname",
        "raises",
        "returns",
        "tests",
        "yields",
    )

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        frame: Frame,
        order: int,
        statement: cst.CSTNode,
        node: cst.FunctionDef,
        owner: Class | None,
    ) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node, self.owner = node, owner
        self.asynchronous = node.asynchronous is not None
        self.qualname = f"{scope.qualname}.{node.name.value}" if scope.qualname else node.name.value
        self.inner = Scope("function", self.qualname, scope, function=self)
        self.calls: list[Call] = []
        self.decorators: list[Call] = []
        self.returns: list[Return] = []
        self.raises: list[Raise] = []
        self.yields: list[Yield] = []
        self.tests: list[cst.BaseExpression] = []  # what `if` asks in it, functions defined there included
        self.generator = False
        self.overload = False
        self.awaits = 0

    @property
    def at(self) -> cst.CSTNode:
        return self.node.name

    @property
    def name(self) -> str:
        """Its own name, without those of what it stands in."""
        return self.node.name.value

    @property
    def parameters(self) -> list[cst.Param]:
        """All named parameters, in order; `*args` and `**kwargs` left out."""
        params = self.node.params
        return [*params.posonly_params, *params.params, *params.kwonly_params]


class Class(Place):
    """A `class`. `attributes` are the bindings of `self.x` in any of its methods; its own names are the bindings of `inner`."""

    __slots__ = ("attributes", "decorators", "inner", "methods", "node", "qualname")

    def __init__(self, model: SemanticModel, scope: Scope, frame: Frame, order: int, statement: cst.CSTNode, node: cst.ClassDef) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node = node
        self.qualname = f"{scope.qualname}.{node.name.value}" if scope.qualname else node.name.value
        self.inner = Scope("class", self.qualname, scope, owner=self)
        self.attributes: dict[str, list[Binding]] = {}
        self.methods: dict[str, Function] = {}
        self.decorators: list[Call] = []

    @property
    def at(self) -> cst.CSTNode:
        return self.node.name

    @property
    def name(self) -> str:
        """Its own name."""
        return self.node.name.value


class Handler(Place):
    """An `except` clause. `tries` is the statement it belongs to; `inside` the frame of its body."""

    __slots__ = ("calls", "inside", "node", "tries")

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        frame: Frame,
        order: int,
        node: cst.ExceptHandler | cst.ExceptStarHandler,
        tries: cst.Try | cst.TryStar,
    ) -> None:
        super().__init__(model, scope, frame, order, node)
        self.node, self.tries = node, tries
        self.inside = Frame("handler", node, frame)

    @property
    def at(self) -> cst.CSTNode:
        return self.node.type or self.node

    @property
    def bound(self) -> str:
        """The name that holds the exception, or ""."""
        name = self.node.name
        return name.name.value if name is not None and isinstance(name.name, cst.Name) else ""

    @property
    def catches(self) -> list[str]:
        """
        The dotted names of what is caught; `builtins.BaseException` for a bare `except:`, "" for each that is not known.
        """
        if self.node.type is None:
            return ["builtins.BaseException"]
        return self.model.exception_names(self.node.type, self)


class Loop(Place):
    """A `for` or `while`; `inside` is the frame of its body."""

    __slots__ = ("inside", "node")

    def __init__(self, model: SemanticModel, scope: Scope, frame: Frame, order: int, node: cst.For | cst.While) -> None:
        super().__init__(model, scope, frame, order, node)
        self.node = node
        self.inside = Frame("loop", node, frame)

    @property
    def at(self) -> cst.CSTNode:
        return self.node.test if isinstance(self.node, cst.While) else self.node.iter


class With(Place):
    """A `with`; `inside` is the frame of its body."""

    __slots__ = ("inside", "node")

    def __init__(self, model: SemanticModel, scope: Scope, frame: Frame, order: int, node: cst.With) -> None:
        super().__init__(model, scope, frame, order, node)
        self.node = node
        self.inside = Frame("with", node, frame)

    @property
    def at(self) -> cst.CSTNode:
        return self.node.items[0]


class Try(Place):
    """A `try` statement, as a whole."""

    __slots__ = ("node",)

    def __init__(
        self, model: SemanticModel, scope: Scope, frame: Frame, order: int, statement: cst.CSTNode, node: cst.Try | cst.TryStar
    ) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node = node

    @property
    def at(self) -> cst.CSTNode:
        return self.node


class _Spoken(Place):
    __slots__ = ("node",)

    def __init__(self, model: SemanticModel, scope: Scope, frame: Frame, order: int, statement: cst.CSTNode, node: cst.CSTNode) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node = node

    @property
    def at(self) -> cst.CSTNode:
        return self.node


class Return(_Spoken):
    """A `return`."""

    __slots__ = ()

    @property
    def value(self) -> cst.BaseExpression | None:
        """What is returned."""
        assert isinstance(self.node, cst.Return)
        return self.node.value


class Raise(_Spoken):
    """A `raise`."""

    __slots__ = ()

    @property
    def exception(self) -> cst.BaseExpression | None:
        """What is raised; None where the exception in flight is raised again."""
        assert isinstance(self.node, cst.Raise)
        return self.node.exc


class Assertion(_Spoken):
    """An `assert`."""

    __slots__ = ()

    @property
    def test(self) -> cst.BaseExpression:
        """What is asserted."""
        assert isinstance(self.node, cst.Assert)
        return self.node.test

    @property
    def message(self) -> cst.BaseExpression | None:
        """What is said where it does not hold."""
        assert isinstance(self.node, cst.Assert)
        return self.node.msg


class Jump(_Spoken):
    """A `break` or `continue`."""

    __slots__ = ()


class Yield(_Spoken):
    """A `yield`."""

    __slots__ = ()

    @property
    def value(self) -> cst.BaseExpression | None:
        """What is yielded; for `yield from`, what is delegated to."""
        assert isinstance(self.node, cst.Yield)
        return self.node.value.item if isinstance(self.node.value, cst.From) else self.node.value


class AttributeAssignment(Place):
    """An assignment to an attribute of an object: `session.timeout = 5`."""

    __slots__ = ("node", "target", "value")

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        frame: Frame,
        order: int,
        statement: cst.CSTNode,
        node: cst.CSTNode,
        target: cst.Attribute,
        value: cst.BaseExpression,
    ) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node, self.target, self.value = node, target, value

    @property
    def at(self) -> cst.CSTNode:
        return self.target


class ItemAssignment(Place):
    """An assignment to an item of something: `response.headers["Location"] = url`."""

    __slots__ = ("node", "target", "value")

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        frame: Frame,
        order: int,
        statement: cst.CSTNode,
        node: cst.CSTNode,
        target: cst.Subscript,
        value: cst.BaseExpression,
    ) -> None:
        super().__init__(model, scope, frame, order, statement)
        self.node, self.target, self.value = node, target, value

    @property
    def at(self) -> cst.CSTNode:
        return self.target


def site_of(datum: Datum) -> Site | None:
    """Where the call that made something stands, if in another file."""
    return datum.site if isinstance(datum, Made) else None
