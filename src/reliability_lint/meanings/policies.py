"""Retry policies as data: whether they ever stop, how often they repeat, and whether they pause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import Bound, find
from ..concepts.retry import Limit, Pause, RetryPolicy, Strategy
from ..libraries.index import Index
from ..model.places import Call, Function
from ..model.values import Constant, Datum, Entries, Items, Made, Missing, Reference
from ..syntax.tree import walk

# Failures that say "somebody else was faster": to try again at once is the cure for them, and there is nobody to be spared.
_CONFLICT = re.compile(
    r"integrity|watch(?!dog)|optimistic|stale|serializ|conflict|concurren|duplicate|unique|alreadyexists|deadlock|locked", re.IGNORECASE
)
# Failures after which the receiver has surely done nothing: no connection came about, or it said that it refuses for now.
_UNSENT = re.compile(
    r"^(Connect(Error|Timeout)?|ConnectTimeoutError|NewConnectionError|NameResolutionError|ClientConnectorE\w*|ClientConnectorDNSError|"
    r"ConnectionRefusedError|gaierror|PoolTimeout|\w*(RateLimit|TooManyRequests|Throttl|Overloaded|ServiceUnavailable)\w*)$"
)


def active(call: Call, policy: RetryPolicy) -> bool:
    """Whether a call sets up any retry: a plain task, or an adapter without retries, does not."""
    if not policy.optional:
        return True
    made = call.made
    if not any(made.argument(name) not in (Missing.ABSENT, Constant(0), Constant(False)) for name in policy.activated_by):
        return False
    if policy.subject != "task" or automatic(made, policy):
        return True
    # The other options only say how the task repeats itself when it asks to, and in asking it may say otherwise.
    function = call.decorated
    if not isinstance(function, Function) or any(
        isinstance(node, cst.Name) and node.value == "retries" for node in walk(function.node.body)
    ):
        return False
    own = {keyword for one in policy.limits for keyword in one.keywords}
    asking = [inner for inner in function.calls if inner.word == "retry"]
    return bool(asking) and not any(inner.made.open or own & inner.made.keywords.keys() for inner in asking)


def automatic(made: Made, policy: RetryPolicy) -> bool:
    """Whether a policy repeats without being asked from inside what it repeats."""
    return not policy.optional or policy.exceptions is None or find(policy.exceptions, made) is not Missing.ABSENT


def policy_of(function: Function) -> tuple[Call, Made, RetryPolicy] | None:
    """The policy by which a function is repeated: the decorator, what it was made by, and what that means."""
    meanings = function.model.meanings
    for decorator in function.decorators:
        policy = meanings.means(decorator, RetryPolicy)
        if policy is not None:
            if active(decorator, policy) and automatic(decorator.made, policy):
                return decorator, decorator.made, policy
        elif decorator.bare:  # `patiently = retry(…)`, then `@patiently`
            datum = decorator.evaluate(decorator.node)
            known = meanings.index.known(datum.name) if isinstance(datum, Made) else None
            found = known.concepts.get(RetryPolicy) if known is not None else None
            if isinstance(found, RetryPolicy) and isinstance(datum, Made) and not found.optional:
                return decorator, datum, found
    return None


# -- limits


def limit(policy: RetryPolicy, made: Made, index: Index) -> Bound:
    """Whether any of a policy's limits ends it: FINITE, NONE or UNKNOWN."""
    found = [_limit(one, made, index) for one in policy.limits]
    if not found or Bound.FINITE in found:
        return Bound.FINITE
    return Bound.UNKNOWN if Bound.UNKNOWN in found else Bound.NONE


def _limit(one: Limit, made: Made, index: Index) -> Bound:
    value = find(one, made)
    if value is Missing.UNKNOWN:
        return Bound.UNKNOWN
    if value is Missing.ABSENT:
        return Bound.NONE if one.default == "never" else Bound.UNKNOWN if isinstance(one.default, str) else Bound.FINITE
    return _stop(value, one, index)


