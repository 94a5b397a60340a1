"""What of an exception is sent to a client: in a response, in the value of a request handler, in an exception that becomes a response."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..concepts.base import Parameter
from ..concepts.data import SqlExecution
from ..concepts.http import ErrorHandler, HttpRequest, Response, Route
from ..concepts.speech import ExceptionText
from ..concepts.time import Blocking
from ..model.places import Call, Function, Place
from ..model.taint import Derived, Seeds, derived, first_of, narrowed, sent_with, shown_to_developers
from ..model.values import Constant, Datum, Missing, Reference

if TYPE_CHECKING:
    import libcst as cst

    from ..model.semantic import SemanticModel
    from .index import Index, Known


_OUTSIDE = ("network", "process", "database")


class Text(Enum):
    """What the message of an exception may tell, in rising order of harm."""

    CURATED = 0  # written for whoever sees it, or not known to be anything else
    CLIENT = 1  # of errors that code raises about its input: often written for it, not always
    INTERNAL = 2  # of whatever went wrong in here: statements, paths, addresses, other people's data


@dataclass(frozen=True, slots=True)
class Exposure:
    """
    One place that sends what an exception says.

    `sent` is the expression that does, `catches` the names of the exceptions it may be, `status` the status code, where these are known.
    """

    place: Place
    sent: cst.CSTNode
    source: Derived
    catches: tuple[str, ...]
    status: int | None


def exposures(model: SemanticModel) -> Iterator[Exposure]:
    """The places of a file that send an exception's text, or the trace of one; not those that a debug switch guards."""
    meanings = model.meanings
    handlers = {id(handler.node): handler for handler in model.handlers}
    if not (handlers or meanings.error_handlers or meanings.of(ExceptionText)):
        return
    caught_by = _registered(model)
    parameters = {id(parameter): caught_by[key] for key in caught_by if (parameter := _exception_parameter(meanings.functions[key], model)) is not None}
    seeds = Seeds(frozenset(parameters), {id(call.node): text.stack for call, text in meanings.of(ExceptionText)})
    for place, sent, status in _sinks(model):
        source = derived(sent, place, seeds)
        if source is None or (not source.trace and narrowed(place.frame)) or shown_to_developers(place):
            continue
        origin = handlers.get(id(source.origin))
        if origin is not None:
            names = tuple(origin.catches)
        elif id(source.origin) in parameters:
            names = parameters[id(source.origin)]
        else:
            around = next((handlers[id(frame.node)] for frame in place.frame.within_function() if id(frame.node) in handlers), None)
            names = tuple(around.catches) if around is not None else caught_by.get(id(place.function), ("builtins.BaseException",))
        yield Exposure(place, sent, source, names, status)


def _registered(model: SemanticModel) -> dict[int, tuple[str, ...]]:
    """The functions that handle errors, and the names of those they are registered for; "" for what is named by a status code, or not known."""
    found: dict[int, tuple[str, ...]] = {}
    for call, concept in model.meanings.of(ErrorHandler):
        function = call.decorated
        if function is None and concept.handler is not None:
            given = call.argument(*concept.handler.keywords, position=concept.handler.position)
            function = model.defined(given.name) if isinstance(given, Reference) else None
        if isinstance(function, Function) and id(function) in model.meanings.error_handlers:
            kind = call.argument(*concept.catches.keywords, position=concept.catches.position) if concept.catches is not None else Missing.UNKNOWN
            # Without an argument a handler is for everything.
            name = kind.name if isinstance(kind, Reference) else "builtins.Exception" if kind is Missing.ABSENT and not call.bare else ""
            found[id(function)] = (*found.get(id(function), ()), name)
    return found


def _exception_parameter(function: Function, model: SemanticModel) -> cst.Param | None:
    concept = model.meanings.error_handler(function)
    if concept is None or concept.exception.position is None:
        return None
    position = concept.exception.position + (function.owner is not None)
    return function.parameters[position] if position < len(function.parameters) else None


def _sinks(model: SemanticModel) -> Iterator[tuple[Place, cst.BaseExpression, int | None]]:
    """Every expression that reaches a client, the place where it does, and with which status."""
    meanings = model.meanings
    for call, response in meanings.of(Response):
        status = _status(call, response)
        if response.masked and status is not None and status >= 500:
            continue
        for sent in _bodies(call, response):
            yield call, sent, status
            generator = _generator(call, sent)
            for each in generator.yields if generator is not None else ():
                if each.value is not None:
                    yield each, each.value, status
    answering: dict[int, Route | ErrorHandler] = {**meanings.routes, **meanings.error_handlers}
    for key, concept in answering.items():
        for returned in meanings.functions[key].returns if concept.sends_return else ():
            if returned.value is not None:
                body, given = first_of(returned.value)
                yield returned, body, _number(returned.evaluate(given)) if given is not None else 200


