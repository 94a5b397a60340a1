"""Functions that AWS Lambda calls for a request: they take `event` and `context`, and return a dictionary with a `statusCode`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from ...concepts.http import Route
from ...model.places import Function

if TYPE_CHECKING:
    from ..match import Meanings

STATUS = "statusCode"


def recognise(meanings: Meanings) -> Iterator[tuple[Function, Route]]:
    """The handlers of a file. Settings elsewhere name them, so their form must tell."""
    for function in meanings.model.functions:
        names = [parameter.name.value for parameter in function.parameters]
        if (
            function.owner is not None
            or len(names) != 2
            or names[0] not in ("event", "_event")
            or names[1] not in ("context", "_context", "_")
        ):
            continue
        if any(status_in(returned.value) is not None for returned in function.returns):
            yield function, Route(framework="lambda", methods=("any",), sends_return=True)


def status_in(value: cst.BaseExpression | None) -> cst.BaseExpression | None:
    """The status in a dictionary that stands for a response, or None where an expression is no such dictionary."""
    for element in value.elements if isinstance(value, cst.Dict) else ():
        if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString) and element.key.raw_value == STATUS:
            return element.value
    return None
