"""What a call leads to: the modelled calls in the functions of the project that it runs, here and in other files, and the way there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from ..concepts.bounds import find
from ..concepts.time import Blocking, Sleep, Wait
from ..model.exports import FunctionFacts, Step
from ..model.values import NONE, Constant, Made, Missing, Reference, Site
from .match import Meanings

_FURTHEST = 3  # functions between a call and what it leads to


@dataclass(frozen=True, slots=True)
class Reach:
    """
    A modelled call that some other call leads to.

    `way` are the names of the functions on the way to it, the called one first, and `call` what the last of them calls, at `site` where that is known.
    `conditional`: some call on the way is made in a branch only; `caught`: some stands in a `try`.
    """

    way: tuple[str, ...]
    call: Made
    site: Site | None
    conditional: bool = False
    caught: bool = False


Enters = Callable[[FunctionFacts], bool]


@dataclass(frozen=True, slots=True)
class Entered:
    """A function of the project that some call leads to, and itself; the fields are those of `Reach`."""

    way: tuple[str, ...]
    facts: FunctionFacts
    conditional: bool
    caught: bool


def led_to(meanings: Meanings, name: str, enters: Enters) -> Iterator[Reach]:
    """
    The modelled calls to which a call of the function `name` leads, the nearest first. `enters` says whose body counts: a coroutine's does only where it
    is awaited, a generator's only where somebody goes through it.
    """
    for entered in led_through(meanings, name, enters):
        for step in entered.facts.steps:
            target = followed(meanings, step)
            if target is not None and meanings.index.known(target.name) is not None:
                yield Reach(entered.way, target, step.site, entered.conditional or step.conditional, entered.caught or step.caught)


def led_through(meanings: Meanings, name: str, enters: Enters) -> Iterator[Entered]:
    """The functions of the project that a call of the function `name` runs, itself first."""
    if meanings.model.class_named(name) is not None:
        name = f"{name}.__init__"
    seen = {name}
    waiting: list[tuple[str, tuple[str, ...], bool, bool]] = [(name, (), False, False)]
    while waiting:
        current, before, conditional, caught = waiting.pop(0)
        facts = meanings.facts_of(current)
        if facts is None or not enters(facts):
            continue
        way = (*before, current)
        yield Entered(way, facts, conditional, caught)
        for step in facts.steps if len(way) < _FURTHEST else ():
            target = followed(meanings, step) if step.call is None else None
            if target is not None and target.name not in seen and not meanings.index.modelled(target.name):
                seen.add(target.name)
                waiting.append((target.name, way, conditional or step.conditional, caught or step.caught))


def followed(meanings: Meanings, step: Step) -> Made | None:
    """What a step calls, its name followed through other files; of a class its `__init__`."""
    model, index = meanings.model, meanings.index
    if step.call is not None:
        call = step.call
        if isinstance(call.owner, Reference):  # an object that another file made
            found = model.follow(call.owner.name)
            call = msgspec.structs.replace(call, owner=found)
        return call
    name, owner = step.name, None
    if meanings.facts_of(name) is None:
        found = model.follow(name)
        if isinstance(found, Reference):
            name, owner = found.name, found.owner
    if index.modelled(name):
        return Made(name, open=True, owner=owner)
    if model.class_named(name) is not None:
        return Made(f"{name}.__init__")
    return Made(name)


def holds_thread(reach: Reach, meanings: Meanings) -> str:
    """Whether what is reached lets nothing else run in its thread: "network" or "sleep"; "" where it does not, or that is not known."""
    known = meanings.index.known(reach.call.name)
    concepts = known.concepts if known is not None else {}
    blocking, wait, sleep = concepts.get(Blocking), concepts.get(Wait), concepts.get(Sleep)
    if not isinstance(blocking, Blocking) or blocking.kind not in ("network", "sleep"):
        return ""
    if isinstance(sleep, Sleep) and find(sleep.seconds, reach.call) == Constant(0):
        return ""
    if isinstance(wait, Wait) and wait.switch is not None and find(wait.switch, reach.call) not in (Missing.ABSENT, NONE, Constant(True)):
        return ""
    return blocking.kind


__all__ = ["Entered", "Reach", "followed", "holds_thread", "led_through", "led_to"]
