"""
What calling a function of the checked project means, where it hands its arguments on to a modelled call: `fetch(url, timeout=None)` that does no more
than `requests.get(url, timeout=timeout)` is a request whose timeout is its own parameter, and without it waits for ever.

A wrapper's meaning is worked out where it is called, for only there is everything known: its file says what it hands on (`model/summaries.py`), this
one follows the names in it through the other files, and then turns the concepts of what is called in the end into those of the wrapper, parameter
by parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from ..concepts.base import Concept, Parameter
from ..concepts.bounds import Bound, bound
from ..concepts.data import SqlExecution
from ..concepts.http import HttpRequest, Response
from ..concepts.time import Timeout, Wait
from ..finding import Note
from ..libraries.index import Index
from ..model.exports import Forward, FunctionFacts, Given
from ..model.places import Call
from ..model.semantic import SemanticModel
from ..model.values import NONE, Constant, Datum, Made, Missing, Reference, Site

_FURTHEST = 4  # wrappers around each other
_Some = TypeVar("_Some", bound=Parameter)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What a call of a wrapper means. `chain` is what it hands on to, step by step: the name and, where it is known, the place."""

    concepts: dict[type[Concept], Concept] = field(default_factory=dict)
    chain: tuple[tuple[str, Site | None], ...] = ()


_NOTHING = Wrapped()


class Wrappers:
    """The wrappers that one file calls. `facts_of` gives what is known of a function by its dotted name."""

    def __init__(self, model: SemanticModel, index: Index, facts_of: Callable[[str], FunctionFacts | None]) -> None:
        self.model, self.index, self.facts_of = model, index, facts_of
        self._known: dict[str, Wrapped] = {}

    def of(self, name: str, depth: int = 0) -> Wrapped:
        """What a call of this function means; nothing where it is no wrapper, or where two of its calls would mean different things."""
        known = self._known.get(name)
        if known is None:
            self._known[name] = _NOTHING  # for a function that calls itself
            known = self._known[name] = self._join(name, depth)
        return known

    def _join(self, name: str, depth: int) -> Wrapped:
        facts = self.facts_of(name)
        if facts is None or depth >= _FURTHEST:
            return _NOTHING
        concepts: dict[type[Concept], Concept] = {}
        chain: tuple[tuple[str, Site | None], ...] = ()
        doubtful: set[type[Concept]] = set()
        for forward in facts.forwards:
            target, further = self._target(forward, depth)
            for kind, concept in further.concepts.items():
                turned = _turn(concept, forward, target, self.index)
                if turned is None:
                    continue
                if kind in concepts and concepts[kind] != turned:
                    doubtful.add(kind)
                concepts[kind] = turned
                chain = chain or ((target.name, forward.site), *further.chain)
        return Wrapped({kind: concept for kind, concept in concepts.items() if kind not in doubtful}, chain)

    def _target(self, forward: Forward, depth: int) -> tuple[Made, Wrapped]:
        """What a wrapper calls, its name followed through other files, and what that means."""
        call = forward.call
        if not self.index.modelled(call.name):
            found = self.model.follow(call.name) if call.owner is None else self._method(call)
            if isinstance(found, Reference):
                call = msgspec.structs.replace(call, name=found.name, owner=found.owner or call.owner)
        known = self.index.known(call.name)
        if known is not None:
            return call, Wrapped(known.concepts)
        return call, self.of(call.name, depth + 1) if not self.index.modelled(call.name) else _NOTHING

    def _method(self, call: Made) -> Datum:
        """A method reached through an object that another file made."""
        owner = call.owner
        assert owner is not None
        if isinstance(owner, Reference):
            owner = self.model.follow(owner.name)
        return self.model.member(owner, call.name.rpartition(".")[2])


def handed_on(call: Call) -> tuple[Note, ...]:
    """Where a wrapper's call is handed on to, step by step; nothing for a call that is no wrapper's."""
    wrapped = call.model.meanings.wrapped.get(id(call.node))
    steps = wrapped.chain if wrapped is not None else ()
    return tuple(Note(site, f"handed on to {name}() here") for name, site in steps if site is not None)


def _turn(concept: Concept, forward: Forward, call: Made, index: Index) -> Concept | None:
    """What the wrapper means by handing on to a call that means `concept`; None where that is nothing, or not known."""
    match concept:
        case Wait():
            return _wait(concept, forward, call, index)
        case SqlExecution():
            return _sql(concept, forward)
        case Response():
            return _response(concept, forward)
        case HttpRequest():
            return _request(concept, forward)
    return None


def _slot(parameter: Parameter, forward: Forward) -> Given | None:
    """Which of the wrapper's arguments is passed for a parameter."""
    for keyword in parameter.keywords:
        if keyword in forward.given:
            return forward.given[keyword]
    found = forward.given.get(str(parameter.position)) if parameter.position is not None else None
    if found is None and forward.rest and parameter.keyword and _absent(parameter, forward):
        return Given(parameter.keyword)
    return found


