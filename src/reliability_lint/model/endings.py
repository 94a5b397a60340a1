"""Where control goes: how a block of statements may end, seen from its shape alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal, TypeAlias

import libcst as cst

from .frames import Frame
from .semantic import dotted

End: TypeAlias = Literal["on", "continue", "break", "return", "raise"]
Ends: TypeAlias = frozenset[End]
Statement: TypeAlias = cst.BaseStatement | cst.BaseSmallStatement

ON: Ends = frozenset({"on"})
LEAVES: Ends = frozenset({"break", "return", "raise"})
# By what is written, for nothing else is known here; modules are often imported under a private name.
_QUITS = re.compile(r"_*(?:sys_*\.exit|os_*\._exit)|exit|quit")


def always(test: cst.BaseExpression) -> bool:
    """Whether a loop's condition is always true, as written: `True`, `1`."""
    return (isinstance(test, cst.Name) and test.value == "True") or (isinstance(test, cst.Integer) and test.value != "0")


def then(first: Ends, second: Ends) -> Ends:
    """How two blocks end, one after the other."""
    return (first - ON) | second if "on" in first else first


def statements(block: cst.BaseSuite | None) -> Sequence[Statement]:
    """The statements of a block; those that share a line stand for themselves."""
    if block is None:
        return ()
    if isinstance(block, cst.SimpleStatementSuite):
        return list(block.body)
    found: list[Statement] = []
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            found += statement.body
        elif isinstance(statement, cst.BaseStatement):
            found.append(statement)
    return found


def ends(block: cst.BaseSuite | Sequence[Statement] | None) -> Ends:
    """How a block may end; "on" where what follows it is reached. Exceptions that calls raise are not looked at, `raise` is."""
    result: Ends = ON
    for statement in statements(block) if block is None or isinstance(block, cst.BaseSuite) else block:
        result = then(result, _ends(statement))
        if "on" not in result:
            break
    return result


# By class: LibCST's classes are abstract base classes, for which `match` is slow.
_LEAVING: frozenset[type[cst.CSTNode]] = frozenset(
    {
        cst.Return, cst.Raise, cst.Break, cst.Continue, cst.Expr, cst.If, cst.For, cst.While, cst.Try, cst.TryStar, cst.With, cst.Match,
    }
)  # fmt: skip


def _ends(statement: Statement) -> Ends:
    if statement.__class__ not in _LEAVING:
        return ON
    match statement:
        case cst.Return():
            return frozenset({"return"})
        case cst.Raise():
            return frozenset({"raise"})
        case cst.Break():
            return frozenset({"break"})
        case cst.Continue():
            return frozenset({"continue"})
        case cst.Expr(value=cst.Call(func=func)) if _QUITS.fullmatch(dotted(func)):
            return frozenset({"raise"})
        case cst.If():
            return ends(statement.body) | _otherwise(statement.orelse)
        case cst.For() | cst.While():
            return _loop(statement)
        case cst.Try() | cst.TryStar():
            return _try(statement)
        case cst.With():
            swallows = any(dotted(item.item.func).endswith("suppress") for item in statement.items if isinstance(item.item, cst.Call))
            return ends(statement.body) | (ON if swallows else frozenset())
        case cst.Match():
            cases: Ends = ON
            for case in statement.cases:
                cases |= ends(case.body)
            return cases
    return ON


def gone(frame: Frame, around: Collection[int]) -> bool:
    """
    Whether a branch is never left downwards: who passes through this frame does not come to a place that is outside of it. `around` are the `id()`s of
    the frames around that place.
    """
    for outer in frame.within_function():
        if id(outer) in around:
            return False
        if isinstance(outer.node, cst.If) and outer.kind in ("if", "else"):
            block = outer.node.body if outer.kind == "if" else None
            found = ends(block) if block is not None else _otherwise(outer.node.orelse)
            if not found & {"on", "continue", "break"}:
                return True
    return False


def _otherwise(node: cst.If | cst.Else | None) -> Ends:
    if node is None:
        return ON
    return _ends(node) if isinstance(node, cst.If) else ends(node.body)


def _loop(node: cst.For | cst.While) -> Ends:
    inner = ends(node.body)
    goes_on = "break" in inner or not (isinstance(node, cst.While) and always(node.test))
    after = then(ON, ends(node.orelse.body)) if node.orelse is not None else ON
    return (inner - {"on", "continue", "break"}) | (after | (ON if "break" in inner else frozenset()) if goes_on else frozenset())


def _try(node: cst.Try | cst.TryStar) -> Ends:
    result = then(ends(node.body), ends(node.orelse.body) if node.orelse is not None else ON)
    for handler in node.handlers:
        result |= ends(handler.body)
    if node.finalbody is None:
        return result
    final = ends(node.finalbody.body)
    return final if "on" not in final else result | (final - ON)
