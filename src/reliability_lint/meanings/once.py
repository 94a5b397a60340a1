"""Answers that several rules ask for, worked out once for a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from ..model.places import Place
from ..model.semantic import SemanticModel

Asked = TypeVar("Asked", bound=Place | SemanticModel)
Answer = TypeVar("Answer")


def once(question: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """Makes a question about a file, or a place in it, keep its answers for as long as the file is looked at. They are shared: nobody may change them."""

    @wraps(question)
    def answered(asked: Asked) -> Answer:
        model = asked if isinstance(asked, SemanticModel) else asked.model
        kept = model.meanings.kept
        key = (question, id(asked))
        if key not in kept:
            kept[key] = question(asked)
        answer: Answer = kept[key]
        return answer

    return answered
