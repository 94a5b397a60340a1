"""Messages: who is called with them, and what becomes of those that fail."""

from __future__ import annotations

from .base import Concept, Parameter
from .retry import Limit


class Delivery(Concept, frozen=True):
    """Has a function called with what arrives: `handler` is the function or a list of them, `passes` the types of what it is given, "" where none is known."""

    handler: Parameter
    passes: tuple[str, ...] = ()


class Requeue(Concept, frozen=True):
    """
    Gives a message back to its queue, from where it is delivered again at once, any number of times.

    `switch` is the argument that, when false, drops the message instead, and `default` what holds without it. `once` is an argument that, when true, drops
    what has been delivered before. `block`: not the call does so, but leaving the `with` by an exception. `counted` are names and texts that stand in code
    that counts deliveries, or has the broker count them.
    """

    switch: Parameter | None = None
    default: bool = True
    once: Parameter | None = None
    block: bool = False
    counted: tuple[str, ...] = ()


class Publication(Concept, frozen=True):
    """Hands a message or a job over to a broker, for others to work on."""


class Acknowledgement(Concept, frozen=True):
    """Tells a broker that a message is done, so that it is not delivered again."""


class JobWait(Concept, frozen=True):
    """
    Waits until a background job is done. `framework` is the one whose workers do it; `switch` is an argument without which, unless it is true, the call
    returns at once.
    """

    framework: str
    switch: Parameter | None = None


class JobLimit(Concept, frozen=True):
    """Says how long a background job may run: `limit` is the argument, with the values that mean "for ever"."""

    limit: Limit
