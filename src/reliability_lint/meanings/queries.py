"""How long a query may take: what a connection was told when it was made, or is told in the same file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst
import msgspec

from ..concepts.base import Parameter
from ..concepts.bounds import Bound, bound, find
from ..concepts.data import QueryLimit
from ..concepts.time import Deadline, Wait
from ..model.constants import text_of
from ..model.places import Call
from ..model.semantic import SemanticModel
from ..model.values import NONE, Constant, Datum, Entries, Instance, Items, Made, Missing
from .match import named_for_streams

_SCHEME = re.compile(r"([a-z][a-z0-9+_]*)://")
# Parts of an address that may hold options.
_MAY_HOLD_OPTIONS = re.compile(r"param|option|query|arg|extra|suffix|setting", re.IGNORECASE)


def unlimited_queries(call: Call, limit: QueryLimit) -> QueryLimit | None:
    """
    What is said of the connections that a call makes, if surely nothing ends a query on them; for what connects by a driver it is said of that.

    None where something ends it, or may do so where nobody looks.
    """
    made: Made | None = call.made
    if call.bare or call.made.open or _is_given(limit.hidden, call.made):
        return None
    told = limit
    if limit.url is not None:
        driver = _driver(call, limit)
        if driver is None or limit.options is None:
            return None
        told, made = driver, _passed(find(limit.options, call.made))
        if made is None or _is_given(told.hidden, made):
            return None
    assert made is not None
    index = call.model.meanings.index
    if any(bound(one, made, index).bound is not Bound.NONE for one in told.limits):
        return None
    if any(_holds(_text(one, call, made), told.words) for one in told.texts) or named_for_streams(call):
        return None
    return told if not _is_told_later(call.model, told) else None


def _is_given(parameters: tuple[Parameter, ...], made: Made) -> bool:
    return any(find(one, made) not in (Missing.ABSENT, NONE) for one in parameters)


def _driver(call: Call, limit: QueryLimit) -> QueryLimit | None:
    """What is said of the driver that an address names, if the address itself tells it nothing."""
    assert limit.url is not None
    address = _address(limit, call)
    if address is None:
        return None
    scheme = _SCHEME.match(address)
    name = limit.drivers.get("") or limit.drivers.get(scheme[1] if scheme else "")
    known = call.model.meanings.index.known(name) if name else None
    told = known.concepts.get(QueryLimit) if known is not None else None
    if not isinstance(told, QueryLimit):
        return None
    words = (
        *told.words,
        *(keyword for one in told.limits for keyword in one.keywords),
        *(key for one in told.hidden for key in one.keywords),
    )
    if _holds(address, words):
        return None
    where = f" in {limit.options.keyword}=" if limit.options is not None else ""
    cure = limit.cure or f"{told.cure or f'pass {told.limits[0].keyword}='}{where}"
    return msgspec.structs.replace(told, cure=cure)


def _address(limit: QueryLimit, call: Call) -> str | None:
    """The address that is passed, as a text or made of its parts: at least its scheme, and all of its options; None where these are not known."""
    assert limit.url is not None
    value = find(limit.url, call.made)
    made = value.made if isinstance(value, Instance) else value
    builder = limit.builders.get(made.name) if isinstance(made, Made) else None
    if builder is None or not isinstance(made, Made):
        return _text(limit.url, call, call.made)
    scheme = find(builder, made)
    given = find(builder.query, made) if builder.query is not None else Missing.ABSENT
    options = "" if given is Missing.ABSENT or given == NONE else _said(given) if not isinstance(given, Missing) else None
    if options is None or not isinstance(scheme, Constant) or not isinstance(scheme.value, str):
        return None
    return f"{scheme.value}://?{options}"


def _passed(options: Datum | Missing) -> Made | None:
    """What a driver's own call is passed besides the address; None where that is not known."""
    if options is Missing.ABSENT or options == NONE:
        return Made("")
    if not isinstance(options, Entries) or options.open:
        return None
    keywords = {key.value: value for key, value in options.entries if isinstance(key, Constant) and isinstance(key.value, str)}
    return Made("", keywords=keywords) if len(keywords) == len(options.entries) else None


# -- texts


def _holds(text: str | None, words: tuple[str, ...]) -> bool:
    """Whether a text names any of these, or is not known."""
    return text is None or any(word in text for word in words)


def _text(parameter: Parameter, call: Call, made: Made) -> str | None:
    """All text that is passed for a parameter, "" where nothing is; None where it is not all known."""
    value = find(parameter, made)
    if value is Missing.ABSENT or value == NONE:
        return ""
    if isinstance(value, Missing):
        return None
    text = _said(value)
    if text is not None or made is not call.made:
        return text
    node = call.argument_node(*parameter.keywords, position=parameter.position)
    return _written(node, call) if node is not None else None


def _said(value: Datum) -> str | None:
    """The text in a value; of a mapping the keys, and what is under them as far as that is known."""
    match value:
        case Constant(value=str() as text):
            return text
        case Entries(entries=entries, open=False):
            parts = [_said(key) for key, _ in entries]
            parts += [_said(under) or "" for _, under in entries]
        case Items(items=items):
            parts = [_said(item) for item in items]
        case _:
            return None
    return None if None in parts else " ".join(part for part in parts if part)


def _written(node: cst.BaseExpression, call: Call, hops: int = 3) -> str | None:
    """What is written of a text that begins so and has holes which hold one part each: `f"postgresql://{user}@{host}/shop"`."""
    if isinstance(node, cst.Name) and hops:
        found = call.scope.find(node.value)
        if found is None or len(found[1]) != 1 or found[1][0].kind != "assign" or found[1][0].value is None:
            return None
        return _written(found[1][0].value, call, hops - 1)
    if isinstance(node, cst.SimpleString):
        return text_of(node)
    if isinstance(node, cst.ConcatenatedString):
        parts = [_written(node.left, call, 0), _written(node.right, call, 0)]
        return None if None in parts else "".join(part for part in parts if part)
    if isinstance(node, cst.FormattedString):
        holes = [part for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        if not isinstance(node.parts[0], cst.FormattedStringText) or any(_MAY_HOLD_OPTIONS.search(name) for name in _names(holes)):
            return None
        return "".join(part.value for part in node.parts if isinstance(part, cst.FormattedStringText))
    return None


def _names(holes: list[cst.FormattedStringExpression]) -> Iterator[str]:
    for hole in holes:
        yield cst.Module([]).code_for_node(hole.expression)


# -- what is told afterwards


def _is_told_later(model: SemanticModel, limit: QueryLimit) -> bool:
    """Whether anything in a file sets a limit for queries: it speaks of the server's, or single queries have a timeout of their own."""
    meanings = model.meanings
    if meanings.of(Deadline) or any(assignment.target.attr.value in limit.attributes for assignment in model.attribute_assignments):
        return True
    for call, wait in meanings.of(Wait):
        if wait.timeout is not None and wait.timeout.default == "client" and wait.what == limit.what:
            verdict = meanings.verdict(call, wait)
            if verdict.given and verdict.maker is None:
                return True
    # What other connections are told does not count.
    whole, aside = model.tree.code, [model.tree.code_for_node(call.node) for call, _ in meanings.of(QueryLimit)]
    return any(whole.count(word) > sum(text.count(word) for text in aside) for word in limit.words)
