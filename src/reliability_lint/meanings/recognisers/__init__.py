"""
What handles requests and no single call tells: methods of classes, views known by what they take and give.

A recogniser gives pairs of a function and what it is. Data says which bases, which names and which arguments count; here stands only what needs
more than one place to be seen. Names of frameworks stand where nothing but the form of a function tells that it is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from ...concepts.http import ErrorHandler, Middleware, Route
from ...model.places import Function
from . import aws, classes, django

if TYPE_CHECKING:
    from ..match import Meanings

Recogniser: TypeAlias = Callable[["Meanings"], Iterator[tuple[Function, Route | ErrorHandler | Middleware]]]

RECOGNISERS: tuple[Recogniser, ...] = (classes.recognise, django.recognise, aws.recognise)

__all__ = ["RECOGNISERS", "Recogniser"]
