"""Answers that say what is wrong in words alone, so that a program that has to know which error it is must compare sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ..concepts.http import Response
from ..model.places import Call, Function, Place, Return
from ..model.semantic import dotted
from ..model.taint import first_of
from ..model.values import Constant, Missing
from .assertions import validator_of, validators_among
from .exposure import number, status_of

if TYPE_CHECKING:
    from ..model.semantic import SemanticModel

# The names under which programs look for the kind of an error, and those that hold words about it.
_CODES = re.compile(
    r"^(x_?)?(error_?|err_?|reason_?|status_?)?(code|type|slug|kind|key|id|name|class|errno|enum|identifier)s?$", re.IGNORECASE
)
_WORDS = re.compile(
    r"^(non_field_|field_)?(error|message|msg|detail|description|reason|title|text|info)s?(_?(message|msg|description|text|detail)s?)?$",
    re.IGNORECASE,
)
# A value that is a code itself: one word of machines, such as `email_taken`, `EMAIL-TAKEN` or `orders.closed`.
_SLUG = re.compile(r"^[A-Za-z][A-Za-z0-9]*([_.:/-][A-Za-z0-9]+)+$|^[A-Z][A-Z0-9]{2,}$|^[a-z]+([A-Z][a-z0-9]+)+$")
_IN_HEADERS = re.compile(r"code|error|type|reason", re.IGNORECASE)
_GETTEXT = frozenset({"_", "gettext", "gettext_lazy", "lazy_gettext", "ugettext", "pgettext"})


# Statuses that say that something stands against it, and not what.
_OPPOSED = frozenset({409, 412, 423})


@dataclass(frozen=True, slots=True)
class Codeless:
    """
    An answer with a status of failure and no code: the only one with this status in its function, or the first of several. `at` is what is sent,
    `others` are the further ones.
    """

    place: Place
    at: cst.CSTNode
    status: int
    words: str = ""
    others: tuple[cst.CSTNode, ...] = ()


def codeless(model: SemanticModel, statuses: Collection[int]) -> Iterator[Codeless]:
    """
    The answers of a file with one of these statuses that have no code, where the status does not tell the reason: it is that of several answers of one
    function, or it never tells. The same words are the same reason.
    """
    if model.meanings.error_handlers:
        return  # they may put the codes in
    found: dict[tuple[int, int], dict[str, Codeless]] = {}
    for one in sorted(_answers(model), key=lambda one: one.place.order):
        if one.status in statuses and not _is_by_field(one.place.function):
            found.setdefault((id(one.place.function), one.status), {}).setdefault(one.words, one)
    for reasons in found.values():
        first, *others = reasons.values()
        if others or first.status in _OPPOSED:
            yield Codeless(first.place, first.at, first.status, first.words, tuple(other.at for other in others))


# Classes that put what is raised in them under the name of a field or of a parameter, by their names: their bases may stand in no file of ours.
_OF_FIELDS = re.compile(r"(Serializer|Field|Form|Schema|Filter|FilterSet|Validator)(Mixin)?$")


def _is_by_field(function: Function | None) -> bool:
    """Whether what a function says is put under the name of the field that it checks: it is a validator, or a method of a class with some."""
    if function is None:
        return False
    owner = function.owner
    return validator_of(function) is not None or (
        owner is not None and (bool(validators_among(owner)) or bool(_OF_FIELDS.search(owner.name)))
    )


def _answers(model: SemanticModel) -> Iterator[Codeless]:
    meanings = model.meanings
    for call, response in meanings.of(Response):
        status = status_of(call, response) if response.json else None
        if status is not None and _is_in_words(call, response):
            yield Codeless(call, call.node, status, _spoken(call.node))
    for key, route in meanings.routes.items():
        for returned in meanings.functions[key].returns if route.sends_return else ():
            found = _returned(returned, status_first=route.status_first)
            if found is not None:
                yield Codeless(returned, returned.node, found, _spoken(returned.node))


def _spoken(node: cst.CSTNode) -> str:
    """What is said in an answer, as it is written."""
    return cst.Module(()).code_for_node(node)


def _returned(place: Return, *, status_first: bool) -> int | None:
    """The status of `return {"error": "…"}, 409`; None of whatever else is returned, and where there is a code."""
    if place.value is None:
        return None
    body, status = first_of(place.value)
    if status is None:
        return None
    if status_first:
        body, status = status, body
    return number(place.evaluate(status)) if isinstance(body, cst.Dict) and _has_words_alone(_pairs(body), place) else None


def _is_in_words(call: Call, response: Response) -> bool:
    if not isinstance(call.node, cst.Call) or call.made.open:
        return False
    if any(call.argument(*code.keywords, position=code.position) is not Missing.ABSENT for code in response.codes):
        return False
    headers = call.argument_node("headers", position=next((body.position for body in response.body if body.keyword == "headers"), None))
    if headers is not None and not (
        isinstance(headers, cst.Dict) and all(key and not _IN_HEADERS.search(key) for key, _ in _pairs(headers))
    ):
        return False
    bodies = [
        node
        for body in response.body
        if body.keyword != "headers" and (node := call.argument_node(*body.keywords, position=body.position)) is not None
    ]
    named = {keyword for one in (*response.body, *((response.status,) if response.status else ())) for keyword in one.keywords}
    pairs = [(arg.keyword.value, arg.value) for arg in call.node.args if arg.keyword is not None and arg.keyword.value not in named]
    if response.keywords and pairs:
        return not any(_CODES.match(key) for key, _ in pairs) and (
            all(_is_sentence(node, call) for node in bodies) if bodies else _has_words_alone(pairs, call)
        )
    if response.rest == 0 and not bodies:
        bodies = [arg.value for arg in call.node.args if arg.keyword is None]
    return bool(bodies) and all(_says_in_words(node, call) for node in bodies)


def _says_in_words(node: cst.BaseExpression, place: Place) -> bool:
    """Whether what is sent is a sentence, or an object that has sentences and no code."""
    if isinstance(node, cst.Dict):
        return _has_words_alone(_pairs(node), place)
    if isinstance(node, cst.Call) and dotted(node.func) == "dict":
        return _has_words_alone([(arg.keyword.value, arg.value) for arg in node.args if arg.keyword is not None], place)
    if isinstance(node, cst.List):
        return bool(node.elements) and all(_is_sentence(element.value, place) for element in node.elements)
    return _is_sentence(node, place)


def _pairs(node: cst.Dict) -> list[tuple[str, cst.BaseExpression]]:
    """The keys and values of a display; a key that is not written out is ""."""
    return [
        (
            str(element.key.evaluated_value) if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString) else "",
            element.value,
        )
        for element in node.elements
    ]


def _has_words_alone(pairs: Sequence[tuple[str, cst.BaseExpression]], place: Place) -> bool:
    """Whether an object has words about an error, and certainly nothing by which a program could tell which it is."""
    words = [value for key, value in pairs if _WORDS.match(key)]
    if not words or any(not key or _CODES.match(key) for key, _ in pairs):
        return False
    return all(_says_in_words(value, place) for value in words)


def _is_sentence(node: cst.BaseExpression, place: Place) -> bool:
    """Whether a value is text for people: written out, put together, or translated."""
    match node:
        case cst.FormattedString(parts=parts):
            return any(isinstance(part, cst.FormattedStringText) and " " in part.value for part in parts)
        case cst.Call(func=func, args=[first, *_]) if dotted(func).rpartition(".")[2] in _GETTEXT:
            return _is_sentence(first.value, place)
        case cst.Call(func=cst.Attribute(value=text, attr=cst.Name(value="format"))):
            return _is_sentence(text, place)
        case cst.BinaryOperation(left=left, operator=cst.Modulo() | cst.Add()):
            return _is_sentence(left, place)
    known = place.evaluate(node)
    return isinstance(known, Constant) and isinstance(known.value, str) and bool(known.value) and not _SLUG.match(known.value.strip())


__all__ = ["Codeless", "codeless"]
