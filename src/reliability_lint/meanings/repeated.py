"""What the policies of a file repeat, and what looks at a failure before it is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.retry import RetryPolicy
from ..model.frames import Frame
from ..model.places import Call, Function, Handler, Loop
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import BROAD, is_cancellation, last_name
from ..model.values import Instance, Made
from ..syntax.tree import walk
from .attempts import Attempts
from .decorations import decorations
from .telling import tells


@dataclass(frozen=True, slots=True)
class Repeated:
    """
    What a policy repeats: the whole of `function`, or the loop in it whose body is `within`. `by` is the call that says so, `made` the one by which the policy
    was made, and `calls` are those that are repeated.
    """

    by: Call
    made: Made
    policy: RetryPolicy
    function: Function
    calls: tuple[Call, ...]
    within: Frame | None = None


def repeated(model: SemanticModel) -> Iterator[Repeated]:
    """The functions of a file that a policy repeats, and the loops that go over one."""
    for function in model.functions:
        if not function.generator:
            for call, made, policy in decorations(function, RetryPolicy):
                yield Repeated(call, made, policy, function, tuple(function.calls))
    for loop in model.loops:
        maker = _maker(loop)
        looped = model.meanings.means(maker, RetryPolicy) if maker is not None else None
        if maker is not None and looped is not None and loop.function is not None:
            inside = tuple(one for one in loop.function.calls if loop.inside.encloses(one.frame))
            yield Repeated(maker, maker.made, looped, loop.function, inside, loop.inside)


def looped_over(loop: Loop) -> int:
    """The `id()` of the call that made what a loop goes over; 0 where that is not in this file, or not known."""
    datum = loop.evaluate(loop.node.iter) if isinstance(loop.node, cst.For) else None
    made = datum.made if isinstance(datum, Instance) else datum
    return made.key if isinstance(made, Made) else 0


def _maker(loop: Loop) -> Call | None:
    """The call that made the policy that a loop goes over."""
    key = looped_over(loop)
    return next((call for call in loop.model.calls if id(call.node) == key), None) if key else None


def is_tried(call: Call, within: Frame | None) -> bool:
    """Whether a handler stands around a call, within what is repeated."""
    for frame in call.frame.within_function():
        if frame is within:
            return False
        if frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar) and frame.node.handlers:
            return True
    return False


def looks_at_failure(handler: Handler) -> bool:
    """Whether a handler looks at what it has caught, or hands it to something that may: anything but a log record or a text."""
    bound = handler.bound
    if not bound:
        return any(isinstance(node, cst.Attribute | cst.Name) and dotted(node) in _IN_FLIGHT for node in walk(handler.node.body))
    for node in walk(handler.node.body):
        if isinstance(node, cst.If | cst.IfExp | cst.While):
            parts: cst.CSTNode = node.test
        elif isinstance(node, cst.Match):
            parts = node.subject
        elif isinstance(node, cst.Call) and last_name(node) not in _TEXTS and not tells(node, handler.model):
            parts = node
        else:
            continue
        if any(isinstance(part, cst.Name) and part.value == bound for part in walk(parts)):
            return True
    return False


_IN_FLIGHT = frozenset({"sys.exc_info", "exc_info", "sys.exception"})
_TEXTS = frozenset({"str", "repr", "type", "format", "append"})


# These of an answer say whether it is one.
_STATUSES = frozenset({"status", "status_code", "ok", "is_success", "is_error", "is_client_error", "code"})


def tells_apart(node: cst.CSTNode) -> bool:
    """Whether a statement looks at the status of an answer and does something else than to fail."""
    if not isinstance(node, cst.If) or not any(
        isinstance(part, cst.Attribute) and part.attr.value in _STATUSES for part in walk(node.test)
    ):
        return False
    return not any(isinstance(part, cst.Raise) for part in walk(node.body)) or node.orelse is not None


def tried_again(tried: Attempts) -> Iterator[Handler]:
    """The handlers of a loop after which it tries again whatever has failed."""
    if len(tried.handlers) < len(tried.tries.handlers) or any(tells_apart(node) for node in walk(tried.tries.body)):
        return  # other failures are told apart
    for handler in tried.handlers:
        broad = BROAD.intersection(handler.catches)
        if broad and not looks_at_failure(handler) and not (handler.runs_in_coroutine and any(map(is_cancellation, broad))):
            yield handler
