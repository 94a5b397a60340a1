"""Handlers that somebody meant to write later."""

from __future__ import annotations

import re

import libcst as cst

from ..concepts.speech import Log
from ..model.endings import statements
from ..model.places import Handler
from ..model.swallowing import aside, comments, imports, last_name, looks_empty, says_nothing, trap_of
from .reports import GRAVE

_LATER = re.compile(
    r"\b(?i:todo|fixme)\b|\b(XXX|HACK|TBD|BUG)\b|#\s*(?i:handle (this|error|the error|exception)\b|ignore (this )?for now\b)"
)
_IMPOSSIBLE = re.compile(r"\b(should|must|can|could) ?(never|not) happen\b", re.IGNORECASE)
# What is to be done later is no better handling: the code is to go, or to look different.
_TIDYING = re.compile(
    r"\b(remove|drop|delete|deprecat\w*|refactor|rename|move|clean ?up|typing|type hint|python ?[23]|upstream)\b", re.IGNORECASE
)
_FLOW = frozenset(
    {
        "builtins.ImportError", "builtins.ModuleNotFoundError", "builtins.AttributeError", "builtins.NotImplementedError", "builtins.StopIteration",
        "builtins.KeyboardInterrupt", "builtins.SystemExit", "asyncio.CancelledError",
    }
)  # fmt: skip


def put_off(handler: Handler) -> str:
    """The comment by which a handler that does next to nothing says that something is to be done; "" where it does something, or says no such thing."""
    trap = trap_of(handler)
    logs = False
    for statement in statements(trap.reaction):
        match statement:
            case cst.Expr(value=cst.Call() as node):
                call = handler.model.meanings.at(node)
                log = handler.model.meanings.means(call, Log) if call is not None else None
                if log is not None and log.level in GRAVE:
                    return ""  # somebody hears of it
                if log is not None:
                    logs = True
                elif last_name(node) != "print":
                    return ""
            case cst.Return(value=cst.BaseExpression() as value) if looks_empty(value) or (
                isinstance(value, cst.Name) and value.value in ("True", "False")
            ):
                continue
            case cst.Raise() if is_unwritten(statement, handler):
                continue
            case _ if not says_nothing(statement):
                return ""
    if imports(trap) or aside(trap):
        return ""
    for text in comments(handler.node.body):
        if (_LATER.search(text) or (not logs and _IMPOSSIBLE.search(text))) and not _TIDYING.search(text):
            return text.lstrip("# ").strip()
    return ""


def is_unwritten(statement: cst.CSTNode, handler: Handler) -> bool:
    """Whether a statement of a handler raises `NotImplementedError` without a word, and what was caught is no question of what is there."""
    if not isinstance(statement, cst.Raise) or statement.cause is not None or not _FLOW.isdisjoint(handler.catches):
        return False
    match statement.exc:
        case cst.Name(value="NotImplementedError") | cst.Call(func=cst.Name(value="NotImplementedError"), args=()):
            return True
    return False
