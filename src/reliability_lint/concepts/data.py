"""Databases."""

from __future__ import annotations

from typing import Literal

from .base import Concept, Parameter


class SqlExecution(Concept, frozen=True):
    """
    A call that takes SQL text.

    `text` is the statement, `parameters` the argument for bound values; `parameters_rest`: every positional argument from that index on is
    a bound value. `placeholder` is the driver's style, for messages. `fragment`: the text is a piece of a statement, so it need not begin with
    a verb. `sequence`: parameters must be a sequence or mapping, a bare scalar is a mistake. `plain_string`: "error" where a `str` raises and a
    text construct is wanted. `wrapper`: renders its argument as it stands and is not executed here (`text()`, `sql.SQL()`).
    """

    text: Parameter
    parameters: Parameter | None = None
    parameters_rest: int | None = None
    placeholder: Literal["%s", "?", ":name", "$1", "@name", "{}", ""] = ""
    fragment: bool = False
    sequence: bool = False
    plain_string: Literal["ok", "error"] = "ok"
    wrapper: bool = False


class Sanitiser(Concept, frozen=True):
    """A call whose result may stand in SQL text: quoted by the driver, or of a type that cannot hurt. `position`: what it makes safe."""

    makes: Literal["value", "identifier", "anything"] = "anything"
