"""How long a call may take, as far as its arguments and its maker's tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ..model.values import Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Unknown
from .base import Parameter
from .time import Timeout, TimeoutClass


class Bound(Enum):
    """What is known of a wait."""

    FINITE = "finite"
    NONE = "none"  # waits for ever
    PARTIAL = "partial"  # one phase is bounded, another is not
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    A bound and how it came about.

    `given`: the argument stands at the call (or, with `maker`, at the maker's call). `open_phase` names what is not bounded.
    """

    bound: Bound
    given: bool = False
    seconds: float | None = None
    open_phase: str = ""
    maker: Made | None = None


class Models(Protocol):
    """What is asked of the library models."""

    @property
    def timeout_classes(self) -> dict[str, TimeoutClass]:
        """Classes whose instances are timeouts, by name."""


_UNKNOWN = Verdict(Bound.UNKNOWN)
_MEANINGS = {"never": Bound.NONE, "now": Bound.FINITE, "error": Bound.FINITE, "default": Bound.UNKNOWN}


def find(parameter: Parameter, made: Made) -> Datum | Missing:
    """The value that a call passes for a parameter, looking inside an options object where the parameter says so."""
    value = made.argument(*parameter.keywords, position=parameter.position)
    if not parameter.inside or isinstance(value, Missing):
        return value
    if isinstance(value, Made):
        return value.argument(parameter.inside)
    if isinstance(value, Entries):
        return value.get(parameter.inside)
    return Missing.UNKNOWN


def bound(timeout: Timeout, made: Made, models: Models, *, maker: Timeout | None = None, streams: bool = False) -> Verdict:
    """
    How long one call waits at most.

    `maker` is the parameter of the call that made the object on which this one is called, for defaults that the object carries. `streams`: the
    answer is read piecemeal, so that a missing read timeout is meant.
    """
    value = find(timeout, made)
    match value:
        case Missing.UNKNOWN:
            return _UNKNOWN
        case Missing.ABSENT:
            return _UNKNOWN if _carried(timeout, made) else _default(timeout, made, models, maker)
    verdict = _value(timeout, value, models, streams=streams)
    if verdict is None:
        return _default(timeout, made, models, maker)
    return verdict


def _carried(timeout: Timeout, made: Made) -> bool:
    """Whether the setting may stand in the text of another argument."""
    if timeout.carried_by is None:
        return False
    text = find(timeout.carried_by, made)
    if isinstance(text, Constant) and isinstance(text.value, str):
        return any(keyword in text.value for keyword in timeout.keywords)
    return text is not Missing.ABSENT


def _default(timeout: Timeout, made: Made, models: Models, maker: Timeout | None) -> Verdict:
    match timeout.default:
        case "never" | "socket":
            return Verdict(Bound.NONE)
        case "client":
            owner = made.owner
            by = owner.made if isinstance(owner, Instance) else owner
            if maker is None or not isinstance(by, Made):
                return _UNKNOWN
            verdict = bound(maker, by, models)
            return Verdict(verdict.bound, verdict.given, verdict.seconds, verdict.open_phase, by)
        case int() | float():
            return Verdict(Bound.FINITE, seconds=_seconds(timeout, timeout.default))
    return _UNKNOWN


def _seconds(timeout: Timeout, value: float) -> float:
    return value / 1000 if timeout.unit == "ms" else value


