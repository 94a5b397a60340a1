"""
Whether another linter reports a finding of ours too.

Peers look at what is written, so here it counts how a name is imported and what literally stands in a call, not what is known of a value. Where it
is not certain that a peer speaks, the finding stays ours.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable

import libcst as cst

from ..finding import Finding
from ..model.places import Call, Handler, Raise
from ..model.scopes import Scope
from ..model.semantic import SemanticModel, dotted
from ..peers import Reports

_STATEMENTS = {"return": cst.Return, "break": cst.Break, "continue": cst.Continue}


class Overlap:
    """Asks about the findings of one file, whose calls, handlers and raised exceptions are looked up by their nodes."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._calls: dict[int, Call] = {}
        self._handlers: dict[int, Handler] = {}
        self._raises: dict[int, Raise] = {}

    def reported(self, finding: Finding, reports: Iterable[Reports]) -> bool:
        """Whether one of these covers the finding."""
        if not self._calls and not self._handlers:
            self._calls = {id(one.node): one for one in self._model.calls}
            self._handlers = {id(one.at): one for one in self._model.handlers}
            self._raises = {id(one.node): one for one in self._model.raises}
        return any(self._covers(one, finding) for one in reports)

    def _covers(self, reports: Reports, finding: Finding) -> bool:
        if reports.imports and not any(_below(name, reports.imports) for name in self._model.imports):
            return False
        if reports.asserts:
            return isinstance(finding.at, cst.Assert)
        if reports.leaves:
            return any(isinstance(finding.at, _STATEMENTS[word]) for word in reports.leaves) and not self._is_aside(finding.at)
        if reports.catches:
            handler = self._handlers.get(id(finding.at))
            return handler is not None and _catches(handler, reports)
        if reports.raises:
            place = self._raises.get(id(finding.at))
            return place is not None and _raises(place, self._model, plain=reports.raises == "plain")
        call = self._calls.get(id(finding.at))
        return call is not None and isinstance(call.node, cst.Call) and _calls(call, call.node, reports)

    def _is_aside(self, node: cst.CSTNode) -> bool:
        """Whether peers may overlook what leaves a `finally`: in the `else` of a loop, or where its `try` has `except*`."""
        places = [*self._model.jumps, *(returned for function in self._model.functions for returned in function.returns)]
        frames = next((list(place.frame.within_function()) for place in places if place.node is node), [])
        final = next((frame for frame in frames if frame.kind == "finally"), None)
        return final is None or isinstance(final.node, cst.TryStar) or any(frame.kind == "loop-else" for frame in frames)


def _below(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


# calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _calls(call: Call, node: cst.Call, reports: Reports) -> bool:
    if reports.calls and imported_name(node.func, call.scope) not in reports.calls:
        return False
    if reports.absent and any(one.star or _keyword(one) == reports.absent for one in node.args):
        return False
    if reports.none and not any(_keyword(one) == reports.none and _is_none(one.value) for one in node.args):
        return False
    if reports.alone and not _is_alone(call, node):
        return False
    if reports.sql:
        first = next((one.value for one in node.args if not one.star), None)
        return first is not None and re.match(reports.sql, _beginning(first), re.IGNORECASE | re.DOTALL) is not None
    return bool(reports.calls)


def _keyword(argument: cst.Arg) -> str:
    return argument.keyword.value if argument.keyword is not None else ""


def _is_none(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "None"


def _is_alone(call: Call, node: cst.Call) -> bool:
    small = getattr(call.statement, "body", None)
    return isinstance(small, tuple | list) and any(isinstance(one, cst.Expr) and one.value is node for one in small)


def imported_name(func: cst.BaseExpression, scope: Scope) -> str:
    """What a dotted name is called where it comes from, by its imports alone; "" where it is bound in any other way."""
    written = dotted(func)
    if not written:
        return ""
    root, dot, rest = written.partition(".")
    found = scope.find(root)
    if found is None:
        return f"builtins.{written}" if hasattr(builtins, root) and not _starred(scope) else ""
    origins = {binding.dotted if binding.kind == "import" else "" for binding in found[1]}
    origin = origins.pop()
    return f"{origin}{dot}{rest}" if origin and not origins else ""


def _starred(scope: Scope | None) -> bool:
    while scope is not None:
        if scope.starred:
            return True
        scope = scope.parent
    return False


def _beginning(node: cst.BaseExpression) -> str:
    """The text of a literal that something is put into, as far as it is certain: up to the first hole."""
    match node:
        case cst.BinaryOperation(operator=cst.Modulo(), left=cst.SimpleString() as text):
            return _text(text).partition("%")[0]
        case cst.BinaryOperation(operator=cst.Add(), left=cst.SimpleString() as text):
            return _text(text)
        case cst.Call(func=cst.Attribute(value=cst.SimpleString() as text, attr=cst.Name("format"))):
            return _text(text).partition("{")[0]
        case cst.FormattedString(parts=[cst.FormattedStringText(value=begins), *_]):
            return begins
    return ""


def _text(node: cst.SimpleString) -> str:
    value = node.evaluated_value
    return value if isinstance(value, str) else ""


# handlers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _catches(handler: Handler, reports: Reports) -> bool:
    if not isinstance(handler.node, cst.ExceptHandler):
        return False
    caught = handler.node.type
    if isinstance(caught, cst.Tuple):
        written = () if reports.single else tuple(_exception(one.value, handler.scope) for one in caught.elements)
    else:
        written = ("" if caught is None else _exception(caught, handler.scope),)
    return not set(written).isdisjoint(reports.catches) and _does(handler, reports.body)


def _exception(node: cst.BaseExpression, scope: Scope) -> str:
    """A built-in exception by its name, another one by where it comes from, "?" where that is not certain."""
    return imported_name(node, scope).removeprefix("builtins.") or "?"


def _does(handler: Handler, body: str) -> bool:
    """Whether one `pass`, or one `continue`, is all that a handler does; anything may, where nothing is asked."""
    if not body:
        return True
    wanted = cst.Pass if body == "pass" else cst.Continue
    suite = handler.node.body
    statements = suite.body
    if len(statements) != 1:
        return False
    (one,) = statements
    small = one.body if isinstance(one, cst.SimpleStatementLine) else [one]
    return len(small) == 1 and isinstance(small[0], wanted)


# raised exceptions ────────────────────────────────────────────────────────────────────────────────────────────────────


def _raises(place: Raise, model: SemanticModel, *, plain: bool) -> bool:
    """Whether an exception is raised without `from` in a handler, and not in a `try` inside of that."""
    node = place.node
    assert isinstance(node, cst.Raise)
    around = next((frame for frame in place.frame.within_function() if frame.kind in ("handler", "try", "try-else", "finally")), None)
    if node.cause is not None or around is None or around.kind != "handler":
        return False
    raised = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
    named = any(one.node is around.node and one.bound for one in model.handlers)
    return not plain or not named or isinstance(raised, cst.Name)
