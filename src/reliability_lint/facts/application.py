"""
How an application is put together, as far as one file tells: which functions serve which routes of which router, what is included where, what runs
around requests, which exceptions it raises with which words, and whether the file is run as a program.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..model.exports import Use
from ..model.places import Call, Class
from ..model.semantic import SemanticModel, dotted
from ..model.taint import Seeds, derived
from ..model.values import Constant, Made
from ..syntax.tree import walk
from .facts import Wording

_MOST = 400  # uses of one file


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


def wordings(model: SemanticModel) -> dict[str, Wording]:
    """
    Of every exception that a file raises by its class, the words with which it does: the ones of the worst `raise`.

    "fixed" are literals and what is not text at all; "filled" puts values into them; "derived" puts in what another exception says.
    """
    found: dict[str, Wording] = {}
    for raised in model.raises:
        error = raised.exception
        if not isinstance(error, cst.Call):
            continue
        name = model.name_of(error.func, raised)
        if not name or name.startswith("builtins."):
            continue
        wording: Wording = "fixed"
        for arg in error.args:
            if derived(arg.value, raised, Seeds()) is not None:
                wording = "derived"
                break
            if not isinstance(raised.evaluate(arg.value), Constant):
                wording = "filled"
        found[name] = max(found.get(name, "fixed"), wording, key=("fixed", "filled", "derived").index)
    return found


def is_program(model: SemanticModel) -> bool:
    """Whether a file does something of its own when it is run: `if __name__ == "__main__"`."""
    return any(
        isinstance(statement, cst.If) and any(isinstance(node, cst.Name) and node.value == "__name__" for node in walk(statement.test))
        for statement in model.tree.body
    )


def nested(model: SemanticModel, place: Class) -> Iterator[Class]:
    """The classes in the body of a class, which frameworks read: `Meta`, `Config`."""
    return (inner for inner in model.classes if inner.scope is place.inner)


__all__ = ["is_program", "nested", "uses", "wordings"]
