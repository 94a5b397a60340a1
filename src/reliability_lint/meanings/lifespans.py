"""Applications and the functions that run around their lives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import find
from ..concepts.concurrency import TaskSpawn
from ..concepts.lifecycle import Closable, LifeEvent, Lifespan
from ..concepts.speech import Log
from ..model.endings import always
from ..model.places import Call, Function, Yield
from ..model.scopes import Binding
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import own
from ..model.values import NONE, Instance, Items, Made, Missing, Reference
from ..syntax.tree import walk


def unheard_events(model: SemanticModel) -> Iterator[tuple[Call, LifeEvent, Made]]:
    """
    The calls that have a function run at the start or end of an application that has a lifespan, which then is all that runs; with what made the application.
    """
    for call, event in model.meanings.of(LifeEvent):
        maker = call.made.maker
        known = model.meanings.index.known(maker.name) if maker is not None else None
        concept = known.concepts.get(Lifespan) if known is not None else None
        if maker is not None and isinstance(concept, Lifespan) and has_lifespan(model, maker, concept) and not runs_events(model, concept):
            yield call, event, maker


def ignored_lists(call: Call, concept: Lifespan) -> Iterator[str]:
    """The arguments of the call that makes an application whose functions never run, because it is given a lifespan too."""
    if has_lifespan(call.model, call.made, concept) and not runs_events(call.model, concept):
        for parameter in concept.events:
            given = find(parameter, call.made)
            if isinstance(given, Missing) or given == NONE or (isinstance(given, Items) and not given.items):
                continue
            yield parameter.keyword


def has_lifespan(model: SemanticModel, made: Made, concept: Lifespan) -> bool:
    """Whether an application was certainly given one when it was made: what may be None, and what a caller decides, is none for certain."""
    given = find(concept.lifespan, made)
    if made.changed or not isinstance(given, Reference | Made | Instance):
        return False
    call = next((call for call in model.calls if id(call.node) == made.key), None) if made.key else None
    if call is None:
        return isinstance(given, Reference)
    node = call.argument_node(*concept.lifespan.keywords, position=concept.lifespan.position)
    if isinstance(node, cst.Name):
        found = call.scope.find(node.value)
        return found is not None and all(_is_something(binding) for binding in found[1])
    return isinstance(node, cst.Attribute | cst.Call)


def _is_something(binding: Binding) -> bool:
    if binding.kind in ("import", "function", "class"):
        return True
    return binding.kind == "assign" and isinstance(binding.value, cst.Attribute | cst.Call | cst.Lambda)


def runs_events(model: SemanticModel, concept: Lifespan) -> bool:
    """Whether a file sets another lifespan, or touches what would run the events: then who knows."""
    ends = tuple(f".{name}" for name in (*concept.replaced_by, *concept.runs))
    return any(isinstance(node, cst.Attribute) and f".{dotted(node)}".endswith(ends) for node in walk(model.tree))


# -- what a lifespan leaves open


@dataclass(frozen=True, slots=True)
class Leak:
    """A call of a lifespan whose result nobody closes: behind `end`, the yield, nothing is heard of it. `closable` is None where it is a task."""

    call: Call
    end: Yield
    closable: Closable | None


def leaks(model: SemanticModel) -> Iterator[Leak]:
    """
    What lifespans open and never close: clients, pools, tasks that go on for ever. Left out is what is handed to somebody, and everything where anything else is
    done behind the yield.
    """
    for function in _lifespans(model):
        if len(function.yields) != 1:
            continue
        (end,) = function.yields
        opened = [
            (leak, by, names)
            for call in function.calls
            if call.order < end.order
            for leak, by in _opened(call, end)
            if (names := _names(function, call))
        ]
        if _does_more(function, end, {name for *_, names in opened for name in names}):
            continue
        for leak, by, names in opened:
            if not _is_used(function, end, names, by) and not _is_closed(model, names, by):
                yield leak


def _lifespans(model: SemanticModel) -> list[Function]:
    """The functions that run around the life of an application: those passed as such, and those of that name that take one."""
    found: dict[int, Function] = {}
    for call, concept in model.meanings.of(Lifespan):
        given = find(concept.lifespan, call.made)
        for one in given.items if isinstance(given, Items) else (given,):
            place = model.defined(one.name) if isinstance(one, Reference) else None
            if isinstance(place, Function):
                found[id(place)] = place
    for function in model.functions:
        if (
            function.asynchronous
            and function.generator
            and function.name.endswith("lifespan")
            and function.owner is None
            and _takes_one(function)
        ):
            found[id(function)] = function
    return [function for function in found.values() if function.asynchronous and function.generator]


def _takes_one(function: Function) -> bool:
    model = function.model
    annotations = [parameter.annotation.annotation for parameter in function.parameters[:1] if parameter.annotation is not None]
    known = [model.meanings.index.known(model.type_of(model.annotated(annotation, function))) for annotation in annotations]
    return any(one is not None and Lifespan in one.concepts for one in known)


def _opened(call: Call, end: Yield) -> Iterator[tuple[Leak, tuple[str, ...]]]:
    """What a call opens, and the methods that close it."""
    meanings = call.model.meanings
    closable = meanings.means(call, Closable)
    if closable is not None:
        yield Leak(call, end, closable), closable.by
    spawn = meanings.means(call, TaskSpawn)
    if spawn is not None and spawn.coroutine is not None:
        node = call.argument_node(*spawn.coroutine.keywords, position=spawn.coroutine.position)
        started = next((other for other in call.model.calls if other.node is node), None)
        function = meanings.callee(started) if started is not None else None
        if function is not None and any(isinstance(one, cst.While) and always(one.test) for one in own(function.node.body)):
            yield Leak(call, end, None), ("cancel",)


def _names(function: Function, call: Call) -> list[str]:
    """The dotted names to which the result of a call is assigned, straight away or by way of the first."""
    names: list[str] = []
    for node in own(function.node.body):
        if not isinstance(node, cst.Assign | cst.AnnAssign) or node.value is None:
            continue
        value = node.value.expression if isinstance(node.value, cst.Await) else node.value
        if value is call.node or (names and dotted(value) in names):
            targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
            names += [name for target in targets if (name := dotted(target))]
    return names


def _does_more(function: Function, end: Yield, known: set[str]) -> bool:
    """Whether anything is done after the yield but to write to the log and to close what was opened: then who knows what it closes."""
    for call in function.calls:
        if call.order > end.order and call.model.meanings.means(call, Log) is None and call.name != "builtins.print":
            owner = call.node.func.value if isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Attribute) else None
            if dotted(owner) not in known and not any(dotted(arg.value) in known for arg in getattr(call.node, "args", ())):
                return True
    return False


def _is_used(function: Function, end: Yield, names: list[str], by: tuple[str, ...]) -> bool:
    """
    Whether what was opened may be closed by somebody: it is mentioned after the yield, or before in any other way than to give it another name, to call
    methods on it that do not close it, or to yield it.
    """
    nodes = walk(function.node.body)
    yielded = {id(node) for node in walk(end.node)}
    harmless = set(yielded)
    last = 0
    for index, node in enumerate(nodes):
        if id(node) in yielded:
            last = index
        match node:
            case cst.Attribute():
                harmless.add(id(node.attr))
                if node.attr.value not in by:
                    harmless.add(id(node.value))
            case cst.Arg() if node.keyword is not None:
                harmless.add(id(node.keyword))
            case cst.AssignTarget():
                harmless.add(id(node.target))
            case cst.AnnAssign():
                harmless |= {id(node.target), id(node.value)}
            case cst.Assign():
                harmless.add(id(node.value))
    heads = {id(node.attr) for node in nodes if isinstance(node, cst.Attribute)}
    mentions = [
        (index, id(node))
        for index, node in enumerate(nodes)
        if isinstance(node, cst.Name | cst.Attribute) and id(node) not in heads and dotted(node) in names
    ]
    return any(mention not in harmless or index > last for index, mention in mentions)


def _is_closed(model: SemanticModel, names: list[str], by: tuple[str, ...]) -> bool:
    """Whether anything of that name is closed anywhere in the file."""
    lasts = {name.rpartition(".")[2] for name in names}
    return any(
        isinstance(node, cst.Attribute) and node.attr.value in by and dotted(node.value).rpartition(".")[2] in lasts
        for node in walk(model.tree)
    )