def _stop(value: Datum, one: Limit, index: Index) -> Bound:
    match value:
        case Constant():
            return Bound.NONE if value.value in one.endless or str(value.value) in one.endless else Bound.FINITE
        case Made(name="operator.or" | "operator.and", arguments=sides):
            bounds = [_stop(side, one, index) for side in sides]
            wanted, other = (Bound.FINITE, Bound.NONE) if value.name == "operator.or" else (Bound.NONE, Bound.FINITE)
            return wanted if wanted in bounds else Bound.UNKNOWN if Bound.UNKNOWN in bounds else other
        case Made(name=name) | Reference(name=name):
            strategy = index.strategies.get(name)
            if strategy is not None and strategy.kind == "stop":
                return Bound.NONE if strategy.endless else Bound.FINITE
    return Bound.UNKNOWN


def repetitions(policy: RetryPolicy, made: Made, index: Index) -> int | None:
    """How often a policy repeats at most, the first attempt not counted; None where that is not known."""
    found = [number for one in policy.limits if (number := _repetitions(one, made, index)) is not None]
    return min(found) if found else None


def _repetitions(one: Limit, made: Made, index: Index) -> int | None:
    value = find(one, made)
    if value is Missing.ABSENT and isinstance(one.default, int | float):
        value = Constant(one.default)
    if isinstance(value, Constant):
        if isinstance(value.value, int | float) and one.counts in ("attempts", "retries"):
            return int(value.value) - (1 if one.counts == "attempts" else 0)
        return None
    return _attempts(value, index) if not isinstance(value, Missing) else None


def _attempts(value: Datum, index: Index) -> int | None:
    if not isinstance(value, Made):
        return None
    if value.name == "operator.or":
        return min((number for side in value.arguments if (number := _attempts(side, index)) is not None), default=None)
    strategy = index.strategies.get(value.name)
    given = find(strategy.attempts, value) if strategy is not None and strategy.attempts is not None else None
    return given.value - 1 if isinstance(given, Constant) and isinstance(given.value, int) else None


# -- pauses


def pauses(policy: RetryPolicy, made: Made, index: Index) -> bool | None:
    """Whether a policy waits between attempts; None where that is not known."""
    pause = policy.pause
    if pause is None:
        return None
    answers = [_pause(value, pause, index) for value in given_pauses(policy, made)]
    if True in answers:
        return True
    if None in answers:
        return None
    if answers:
        return False
    return pause.default > 0 if isinstance(pause.default, int | float) else None


def given_pauses(policy: RetryPolicy, made: Made) -> list[Datum | Missing]:
    """All that is passed for the pause of a policy, by any of its keywords."""
    pause = policy.pause
    if pause is None:
        return []
    given = [made.argument(keyword) for keyword in pause.keywords]
    if pause.position is not None and pause.position < len(made.arguments):
        given.append(made.arguments[pause.position])
    return [value for value in given if value is not Missing.ABSENT]


def _pause(value: Datum | Missing, pause: Pause, index: Index) -> bool | None:
    match value:
        case Constant(value=None):
            return {"zero": False, "error": None}.get(pause.none, _default(pause))
        case Constant(value=bool() | int() | float() as number):
            return number > 0
        case Items(items=items) if any(
            isinstance(item, Constant) and isinstance(item.value, int | float) and item.value > 0 for item in items
        ):
            return True
        case Made(name="operator.add", arguments=sides):
            answers = [_pause(side, pause, index) for side in sides]
            return True if True in answers else None if None in answers else False
        case Made(name=name) if name in index.strategies:
            return _strategy(index.strategies[name], value)
        case Reference(name=name) if name in index.strategies and index.strategies[name].instance:
            return not index.strategies[name].no_pause
    return None


def _default(pause: Pause) -> bool | None:
    return pause.default > 0 if isinstance(pause.default, int | float) else None


def _strategy(strategy: Strategy, made: Made) -> bool | None:
    if strategy.kind != "pause":
        return None
    if strategy.no_pause:
        return False
    seconds = find(strategy.seconds, made) if strategy.seconds is not None else None
    return not (isinstance(seconds, Constant) and seconds.value == 0)


# -- which failures


def answered(policy: RetryPolicy, made: Made) -> frozenset[str] | None:
    """The dotted names of the failures after which a policy tries again; empty for all, None where a function decides or it is not known."""
    value = find(policy.exceptions, made) if policy.exceptions is not None else Missing.ABSENT
    if value is Missing.ABSENT:
        return frozenset()
    names = set(named(value)) if not isinstance(value, Missing) else {""}
    return None if any(not _is_class(name) for name in names) or not names else frozenset(names)


