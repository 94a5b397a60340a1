"""How the main function of a process is told to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import find
from ..concepts.lifecycle import Serve
from ..concepts.time import Blocking, Sleep, Wait
from ..model.endings import always, ends
from ..model.places import Call, Function, Handler
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import following, last_name, own
from ..model.values import Missing
from ..syntax.tree import walk
from .lookups import calls_by_node

_INTERRUPT = "builtins.KeyboardInterrupt"
# What is done to leave things in order, and what it is done to where the end of the process does as well.
_CLEANUP = re.compile(
    r"(^|_)(a?close|shut_?down|disconnect|flush|commit|stop|terminate|release|dispose|deregister|unregister|unsubscribe|drain|save|persist|leave"
    r"|clean_?up|tear_?down)(_|$)",
    re.IGNORECASE,
)
_NEEDS_NONE = re.compile(r"(^|[._])loop$", re.IGNORECASE)
# Whoever speaks of signals has thought of them; so has whoever is told to end in a graceful way.
_SIGNALS = re.compile(r"signal|sigterm|graceful", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stop:
    """A handler of Ctrl-C behind what keeps a process going (`going`), and the call with which it leaves things in order (`cleanup`)."""

    handler: Handler
    going: cst.CSTNode
    cleanup: cst.Call


def stops(model: SemanticModel) -> Iterator[Stop]:
    """
    The places where the main function of a process is left by Ctrl-C, in an orderly way. None in files that have to do with other signals, or ask somebody
    at the keyboard.
    """
    handlers = [handler for handler in model.handlers if _INTERRUPT in handler.catches and _is_main(handler)]
    if not handlers or _speaks_of_signals(model):
        return
    for handler in handlers:
        going = _goes_on(handler)
        cleanup = _cleanup(handler) if going is not None else None
        if going is not None and cleanup is not None:
            yield Stop(handler, going, cleanup)


def _is_main(handler: Handler) -> bool:
    """Whether it is the process that is left: at the level of the module, in a function of the name main, or in one that the module calls at its end."""
    function = handler.function
    if function is None:
        return handler.scope.kind == "module"
    if function.owner is not None or function.function is not None:
        return False
    if not function.model.leaves_as_it_is(decorator.name for decorator in function.decorators):
        return False
    if function.name in ("main", "_main", "amain", "async_main"):
        return True
    meanings, tree = handler.model.meanings, handler.model.tree
    called = {id(node) for statement in tree.body if isinstance(statement, cst.If) for node in walk(statement.body)}
    return any(id(call.node) in called and meanings.callee(call) is function for call in handler.model.calls)


def _speaks_of_signals(model: SemanticModel) -> bool:
    if any(_SIGNALS.search(name) for name in model.imports):
        return True
    return any(isinstance(node, cst.Name) and _SIGNALS.search(node.value) for node in walk(model.tree))


def _goes_on(handler: Handler) -> cst.CSTNode | None:
    """What goes on in a `try` until it is interrupted: a call that serves, or a loop without end that waits."""
    model = handler.model
    places = calls_by_node(model)
    inside = own(handler.tries.body)
    found = _serving(model, inside, places)
    if found is None:
        for node in inside:
            function = model.meanings.callee(places[id(node)]) if isinstance(node, cst.Call) and id(node) in places else None
            if isinstance(function, Function) and not function.generator and _serving(model, own(function.node.body), places) is not None:
                found = node
    around = next((frame.node for frame in handler.frame.within_function() if frame.kind == "loop"), None)
    if found is None and isinstance(around, cst.While) and always(around.test) and _pauses(model, inside):
        leaves = ends(handler.node.body)
        return around.test if not leaves & {"on", "continue"} else None
    return found


def _serving(model: SemanticModel, inside: list[cst.CSTNode], places: dict[int, Call]) -> cst.CSTNode | None:
    for node in inside:
        if isinstance(node, cst.While) and always(node.test) and _pauses(model, own(node.body)):
            return node.test
        if isinstance(node, cst.For) and _arrives(model, node, places):
            return node.iter
        call = places.get(id(node))
        serve = model.meanings.means(call, Serve) if call is not None else None
        if call is not None and serve is not None and (serve.limit is None or find(serve.limit, call.made) is Missing.ABSENT):
            return node
    return None


def _pauses(model: SemanticModel, inside: list[cst.CSTNode]) -> bool:
    """Whether something waits, and neither for somebody at the keyboard nor to show somebody what has come."""
    if any(isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "print" for node in inside):
        return False
    calls = [call for node in inside if (call := model.meanings.at(node)) is not None]
    kinds = [model.meanings.means(call, Blocking) for call in calls]
    if any(kind is not None and kind.kind == "input" for kind in kinds):
        return False
    return any(model.meanings.means(call, Sleep) is not None or model.meanings.means(call, Wait) is not None for call in calls)


def _arrives(model: SemanticModel, loop: cst.For, places: dict[int, Call]) -> bool:
    """Whether a loop takes what arrives, as long as anything does: it goes through what a call waits for, or through a consumer."""
    call = places.get(id(loop.iter))
    if call is not None:
        wait = model.meanings.means(call, Wait)
        return wait is not None and (wait.arrives or wait.tier == "never")
    place = next((one for one in model.loops if one.node is loop), None)
    kind = model.type_of(place.evaluate(loop.iter)) if place is not None else ""
    its = [known.concepts.get(Wait) for name, known in model.meanings.index.calls.items() if kind and name.rpartition(".")[0] == kind]
    return any(isinstance(concept, Wait) and concept.arrives for concept in its)


def _cleanup(handler: Handler) -> cst.Call | None:
    """The first call that leaves things in order: in the handler, in the `finally` of its `try`, or behind it."""
    blocks: list[cst.CSTNode] = [handler.node.body]
    if handler.tries.finalbody is not None:
        blocks.append(handler.tries.finalbody)
    if handler.function is not None:
        blocks += following(handler.tries, handler)
    for block in blocks:
        for node in own(block):
            if isinstance(node, cst.Call) and _CLEANUP.search(last_name(node)):
                owner = dotted(node.func.value) if isinstance(node.func, cst.Attribute) else ""
                if not _NEEDS_NONE.search(owner):
                    return node
    return None
