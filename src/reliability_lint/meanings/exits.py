"""Where a process is ended, and for whom that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..concepts.bounds import find
from ..concepts.concurrency import Offload
from ..concepts.lifecycle import Exit, Fork
from ..model.places import Call, Class, Function, Place, Raise
from ..model.semantic import SemanticModel
from ..model.values import Constant, Made, Reference

_SYSTEM_EXIT = "builtins.SystemExit"
_EVERYTHING = frozenset({"builtins.BaseException", _SYSTEM_EXIT})
_HOPS = 2  # from where it is raised to a call that may catch it


@dataclass(frozen=True, slots=True)
class Leaving:
    """
    A place that ends the process; `title` is what messages call it. `at_once`: nothing is cleaned up, else `SystemExit` is raised. `failed`: with a status that
    says so, where somebody who only wants to leave gives none.
    """

    place: Call | Raise
    title: str
    at_once: bool
    failed: bool


def leavings(model: SemanticModel, *, politely: bool = False) -> Iterator[Leaving]:
    """
    The places of a file that end their process, in functions; `politely`, those too that ask it to end. Left out are those that may run in the child of a fork, and a `SystemExit` that is caught
    in its function or where that is called.
    """
    found = [
        Leaving(call, f"{call.title.removeprefix('builtins.')}()", concept.at_once, _says_failed(call.node))
        for call, concept in model.meanings.of(Exit)
        if not call.bare and _ends_this(call, concept, politely=politely)
    ]
    for place in model.raises:
        raised = place.exception
        if raised is not None and model.name_of(raised.func if isinstance(raised, cst.Call) else raised, place) == _SYSTEM_EXIT:
            found.append(Leaving(place, "SystemExit", at_once=False, failed=_says_failed(raised)))
    for leaving in found:
        function = leaving.place.function
        if function is None or any(model.meanings.means(call, Fork) is not None for call in function.calls):
            continue
        if leaving.at_once or not _is_caught(leaving.place, _HOPS):
            yield leaving


# Modules and functions that are there to be run, or to end what runs.
_PROGRAM = re.compile(
    r"(^|[._])(cli|commands?|main|manage|management|scripts?|bin|tools?|console|run(ner|server)?|setup|conf(ig)?|bootstrap|start_?up"
    r"|initiali[sz](ation|er)|launch(er)?|entry_?points?|admin_?tools?|migrat\w*|seed\w*|shell|daemon|supervisor|worker|app|server|gunicorn\w*"
    r"|wsgi|asgi|devtools?|debug\w*)($|[._])",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(^|_)(main|cli|cmd|command|run|start|stop|serve|exit|quit|die|fatal|usage|abort|shutdown|terminate|kill|bail|panic|crash|reload|restart|fork"
    r"|daemonize|watch\w*|guard\w*|launch|signals?|sig(term|int|hup)|parse_(args|arguments|options|command_line)|handle_(exit|signal|interrupt)"
    r"|init(ialize)?_(app|command|worker))(_|$)",
    re.IGNORECASE,
)
_OF_PROGRAMS = frozenset({"argparse", "optparse", "getopt", "cmd", "readline", "signal"})
_COMMANDS = frozenset({"add_command", "add_typer", "command", "group", "pass_context"})
_ASKS = frozenset({"input", "getpass", "confirm", "prompt"})  # of somebody who sits in front of it
_PLAIN = frozenset({"dataclasses.dataclass", "functools.total_ordering", "typing.runtime_checkable"})
_LEAVING = frozenset({"builtins.KeyboardInterrupt", "builtins.SystemExit", "builtins.BrokenPipeError"})


def library_leavings(model: SemanticModel) -> Iterator[Leaving]:
    """
    The places of a file that end whatever process calls them, although nothing says that they are part of a program: the file is none and reads no
    command line, and neither the function nor any that calls it here is run by name, by a decorator or by a signal.
    """
    if _PROGRAM.search(model.module_name) or any(name.partition(".")[0] in _OF_PROGRAMS for name in model.imports) or _is_program(model):
        return
    for leaving in leavings(model):
        function = leaving.place.function
        if function is None or not leaving.failed or leaving.at_once:  # whoever leaves at once has thought about it
            continue
        if model.meanings.handled_by(function) is None and ends_only_thread(function) is None and not _is_run(function, 0):
            handlers = [frame.node for frame in leaving.place.frame.within_function() if frame.kind == "handler"]
            if not any(one.node in handlers and not _LEAVING.isdisjoint(one.catches) for one in model.handlers):
                yield leaving


def _is_program(model: SemanticModel) -> bool:
    """Whether a file does something when it is run: it asks for its own name, or has commands with options."""
    return model.is_program or any(call.word in _COMMANDS for call in model.calls)


def _is_run(function: Function, depth: int) -> bool:
    """Whether a function, or one that calls it here, may be what a program is started or ended by."""
    owner = function.owner
    if (
        _ENDS.search(function.name)
        or not function.model.leaves_as_it_is(decorator.name for decorator in function.decorators)
        or (owner is not None and (owner.node.bases or not _is_plain(owner) or _PROGRAM.search(_words(owner.name))))
    ):
        return True
    if any(call.word in _ASKS for call in function.calls):
        return True
    if function.function is not None or any(
        parameter.name.value in ("signum", "frame", "argv", "sig") for parameter in function.parameters
    ):
        return True
    callers = [call.function for call in function.model.meanings.callers(function)]
    return depth < _HOPS and any(caller is None or _is_run(caller, depth + 1) for caller in callers)


def _is_plain(owner: Class) -> bool:
    """Whether nothing that decorates a class may keep it somewhere, to have it run."""
    return all(decorator.name in _PLAIN or owner.model.only_marks([decorator.name]) for decorator in owner.decorators)


def _words(name: str) -> str:
    """The words of a class's name, apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def ends_only_thread(function: Function) -> Call | Class | None:
    """
    What has a function run in a thread of its own, which a `SystemExit` ends and nothing else: the call that makes the thread, or the class that is one.
    None where the function runs elsewhere too, as far as this file tells.
    """
    return _thread_of(function, 0)


