"""
How an application is put together, as far as one file tells: which functions serve which routes of which router, what is included where, what runs
around requests, which exceptions it raises with which words, and whether the file is run as a program.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator

import libcst as cst
import msgspec

from ..model.exports import Quoted, Raising, Use, Wording
from ..model.places import Call, Class, Raise
from ..model.semantic import SemanticModel, dotted
from ..model.taint import Seeds, derived, narrowed
from ..model.values import Constant, Made, Site
from ..syntax.spans import spans
from ..text.source import SourceFile, Span

_MOST = 400  # uses of one file
_MOST_QUOTES = 8  # of one class in one file


def uses(model: SemanticModel) -> Iterator[Use]:
    """The calls of a file that set an application up, and the decorators that make a function serve it, in source order."""
    count = 0
    for call in model.calls:
        # What sets an application up is a decorator, a statement of its own, or stands at the margin of the file.
        if not call.may_be(model.knowledge.setting_up) or not (call.decorated is not None or call.dropped or call.function is None):
            continue
        if not _sets_up(call):
            continue
        count += 1
        if count > _MOST:
            return
        yield Use(
            _plain(call.made),
            on=_spelled(call.node.func.value, model)
            if isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Attribute)
            else "",
            named=_named(call, model),
            function=_decorated(call, model),
        )


def _sets_up(call: Call) -> bool:
    name = call.made.name
    return bool(name) and call.model.knowledge.sets_up(name)


def _plain(made: Made) -> Made:
    """The call without its receiver, which is named beside it."""
    return Made(made.name, made.arguments, made.keywords, open=made.open)


def _named(call: Call, model: SemanticModel) -> dict[str, str]:
    """The arguments that are plain names, by position or keyword: what other files call them."""
    found: dict[str, str] = {}
    position = 0
    for arg in call.node.args if isinstance(call.node, cst.Call) else ():
        if arg.star:
            break
        name = _spelled(arg.value, model)
        if name:
            found[arg.keyword.value if arg.keyword is not None else str(position)] = name
        position += arg.keyword is None
    return found


def _spelled(node: cst.BaseExpression, model: SemanticModel) -> str:
    """The dotted name by which other files know what a plain name of the module stands for, or ""."""
    text = dotted(node)
    first, _, rest = text.partition(".")
    bindings = model.scope.bindings.get(first, ())
    if not text or not bindings:
        return ""
    origin = bindings[0].dotted if bindings[0].kind == "import" else model.qualified(first)
    return f"{origin}.{rest}" if rest else origin


def _decorated(call: Call, model: SemanticModel) -> str:
    place = call.decorated
    return model.qualified(place.qualname) if place is not None else ""


def wordings(model: SemanticModel, source: SourceFile) -> dict[str, Raising]:
    """
    Of every exception that a file raises by its class, the words with which it does.

    "fixed" are literals and what is not text at all; "filled" puts values into them; "derived" puts in what another exception says.
    """
    found: dict[str, Wording] = {}
    quotes: list[tuple[str, Raise, Quoted]] = []
    for raised, name, arguments in _made(model):
        here = [quote for slot, value in arguments if (quote := _quoted(slot, value, raised, model)) is not None]
        if not model.knowledge.modelled(name) and name.partition(".")[0] not in sys.stdlib_module_names:  # whose words are known
            quotes += [(name, raised, quote) for quote in here]
        filled = any(not isinstance(raised.evaluate(value), Constant) for _, value in arguments)
        wording: Wording = "derived" if here else "filled" if filled else "fixed"
        found[name] = max(found.get(name, "fixed"), wording, key=("fixed", "filled", "derived").index)
    places = spans(model.tree, source, [(raised.node, raised.statement) for _, raised, _ in quotes])
    told: dict[str, list[Quoted]] = defaultdict(list)
    for name, raised, quote in quotes:
        if len(told[name]) < _MOST_QUOTES:
            told[name].append(msgspec.structs.replace(quote, site=site(places[id(raised.node)], source)))
    return {name: Raising(wording, tuple(told[name])) for name, wording in found.items()}


def _made(model: SemanticModel) -> Iterator[tuple[Raise, str, list[tuple[str, cst.BaseExpression]]]]:
    """The exceptions that a file makes where it raises them, by the names of their classes, with their arguments by position (as text) or keyword."""
    for raised in model.raises:
        error = raised.exception
        name = model.name_of(error.func, raised) if isinstance(error, cst.Call) else ""
        if isinstance(error, cst.Call) and name and not name.startswith("builtins."):
            arguments: list[tuple[str, cst.BaseExpression]] = []
            position = 0
            for arg in error.args:
                arguments.append((arg.keyword.value if arg.keyword is not None else str(position), arg.value))
                position += arg.keyword is None
            yield raised, name, arguments


def _quoted(slot: str, value: cst.BaseExpression, raised: Raise, model: SemanticModel) -> Quoted | None:
    """What an argument quotes of an exception that was caught."""
    source = derived(value, raised, Seeds())
    if source is None:
        return None
    handler = next((handler for handler in model.handlers if handler.node is source.origin), None)
    surely = handler is not None and not source.asked and not narrowed(raised.frame, handler.bound)
    return Quoted(slot, tuple(handler.catches) if handler is not None and surely else ("",), source.attribute)


def nested(model: SemanticModel, place: Class) -> Iterator[Class]:
    """The classes in the body of a class, which frameworks read: `Meta`, `Config`."""
    return (inner for inner in model.classes if inner.scope is place.inner)


def site(span: Span, source: SourceFile) -> Site:
    """A span as what other files may be told."""
    start, end = source.position(span.start), source.position(span.end)
    return Site(source.path, start.line, start.column, end.column if end.line == start.line else start.column + 1)


__all__ = ["nested", "site", "uses", "wordings"]
