"""Functions of a file that fail, and those that see to it themselves."""

from __future__ import annotations

from ..model.places import Function
from ..model.swallowing import BROAD
from .attempts import reaches_out


def may_fail(function: Function) -> bool:
    """Whether a function raises something, or asks somebody who may not answer."""
    return bool(function.raises) or reaches_out(function)


def sees_to_failures(function: Function) -> bool:
    """Whether a function, or what decorates it, may see to its failures itself."""
    model = function.model
    if function.generator or not model.leaves_as_it_is(decorator.name for decorator in function.decorators):
        return True
    for handler in model.handlers:
        # A `try` around most of the work, for the failures that are expected; or one for whatever happens.
        if handler.function is function and (handler.tries in function.node.body.body or not {"", *BROAD}.isdisjoint(handler.catches)):
            return True
    # What does no more than to call another one fails as that does.
    callees = [callee for other in function.calls if (callee := model.meanings.callee(other)) is not None and callee is not function]
    return len(callees) == 1 and len(function.calls) == 1 and sees_to_failures(callees[0])


__all__ = ["may_fail", "sees_to_failures"]
