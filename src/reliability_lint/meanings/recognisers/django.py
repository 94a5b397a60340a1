"""
Django's plain views. A table of addresses names them, mostly in another file; here they are known by their form: the first parameter is the request,
and a response is made in the body, or a guard of the framework stands above.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...concepts.bounds import find
from ...concepts.http import Response, Route
from ...concepts.trust import Guard
from ...model.places import Function
from ...model.semantic import dotted
from ...model.values import Constant, Items

if TYPE_CHECKING:
    from ..match import Meanings


def recognise(meanings: Meanings) -> Iterator[tuple[Function, Route]]:
    """The views of a file that are functions."""
    if not any(name.partition(".")[0] == "django" for name in meanings.model.imports):
        return
    for function in meanings.model.functions:
        if function.owner is not None or not _takes_request(function):
            continue
        guards = [guard for call in function.decorators if call.name.startswith("django.") and (guard := meanings.means(call, Guard))]
        responses = (meanings.means(call, Response) for call in function.calls)
        if guards or any(response is not None and response.framework == "django" for response in responses):
            yield function, Route(framework="django", methods=_verbs(function, meanings))


def _takes_request(function: Function) -> bool:
    if not function.parameters:
        return False
    first = function.parameters[0]
    return first.name.value == "request" or (
        first.annotation is not None and dotted(first.annotation.annotation).rpartition(".")[2] == "HttpRequest"
    )


def _verbs(function: Function, meanings: Meanings) -> tuple[str, ...]:
    """The verbs that the decorators of a view let through; any, without such decorators."""
    for call in function.decorators:
        guard = meanings.means(call, Guard)
        if guard is None or guard.kind != "method":
            continue
        if guard.methods:
            return guard.methods
        given = find(guard.methods_argument, call.made) if guard.methods_argument is not None else None
        texts = [item.value for item in given.items if isinstance(item, Constant)] if isinstance(given, Items) else []
        if texts:
            return tuple(text.lower() for text in texts if isinstance(text, str))
    return ("any",)