def _absent(parameter: Parameter, forward: Forward) -> bool:
    return msgspec.structs.replace(forward.call, open=False).argument(*parameter.keywords, position=parameter.position) is Missing.ABSENT


def _moved(parameter: _Some, given: Given) -> _Some:
    """A parameter of what is called, as one of the wrapper's."""
    return msgspec.structs.replace(parameter, keyword=given.name, position=given.position, also=())


def _optional(parameter: Parameter | None, forward: Forward) -> Parameter | None:
    given = _slot(parameter, forward) if parameter is not None else None
    return _moved(parameter, given) if parameter is not None and given is not None and given.whole else None


def _wait(wait: Wait, forward: Forward, call: Made, index: Index) -> Wait | None:
    timeout = wait.timeout
    if timeout is None or forward.limited or wait.arrives or wait.tier == "never":
        return None
    others = (*wait.partial, *((wait.switch,) if wait.switch is not None else ()))
    if any(not _absent(other, forward) or _slot(other, forward) is not None for other in others if not forward.rest):
        return None
    given = _slot(timeout, forward)
    if given is None or not given.whole:
        return None
    default = _default(timeout, given, forward, call, index)
    asked = Parameter(keyword=wait.streams) if wait.streams else None
    streams = _optional(asked, forward)
    if asked is not None and streams is None and not _absent(asked, forward):
        return None
    return msgspec.structs.replace(
        wait,
        timeout=msgspec.structs.replace(_moved(timeout, given), default=default, carried_by=None),
        partial=(),
        switch=None,
        streams=streams.keyword if streams is not None else "",
        settled_by=(),
        cure="",
    )


def _default(timeout: Timeout, given: Given, forward: Forward, call: Made, index: Index) -> float | str:
    """What holds where the wrapper's caller passes nothing."""
    if given.default is None:
        # Either it must be passed, or it travels in `**kwargs`, and then the default is that of what is called.
        return _inner_default(timeout, call, index) if forward.rest and timeout.keyword == given.name else "unknown"
    if given.default == NONE:
        if timeout.none == "never":
            return "never"
        return _inner_default(timeout, call, index) if timeout.none in ("default", "ignored") else "unknown"
    if isinstance(given.default, Constant) and isinstance(given.default.value, int | float) and not isinstance(given.default.value, bool):
        return given.default.value if given.default.value > 0 else "unknown"
    return "unknown"


def _inner_default(timeout: Timeout, call: Made, index: Index) -> float | str:
    match timeout.default:
        case "client":
            return _of_the_client(call, index)
        case "never" | "socket" | int() | float():
            return timeout.default
    return "unknown"


def _of_the_client(call: Made, index: Index) -> float | str:
    """What the object tells on which the call is made."""
    by = call.maker
    known = index.known(by.name) if by is not None and not by.changed and not call.changed else None
    wait = known.concepts.get(Wait) if known is not None else None
    if by is None or not isinstance(wait, Wait) or wait.timeout is None:
        return "unknown"
    verdict = bound(wait.timeout, by, index)
    if verdict.bound is Bound.NONE:
        return "never"
    return verdict.seconds if verdict.bound is Bound.FINITE and verdict.seconds else "unknown"


def _sql(sql: SqlExecution, forward: Forward) -> SqlExecution | None:
    given = _slot(sql.text, forward)
    if sql.wrapper or given is None or not given.whole:
        return None
    parameters = _optional(sql.parameters, forward)
    return msgspec.structs.replace(sql, text=_moved(sql.text, given), parameters=parameters, parameters_rest=None, sequence=False)


def _response(response: Response, forward: Forward) -> Response | None:
    slots = [(parameter, _slot(parameter, forward)) for parameter in response.body]
    body = tuple(_moved(parameter, given) for parameter, given in slots if given is not None and not given.asked)
    if not body:
        return None
    status, default = None, response.default_status
    if response.status is not None:
        status = _optional(response.status, forward)
        value = forward.call.argument(*response.status.keywords, position=response.status.position)
        if status is not None:
            told = _slot(response.status, forward)
            if told is not None and isinstance(told.default, Constant) and isinstance(told.default.value, int):
                default = told.default.value
        elif isinstance(value, Constant) and isinstance(value.value, int):
            default = value.value
    return msgspec.structs.replace(response, body=body, rest=None, keywords=False, status=status, default_status=default)


def _request(request: HttpRequest, forward: Forward) -> HttpRequest | None:
    if forward.guarded:
        return None  # what becomes of a failure is settled inside
    method = _optional(request.method_argument, forward)
    verb = request.method
    if request.method_argument is not None and method is None and not verb:
        value = forward.call.argument(*request.method_argument.keywords, position=request.method_argument.position)
        if not (isinstance(value, Constant) and isinstance(value.value, str)):
            return None
        verb = value.value.lower()
    return msgspec.structs.replace(
        request, method=verb, method_argument=method, url=_optional(request.url, forward), headers=_optional(request.headers, forward)
    )


__all__ = ["Wrapped", "Wrappers", "handed_on"]
