"""Methods that answer requests because of the class they stand in: class-based views, resources, consumers, servicers, resolvers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...concepts.base import Parameter
from ...concepts.http import ErrorHandler, HandlerClass, Route
from ...model.places import Function
from ...model.semantic import dotted

if TYPE_CHECKING:
    from ..match import Meanings


def recognise(meanings: Meanings) -> Iterator[tuple[Function, Route | ErrorHandler]]:
    """The methods of a file's classes that answer requests, and those that handle what went wrong in them."""
    model, index = meanings.model, meanings.index
    for place in model.classes:
        if not place.methods:
            continue
        bases = model.bases_of(place)
        for handler in index.handlers(bases, model.imports):
            for name, method in place.methods.items():
                if name in handler.exceptions:
                    position = handler.exceptions[name]
                    yield (
                        method,
                        ErrorHandler(
                            framework=handler.framework, exception=Parameter(position=position), sends_return=handler.sends_return
                        ),
                    )
                    continue
                verbs = handler.serves(name, _passed(method))
                if verbs is not None:
                    yield method, _route(handler, verbs)


def _route(handler: HandlerClass, verbs: tuple[str, ...]) -> Route:
    return Route(
        framework=handler.framework,
        methods=verbs,
        sends_return=handler.sends_return,
        sends_raised=handler.sends_raised,
        threaded=handler.threaded,
    )


def _passed(method: Function) -> int:
    """How many arguments a method takes by position or name, after `self`."""
    static = any(dotted(decorator.node) == "staticmethod" for decorator in method.decorators)
    return len(method.parameters) - (not static)
