"""
Handlers of which a rule tells because of what they do with a failure. Of one handler one rule speaks; those that only ask how much is caught leave
these to the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

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
    tries_another,
)
from .attempts import attempts, starts_something
from .decisions import lets_through, openings
from .jobs import Accepted, accepted
from .outbound import asks_others
from .repeated import tried_again
from .stand_ins import stand_in


def unheard(trap: Trap) -> str:
    """What was asked, where its failure ends here and nobody hears of it; else ""."""
    return _of(trap) if silent(trap.reaction) and not lets_through(trap) else ""


def replaced(trap: Trap) -> tuple[cst.BaseExpression, str] | None:
    """The value that is put in place of an answer without a word, and what was asked for it."""
    value = stand_in(trap)
    what = _of(trap) if value is not None else ""
    return (value, what) if value is not None and what else None


def _of(trap: Trap) -> str:
    if not BROAD.intersection(trap.catches):
        return ""
    what = asks_others(own(trap.guarded), trap.place.function, trap.place.model)
    if not what or imports(trap) or cleaning_up(trap) or aside(trap) or tries_another(trap) or explained(trap):
        return ""
    return what


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
        if (goes_on(trap) or counts_as_failure(trap)) and not expects_cancellation(trap):
            found.add(id(trap.at))
    for loop in model.loops:
        tried = attempts(loop)
        if tried is not None and tried.limit != 1 and not (loop.function is not None and starts_something(loop.function)):
            found |= {id(handler.at) for handler in tried_again(tried)}
    return found


__all__ = ["replaced", "taken_for_done", "told_of", "unheard"]
