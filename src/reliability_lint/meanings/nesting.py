"""Retries inside of retries: what repeats a function, and what repeats again in the calls that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import find
from ..concepts.retry import OwnRetries, RetryPolicy
from ..model.exports import FunctionFacts, short, way_in_words
from ..model.places import Call, Function, Loop
from ..model.semantic import SemanticModel, dotted
from ..model.values import Constant, Made, Missing, Site
from .attempts import absorbed, attempts
from .match import Meanings
from .policies import active, answered, automatic, policy_of, repetitions
from .reach import led_through, led_to

_HOPS = 2  # functions from the outer repetition to the inner one


@dataclass(frozen=True, slots=True)
class Outer:
    """What repeats calls: `attempts` is how often it tries, None where that is not known; `answers` are the failures after which it does (see `answered`)."""

    at: Call | Loop
    attempts: int | None
    answers: frozenset[str]
    words: str
    calls: tuple[Call, ...]
    job: bool = False


@dataclass(frozen=True, slots=True)
class Inner:
    """What repeats again below: `call` leads to it by `way`, and it stands at `site` where that is known. `switch` is how a client is told not to."""

    call: Call
    attempts: int | None
    words: str
    way: str = ""
    site: Site | cst.CSTNode | None = None
    seconds: float | None = None
    switch: str = ""


def outers(model: SemanticModel) -> Iterator[tuple[Function, Outer]]:
    """What repeats functions, or parts of their bodies, and is known to do so after failures of which some are known."""
    for function in model.functions:
        decorated = _around(function)
        if decorated is not None:
            yield function, decorated
    for loop in model.loops:
        looped = _looped(loop, loop.function) if loop.function is not None else None
        if loop.function is not None and looped is not None:
            yield loop.function, looped


def _around(function: Function) -> Outer | None:
    """The decorator that repeats a function."""
    policy = policy_of(function)
    if policy is None:
        return None
    decorator, made, concept = policy
    answers = _answers(concept, made)
    if answers is None or concept.subject not in ("function", "task"):
        return None
    words = f"{short(decorator.title) or dotted(decorator.node)}() repeats {function.name}()"
    tries = _tries(concept, made, function.model.meanings)
    return Outer(decorator, tries, answers, words, tuple(function.calls), concept.subject == "task")


def _looped(loop: Loop, function: Function) -> Outer | None:
    """The loop over a policy, or the one that tries until it succeeds."""
    meanings = function.model.meanings
    over = meanings.at(loop.node.iter) if isinstance(loop.node, cst.For) else None
    policy = meanings.means(over, RetryPolicy) if over is not None else None
    if over is not None and policy is not None and (answers := _answers(policy, over.made)) is not None:
        calls = tuple(call for call in function.calls if loop.inside.encloses(call.frame))
        return Outer(loop, _tries(policy, over.made, meanings), answers, "the loop repeats its body", calls)
    tried = attempts(loop)
    if tried is None or tried.catches is None or tried.limit == 1:
        return None
    return Outer(loop, tried.limit, tried.catches, "the loop tries again", tried.calls)


def _tries(policy: RetryPolicy, made: Made, meanings: Meanings) -> int | None:
    """How often a policy tries at most, the first attempt counted; None where that is not known."""
    again = repetitions(policy, made, meanings.index)
    return again + 1 if again is not None else None


def inners(outer: Outer, function: Function) -> Iterator[Inner]:
    """What repeats again in the calls that are repeated; whatever it raises in the end must reach the outer repetition."""
    meanings = function.model.meanings
    told: set[str] = set()
    for call in outer.calls:
        if call.bare or not call.name or call.name in told or (isinstance(outer.at, Call) and absorbed(call)):
            continue
        found = _of_client(call.made, outer, meanings)
        if found is not None:
            site = meanings.made_at(call.made.owner)
            inner: Inner | None = Inner(call, found.attempts, found.name, site=site, seconds=_patience(call), switch=found.switch)
        else:
            inner = _of_functions(call, outer, function)
        if inner is not None:
            told.add(call.name)
            yield inner


def _of_functions(call: Call, outer: Outer, function: Function) -> Inner | None:
    meanings = call.model.meanings
    if meanings.index.modelled(call.name) or call.model.defined(call.name) is function:
        return None
    for entered in led_through(meanings, call.name, _runs):
        made = entered.facts.repeated
        policy = _policy(made, meanings) if made is not None else None
        if len(entered.way) > _HOPS or entered.caught or policy is None or made is None:
            continue
        answers = _answers(policy, made)
        if answers is None or not _overlap(outer.answers, answers) or (not _is_all(outer.answers) and _wraps(policy, made)):
            continue
        way = way_in_words(entered.way)
        return Inner(call, _tries(policy, made, meanings), f"{short(made.name)}() of {short(entered.way[-1])}()", way)
    for reach in led_to(meanings, call.name, _runs):
        found = _of_client(reach.call, outer, meanings) if len(reach.way) <= _HOPS and not reach.caught else None
        if found is not None:
            return Inner(call, found.attempts, found.name, way_in_words(reach.way, reach.call.name), reach.site, switch=found.switch)
    return None


def _policy(made: Made, meanings: Meanings) -> RetryPolicy | None:
    known = meanings.index.known(made.name)
    policy = known.concepts.get(RetryPolicy) if known is not None else None
    if not isinstance(policy, RetryPolicy) or policy.subject != "function" or policy.optional:
        return None
    return policy


@dataclass(frozen=True, slots=True)
class _Client:
    """A client that repeats by itself."""

    name: str
    attempts: int
    switch: str


def _of_client(made: Made, outer: Outer, meanings: Meanings) -> _Client | None:
    """The client of a call, where it is known to repeat after failures that the outer repetition answers too. Jobs are repeated minutes later."""
    maker, own = _repeating(made, meanings)
    if (
        maker is None or own is None or outer.job or meanings.index.returns(made.name) == maker.name
    ):  # what gives another client asks nobody
        return None
    given = find(own.parameter, maker)
    while given is Missing.ABSENT and (before := _repeating(maker, meanings))[0] is not None:
        maker, own = before[0], before[1] or own  # a copy of a client is told what is different
        given = find(own.parameter, maker)
    if given is Missing.ABSENT:
        again = meanings.index.fewest_retries(maker.name, own)
    elif isinstance(given, Constant) and isinstance(given.value, int):
        again = int(given.value)
    else:
        return None
    if again <= 0 or not (_is_all(outer.answers) or not outer.answers.isdisjoint(own.after)):
        return None
    switch = f"{own.parameter.keyword}=0" if own.parameter.keyword and not own.parameter.inside else ""
    return _Client(maker.name, again + 1, switch)


def _repeating(made: Made, meanings: Meanings) -> tuple[Made, OwnRetries] | tuple[None, None]:
    """What made the object of a call, where that repeats by itself and nothing was changed about it."""
    maker = made.maker
    known = meanings.index.known(maker.name) if maker is not None else None
    own = known.concepts.get(OwnRetries) if known is not None else None
    if maker is None or not isinstance(own, OwnRetries) or made.changed or maker.changed:
        return None, None
    return maker, own


def _patience(call: Call) -> float | None:
    return call.model.meanings.patience(call).seconds


def _overlap(outer: frozenset[str], inner: frozenset[str]) -> bool:
    """Whether the outer repetition answers failures that the inner one has repeated in vain; empty stands for all."""
    return _is_all(outer) or (not _is_all(inner) and bool(outer & inner))


def _answers(policy: RetryPolicy, made: Made) -> frozenset[str] | None:
    """The failures after which a policy tries again (see `answered`); None also where it looks at results alone."""
    return answered(policy, made) if policy.exceptions is not None or policy.exceptions_default else None


def _wraps(policy: RetryPolicy, made: Made) -> bool:
    """Whether the last failure may reach the caller inside of another exception."""
    return policy.wraps_unless is not None and find(policy.wraps_unless, made) != Constant(True)


def _is_all(names: frozenset[str]) -> bool:
    return not names or not names.isdisjoint({"builtins.Exception", "builtins.BaseException"})


def _runs(facts: FunctionFacts) -> bool:
    return not facts.generator


def stacked(function: Function) -> list[tuple[Call, RetryPolicy]]:
    """The decorators of a function that each repeat it after the same failures, the outermost first."""
    meanings = function.model.meanings
    found: list[tuple[Call, RetryPolicy, frozenset[str]]] = []
    for decorator in function.decorators:
        policy = meanings.means(decorator, RetryPolicy)
        if policy is None or policy.subject != "function" or not (active(decorator, policy) and automatic(decorator.made, policy)):
            continue
        answers = _answers(policy, decorator.made)
        apart = found and not _is_all(found[-1][2]) and _wraps(policy, decorator.made)
        if answers is not None and not apart and all(_overlap(before, answers) for _, _, before in found):
            found.append((decorator, policy, answers))
    return [(decorator, policy) for decorator, policy, _ in found]


__all__ = ["Inner", "Outer", "inners", "outers", "stacked"]
