"""Statuses of answers: which of them are tried again, and whether anybody looks at them before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import libcst as cst

from ..concepts.bounds import find
from ..concepts.http import HttpRequest, StatusCheck
from ..concepts.retry import RetryPolicy
from ..concepts.time import Sleep
from ..model.endings import ends
from ..model.frames import Frame
from ..model.places import Call, Function, Handler
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import BROAD
from ..model.values import NONE, Constant, Datum, Items, Made, Missing, Reference
from ..syntax.tree import walk
from .attempts import Attempts, absorbed, only_says
from .policies import failures
from .repeated import Repeated, looks_at_failure

_STATUS = frozenset({"status", "status_code", "ok", "is_success", "is_error", "is_client_error", "is_server_error", "code"})
_NAMED_STATUS = re.compile(r"(?:^|\.)HTTP_(\d{3})_\w+$")
_HOLDS_STATUSES = re.compile(r"(?:^|\.)(?:HTTPStatus|codes)\.(\w+)(?:\.value)?$")
# Functions by whose names they may look at an answer, and fail in ways of their own.
_JUDGES = re.compile(r"raise|check|verify|handle|valid|assert|ensure|parse_error|on_error", re.IGNORECASE)
_RETRY_AFTER = re.compile(r"retry[-_ ]?after|x-ratelimit|ratelimit-reset", re.IGNORECASE)
TOO_MANY = 429


# -- lists of statuses


def listed_statuses(policy: RetryPolicy, made: Made) -> frozenset[int]:
    """The statuses of answers after which a policy surely repeats because it is told to, as far as they are known."""
    value = find(policy.statuses, made) if policy.statuses is not None else Missing.ABSENT
    if value is Missing.ABSENT or value == NONE:
        return frozenset(policy.statuses_default)
    return frozenset(_numbers(value)) if not isinstance(value, Missing) else frozenset()


def _numbers(value: Datum) -> Iterator[int]:
    match value:
        case Constant(value=int() as number):
            yield number
        case Items(items=items):
            for item in items:
                yield from _numbers(item)
        case Made(name="builtins.range", arguments=arguments):
            bounds = [bound.value for bound in arguments if isinstance(bound, Constant) and isinstance(bound.value, int)]
            if len(bounds) == len(arguments) and 0 < len(bounds) <= 3:
                yield from range(*bounds)
        case Made(name=name, arguments=arguments) if name in ("operator.add", "operator.or") or name.startswith("builtins."):
            for argument in arguments:
                yield from _numbers(argument)
        case Reference(name=name):
            if (named := _by_name(name)) is not None:
                yield named


def _by_name(name: str) -> int | None:
    """The status that a constant is named after."""
    numbered = _NAMED_STATUS.search(name)
    if numbered is not None:
        return int(numbered[1])
    named = _HOLDS_STATUSES.search(name)
    member = HTTPStatus.__members__.get(named[1].upper()) if named is not None else None
    return member.value if member is not None else None


# -- failures that stand for any status


@dataclass(frozen=True, slots=True)
class Blind:
    """A repetition after any status of failure: `error` is what says so, and it is raised `at` this call."""

    error: str
    at: Call


def blind_retries(tried: Repeated | Attempts) -> tuple[Blind | None, Handler | None]:
    """What of all that is repeated stands for any status, if nothing looks at the status; and the handler by which a loop goes on."""
    if isinstance(tried, Repeated):
        return _by_policy(tried), None
    return _by_loop(tried) or (None, None)


def _by_policy(one: Repeated) -> Blind | None:
    named = failures(one.policy, one.made, one.function.model.meanings.index)
    if named.spared or BROAD & named.named or _runs_between(one):
        return None
    if _looks_at_status(one.within.node if one.within is not None else one.function.node, one.function.model):
        return None
    for call in one.calls:
        if _is_taken(call, one.within):
            continue
        for at, check in _checks(call):
            if named.named & {check.error, *check.under}:
                return Blind(check.error, at)
    return None


def _is_taken(call: Call, within: Frame | None) -> bool:
    """Whether a handler within what is repeated takes the failures of a call: any but one that lets all of them through as they are."""
    for frame in call.frame.within_function():
        if frame is within:
            return False
        if frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar) and not all(map(_lets_through, frame.node.handlers)):
            return True
    return False


def _lets_through(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    bound = handler.name.name.value if handler.name is not None and isinstance(handler.name.name, cst.Name) else ""
    raised = [node for node in walk(handler.body) if isinstance(node, cst.Raise)]
    return ends(handler.body) == {"raise"} and all(node.exc is None or (bound and dotted(node.exc) == bound) for node in raised)


def _runs_between(one: Repeated) -> bool:
    """Whether something runs between attempts that may repair what has failed: anything but what writes to the log."""
    given = [find(parameter, one.made) for parameter in one.policy.between]
    return any(value is not Missing.ABSENT and not (isinstance(value, Made | Reference) and "log" in value.name.lower()) for value in given)


def _by_loop(tried: Attempts) -> tuple[Blind, Handler] | None:
    if _looks_at_status(tried.tries, tried.loop.model):
        return None
    for call in tried.loop.function.calls if tried.loop.function is not None else ():
        if _stands_in(call, tried):
            for at, check in _checks(call):
                handler = _first_to_catch(tried, check)
                if handler is not None and not looks_at_failure(handler) and not _repairs(handler):
                    return Blind(check.error, at), handler
    return None


def _stands_in(call: Call, tried: Attempts) -> bool:
    """Whether a failure of a call comes to the handlers of a loop that tries again."""
    for frame in call.frame.within_function():
        if frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar):
            return frame.node is tried.tries
    return False


def _first_to_catch(tried: Attempts, check: StatusCheck) -> Handler | None:
    """The handler that takes the failure of a check, if the loop goes on after it, and it is not one that takes everything."""
    for handler in tried.loop.model.handlers:
        if handler.tries is tried.tries:
            catches = set(handler.catches)
            if "" in catches or BROAD & catches:
                return None
            if catches & {check.error, *check.under}:
                return handler if handler in tried.handlers else None
    return None


def _repairs(handler: Handler) -> bool:
    meanings = handler.model.meanings
    its = [call for call in handler.function.calls if handler.inside.encloses(call.frame)] if handler.function is not None else []
    return any(not only_says(call) and meanings.means(call, Sleep) is None for call in its)


def _checks(call: Call) -> Iterator[tuple[Call, StatusCheck]]:
    """The checks of a status that a call makes, itself or in the function of this module that it calls."""
    meanings = call.model.meanings
    own = _check(call)
    if own is not None:
        yield call, own
    callee = meanings.callee(call)
    if callee is not None and not callee.generator and not _looks_at_status(callee.node, call.model):
        for inner in callee.calls:
            found = _check(inner)
            if found is not None and not absorbed(inner):
                yield inner, found


def _check(call: Call) -> StatusCheck | None:
    check = call.model.meanings.means(call, StatusCheck)
    if check is None or check.asked_by is None:
        return check
    asked, maker = find(check.asked_by, call.made), call.made.maker
    if asked is Missing.ABSENT and maker is not None:
        asked = find(check.asked_by, maker)
    return check if asked == Constant(True) else None


def _looks_at_status(node: cst.CSTNode, model: SemanticModel, hops: int = 1) -> bool:
    """Whether anything in a piece of code looks at the status of an answer, or may by its name."""
    for inner in walk(node):
        if isinstance(inner, cst.If | cst.IfExp | cst.While):
            looked: cst.CSTNode = inner.test
        elif isinstance(inner, cst.Match):
            looked = inner.subject
        elif isinstance(inner, cst.Assert | cst.Comparison):
            looked = inner
        else:
            if isinstance(inner, cst.Call) and _may_judge(dotted(inner.func).rpartition(".")[2], model, hops):
                return True
            continue
        if any(isinstance(part, cst.Attribute) and part.attr.value in _STATUS for part in walk(looked)):
            return True
    return False


def _may_judge(word: str, model: SemanticModel, hops: int) -> bool:
    """Whether a function of this name looks at a status: one of this file, or by what its name promises."""
    own = [function for function in model.functions if function.name == word]
    if own:
        return hops > 0 and any(_looks_at_status(function.node, model, hops - 1) for function in own)
    return word != "raise_for_status" and _JUDGES.search(word) is not None


# -- pauses that do not ask how long


def deaf_pauses(model: SemanticModel) -> Iterator[tuple[Call, float]]:
    """The pauses of a fixed length, in seconds, that are made where an answer has said "too many requests" and may have said until when."""
    for call, sleep in model.meanings.of(Sleep):
        seconds = find(sleep.seconds, call.made)
        function = call.function
        if function is None or not isinstance(seconds, Constant) or not isinstance(seconds.value, int | float) or seconds.value <= 0:
            continue
        tests = [frame.node.test for frame in call.frame.within_function() if frame.kind == "if" and isinstance(frame.node, cst.If)]
        if (
            any(_is_too_many(test, call) for test in tests)
            and _comes_back(call, function)
            and not _RETRY_AFTER.search(model.tree.code_for_node(function.node))
        ):
            yield call, float(seconds.value)


def _comes_back(call: Call, function: Function) -> bool:
    """Whether what failed is done once more after a pause: in a loop, by the function calling itself, or by the next lines."""
    meanings, around = call.model.meanings, list(call.frame.within_function())
    if any(frame.kind == "loop" for frame in around):
        return True
    branch = next(frame for frame in around if frame.kind == "if")
    for other in function.calls:
        asks_again = other.order > call.order and branch.encloses(other.frame) and meanings.means(other, HttpRequest) is not None
        if asks_again or meanings.callee(other) is function:
            return True
    return False


def _is_too_many(test: cst.BaseExpression, call: Call) -> bool:
    """Whether a test asks if the status of an answer is 429, or one of several with that."""
    if isinstance(test, cst.BooleanOperation):
        return _is_too_many(test.left, call) or _is_too_many(test.right, call)
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not isinstance(test.left, cst.Attribute):
        return False
    (compared,) = test.comparisons
    if not isinstance(compared.operator, cst.Equal | cst.In) or TOO_MANY not in _numbers(call.evaluate(compared.comparator)):
        return False
    return test.left.attr.value in _STATUS and _is_answer(test.left.value, call)


def _is_answer(node: cst.BaseExpression, call: Call) -> bool:
    """Whether an expression is the answer to a request, or the failure that stands for one."""
    model = call.model
    if model.type_of(call.evaluate(node)) in model.meanings.index.answers:
        return True
    bound, _, rest = dotted(node).partition(".")
    for handler in model.handlers:
        if bound and bound == handler.bound and rest in ("", "response") and handler.inside.encloses(call.frame):
            return not model.meanings.index.status_errors.isdisjoint(handler.catches)
    return False
