"""Applications and the functions that run around their lives."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..concepts.bounds import find
from ..concepts.lifecycle import LifeEvent, Lifespan
from ..model.places import Call
from ..model.scopes import Binding
from ..model.semantic import SemanticModel, dotted
from ..model.values import NONE, Instance, Items, Made, Missing, Reference
from ..syntax.tree import walk
from .match import maker_of


def unheard_events(model: SemanticModel) -> Iterator[tuple[Call, LifeEvent, Made]]:
    """
    The calls that have a function run at the start or end of an application that has a lifespan, which then is all that runs; with what made the application.
    """
    for call, event in model.meanings.of(LifeEvent):
        maker = maker_of(call.made)
        known = model.meanings.index.known(maker.name) if maker is not None else None
        concept = known.concepts.get(Lifespan) if known is not None else None
        if maker is not None and isinstance(concept, Lifespan) and has_lifespan(model, maker, concept) and not runs_events(model, concept):
            yield call, event, maker


def ignored_lists(call: Call, concept: Lifespan) -> Iterator[str]:
    """The arguments of the call that makes an application whose functions never run, because it is given a lifespan too."""
    if has_lifespan(call.model, call.made, concept) and not runs_events(call.model, concept):
        for parameter in concept.events:
            given = find(parameter, call.made)
            if isinstance(given, Missing) or given == NONE or (isinstance(given, Items) and not given.items):
                continue
            yield parameter.keyword


def has_lifespan(model: SemanticModel, made: Made, concept: Lifespan) -> bool:
    """Whether an application was certainly given one when it was made: what may be None, and what a caller decides, is none for certain."""
    given = find(concept.lifespan, made)
    if made.changed or not isinstance(given, Reference | Made | Instance):
        return False
    call = next((call for call in model.calls if id(call.node) == made.key), None) if made.key else None
    if call is None:
        return isinstance(given, Reference)
    node = call.argument_node(*concept.lifespan.keywords, position=concept.lifespan.position)
    if isinstance(node, cst.Name):
        found = call.scope.find(node.value)
        return found is not None and all(_is_something(binding) for binding in found[1])
    return isinstance(node, cst.Attribute | cst.Call)


def _is_something(binding: Binding) -> bool:
    if binding.kind in ("import", "function", "class"):
        return True
    return binding.kind == "assign" and isinstance(binding.value, cst.Attribute | cst.Call | cst.Lambda)


def runs_events(model: SemanticModel, concept: Lifespan) -> bool:
    """Whether a file sets another lifespan, or touches what would run the events: then who knows."""
    ends = tuple(f".{name}" for name in (*concept.replaced_by, *concept.runs))
    return any(isinstance(node, cst.Attribute) and f".{dotted(node)}".endswith(ends) for node in walk(model.tree))
