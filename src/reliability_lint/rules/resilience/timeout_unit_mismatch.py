from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from reliability_lint.rule import (
    Blocking,
    Call,
    Constant,
    Datum,
    Deadline,
    Findings,
    GlobalTimeout,
    Items,
    Missing,
    Parameter,
    SemanticModel,
    Timeout,
    TimeoutClass,
    Wait,
    dotted,
    find,
    rule,
)


@rule("REL105", severity="warning")
def timeout_unit_mismatch(model: SemanticModel) -> Findings:
    """
    A timeout in milliseconds where seconds are taken, or the other way round.

    A thousand times too long is no timeout: whoever waits has been gone for an hour. A thousand times too short is an error at every call that is not
    answered from memory, and a loop that polls so often keeps a processor busy with nothing.

    Told are round thousands of seconds in the answers of others, unless they are whole hours; numbers below 100 where milliseconds are taken; and
    arguments that are named for, or were converted to, the other unit. A process or a job of one's own may well take a thousand seconds.

    Bad:

        import asyncio

        import httpx
        import requests
        from pymongo import MongoClient

        database = MongoClient(DATABASE, timeoutMS=30)  # REL105 "milliseconds"

        def rate(currency):
            return requests.get(f"{RATES}/{currency}", timeout=5000)  # REL105 "83 minutes"

        async def stock(client: httpx.AsyncClient, sku, seconds):
            async with asyncio.timeout(seconds * 1000):  # REL105 "was multiplied"
                return await client.get(f"{WAREHOUSE}/{sku}", timeout=httpx.Timeout(10, read=60_000))  # REL105

    Bad (the name says it):

        import redis
        import requests

        r = redis.Redis()

        def rate(currency, settings):
            return requests.get(f"{RATES}/{currency}", timeout=settings.timeout_ms)  # REL105 "timeout_ms"

        def events(streams, wait_seconds):
            return r.xread(streams, block=wait_seconds)  # REL105 "wait_seconds"

    Good:

        import subprocess

        import redis
        import requests
        from pymongo import MongoClient

        r = redis.Redis()
        database = MongoClient(DATABASE, timeoutMS=30_000, serverSelectionTimeoutMS=5_000)

        def rate(currency, settings):
            return requests.get(f"{RATES}/{currency}", timeout=settings.timeout_ms / 1000)

        def events(streams, wait_seconds):
            return r.xread(streams, block=int(wait_seconds * 1000))

        def jobs():
            return r.blpop("jobs", timeout=30)  # seconds here, milliseconds there: the same library

        def export(url):
            return requests.get(url, timeout=36_000)  # ten hours, and meant

        def build():
            subprocess.run(BUILD, timeout=2000)  # so long it may take

        def look(streams):
            return r.xread(streams, block=1)  # as short as may be
    """
    for asked in _asked(model):
        told = _named(asked) or _converted(asked) or _implausible(asked)
        if told is not None:
            message, cure, severity = told
            yield asked.call.finding(f"{asked.call.title}() takes {message}", cure=cure, at=asked.node, severity=severity)


