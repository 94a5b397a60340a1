"""
The course of a block: what happens in it, in the order in which Python does it. Names are read and bound, something may fail, something leaves.

No more is said than the shape tells: of branches, loops and handlers both ways are listed, each with what it hangs on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import libcst as cst

from ..syntax.tree import children, walk

Kind: TypeAlias = Literal["read", "bind", "fail", "leave"]


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One thing that happens: a name is read or bound (`name`; what is deleted is read), something may fail, the block is left.

    `conditions` are what it hangs on, the outermost first: tests, what a loop goes over, handlers. `within` are the `try` and `with` statements of the block in
    whose body it happens; `repeated` says that it stands in a loop of the block.
    """

    kind: Kind
    node: cst.CSTNode
    statement: cst.CSTNode
    name: str = ""
    conditions: tuple[cst.CSTNode, ...] = ()
    within: tuple[cst.Try | cst.TryStar | cst.With, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Around:
    statement: cst.CSTNode
    conditions: tuple[cst.CSTNode, ...] = ()
    within: tuple[cst.Try | cst.TryStar | cst.With, ...] = ()
    repeated: bool = False
    hidden: frozenset[str] = frozenset()  # names that a comprehension has for itself

    def where(self, *conditions: cst.CSTNode) -> _Around:
        """The same where something more must hold."""
        return replace(self, conditions=(*self.conditions, *conditions))


_Work: TypeAlias = "tuple[cst.CSTNode | Happening, _Around]"


def course(block: cst.CSTNode) -> list[Happening]:
    """What happens in a block, in order. What is defined in it happens elsewhere, except for its name, its defaults and its decorators."""
    return _Course().run(block)


class _Course:
    """What has happened so far, and what is still to be looked at."""

    def __init__(self) -> None:
        self.found: list[Happening] = []
        self.stack: list[_Work] = []

    def run(self, block: cst.CSTNode) -> list[Happening]:
        self.stack.append((block, _Around(block)))
        while self.stack:
            work, around = self.stack.pop()
            if isinstance(work, Happening):
                self.found.append(work)
                continue
            visit = _VISITS.get(work.__class__)
            if visit is not None:
                visit(self, work, around)
            else:
                fails = self.happening("fail", work, around) if work.__class__ in _MAY_FAIL else None
                self.then(around, *children(work), fails)
        return self.found

    # -- what comes next

    def then(self, around: _Around, *nodes: cst.CSTNode | Happening | None) -> None:
        """Looks at these next, before all that waits already, in the order given."""
        self.stack.extend((node, around) for node in reversed(nodes) if node is not None)

    def in_turn(self, *parts: tuple[_Around, Iterable[cst.CSTNode | Happening | None]]) -> None:
        """Looks at several parts next, each with what is around it."""
        for around, nodes in reversed(parts):
            self.then(around, *nodes)

    @staticmethod
    def happening(kind: Kind, node: cst.CSTNode, around: _Around, name: str = "") -> Happening:
        return Happening(kind, node, around.statement, name, around.conditions, around.within, around.repeated)

    def binds(self, target: cst.CSTNode, around: _Around) -> list[cst.CSTNode | Happening]:
        """What a target does: names are bound, and what stands before a dot or a bracket is read."""
        if isinstance(target, cst.Name):
            return [self.happening("bind", target, around, target.value)]
        if isinstance(target, cst.Tuple | cst.List):
            parts = [part for element in target.elements for part in self.binds(element.value, around)]
            return [self.happening("fail", target, around), *parts]
        return [*children(target)[:1], self.happening("fail", target, around)]

    # -- statements

    def line(self, node: cst.SimpleStatementLine, around: _Around) -> None:
        self.then(replace(around, statement=node), *node.body)

    def assign(self, node: cst.Assign, around: _Around) -> None:
        self.then(around, node.value, *(part for target in node.targets for part in self.binds(target.target, around)))

    def annotated(self, node: cst.AnnAssign, around: _Around) -> None:
        if node.value is not None:
            self.then(around, node.value, *self.binds(node.target, around))

    def augmented(self, node: cst.AugAssign, around: _Around) -> None:
        self.then(around, node.target, node.value, self.happening("fail", node, around), *self.binds(node.target, around))

    def walrus(self, node: cst.NamedExpr, around: _Around) -> None:
        self.then(around, node.value, *self.binds(node.target, around))

    def imports(self, node: cst.Import | cst.ImportFrom, around: _Around) -> None:
        bound = [self.happening("fail", node, around)]
        for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
            name: cst.CSTNode = alias.asname.name if alias.asname is not None else alias.name
            while isinstance(name, cst.Attribute):
                name = name.value
            if isinstance(name, cst.Name):
                bound.append(self.happening("bind", name, around, name.value))
        self.then(around, *bound)

    def leaves(self, node: cst.Return | cst.Raise | cst.Break | cst.Continue, around: _Around) -> None:
        inside = isinstance(node, cst.Break | cst.Continue) and around.repeated  # of a loop of the block itself
        fails = self.happening("fail", node, around) if isinstance(node, cst.Raise) else None
        self.then(around, *children(node), fails, None if inside else self.happening("leave", node, around))

    def branch(self, node: cst.If, around: _Around) -> None:
        around = replace(around, statement=node)
        inside = around.where(node.test)
        self.in_turn((around, (node.test,)), (inside, (node.body, node.orelse)))

    def loop(self, node: cst.For, around: _Around) -> None:
        around = replace(around, statement=node)
        inside = replace(around.where(node.iter), repeated=True)
        goes = self.happening("fail", node, around)
        self.in_turn((around, (node.iter, goes)), (inside, (*self.binds(node.target, inside), node.body)), (around, (node.orelse,)))

    def endless(self, node: cst.While, around: _Around) -> None:
        around = replace(around, statement=node)
        inside = replace(around.where(node.test), repeated=True)
        self.in_turn((around, (node.test,)), (inside, (node.body,)), (around, (node.orelse,)))

    def manages(self, node: cst.With, around: _Around) -> None:
        around = replace(around, statement=node)
        head: list[cst.CSTNode | Happening] = []
        for item in node.items:
            head += [item.item, self.happening("fail", node if node.asynchronous is not None else item, around)]
            head += self.binds(item.asname.name, around) if item.asname is not None else []
        self.in_turn((around, head), (replace(around, within=(*around.within, node)), (node.body,)))

    def tries(self, node: cst.Try | cst.TryStar, around: _Around) -> None:
        inside = replace(around, within=(*around.within, node))
        parts: list[tuple[_Around, Iterable[cst.CSTNode | Happening | None]]] = [(inside, (node.body,))]
        for handler in node.handlers:
            caught = replace(around.where(handler), statement=handler)
            bound = self.binds(handler.name.name, caught) if handler.name is not None else []
            parts.append((caught, (handler.type, *bound, handler.body)))
        self.in_turn(*parts, (around, (node.orelse, node.finalbody)))

    def matches(self, node: cst.Match, around: _Around) -> None:
        around = replace(around, statement=node)
        inside = around.where(node.subject)
        parts = [(inside, (*self.captures(case.pattern, inside), case.guard, case.body)) for case in node.cases]
        self.in_turn((around, (node.subject,)), *parts)

    def captures(self, pattern: cst.CSTNode, around: _Around) -> list[Happening]:
        """The names that a pattern binds."""
        found = []
        for node in walk(pattern):
            name = node.name if isinstance(node, cst.MatchAs | cst.MatchStar) else node.rest if isinstance(node, cst.MatchMapping) else None
            if name is not None:
                found.append(self.happening("bind", node, around, name.value))
        return found

    def defines(self, node: cst.FunctionDef | cst.ClassDef, around: _Around) -> None:
        around = replace(around, statement=node)
        given = _defaults(node.params) if isinstance(node, cst.FunctionDef) else [arg.value for arg in (*node.bases, *node.keywords)]
        self.then(around, *(one.decorator for one in node.decorators), *given, self.happening("bind", node.name, around, node.name.value))

    def names_type(self, node: cst.TypeAlias, around: _Around) -> None:
        self.then(around, *self.binds(node.name, around))

    # -- expressions

    def name(self, node: cst.Name, around: _Around) -> None:
        if node.value not in around.hidden:
            self.found.append(self.happening("read", node, around, node.value))

    def attribute(self, node: cst.Attribute, around: _Around) -> None:
        self.then(around, node.value, self.happening("fail", node, around))

    def argument(self, node: cst.Arg, around: _Around) -> None:
        self.then(around, node.value)

    def late(self, node: cst.Lambda, around: _Around) -> None:
        self.then(around, *_defaults(node.params))

    def either(self, node: cst.IfExp, around: _Around) -> None:
        self.in_turn((around, (node.test,)), (around.where(node.test), (node.body, node.orelse)))

    def boolean(self, node: cst.BooleanOperation, around: _Around) -> None:
        self.in_turn((around, (node.left,)), (around.where(node.left), (node.right,)))

    def comprehension(self, node: cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp, around: _Around) -> None:
        first = node.for_in
        own: set[str] = set()
        rest: list[cst.CSTNode] = []
        loop: cst.CompFor | None = first
        while loop is not None:
            own.update(one.value for one in walk(loop.target) if isinstance(one, cst.Name))
            rest += [*([loop.iter] if loop is not first else []), *(one.test for one in loop.ifs)]
            loop = loop.inner_for_in
        inside = replace(around.where(first.iter), hidden=around.hidden | own)
        made = (node.key, node.value) if isinstance(node, cst.DictComp) else (node.elt,)
        goes = self.happening("fail", first, around)
        self.in_turn((around, (first.iter, goes)), (inside, (*rest, *made)))

    def nothing(self, node: cst.CSTNode, around: _Around) -> None:
        """What happens here concerns no name and cannot fail."""


def _defaults(params: cst.Parameters) -> list[cst.BaseExpression]:
    every = (*params.posonly_params, *params.params, *params.kwonly_params)
    return [param.default for param in every if param.default is not None]


# By class, as everywhere where most nodes pass by.
_MAY_FAIL: frozenset[type[cst.CSTNode]] = frozenset(
    {cst.Call, cst.Subscript, cst.Await, cst.Yield, cst.BinaryOperation, cst.Comparison, cst.FormattedStringExpression, cst.Assert}
)
_VISITS: dict[type[cst.CSTNode], Callable[[_Course, Any, _Around], None]] = {
    cst.SimpleStatementLine: _Course.line,
    cst.Assign: _Course.assign,
    cst.AnnAssign: _Course.annotated,
    cst.AugAssign: _Course.augmented,
    cst.NamedExpr: _Course.walrus,
    cst.Import: _Course.imports,
    cst.ImportFrom: _Course.imports,
    cst.Return: _Course.leaves,
    cst.Raise: _Course.leaves,
    cst.Break: _Course.leaves,
    cst.Continue: _Course.leaves,
    cst.If: _Course.branch,
    cst.For: _Course.loop,
    cst.While: _Course.endless,
    cst.With: _Course.manages,
    cst.Try: _Course.tries,
    cst.TryStar: _Course.tries,
    cst.Match: _Course.matches,
    cst.FunctionDef: _Course.defines,
    cst.ClassDef: _Course.defines,
    cst.TypeAlias: _Course.names_type,
    cst.Name: _Course.name,
    cst.Attribute: _Course.attribute,
    cst.Arg: _Course.argument,
    cst.Lambda: _Course.late,
    cst.IfExp: _Course.either,
    cst.BooleanOperation: _Course.boolean,
    cst.ListComp: _Course.comprehension,
    cst.SetComp: _Course.comprehension,
    cst.DictComp: _Course.comprehension,
    cst.GeneratorExp: _Course.comprehension,
    cst.Global: _Course.nothing,
    cst.Nonlocal: _Course.nothing,
    cst.SimpleString: _Course.nothing,
    cst.Integer: _Course.nothing,
}

__all__ = ["Happening", "course"]
