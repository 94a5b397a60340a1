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
    """
    A call whose result is text of the exception in flight: a formatted traceback. `stack`: it shows code and paths. `into` is an argument in which it is
    written instead, as in a file.
    """

    stack: bool = True
    into: Parameter | None = None


class Metric(Concept, frozen=True):
    """
    Makes a metric, of which a process has one of a name. `again` is what comes of making it a second time, in words.

    `name` is the argument with its name; `registry` the one that says where it is kept, without which all of the process share one place.
    """

    again: str
    name: Parameter
    registry: Parameter | None = None


class MetricLabel(Concept, frozen=True):
    """
    Says to which series a measurement belongs: each new combination of values begins one of its own, that stays.

    `values` are arguments that hold one value, or a list or dictionary of them; `rest`: every positional argument is one, and `keywords`: every keyword
    argument is.
    """

    values: tuple[Parameter, ...] = ()
    rest: bool = False
    keywords: bool = False
