"""Failures that leave a method whose framework sends the text of what it raises."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..concepts.bounds import find
from ..concepts.http import Router
from ..model.places import Call, Function
from ..model.semantic import SemanticModel
from ..model.values import Missing
from .attempts import asks


def escapes(model: SemanticModel) -> Iterator[tuple[Function, Call, Call]]:
    """
    The methods of a file whose failures a client is sent as they are, each with its first call outside of every `try` that asks somebody else, and with what
    makes the server. Nothing is told where the server is made elsewhere, or something runs around the methods, or may do so.
    """
    meanings = model.meanings
    for key, route in meanings.routes.items():
        function = meanings.functions[key]
        around = [*function.decorators, *(function.owner.decorators if function.owner is not None else ())]
        if not route.sends_raised or any(not place.name.startswith("typing.") for place in around):
            continue
        servers = [
            (call, router) for call, router in meanings.of(Router) if router.framework == route.framework and router.middleware is not None
        ]
        if not servers or any(not _bare(call, router) for call, router in servers):
            continue
        for call in function.calls:
            if asks(call) and not _tried(call):
                yield function, call, servers[0][0]
                break


def _bare(call: Call, router: Router) -> bool:
    """Whether a server is surely made without anything that runs around its methods."""
    return router.middleware is not None and not call.made.open and find(router.middleware, call.made) is Missing.ABSENT


def _tried(call: Call) -> bool:
    """Whether a handler may take what a call raises, or a context manager of which nothing is known."""
    meanings = call.model.meanings
    for frame in call.frame.within_function():
        if frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar) and frame.node.handlers:
            return True
        if frame.kind == "with" and isinstance(frame.node, cst.With) and any(meanings.at(item.item) is None for item in frame.node.items):
            return True
    return False


__all__ = ["escapes"]