_Verdict = Literal["wrong", "doubtful", "fine"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A time that a call is given: its unit, what is known of it, and where it is written, as far as that is at the call."""

    call: Call
    unit: str
    value: Datum
    node: cst.BaseExpression | None
    long: _Verdict = "wrong"  # what thousands of seconds are: fine for work of one's own
    short: _Verdict = "wrong"  # what a few milliseconds are: fine where a call is repeated until something arrives


_Told = tuple[str, str, str | None]


def _asked(model: SemanticModel) -> Iterator[_Asked]:
    meanings = model.meanings
    for call, wait in meanings.of(Wait):
        unit = wait.timeout.unit if wait.timeout is not None else "s"
        blocking = meanings.means(call, Blocking)
        own = blocking is not None and blocking.kind in ("process", "lock", "queue", "cpu")
        short: _Verdict = "fine" if wait.tier == "never" else "doubtful" if wait.arrives else "wrong"
        for parameter in (wait.timeout, *wait.partial):
            yield from _given(call, parameter, unit, long="fine" if own else "wrong", short=short)
    for call, deadline in meanings.of(Deadline):
        yield from _given(call, deadline.seconds, deadline.seconds.unit, long="doubtful")
    for call, setting in meanings.of(GlobalTimeout):
        yield from _given(call, setting.seconds, "s")
    for call, kind in meanings.of(TimeoutClass):
        yield from _given(call, kind.whole, "s")
        for part in kind.parts:
            if kind.whole is None or part not in kind.whole.keywords:
                yield from _given(call, Parameter(keyword=part, position=_position(kind, part)), "s")


def _position(kind: TimeoutClass, part: str) -> int | None:
    return kind.positions.index(part) if part in kind.positions else None


def _given(call: Call, parameter: Parameter | None, unit: str, *, long: _Verdict = "wrong", short: _Verdict = "wrong") -> Iterator[_Asked]:
    """The argument for a parameter; each of its parts where it is a tuple."""
    value = find(parameter, call.made) if parameter is not None and not call.bare else Missing.ABSENT
    if parameter is None or isinstance(value, Missing):
        return
    node = call.argument_node(*parameter.keywords, position=parameter.position)
    if node is not None and parameter.inside:
        node = _within(node, parameter.inside)
    if isinstance(value, Items) and isinstance(parameter, Timeout) and len(value.items) == len(parameter.phases):
        written = [element.value for element in node.elements] if isinstance(node, cst.Tuple) else [node] * len(value.items)
        for item, its in zip(value.items, written, strict=False):
            yield _Asked(call, unit, item, its, long, short)
    else:
        yield _Asked(call, unit, value, node, long, short)


def _within(node: cst.BaseExpression, key: str) -> cst.BaseExpression | None:
    """What an options object that is written at the call is given under a key."""
    match node:
        case cst.Call():
            return next((arg.value for arg in node.args if arg.keyword is not None and arg.keyword.value == key), None)
        case cst.Dict():
            for element in node.elements:
                if isinstance(element, cst.DictElement) and _text(element.key) == key:
                    return element.value
    return None


_MILLISECONDS = re.compile(r"(?:^|_)(?i:ms|msecs?|millis|millisecs?|milliseconds?)$|(?<=[a-z])(?:Ms|MS|Msecs?|Millis|Milliseconds)$")
_SECONDS = re.compile(r"(?:_(?i:s|secs?|seconds?)|(?<=[a-z])(?:Secs?|Seconds))$|^(?i:secs?|seconds)$")


def _named(asked: _Asked) -> _Told | None:
    """The argument is named for the other unit, and its value, where that is known, does not say that the name is wrong."""
    name = _name(asked.node)
    number = _number(asked.value)
    if asked.unit == "s" and _MILLISECONDS.search(name) and (number is None or number >= _SHORTEST):
        return f"seconds, and {name} is in milliseconds: it waits a thousand times as long as is meant", "divide it by 1000", "error"
    if asked.unit == "ms" and _SECONDS.search(name) and (number is None or number < _THOUSAND):
        return f"milliseconds, and {name} is in seconds: it gives up a thousand times too soon", "multiply it by 1000", "error"
    return None


def _name(node: cst.BaseExpression | None) -> str:
    """The name under which a number is known: of a variable, an attribute, a key, or what `total_seconds()` says of itself."""
    match node:
        case cst.Name() | cst.Attribute():
            return dotted(node).rpartition(".")[2] or (node.attr.value if isinstance(node, cst.Attribute) else "")
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            return _text(key)
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="total_seconds"))):
            return "total_seconds"
        case cst.Call(func=cst.Name(value="int" | "float" | "round"), args=[cst.Arg(value=inner), *_]):
            return _name(inner)
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="get" | "getenv")), args=[cst.Arg(value=key), *_]):
            return _text(key)
        case cst.BooleanOperation(left=left, operator=cst.Or()):
            return _name(left)
    return ""


def _text(node: cst.BaseExpression) -> str:
    return node.evaluated_value if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str) else ""


def _converted(asked: _Asked) -> _Told | None:
    """The argument was converted into the other unit on the spot."""
    node = asked.node
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in ("int", "float", "round") and node.args:
        node = node.args[0].value
    match node:
        case cst.BinaryOperation(left=left, operator=cst.Multiply(), right=right) if asked.unit == "s":
            sides = [(left, right), (right, left)]
            if any(_is_thousand(one) and not isinstance(other, cst.Integer | cst.Float) for one, other in sides):
                return "seconds, and this was multiplied by 1000, as if for milliseconds", "pass the seconds as they are", None
        case cst.BinaryOperation(left=left, operator=cst.Divide() | cst.FloorDivide(), right=right) if asked.unit == "ms" and _is_thousand(
            right
        ):
            if not _FINER.search(_name(left)):
                return "milliseconds, and this was divided by 1000, as if for seconds", "pass the milliseconds as they are", None
    return None


# Microseconds and nanoseconds, from which a thousandth part is a step towards milliseconds.
_FINER = re.compile(r"(?:^|_)(?:us|ns|usecs?|nsecs?|micros|nanos|microseconds?|nanoseconds?)$", re.IGNORECASE)


def _is_thousand(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Integer | cst.Float) and node.evaluated_value == _THOUSAND


_THOUSAND = 1000
# Below this no peer on a network can be relied on to answer, in milliseconds.
_SHORTEST = 100
# What people wait in seconds. Where a call is repeated until something arrives, other small numbers of milliseconds are to be expected.
_OF_PEOPLE = frozenset({3, 5, 15, 30, 45, 60, 90})
_HOUR, _DAY = 3600, 86400


def _implausible(asked: _Asked) -> _Told | None:
    """The number makes sense in the other unit only."""
    number = _number(asked.value)
    if number is None or number <= 0:
        return None
    if asked.unit == "s" and _reads_as_milliseconds(number) and _too_long(asked, number):
        return f"seconds: {number:.12g} are {_spoken(number)}", f"pass {number / _THOUSAND:.12g}, if milliseconds were meant", None
    if asked.unit == "ms" and number != 1 and number < _SHORTEST and _too_short(asked, number):
        return (
            f"milliseconds: {number:.12g} are over before an answer can come",
            f"pass {number * _THOUSAND:.12g}, if seconds were meant",
            None,
        )
    return None


def _too_long(asked: _Asked, number: float) -> bool:
    """A thousand may be just a large number, and what a deadline ends may be long work: in a request handler neither is."""
    if asked.long == "wrong" and number > _THOUSAND:
        return True
    meanings = asked.call.model.meanings
    return asked.long != "fine" and meanings.route(meanings.handled_by(asked.call.function)) is not None


def _too_short(asked: _Asked, number: float) -> bool:
    return asked.short == "wrong" or (asked.short == "doubtful" and number in _OF_PEOPLE and _mixes_units(asked.call))


def _mixes_units(call: Call) -> bool:
    """Whether the library takes seconds elsewhere: who knows it by those calls expects them here too."""
    root = call.name.partition(".")[0] + "."
    for name, known in call.model.meanings.index.calls.items():
        wait = known.concepts.get(Wait) if name.startswith(root) else None
        if isinstance(wait, Wait) and wait.timeout is not None and wait.timeout.unit == "s" and wait.timeout.keyword:
            return True
    return False


def _number(value: Datum) -> float | None:
    if isinstance(value, Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return value.value
    return None


def _reads_as_milliseconds(number: float) -> bool:
    """Whether it is a round number of milliseconds up to an hour, and neither whole hours or days of seconds nor a way to say "for ever"."""
    if number % _THOUSAND or number > _HOUR * _THOUSAND or number in (100_000, 1_000_000):
        return False
    return bool(number % _DAY) and (number > _DAY or bool(number % _HOUR))


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.0f} hours"
