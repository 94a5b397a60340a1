"""What of an exception is sent to a client: in a response, in the value of a request handler, in an exception that becomes a response."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

import libcst as cst
import msgspec

from ..concepts.base import Parameter
from ..concepts.bounds import find
from ..concepts.concurrency import Gather
from ..concepts.http import ErrorHandler, Middleware, Refusal, Response, Route
from ..concepts.speech import ExceptionText
from ..finding import Note
from ..model.exports import ClassFacts, Given, Quoted, short
from ..model.places import Call, Class, Function, Handler, Place
from ..model.swallowing import BROAD
from ..model.taint import Derived, Seeds, all_derived, calls, checks_input, first_of, name_of, narrowed, sent_with, shown_to_developers
from ..model.values import Constant, Datum, Entries, Missing, Reference
from ..syntax.tree import walk
from .lookups import handlers_by_node
from .once import once
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

    `sent` is the expression that does, `catches` the names of the exceptions it may be, `status` the status code, where these are known. `notes` say how it
    comes there.
    """

    place: Place
    sent: cst.CSTNode
    source: Derived
    catches: tuple[str, ...]
    status: int | None
    notes: tuple[Note, ...] = ()


@once
def exposures(model: SemanticModel) -> list[Exposure]:
    """The places of a file that send an exception's text, or the trace of one; not those that a debug switch guards."""
    return list(_exposures(model, model.meanings))


def _exposures(model: SemanticModel, meanings: Meanings) -> Iterator[Exposure]:
    handlers = handlers_by_node(model)
    told = _told(model)
    if not (handlers or meanings.error_handlers or told or meanings.calls.keys() & {ErrorHandler, ExceptionText, Gather}):
        return
    yield from _elsewhere(model)
    caught_by = registered(model)
    parameters = {
        id(parameter): (caught_by[key], meanings.error_handlers[key].original)
        for key in caught_by
        if (parameter := _exception_parameter(meanings.functions[key], model)) is not None
    }
    seeds = _seeds(model, frozenset(parameters), told)
    for place, sent, status in _sinks(model):
        sources = all_derived(sent, place, seeds)
        if not sources or shown_to_developers(place):
            continue
        found: list[Exposure] = []
        for source in sources:
            origin = handlers.get(id(source.origin))
            if origin is None and id(source.origin) not in parameters:
                origin = next((handlers[id(frame.node)] for frame in place.frame.within_function() if id(frame.node) in handlers), None)
            names, original = parameters.get(id(source.origin), ((), ""))
            if origin is not None:
                names = tuple(origin.catches)
            elif not names:
                names = caught_by.get(id(place.function), ("builtins.BaseException",))
            if (original and source.attribute == original) or (id(source.origin) in seeds.gathered and not source.asked):
                names = ("builtins.Exception",)
            elif not source.trace and (source.asked or narrowed(place.frame, name_of(source.origin))):
                names = ("",)
            elif _about_input(origin, status, source.within or sent):
                names = tuple("" if name in BROAD or name == "builtins.OSError" else name for name in names)
            notes = (Note(source.origin, "the trace is made here" if source.trace else "the exception comes from here"),)
            found.append(Exposure(place, sent, source, names, status, notes))
        # Of what several handlers have put into one value, the one that tells most.
        yield found[0] if len(found) == 1 else max(found, key=lambda one: said_by(one, ())[1].value)


def _seeds(model: SemanticModel, parameters: frozenset[int], told: dict[int, str]) -> Seeds:
    """Where the exceptions of a file come from."""
    meanings = model.meanings
    texts = meanings.of(ExceptionText)
    written: dict[tuple[str, int], cst.CSTNode] = {}
    for call, text in texts:
        node = call.argument_node(*text.into.keywords, position=text.into.position) if text.into is not None else None
        found = call.scope.find(node.value) if isinstance(node, cst.Name) else None
        if isinstance(node, cst.Name) and found is not None:
            written[(node.value, id(found[0]))] = call.node
    return Seeds(
        parameters,
        {id(call.node): text.stack for call, text in texts if text.into is None},
        meanings.tellers(),
        told,
        written,
        lambda call, where: _is_record(model, model.name_of(call.func, where)),
        frozenset(id(call.node) for call, gather in meanings.of(Gather) if find(gather.keeps, call.made) == Constant(value=True)),
    )


def _told(model: SemanticModel) -> dict[int, str]:
    """The parameters for keywords of methods that are passed what `sys.exc_info()` gives, by their `id()`, and under which keyword."""
    meanings, found = model.meanings, {}
    for place in model.classes:
        if not (place.methods and place.node.bases and meanings.index.told_of_exceptions & place.methods.keys()):
            continue
        for handler in meanings.index.handlers(model.base_names(model.qualified(place.qualname)), model.imports):
            for name, keyword in handler.exc_info.items():
                star = place.methods[name].node.params.star_kwarg if name in place.methods else None
                if star is not None:
                    found[id(star)] = keyword
    return found