@dataclass(frozen=True, slots=True)
class Failures:
    """
    The failures after which a policy surely tries again, by their dotted names: all that are `named`, but none that are `spared`. "" in either stands
    for some that are not known.
    """

    named: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()

    def __or__(self, other: Failures) -> Failures:
        if _EVERYTHING in self.named and _EVERYTHING in other.named:
            return Failures(self.named | other.named, self.spared & other.spared)
        return Failures(self.named | other.named, self.spared | other.spared)


_EVERYTHING = "builtins.BaseException"


def failures(policy: RetryPolicy, made: Made, index: Index) -> Failures:
    """After which failures a policy tries again, as far as it is told so by their classes; what a function decides is not known."""
    if any(made.argument(keyword) is not Missing.ABSENT for keyword in policy.narrowed_by):
        return Failures(frozenset({""}), frozenset({""}))
    value = find(policy.exceptions, made) if policy.exceptions is not None else Missing.ABSENT
    if value is Missing.ABSENT:
        return Failures(frozenset(policy.exceptions_default or {""}))
    return _failures(value, index) if not isinstance(value, Missing) else Failures(frozenset({""}))


def _failures(value: Datum, index: Index) -> Failures:
    strategy = index.strategies.get(value.name) if isinstance(value, Made | Reference) else None
    if isinstance(value, Made) and (value.name == "operator.or" or (strategy is not None and strategy.repeats == "any")):
        return _union(_failures(part, index) for part in value.arguments)
    if strategy is not None and isinstance(value, Made) != strategy.instance:
        match strategy.repeats:
            case "all":
                return Failures(frozenset({_EVERYTHING}))
            case "none":
                return Failures()
            case "listed":
                return Failures(_listed(strategy, value))
            case "others":
                return Failures(frozenset({_EVERYTHING}), _listed(strategy, value))
        return Failures(frozenset({""}))
    if isinstance(value, Reference | Items):
        return Failures(frozenset(_class_or_unknown(name) for name in named(value)))
    return Failures(frozenset({""}))


def _union(parts: Iterable[Failures]) -> Failures:
    whole = Failures()
    for part in parts:
        whole |= part
    return whole


def _listed(strategy: Strategy, value: Datum) -> frozenset[str]:
    """The failures that the arguments of a condition list."""
    where = strategy.exceptions
    if not isinstance(value, Made) or where is None or value.open:
        return frozenset({""})
    given = [value.keywords[keyword] for keyword in where.keywords if keyword in value.keywords]
    given += value.arguments[where.position or 0 :]
    return frozenset(_class_or_unknown(name) for one in given for name in named(one)) or frozenset({"builtins.Exception"})


def named(value: Datum) -> Iterator[str]:
    """The names of all classes and functions in a datum; "" for what is not known."""
    match value:
        case Reference(name=name):
            yield name
        case Items(items=parts):
            for part in parts:
                yield from named(part)
        case Made(arguments=parts, keywords=rest):
            for part in (*parts, *rest.values()):
                yield from named(part)
            if value.open or not (parts or rest):
                yield ""
        case Constant() | Entries():
            return
        case _:
            yield ""


def _is_class(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last[:1].isupper() or name.startswith("socket.")


def _class_or_unknown(name: str) -> str:
    """The name of a class; "" where it is that of a function, or of a constant that may hold several classes."""
    return name if _is_class(name) and not name.rpartition(".")[2].isupper() else ""


def only_conflicts(names: frozenset[str] | None) -> bool:
    """Whether all failures are of the kind that somebody else was faster; to try again at once is right after these."""
    return bool(names) and all(_CONFLICT.search(name.rpartition(".")[2]) for name in names or ())


def only_unsent(names: frozenset[str] | None) -> bool:
    """Whether after all of these failures the receiver has surely done nothing."""
    return bool(names) and all(_UNSENT.match(name.rpartition(".")[2]) for name in names or ())


def members(value: Datum | Missing) -> set[str]:
    """The texts in a display of texts, or in what sets and unions are made of."""
    match value:
        case Constant(value=str() as text):
            return {text}
        case Items(items=parts):
            return set().union(*(members(part) for part in parts)) if parts else set()
        case Made(arguments=parts) if value.name.startswith(("operator.", "builtins.")):
            return set().union(*(members(part) for part in parts)) if parts else set()
    return set()