def _thread_of(function: Function, depth: int) -> Call | Class | None:
    meanings = function.model.meanings
    callers = meanings.callers(function)
    for call, offload in meanings.of(Offload):
        given = find(offload.function, call.made) if offload.keeps_exit else None
        if isinstance(given, Reference) and function.model.defined(given.name) is function:
            return None if callers else call
    owner = function.owner
    if owner is not None and function.name == "run" and not callers:
        for base in function.model.base_names(function.model.qualified(owner.qualname)):
            known = meanings.index.known(base)
            kind = known.concepts.get(Offload) if known is not None else None
            if isinstance(kind, Offload) and kind.keeps_exit:
                return owner
    if depth or not callers:
        return None
    threads = [_thread_of(caller.function, depth + 1) if caller.function is not None else None for caller in callers]
    return threads[0] if all(threads) else None


def _says_failed(node: cst.BaseExpression) -> bool:
    """Whether a status is given that is neither 0 nor None, as written."""
    if not isinstance(node, cst.Call) or not node.args:
        return False
    status = node.args[0].value
    return not (isinstance(status, cst.Integer) and not status.evaluated_value) and not (
        isinstance(status, cst.Name) and status.value == "None"
    )


def _ends_this(call: Call, concept: Exit, *, politely: bool) -> bool:
    """Whether it is certainly this process that is ended, in a way that nothing can be done about."""
    if concept.process is not None:
        process = find(concept.process, call.made)
        if not (isinstance(process, Made) and process.name in concept.own):
            return False
    if concept.signal is not None:
        match find(concept.signal, call.made):
            case Reference(name=given) | Constant(value=str() | int() as given):
                return given in concept.signals or (politely and given in concept.asks)
            case _:
                return False
    return True


def _is_caught(place: Place, hops: int) -> bool:
    """Whether a `try` around a place, or around a call of its function, catches `SystemExit`."""
    around = {id(frame.node) for frame in place.frame.within_function() if frame.kind == "try"}
    if any(id(handler.tries) in around and not _EVERYTHING.isdisjoint(handler.catches) for handler in place.model.handlers):
        return True
    function = place.function
    return function is not None and hops > 0 and any(_is_caught(call, hops - 1) for call in place.model.meanings.callers(function))
