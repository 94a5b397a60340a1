"""Generators that lend something: what their users raise arrives at the `yield`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..concepts.http import Refusal, Response
from ..model.places import Function, Handler
from ..model.semantic import SemanticModel
from ..model.swallowing import BROAD, last_name, own

_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_UNDOES = frozenset({"rollback", "abort"})


def unraised(model: SemanticModel) -> Iterator[tuple[Function, Handler]]:
    """
    The handlers of dependencies, and of what lends a transaction, that catch what a user raises and do not raise it again.

    A context manager may be there to swallow; one whose handler undoes something is not. The same holds for a generator that nothing here uses: it lends
    what it yields if it yields once and undoes something where that fails.
    """
    functions = {id(function.node): function for function in model.functions if function.yields}
    for handler in model.handlers if functions else ():
        function = handler.function
        if function is None or id(function.node) not in functions or not _lends(function, handler) or not _catches(handler):
            continue
        nodes = own(handler.node.body)
        if not any(isinstance(node, cst.Raise) for node in nodes) and not _handed_on(nodes, handler):
            yield function, handler


def _lends(function: Function, handler: Handler) -> bool:
    """Whether the `try` of a handler is that around the only `yield` of something that lends what it yields."""
    if len(function.yields) != 1:
        return False
    (lent,) = function.yields
    frames = list(lent.frame.within_function())
    if any(frame.kind == "loop" for frame in frames) or not any(frame.kind == "try" and frame.node is handler.tries for frame in frames):
        return False
    if id(function) in function.model.meanings.dependencies:
        return True
    if any(place.name not in _MANAGERS and not place.name.startswith("typing.") for place in function.decorators):
        return False
    return any(isinstance(node, cst.Call) and last_name(node) in _UNDOES for node in own(handler.node.body))


def _catches(handler: Handler) -> bool:
    """Whether a handler takes everything, or errors that are meant as answers."""
    names, index = handler.catches, handler.model.meanings.index
    if BROAD.intersection(names):
        return True
    known = [index.known(name) for name in names]
    return any(one is not None and {Refusal, Response} & one.concepts.keys() for one in known)


def _handed_on(nodes: list[cst.CSTNode], handler: Handler) -> bool:
    """Whether the exception goes somewhere that may raise it: it is kept, or passed on whole."""
    calls = [node for node in nodes if isinstance(node, cst.Call)]
    if any(last_name(call) in ("exc_info", "reraise", "__exit__", "__aexit__", "throw", "athrow") for call in calls):
        return True
    return any(
        isinstance(node, cst.Assign | cst.AnnAssign) and isinstance(node.value, cst.Name) and node.value.value == handler.bound
        for node in nodes
    )


__all__ = ["unraised"]