def _value(timeout: Timeout, value: Datum, models: Models, *, streams: bool) -> Verdict | None:
    """What a given argument means; None where it means the default."""
    match value:
        case Constant(value=None):
            return _word(timeout.none)
        case Reference(name="math.inf"):
            return Verdict(Bound.NONE, given=True)
        case Constant(value=bool()):
            return _UNKNOWN
        case Constant(value=int() | float() as number):
            if math.isinf(number) or math.isnan(number):
                return Verdict(Bound.NONE, given=True)
            if number == 0:
                return _word(timeout.zero)
            if number < 0:
                return _word(timeout.negative)
            return Verdict(Bound.FINITE, given=True, seconds=_seconds(timeout, number))
        case Items(items=items) if timeout.phases and len(items) == len(timeout.phases):
            return _phases(timeout, [_value(timeout, item, models, streams=False) or _UNKNOWN for item in items], streams=streams)
        case Made() if value.name in models.timeout_classes:
            return instance(models.timeout_classes[value.name], value, streams=streams)
        case Instance(made=Made() as made) if made.name in models.timeout_classes:
            return instance(models.timeout_classes[made.name], made, streams=streams)
    return _UNKNOWN


def _word(word: str) -> Verdict | None:
    if word in ("default", "ignored"):
        return None
    return Verdict(_MEANINGS[word], given=True, seconds=0 if word == "now" else None)


def _phases(timeout: Timeout, verdicts: list[Verdict], *, streams: bool) -> Verdict:
    never = [phase for phase, verdict in zip(timeout.phases, verdicts, strict=True) if verdict.bound is Bound.NONE]
    if never and streams and never == [timeout.phases[-1]]:
        return Verdict(Bound.FINITE, given=True)
    if any(verdict.bound is Bound.UNKNOWN for verdict in verdicts):
        return _UNKNOWN
    if not never:
        return Verdict(Bound.FINITE, given=True, seconds=sum(verdict.seconds or 0 for verdict in verdicts))
    return Verdict(Bound.NONE if len(never) == len(verdicts) else Bound.PARTIAL, given=True, open_phase=" and ".join(never))


def instance(kind: TimeoutClass, made: Made, *, streams: bool = False) -> Verdict:
    """What an instance of a timeout class bounds."""
    if made.open:
        return _UNKNOWN
    whole: Datum | Missing = Missing.ABSENT
    if kind.whole is not None:
        whole = made.argument(*kind.whole.keywords, position=kind.whole.position)
    parts: dict[str, Bound] = {}
    if isinstance(whole, Items):  # a tuple in the order of the parts
        by_position = dict(zip(kind.parts, whole.items, strict=False))
    else:
        by_position = dict(zip(kind.positions, made.arguments, strict=False))
    for part in kind.parts:
        value = made.keywords.get(part, by_position.get(part))
        if value is None:
            value = whole if not isinstance(whole, Missing | Items) else None
        parts[part] = _part(kind, value)
    needed = kind.needs_all or kind.parts
    if streams:
        needed = tuple(part for part in needed if "read" not in part)
    if kind.needs_any and any(parts[part] is Bound.FINITE for part in kind.needs_any):
        return Verdict(Bound.FINITE, given=True)
    if kind.needs_any and not kind.needs_all:
        if any(parts[part] is Bound.UNKNOWN for part in kind.needs_any):
            return _UNKNOWN
        open_phase = " and ".join(part for part in kind.needs_any if parts[part] is Bound.NONE)
    else:
        if any(parts[part] is Bound.UNKNOWN for part in needed):
            return _UNKNOWN
        never = [part for part in needed if parts[part] is Bound.NONE]
        if not never:
            return Verdict(Bound.FINITE, given=True)
        open_phase = " and ".join(never)
    some = any(state is Bound.FINITE for state in parts.values())
    return Verdict(Bound.PARTIAL if some else Bound.NONE, given=True, open_phase=open_phase)


def _part(kind: TimeoutClass, value: Datum | None) -> Bound:
    match value:
        case None:
            return Bound.NONE if kind.default in ("never", "socket") else Bound.FINITE
        case Constant(value=None):
            return Bound.NONE
        case Constant(value=int() | float() as number):
            if math.isinf(number):
                return Bound.NONE
            return _MEANINGS[kind.zero] if number <= 0 else Bound.FINITE
        case Unknown() | Reference() | Made() | Instance():
            return Bound.UNKNOWN
    return Bound.UNKNOWN
