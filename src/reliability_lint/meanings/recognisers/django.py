"""
Django's plain views and middlewares. A table of addresses and the settings name them, mostly in other files; here they are known by their form. Of a view
the first parameter is the request, and a response is made in the body, or a guard of the framework stands above. A middleware is made with `get_response`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...concepts.base import Parameter
from ...concepts.bounds import find
from ...concepts.http import ErrorHandler, Middleware, Response, Route
from ...concepts.trust import Guard
from ...model.places import Function
from ...model.semantic import dotted
from ...model.values import Constant, Items

if TYPE_CHECKING:
    from ..match import Meanings

_AROUND = Middleware(framework="django")


def recognise(meanings: Meanings) -> Iterator[tuple[Function, Route | ErrorHandler | Middleware]]:
    """The views and middlewares of a file that no base class tells."""
    if not any(name.partition(".")[0] == "django" for name in meanings.model.imports):
        return
    yield from _middlewares(meanings)
    for function in meanings.model.functions:
        if _wrapped(function):
            yield function, _AROUND
            continue
        if function.owner is not None or not _takes_request(function):
            continue
        guards = [guard for call in function.decorators if call.name.startswith("django.") and (guard := meanings.means(call, Guard))]
        responses = (meanings.means(call, Response) for call in function.calls)
        if guards or any(response is not None and response.framework == "django" for response in responses):
            yield function, Route(framework="django", methods=_verbs(function, meanings))


def _middlewares(meanings: Meanings) -> Iterator[tuple[Function, ErrorHandler | Middleware]]:
    """The methods of classes that are made with `get_response`."""
    for place in meanings.model.classes:
        maker = place.methods.get("__init__")
        if maker is None or "__call__" not in place.methods or not _has_parameter(maker, "get_response"):
            continue
        for name in ("__call__", "process_view", "process_template_response"):
            if name in place.methods:
                yield place.methods[name], _AROUND
        if "process_exception" in place.methods:
            yield place.methods["process_exception"], ErrorHandler(framework="django", exception=Parameter(position=1), sends_return=False)


def _wrapped(function: Function) -> bool:
    """Whether a function is what a factory of middlewares gives."""
    factory = function.function
    return factory is not None and _has_parameter(factory, "get_response") and _takes_request(function)


def _has_parameter(function: Function, name: str) -> bool:
    return any(parameter.name.value == name for parameter in function.parameters)


def _takes_request(function: Function) -> bool:
    if not function.parameters:
        return False
    first = function.parameters[0]
    if first.name.value == "request" or first.annotation is None:
        return first.name.value == "request"
    annotation = first.annotation.annotation
    return (function.model.name_of(annotation, function) or dotted(annotation)).rpartition(".")[2] == "HttpRequest"


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
