"""What a program says about itself."""

from __future__ import annotations

from typing import Literal

from .base import Concept, Parameter


class Log(Concept, frozen=True):
    """A log record, or a report to an error tracker."""

    level: Literal["debug", "info", "warning", "error", "exception", "critical", "any"] = "any"
    message: Parameter | None = None


class ExceptionText(Concept, frozen=True):
    """A call whose result is text of the exception in flight: a formatted traceback. `stack`: it shows code and paths."""

    stack: bool = True
