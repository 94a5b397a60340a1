"""What the decorators of a function do to the function itself, and not to what another decorator has made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from ..concepts.base import Concept
from ..model.places import Call, Function
from ..model.values import Instance, Made

AnyConcept = TypeVar("AnyConcept", bound=Concept)


def decorations(function: Function, kind: type[AnyConcept]) -> Iterator[tuple[Call, Made, AnyConcept]]:
    """
    The decorators of a function that mean this: where they stand, what they were made by, and what they mean; the innermost first.

    Those above a decorator of unknown effect are left out, for what they get may be a function of another kind.
    """
    model, index = function.model, function.model.meanings.index
    for decorator in reversed(function.decorators):
        made, kept = decorator.made, model.leaves_as_it_is([decorator.name])
        if decorator.bare and not decorator.name:  # `patiently = retry(…)`, then `@patiently`
            datum = decorator.evaluate(decorator.node)
            if isinstance(datum, Instance) and datum.made is None:
                made = Made(f"{model.type_of(datum)}.__call__")
            else:
                made = (datum.made if isinstance(datum, Instance) else datum if isinstance(datum, Made) else None) or made
        known = index.known(made.name)
        concept = known.concepts.get(kind) if known is not None else None
        if concept is None and not made.name.endswith(".__call__"):  # `@Breaker(…)` calls what it has just made
            called = index.known(f"{index.returns(made.name)}.__call__")
            concept = called.concepts.get(kind) if called is not None else None
        if isinstance(concept, kind):
            yield decorator, made, concept
        elif not kept and not model.leaves_as_it_is([made.name]):
            return
