"""What of an exception is sent to a client: in a response, in the value of a request handler, in an exception that becomes a response."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

import libcst as cst

from ..concepts.base import Parameter
from ..concepts.http import ErrorHandler, Middleware, Response, Route
from ..concepts.speech import ExceptionText
from ..model.places import Call, Function, Handler, Place
from ..model.swallowing import BROAD
from ..model.taint import Derived, Seeds, calls, checks_input, derived, first_of, narrowed, sent_with, shown_to_developers
from ..model.values import Constant, Datum, Missing, Reference
from ..syntax.tree import walk
from .outbound import of_a_client
from .recognisers.aws import status_in

if TYPE_CHECKING:
    from ..model.semantic import SemanticModel
    from .match import Meanings


# Errors that name a file. Programs raise them for things of their own too, and then answer with 404 or 403.
_WITH_PATHS = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)


# In the place of a status: a notice put into a page to come, for the person who asked for something that a service refused.
NOTICE = 0


class Text(Enum):
    """What the message of an exception may tell, in rising order of harm."""

    CURATED = 0  # written for whoever sees it, or not known to be anything else
    CLIENT = 1  # of errors that code raises about its input: often written for the client, not always
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


def exposures(model: SemanticModel) -> list[Exposure]:
    """The places of a file that send an exception's text, or the trace of one; not those that a debug switch guards."""
    meanings = model.meanings
    if meanings.exposures is None:
        meanings.exposures = list(_exposures(model, meanings))
    return meanings.exposures


def _exposures(model: SemanticModel, meanings: Meanings) -> Iterator[Exposure]:
    handlers = {id(handler.node): handler for handler in model.handlers}
    if not (handlers or meanings.error_handlers or meanings.of(ExceptionText)):
        return
    caught_by = registered(model)
    parameters = {
        id(parameter): caught_by[key]
        for key in caught_by
        if (parameter := _exception_parameter(meanings.functions[key], model)) is not None
    }
    seeds = Seeds(frozenset(parameters), {id(call.node): text.stack for call, text in meanings.of(ExceptionText)}, meanings.tellers())
    for place, sent, status in _sinks(model):
        source = derived(sent, place, seeds)
        if source is None or shown_to_developers(place):
            continue
        origin = handlers.get(id(source.origin))
        if origin is None and id(source.origin) not in parameters:
            origin = next((handlers[id(frame.node)] for frame in place.frame.within_function() if id(frame.node) in handlers), None)
        if origin is not None:
            names = tuple(origin.catches)
        else:
            names = parameters.get(id(source.origin)) or caught_by.get(id(place.function), ("builtins.BaseException",))
        if not source.trace and narrowed(place.frame, _named(source.origin)):
            names = ("",)
        elif _about_input(origin, status, sent):
            names = tuple("" if name in BROAD or name == "builtins.OSError" else name for name in names)
        yield Exposure(place, sent, source, names, status)


def _named(origin: cst.CSTNode) -> str:
    """The name that holds an exception."""
    name = getattr(origin, "name", None)
    while name is not None and not isinstance(name, str):
        name = getattr(name, "name", None) or getattr(name, "value", None)
    return name or ""


# How programs tell a client that what it sent cannot be read.
_UNREADABLE = re.compile(r"\b(pars(e|ing)|malformed|decod(e|ing)|not a valid|invalid (json|xml|csv|file|format|syntax))\b", re.IGNORECASE)


def _about_input(handler: Handler | None, status: int | None, sent: cst.BaseExpression) -> bool:
    """Whether a client is told what is wrong with what it sent, or nothing is called that could fail."""
    if handler is None:
        return False
    its_fault = status is not None and (100 <= status < 200 or 400 <= status < 500)
    if not checks_input(handler.tries.body):
        return its_fault and any(
            isinstance(node, cst.SimpleString | cst.FormattedStringText) and _UNREADABLE.search(node.value) for node in walk(sent)
        )
    return its_fault or not calls(handler.tries.body)


