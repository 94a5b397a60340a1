"""
The rules that a Python file declares, read and not executed.

Where every declaration says all there is to say, a rule can be selected, configured and explained before it is imported, so a run that finds nothing changed
imports none. Where one leaves something open, as a default that is worked out does, nothing is taken from any.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from ..diagnostics import Severity
from ..registry import Rule, Set, is_code

_FACES = {"reliability_lint.rule": False, "reliability_lint.project": True}
_WORDS = frozenset({"severity", "set", "everywhere"})


class _Open(Exception):
    """Something is said otherwise than by a literal."""


def plain_rules(files: list[str], origin: str) -> list[Rule] | None:
    """All rules in some files, which are local ones of this origin (a folder or file); None where their declarations leave something open."""
    try:
        modules = [ast.parse(Path(file).read_bytes()) for file in files]
        if origin in files and any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(modules[0])):
            return None  # what lies beside the file may hold rules, too
        found = [rule for module in modules for rule in _rules(module, origin)]
    except (_Open, OSError, SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
    return found or None


def _rules(module: ast.Module, origin: str) -> Iterator[Rule]:
    project: bool | None = None
    for node in ast.walk(module):
        if isinstance(node, ast.Import) and any(alias.name.startswith("reliability_lint") for alias in node.names):
            raise _Open
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reliability_lint"):
            names = {alias.name: alias.asname for alias in node.names}
            if node.module not in _FACES or "*" in names or names.get("rule"):
                raise _Open
            project = _FACES[node.module] if "rule" in names else project
    decorated = [node for node in module.body if isinstance(node, ast.FunctionDef) and any(map(_is_rule, node.decorator_list))]
    if sum(isinstance(node, ast.Name) and node.id == "rule" for node in ast.walk(module)) != len(decorated):
        raise _Open  # it is used for something else, too
    for function in decorated:
        if project is None:
            raise _Open
        yield _rule(function, origin, project=project)


def _is_rule(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "rule"


def _rule(function: ast.FunctionDef, origin: str, *, project: bool) -> Rule:
    match function.decorator_list:
        case [ast.Call(args=[ast.Constant(value=str(code))], keywords=keywords)] if is_code(code):
            said = {str(word.arg): ast.literal_eval(word.value) for word in keywords}
        case _:
            raise _Open
    severity, chosen = said.get("severity", "warning"), said.get("set", "recommended")
    if not said.keys() <= _WORDS or severity not in list(Severity) or chosen not in get_args(Set):
        raise _Open
    defaults = function.args.kw_defaults
    options = {
        word.arg: ast.literal_eval(value) for word, value in zip(function.args.kwonlyargs, defaults, strict=True) if value is not None
    }
    if len(options) < len(defaults):
        raise _Open
    return Rule(
        code=code,
        name=function.name.replace("_", "-"),
        family="local",
        set=chosen,
        severity=Severity(severity),
        doc=ast.get_docstring(function) or "",
        options=MappingProxyType(options),
        everywhere=bool(said.get("everywhere", False)),
        project=project,
        origin=origin,
        local=True,
    )