def _bodies(call: Call, response: Response) -> Iterator[cst.BaseExpression]:
    """The arguments of a response that are sent."""
    for parameter in response.body:
        node = call.argument_node(*parameter.keywords, position=parameter.position)
        if node is not None:
            yield node
    positional = 0
    named = {keyword for parameter in (*response.body, response.status or Parameter()) for keyword in parameter.keywords}
    for arg in getattr(call.node, "args", ()):
        if arg.keyword is not None:
            if response.keywords and arg.keyword.value not in named:
                yield arg.value
        elif not arg.star:
            if response.rest is not None and positional >= response.rest:
                yield arg.value
            positional += 1


def _generator(call: Call, sent: cst.BaseExpression) -> Function | None:
    """The generator function of this file from which a response streams."""
    func = getattr(sent, "func", None)
    name = call.model.name_of(func, call) if func is not None else ""
    function = call.model.defined(name) if name else None
    return function if isinstance(function, Function) and function.generator else None


def _status(call: Call, response: Response) -> int | None:
    beside = sent_with(call.statement, call.node)
    if beside is not None:
        return _number(call.evaluate(beside))
    if response.status is None:
        return response.default_status
    given = call.argument(*response.status.keywords, position=response.status.position)
    return response.default_status if given is Missing.ABSENT else _number(given)


def _number(given: Datum | Missing) -> int | None:
    """A status code, however it is written: a number, a constant of a framework, a member of `HTTPStatus`."""
    if isinstance(given, Constant):
        return given.value if isinstance(given.value, int) else None
    for part in given.name.split(".") if isinstance(given, Reference) else ():
        match = re.match(r"HTTP_(\d{3})_", part)
        if match:
            return int(match[1])
        if part in HTTPStatus.__members__:
            return HTTPStatus[part].value
    return None


def text_of(name: str, status: int | None, model: SemanticModel) -> Text:
    """What the message of an exception of this name tells a client, if it is sent with this status."""
    index = model.meanings.index
    head, _, last = name.rpartition(".")
    if head == "builtins":
        kind = getattr(builtins, last, None)
        if not isinstance(kind, type):
            return Text.CURATED
        if kind is TimeoutError:
            return Text.CURATED  # says nothing, or what the program made it say
        if kind in (Exception, BaseException) or issubclass(kind, OSError | MemoryError):
            return Text.INTERNAL
        return Text.INTERNAL if status is not None and status >= 500 else Text.CLIENT
    root = name.partition(".")[0]
    known = index.known(name)
    if known is not None and Response in known.concepts:
        return Text.CURATED
    if name == "asyncio.TimeoutError":
        return Text.CURATED
    if _of_a_client(name, index):
        return Text.INTERNAL
    if root in sys.stdlib_module_names:
        return Text.INTERNAL if status is not None and status >= 500 else Text.CLIENT
    return Text.CURATED


@lru_cache(maxsize=8)
def _clients(index: Index) -> frozenset[str]:
    """
    The libraries that talk to others, databases and HTTP clients among them: by their root or, where the library serves requests too, by the two first
    parts of their modules' names; and the exceptions that such calls are known to raise.
    """
    speaking = {_head(name) for name, known in index.calls.items() if _speaks(known)}
    serving = {name.partition(".")[0] for name, known in index.calls.items() if {Response, Route} & known.concepts.keys()}
    raised = {part for known in index.calls.values() if _speaks(known) for name in known.raises for part in (name, _head(name))}
    return frozenset(raised | {name if name.partition(".")[0] in serving else name.partition(".")[0] for name in speaking} - {"builtins"})


def _speaks(known: Known) -> bool:
    """Whether a call leaves the process, to another host or another program."""
    blocking = known.concepts.get(Blocking)
    return HttpRequest in known.concepts or SqlExecution in known.concepts or (isinstance(blocking, Blocking) and blocking.kind in _OUTSIDE)


def _head(name: str) -> str:
    return ".".join(name.split(".")[:2])


def _of_a_client(name: str, index: Index) -> bool:
    """Whether an exception comes from a library that talks to others."""
    clients = _clients(index)
    return name in clients or _head(name) in clients or name.partition(".")[0] in clients


__all__ = ["Exposure", "Text", "exposures", "text_of"]