def registered(model: SemanticModel) -> dict[int, tuple[str, ...]]:
    """The functions that handle errors, and the names of those they are registered for; "" for what is named by a status code, or not known."""
    found: dict[int, tuple[str, ...]] = {}
    for call, concept in model.meanings.of(ErrorHandler):
        function = call.decorated
        if function is None and concept.handler is not None:
            given = call.argument(*concept.handler.keywords, position=concept.handler.position)
            function = model.defined(given.name) if isinstance(given, Reference) else None
        if isinstance(function, Function) and id(function) in model.meanings.error_handlers:
            kind = (
                call.argument(*concept.catches.keywords, position=concept.catches.position)
                if concept.catches is not None
                else Missing.UNKNOWN
            )
            # Without an argument a handler is for everything.
            name = kind.name if isinstance(kind, Reference) else "builtins.Exception" if kind is Missing.ABSENT and not call.bare else ""
            found[id(function)] = (*found.get(id(function), ()), name)
        for kind, function in model.meanings.listed(concept, call) if concept.table is not None else ():
            found[id(function)] = (*found.get(id(function), ()), kind.name if isinstance(kind, Reference) else "")
    for key in model.meanings.error_handlers.keys() - found.keys():
        found[key] = ("builtins.Exception",)  # a method, or a function that settings name: it is for everything
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
        status = status_of(call, response)
        hidden = response.masked and status is not None and status >= 500
        for sent in _bodies(call, response, hidden):
            yield call, sent, status
            generator = _generator(call, sent)
            for each in generator.yields if generator is not None else ():
                if each.value is not None:
                    yield each, each.value, status
    answering: dict[int, Route | ErrorHandler | Middleware] = {**meanings.routes, **meanings.error_handlers, **meanings.middlewares}
    for key, concept in answering.items():
        for returned in meanings.functions[key].returns if concept.sends_return else ():
            if returned.value is not None:
                body, given = first_of(returned.value)
                if given is not None and isinstance(concept, Route) and concept.status_first:
                    body, given = given, body
                given = given if given is not None else status_in(returned.value)
                yield returned, body, number(returned.evaluate(given)) if given is not None else 200
        if isinstance(concept, Route) and concept.sends_raised:
            yield from _raised(meanings.functions[key])
    yield from _assigned(model)


def _raised(function: Function) -> Iterator[tuple[Place, cst.BaseExpression, int | None]]:
    """What the exceptions say that a function makes and lets out. Those that are a response themselves are seen where they are made."""
    for place in function.raises:
        exception = place.exception
        if any(frame.kind == "try" for frame in place.frame.within_function()) or not isinstance(exception, cst.Call):
            continue
        made = function.model.meanings.at(exception)
        if made is None or function.model.meanings.means(made, Response) is None:
            for arg in exception.args:
                yield place, arg.value, 500


def _assigned(model: SemanticModel) -> Iterator[tuple[Place, cst.BaseExpression, int | None]]:
    """What is put into an attribute of a response: `response.text = …`."""
    meanings, index = model.meanings, model.meanings.index
    for assignment in model.attribute_assignments:
        kinds = index.sending.get(assignment.target.attr.value)
        if kinds is None:
            continue
        owner = assignment.target.value
        lineage = index.lineage(model.type_of(assignment.evaluate(owner)))
        # What a function that handles errors is passed has no type; if its library has one with this attribute, it is that.
        handler = meanings.error_handler(assignment.function)
        passed = (
            handler is not None and _is_parameter(owner, assignment.function) and any(_root(kind) == handler.framework for kind in kinds)
        )
        if passed or set(lineage) & set(kinds):
            yield assignment, assignment.value, None


def _root(name: str) -> str:
    return name.partition(".")[0]


def _is_parameter(node: cst.BaseExpression, function: Function | None) -> bool:
    return (
        function is not None and isinstance(node, cst.Name) and any(parameter.name.value == node.value for parameter in function.parameters)
    )


def _bodies(call: Call, response: Response, hidden: bool) -> Iterator[cst.BaseExpression]:
    """The arguments of a response that are sent; `hidden`: the framework hides what it can."""
    for parameter in response.unmasked if hidden else (*response.body, *response.unmasked):
        node = call.argument_node(*parameter.keywords, position=parameter.position)
        if node is not None:
            yield node
    if hidden:
        return
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


def status_of(call: Call, response: Response) -> int | None:
    """The status with which a call answers; `NOTICE` for what stands on a page to come."""
    beside = sent_with(call.statement, call.node)
    if beside is not None:
        return number(call.evaluate(beside))
    if response.status is None:
        return NOTICE if call.dropped and response.default_status == 200 else response.default_status
    given = call.argument(*response.status.keywords, position=response.status.position)
    return response.default_status if given is Missing.ABSENT else number(given)


def number(given: Datum | Missing) -> int | None:
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
        if kind in (Exception, BaseException, OSError):
            return Text.INTERNAL
        if kind in _WITH_PATHS:
            return Text.INTERNAL if status is not None and status >= 500 else Text.CLIENT
        return Text.CLIENT if isinstance(kind, type) else Text.CURATED
    known = index.known(name)
    if known is not None and Response in known.concepts:
        return Text.CURATED
    if of_a_client(name, index):
        return Text.CLIENT if status == NOTICE else Text.INTERNAL
    return Text.CLIENT if name.partition(".")[0] in sys.stdlib_module_names else Text.CURATED


__all__ = ["Exposure", "Text", "exposures", "number", "status_of", "text_of"]
