"""Functions that are handed a class and give an instance of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from .exports import Given

if TYPE_CHECKING:
    from .places import Function


def made_from(function: Function) -> Given | None:
    """
    The parameter for a class of which a function gives an instance on every path on which it gives anything: `return client_class(…)`. Other ways to make
    one are told by their names: `client_class.from_url(…)`.
    """
    if function.owner is not None or function.generator:
        return None
    names = {_class_called(returned.value) for returned in function.returns if not _is_nothing(returned.value)}
    if len(names) != 1:
        return None
    name = names.pop()
    params = function.node.params
    positional = [param.name.value for param in (*params.posonly_params, *params.params)]
    if name in positional:
        return Given(name, positional.index(name))
    return Given(name) if name in [param.name.value for param in params.kwonly_params] else None


def _is_nothing(value: cst.BaseExpression | None) -> bool:
    return value is None or (isinstance(value, cst.Name) and value.value == "None")


def _class_called(value: cst.BaseExpression | None) -> str:
    """The name whose class is called in an expression, or ""."""
    if isinstance(value, cst.Await):
        value = value.expression
    func = value.func if isinstance(value, cst.Call) else None
    if isinstance(func, cst.Attribute) and func.attr.value.startswith("from_"):
        func = func.value
    return func.value if isinstance(func, cst.Name) else ""