# Bases of classes that hold what they are made with, and send it when they are sent; models tell those of libraries. msgspec is what we are made with
# ourselves, so it has none.
_RECORDS = frozenset(
    {"builtins.object", "msgspec.Struct", "typing.Generic", "typing.NamedTuple", "typing.TypedDict", "typing_extensions.TypedDict"}
)


def _is_record(model: SemanticModel, name: str) -> bool:
    """Whether calling this makes an object of the project that holds its arguments, as dataclasses and the like do, and generated messages."""
    if name.rpartition(".")[0].endswith("_pb2"):
        return True
    if not name.rpartition(".")[2][:1].isupper():
        return False
    its = model.class_named(name)
    if its is None or its.methods.keys() & {"__init__", "__new__"}:
        return False
    records = model.meanings.index.records
    return all(base in _RECORDS or base in records or _is_record(model, base) for base in its.bases)


def _elsewhere(model: SemanticModel) -> Iterator[Exposure]:
    """The handlers of exceptions that stand in other files and are registered here: what is sent is seen there, and for which exceptions here."""
    for call, concept, given, kind in _registrations(model):
        position = concept.exception.position
        name = given.name
        if model.defined(name) is not None or position is None:
            continue
        facts = model.meanings.facts_of(name)
        wrapped = model.meanings.wrappers.of(name)
        response = wrapped.concepts.get(Response)
        sends = isinstance(response, Response) and any(parameter.position == position for parameter in response.body)
        tells = facts is not None and concept.sends_return and any(parameter.position == position for parameter in facts.tells)
        if sends or tells:
            sites = tuple(Note(site, f"{short(name)}() sends it here") for _, site in wrapped.chain if site is not None) if sends else ()
            status = response.default_status if isinstance(response, Response) and sends else None
            yield Exposure(call, call.node, Derived(call.node), (caught(kind, concept, call),), status, sites)


def _registrations(model: SemanticModel) -> Iterator[tuple[Call, ErrorHandler, Reference, Datum | Missing]]:
    """The calls that name a function for exceptions, that function, and which exceptions it is for."""
    for call, concept in model.meanings.of(ErrorHandler):
        if concept.handler is not None:
            given = call.argument(*concept.handler.keywords, position=concept.handler.position)
            if isinstance(given, Reference):
                yield call, concept, given, _kind(call, concept)
        table = call.argument(*concept.table.keywords, position=concept.table.position) if concept.table is not None else None
        for key, value in table.entries if isinstance(table, Entries) else ():
            if isinstance(value, Reference):
                yield call, concept, value, key


def _kind(call: Call, concept: ErrorHandler) -> Datum | Missing:
    """The exceptions that a call registers a handler for, or their status."""
    return call.argument(*concept.catches.keywords, position=concept.catches.position) if concept.catches is not None else Missing.UNKNOWN


def caught(kind: Datum | Missing, concept: ErrorHandler, call: Call) -> str:
    """The name of the exceptions that a handler is registered for; "" for what is named by a status code, or not known."""
    match kind:
        case Reference():
            return kind.name
        case Constant(value=int() as status) if status in concept.unexpected:
            return "builtins.Exception"
        case Missing.ABSENT if not call.bare:
            return "builtins.Exception"  # without an argument a handler is for everything
    return ""


# How programs tell a client that what it sent cannot be read, or is not what it should be.
_UNREADABLE = re.compile(
    r"\b(pars(e|ing)|malformed|decod(e|ing)|validat(e|ing|ion)|not a valid|invalid (json|xml|csv|file|format|syntax))\b", re.IGNORECASE
)


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
            found[id(function)] = (*found.get(id(function), ()), caught(_kind(call, concept), concept, call))
        for kind, function in model.meanings.listed(concept, call) if concept.table is not None else ():
            found[id(function)] = (*found.get(id(function), ()), caught(kind, concept, call))
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
    yield from _refused(model)
    yield from _own(model)


def _own(model: SemanticModel) -> Iterator[tuple[Place, cst.BaseExpression, int | None]]:
    """What is put into exceptions of the project that become responses because of what they derive from."""
    meanings = model.meanings
    for raised in model.raises:
        made = raised.exception
        if not isinstance(made, cst.Call) or not made.args or meanings.at(made) is not None:
            continue
        name = model.name_of(made.func, raised)
        if not name or meanings.index.modelled(name) or _class(model, name) is None:
            continue
        position = 0
        for arg in made.args:
            slot = arg.keyword.value if arg.keyword is not None else str(position)
            position += arg.keyword is None
            if not arg.star and any(_sends(base, to, meanings) for base, to in _handed_to(model, name, slot)):
                yield raised, arg.value, _LEAST


# The status of an exception of the project's own, which a class of its own may set: one for which least is said.
_LEAST = 400


def _handed_to(model: SemanticModel, name: str, slot: str, depth: int = 4) -> Iterator[tuple[str, str]]:
    """The library's classes to whose constructors a class of the project hands on an argument, and as which argument."""
    its = _class(model, name)
    if its is None or depth == 0:
        return
    made = its.says is not None and its.says.made
    above = [to for to, given in (its.says.up or {}).items() if any(_is_slot(one, slot) for one in given)] if made and its.says else [slot]
    for base in its.bases:
        for to in above:
            if model.meanings.index.modelled(base):
                yield base, to
            else:
                yield from _handed_to(model, base, to, depth - 1)


