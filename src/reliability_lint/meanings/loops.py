"""Whose event loop the coroutines of a file run on, as far as its imports tell."""

from __future__ import annotations

from typing import Literal

from ..concepts.time import Sleep
from ..model.semantic import SemanticModel

Likelihood = Literal["certain", "likely", "no"]


def runs_on(name: str, model: SemanticModel) -> Likelihood:
    """
    Whether coroutines of a file may await a callable of a library that has an event loop of its own.

    It is certain where the file uses that library, likely where it uses none that could run them otherwise.
    """
    ours = name.partition(".")[0]
    used = {one.partition(".")[0] for one in model.imports}
    loops = {
        dotted.partition(".")[0]
        for dotted, known in model.meanings.index.calls.items()
        if isinstance(pause := known.concepts.get(Sleep), Sleep) and pause.asynchronous
    }
    if used & (loops - {ours}):
        return "no"
    return "certain" if ours in used else "likely"
