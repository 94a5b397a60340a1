"""What a program says about itself."""

from __future__ import annotations

from typing import Literal

from .base import Concept, Parameter


class Log(Concept, frozen=True):
    """
    A log record, or a report to an error tracker. Of level "exception" is what shows the exception in flight with its traceback, unasked.

    `traceback` asks for one in a record of another level; `traced` is the method of the same object that is the same record with one.
    """

    level: Literal["debug", "info", "warning", "error", "exception", "critical", "any"] = "any"
    message: Parameter | None = None
    traceback: Parameter | None = None
    traced: str = ""


class ExceptionText(Concept, frozen=True):
    """A call whose result is text of the exception in flight: a formatted traceback. `stack`: it shows code and paths."""

    stack: bool = True