def _sends(name: str, slot: str, meanings: Meanings) -> bool:
    """Whether a library's exception is a response that sends this argument."""
    known = meanings.index.known(name)
    response = known.concepts.get(Response) if known is not None else None
    if not isinstance(response, Response):
        return False
    return any(slot in parameter.keywords or slot == str(parameter.position) for parameter in response.body)


def _refused(model: SemanticModel) -> Iterator[tuple[Place, cst.BaseExpression, int | None]]:
    """The words of exceptions that only some frameworks pass on to the client, where one of these handles the request."""
    meanings = model.meanings
    for call, refusal in meanings.of(Refusal):
        route = meanings.route(meanings.handled_by(call.function)) if refusal.told_by else None
        if route is not None and route.framework in refusal.told_by and isinstance(call.node, cst.Call):
            for arg in call.node.args:
                if arg.keyword is None and not arg.star:
                    yield call, arg.value, refusal.status


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
    for item in model.item_assignments if index.sending_items else ():
        held = item.target.value
        name, owner = (held.attr.value, held.value) if isinstance(held, cst.Attribute) else ("", held)
        kinds = index.sending_items.get(name)
        if kinds is not None and not set(kinds).isdisjoint(index.lineage(model.type_of(item.evaluate(owner)))):
            yield item, item.value, None


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
    return _text(name, status, model, "", (), _QUOTED_BY)[0]


def said_by(exposure: Exposure, public: Sequence[str]) -> tuple[str, Text, Quoted | None]:
    """
    Of the exceptions that are sent the name of the one that tells most, what it tells, and what it quotes if it is one of the project's own. `public` are
    exceptions that are known to be written for clients.
    """
    model, status, attribute = exposure.place.model, exposure.status, exposure.source.attribute
    # Nothing is caught by `except ()`.
    found = [(name, *_text(name, status, model, attribute, public, _QUOTED_BY)) for name in exposure.catches or ("",)]
    return max(found, key=lambda one: one[1].value)


_QUOTED_BY = 3  # exceptions that quote each other


def _text(
    name: str, status: int | None, model: SemanticModel, attribute: str, public: Sequence[str], depth: int
) -> tuple[Text, Quoted | None]:
    if any(_is_named(one, public) for one in (name, *(model.base_names(name) if public and name else ()))):
        return Text.CURATED, None
    known = _of_libraries(name, status, model)
    if known is not None or not name or depth == 0:
        return known or Text.CURATED, None
    worst: tuple[Text, Quoted | None] = (Text.CURATED, None)
    for raised, quote in model.meanings.quotes_of(name):
        if tells(model, raised, quote.slot, attribute):
            for inner in quote.of:
                text, _ = _text(inner, status, model, quote.attribute, public, depth - 1)
                if text.value > worst[0].value:
                    worst = text, msgspec.structs.replace(quote, of=(inner,))
    return worst


def _is_named(name: str, names: Sequence[str]) -> bool:
    """Whether a name is among those of a setting, in full or by its last part."""
    return bool(name) and (name in names or name.rpartition(".")[2] in names or name.removeprefix("builtins.") in names)


def _of_libraries(name: str, status: int | None, model: SemanticModel) -> Text | None:
    """What an exception says that no file of the project defines; None for others."""
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
    return Text.CLIENT if name.partition(".")[0] in sys.stdlib_module_names else None


def tells(model: SemanticModel, name: str, slot: str, attribute: str, depth: int = 6) -> bool:
    """Whether what is passed to the class of an exception as the argument `slot` is in an attribute of what it makes; "" for its text."""
    if name.startswith("builtins."):
        return slot.isdigit() and attribute in ("", "args")
    its = _class(model, name)
    if its is None or depth == 0:
        return False
    says = its.says
    if says is None:
        return any(tells(model, base, slot, attribute, depth - 1) for base in its.bases)
    if attribute == "" and says.text is not None:
        return any(tells(model, name, slot, shown, depth - 1) for shown in says.text)
    if any(_is_slot(given, slot) for given in says.attributes.get(attribute, ())):
        return True
    if not says.made:
        return any(tells(model, base, slot, attribute, depth - 1) for base in its.bases)
    if says.up is None:
        return slot.isdigit() and attribute in ("", "args")
    above = [to for to, given in says.up.items() if any(_is_slot(one, slot) for one in given)]
    return any(tells(model, base, to, attribute, depth - 1) for to in above for base in its.bases)


def _class(model: SemanticModel, name: str) -> ClassFacts | None:
    """The facts of a class; of one of this file those that it exports, which say what its exceptions say."""
    place, exported = model.defined(name), model.meanings.exported
    if isinstance(place, Class) and exported is not None and place.scope is model.scope:
        return exported.classes.get(place.name)
    return model.class_named(name)


def _is_slot(given: Given, slot: str) -> bool:
    return slot == given.name or (slot.isdigit() and given.position == int(slot))


__all__ = ["Exposure", "Text", "exposures", "number", "said_by", "status_of", "text_of"]
