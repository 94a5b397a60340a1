"""The places of a file by the nodes that they stand for."""

from __future__ import annotations

from ..model.places import Call, Handler
from ..model.semantic import SemanticModel
from .once import once


@once
def calls_by_node(model: SemanticModel) -> dict[int, Call]:
    """The calls of a file, by the `id()` of their nodes."""
    return {id(call.node): call for call in model.calls}


@once
def handlers_by_node(model: SemanticModel) -> dict[int, Handler]:
    """The handlers of a file, by the `id()` of their nodes."""
    return {id(handler.node): handler for handler in model.handlers}


__all__ = ["calls_by_node", "handlers_by_node"]
