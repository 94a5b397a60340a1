"""Names and where they are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import libcst as cst

from .frames import Frame

if TYPE_CHECKING:
    from .places import Class, Function

BindingKind: TypeAlias = Literal[
    "assign",
    "annotation",
    "augmented",
    "unpack",
    "import",
    "function",
    "class",
    "parameter",
    "with",
    "for",
    "case",
    "except",
    "delete",
    "other",
]
ScopeKind: TypeAlias = Literal["module", "class", "function", "lambda"]


class Binding:
    """
    One place that gives a name a meaning.

    `value` is the expression assigned (or iterated, entered, unpacked); `dotted` an import's target; `annotation` what is declared, or matched;
    `order` counts places through the file, so that of two bindings the later is larger.
    """

    __slots__ = ("annotation", "dotted", "frame", "index", "kind", "node", "order", "scope", "statement", "value")

    def __init__(
        self,
        kind: BindingKind,
        node: cst.CSTNode,
        scope: Scope,
        frame: Frame,
        order: int,
        statement: cst.CSTNode,
        *,
        value: cst.BaseExpression | None = None,
        annotation: cst.BaseExpression | None = None,
        dotted: str = "",
        index: int | None = None,
    ) -> None:
        self.kind, self.node, self.scope, self.frame, self.order, self.statement = kind, node, scope, frame, order, statement
        self.value, self.annotation, self.dotted, self.index = value, annotation, dotted, index


class Scope:
    """A namespace. `qualname` is dotted from the module; `function` and `owner` are the places that open it."""

    __slots__ = ("bindings", "function", "kind", "nonlocals", "owner", "parent", "qualname", "starred")

    def __init__(
        self, kind: ScopeKind, qualname: str, parent: Scope | None, *, function: Function | None = None, owner: Class | None = None
    ) -> None:
        self.kind, self.qualname, self.parent, self.function, self.owner = kind, qualname, parent, function, owner
        self.bindings: dict[str, list[Binding]] = {}
        self.nonlocals: dict[str, Scope] = {}
        self.starred: list[str] = []  # modules whose names `import *` brings here

    def add(self, name: str, binding: Binding) -> None:
        """Binds a name here, or where `global` and `nonlocal` say."""
        self.nonlocals.get(name, self).bindings.setdefault(name, []).append(binding)

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Where a name that is used in this scope is bound; a class's names are seen in its own body only."""
        scope: Scope | None = self.nonlocals.get(name, self)
        first = True
        while scope is not None:
            if first or scope.kind != "class":
                bindings = scope.bindings.get(name)
                if bindings:
                    return scope, bindings
            first = False
            scope = scope.parent
        return None


def reaching(bindings: list[Binding], scope: Scope, user: Scope, order: int, frame: Frame) -> list[Binding]:
    """
    The bindings that a use may see.

    From another scope: all of them. From the same: those since the last one that surely ran before the use, and those that a loop around the use
    brings back.
    """
    if len(bindings) == 1 or scope is not user:
        return bindings
    around = set(map(id, frame.outward()))
    before: list[Binding] = []
    elsewhere: list[Binding] = []
    branches: dict[int, set[str]] = {}  # of each `if`, those in which the name is surely bound
    for binding in bindings:
        if binding.scope is not scope:  # `global` or `nonlocal` elsewhere: who knows when
            elsewhere.append(binding)
        elif binding.order < order:
            if id(binding.frame) in around and binding.kind != "augmented":
                before = [binding]
            else:
                before.append(binding)
                if len(before) > 1 and binding.frame.kind in ("if", "else") and binding.kind != "augmented":
                    before = _since_both(binding, before, branches, around)
    loops = [f for f in frame.within_function() if f.kind == "loop"]
    after = [b for b in bindings if b.order >= order and any(loop.encloses(b.frame) for loop in loops)]
    return before + [b for b in after if b not in elsewhere] + elsewhere or bindings


def _since_both(binding: Binding, before: list[Binding], branches: dict[int, set[str]], around: set[int]) -> list[Binding]:
    """The bindings that still count when a name is bound in a branch: where the other branch binds it too, none from before the `if`."""
    frame = binding.frame
    while frame.kind in ("if", "else") and frame.parent is not None:
        bound = branches.setdefault(id(frame.node), set())
        bound.add(frame.kind)
        if len(bound) < 2:
            break
        whole, frame = frame.node, frame.parent
        if id(frame) in around:
            return [one for one in before if any(outer.node is whole for outer in one.frame.outward())]
    return before
