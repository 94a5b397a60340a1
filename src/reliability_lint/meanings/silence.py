"""
Handlers of which a rule tells because of what they do with a failure. Of one handler one rule speaks; those that only ask how much is caught leave
these to the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..concepts.time import Deadline
from ..model.endings import ends, statements
from ..model.places import Handler
from ..model.semantic import SemanticModel
from ..model.swallowing import (
    BROAD,
    Trap,
    aside,
    cancellation_traps,
    cleaning_up,
    counts_as_failure,
    expects_cancellation,
    explained,
    goes_on,
    imports,
    own,
    silent,
    traps,
    tried,
    tries_another,
)
from .attempts import attempts, starts_something
from .decisions import lets_through, openings
from .jobs import Accepted, accepted
from .outbound import asks_others, failures
from .repeated import tried_again
from .stand_ins import stand_in


def unheard(trap: Trap, *, all_the_same: bool = False) -> str:
    """
    What was asked, where its failure ends here and nobody hears of it; else "". A comment that says why is an answer, unless it is asked for what happens
    all the same.
    """
    return _of(trap, all_the_same=all_the_same) if silent(trap.reaction) and not lets_through(trap) else ""


def quiet_traps(model: SemanticModel) -> Iterator[Trap]:
    """
    The places of a file that catch any exception at all, and then those that catch any that a library raises which talks to others, and go on without so
    much as a `None` in place of an answer.
    """
    yield from traps(model, BROAD)
    for trap in traps(model, failures(model.meanings.index)):
        if BROAD.isdisjoint(trap.catches) and not (_gives_none(trap) or _may_poll(trap) or _comes_too_late(trap)):
            yield trap


def _gives_none(trap: Trap) -> bool:
    return any(isinstance(statement, cst.Return | cst.Assign | cst.AnnAssign) for statement in statements(trap.reaction))


def _comes_too_late(trap: Trap) -> bool:
    """Whether an `except` before this one catches everything already."""
    place = trap.place
    if not isinstance(place, Handler):
        return False
    before: list[int] = []
    for handler in place.tries.handlers:
        if handler is place.node:
            break
        before.append(id(handler))
    return any(not BROAD.isdisjoint(other.catches) for other in place.model.handlers if id(other.node) in before)


def _may_poll(trap: Trap) -> bool:
    """Whether a loop may go round for as long as nothing has come, which sockets tell with an error of the system."""
    return "builtins.OSError" in trap.catches and any(frame.kind == "loop" for frame in trap.place.frame.within_function())


def replaced(trap: Trap) -> tuple[cst.BaseExpression, str] | None:
    """The value that is put in place of an answer without a word, and what was asked for it."""
    value = stand_in(trap)
    what = _of(trap) if value is not None and not BROAD.isdisjoint(trap.catches) else ""
    return (value, what) if value is not None and what else None


def _of(trap: Trap, *, all_the_same: bool = False) -> str:
    what = asks_others(tried(trap), trap.place.function, trap.place.model)
    if not what or imports(trap) or cleaning_up(trap) or aside(trap) or tries_another(trap) or (explained(trap) and not all_the_same):
        return ""
    return what


def hides_timeout(trap: Trap) -> bool:
    """Whether a scope around raises when time is over, which it does for a cancellation that comes through and no other."""
    meanings = trap.place.model.meanings
    if ends(trap.reaction) != {"on"} or any(
        isinstance(node, cst.Raise | cst.If | cst.Match) for node in (own(trap.reaction) if trap.reaction is not None else ())
    ):
        return False
    for frame in trap.place.frame.within_function():
        if frame.kind == "with" and isinstance(frame.node, cst.With):
            for call in filter(None, (meanings.at(item.item) for item in frame.node.items)):
                if meanings.means(call, Deadline) is not None and meanings.raised_by(call):
                    return True
    return False


def taken_for_done(model: SemanticModel) -> Iterator[Accepted]:
    """The handlers that let a job count as done whatever has happened, where nobody else tells of them."""
    return accepted(model, _lost(model)) if model.meanings.tasks else iter(())


def told_of(model: SemanticModel) -> set[int]:
    """
    The handlers that lose a failure, put a value in its place, let everybody through, keep a cancellation, try again whatever failed or let a job count as
    done, by the `id()` of what is underlined.
    """
    found = _lost(model)
    return found | {id(one.handler.at) for one in accepted(model, found)}


def _lost(model: SemanticModel) -> set[int]:
    found = {id(trap.at) for trap in traps(model, BROAD) if unheard(trap) or replaced(trap) is not None}
    found |= {id(opening.trap.at) for opening in openings(model)}
    for trap in cancellation_traps(model):
        if (goes_on(trap) or counts_as_failure(trap) or hides_timeout(trap)) and not expects_cancellation(trap):
            found.add(id(trap.at))
    for loop in model.loops:
        tried = attempts(loop)
        if tried is not None and tried.limit != 1 and not (loop.function is not None and starts_something(loop.function)):
            found |= {id(handler.at) for handler in tried_again(tried)}
    return found


__all__ = ["hides_timeout", "quiet_traps", "replaced", "taken_for_done", "told_of", "unheard"]
