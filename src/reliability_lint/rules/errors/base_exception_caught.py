from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    Edit,
    Findings,
    Fix,
    Handler,
    SemanticModel,
    Trap,
    always,
    cleaning_up,
    closes,
    expects_cancellation,
    explained,
    following,
    keeps_everything,
    own,
    remembers,
    rule,
    told_of,
    trap_of,
    traps,
    turns,
    yields_in,
)

_BASE = "builtins.BaseException"
_GENERATOR = "builtins.GeneratorExit"
_INTERRUPT = "builtins.KeyboardInterrupt"
_EXIT = "builtins.SystemExit"
# Programs that somebody sits in front of take Ctrl-C for the end of a line, not of the program.
_ASKING = frozenset({"input", "raw_input", "prompt", "prompt_async", "readline", "cmdloop", "ask", "confirm", "getpass"})
_EVERYTHING = (
    "what is to end the process ends here: BaseException takes SystemExit and KeyboardInterrupt for failures",
    "catch Exception, or raise it again",
)
_PROGRAMS = frozenset({"main", "_main", "amain", "async_main", "cli", "run_forever"})


@rule("REL518", severity="error")
def base_exception_caught(model: SemanticModel) -> Findings:
    """
    A handler that keeps what is to end the program.

    `SystemExit` and `KeyboardInterrupt` are no failures: a server raises them to stop its workers, a signal handler to stop the process. Where
    `except BaseException` takes them for one more error, the worker goes on until it is killed, and what it had in hand is lost. A generator that goes on
    after `GeneratorExit` leaves a `RuntimeError` to whoever closed it.

    A handler that writes no type at all is told of by `bare-except` (REL507). Where a cancellation is kept, `cancellation-swallowed` (REL517) speaks, or
    `retry-swallows-cancellation` (REL140); where a failure is lost or replaced without a word, `swallowed-exception` (REL509), `silent-fallback` (REL160)
    or `fail-open-on-error` (REL161), where a loop tries again whatever has failed `retry-on-broad-exception` (REL124): of one handler, one of them.

    Bad:

        def work(queue):
            while True:
                order = queue.get()
                try:
                    place(order)
                except BaseException:  # REL518
                    log.exception("%s was not placed", order)

    Fixed:

        def work(queue):
            while True:
                order = queue.get()
                try:
                    place(order)
                except Exception:
                    log.exception("%s was not placed", order)

    Bad (one of those that end it, and a generator):

        def serve(orders):
            while True:
                try:
                    place(orders.next())
                except (KeyboardInterrupt, OrderError):  # REL518 "KeyboardInterrupt"
                    log.exception("not placed")

        def lines(source):
            for line in source:
                try:
                    yield line
                except GeneratorExit:  # REL518 "RuntimeError"
                    log.info("closed")

    Good:

        def work(queue):
            while True:
                order = queue.get()
                try:
                    place(order)
                except Exception:
                    log.exception("%s was not placed", order)

        def place_or_undo(order):
            try:
                place(order)
            except BaseException:
                undo(order)
                raise

        def run(task, future):
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)  # somebody else raises it

        def serve(orders):
            try:
                while True:
                    place(orders.next())
            except KeyboardInterrupt:
                log.info("stopped")  # and it does stop

        def lines(source):
            try:
                yield from source
            except GeneratorExit:
                log.info("closed")  # nothing more is yielded
    """
    found = [(handler, handler.at, said) for handler in model.handlers if handler.node.type is not None and (said := _kept(handler))]
    told = told_of(model) if found else set()
    for handler, at, (message, cure) in found:
        if id(at) not in told:
            yield handler.finding(message, cure=cure, fix=_narrowed(handler))
    for trap in traps(model, frozenset({_BASE})):
        if trap.reaction is None and not _is_meant(trap) and id(trap.at) not in told_of(model):
            yield trap.place.finding(_EVERYTHING[0], cure="suppress the errors that are expected", at=trap.at)


def _narrowed(handler: Handler) -> Fix | None:
    """`Exception` in the place of `BaseException`, where that is all that is caught."""
    caught = handler.node.type
    if not isinstance(caught, cst.Name) or handler.catches != [_BASE] or handler.scope.find("Exception") is not None:
        return None
    return Fix("catch Exception", (Edit(caught, "Exception"),))


def _is_meant(trap: Trap) -> bool:
    """Whether everything may well be caught here: on the way out, around a whole program, of tasks that are only waited for, or because a comment says so."""
    function = trap.place.function
    if function is None or function.name in _PROGRAMS or explained(trap) or cleaning_up(trap):
        return True
    return function.asynchronous and expects_cancellation(trap)


def _kept(handler: Handler) -> tuple[str, str] | None:
    """What goes wrong with what a handler keeps, and what to do; None where nothing does, as far as is known."""
    names = frozenset(handler.catches)
    if names.isdisjoint({_BASE, _GENERATOR, _INTERRUPT, _EXIT}) or remembers(handler) or not keeps_everything(handler):
        return None
    trap = trap_of(handler)
    if _BASE in names:
        return None if _is_meant(trap) else _EVERYTHING
    if explained(trap) or cleaning_up(trap):
        return None
    if _GENERATOR in names and yields_in(trap) and (turns(trap) or _yields_again(handler)):
        return "the generator goes on after it was closed, and whoever closed it is told RuntimeError", "return, or raise it again"
    if _INTERRUPT in names and _goes_round(handler):
        return "the loop goes on after KeyboardInterrupt: the process cannot be stopped by it", "leave the loop, or raise it again"
    if _EXIT in names and len(names) > 1 and _goes_round(handler):
        return "the loop goes on after SystemExit: the process cannot be stopped by it", "leave the loop, or raise it again"
    return None


def _goes_round(handler: Handler) -> bool:
    """Whether an endless loop goes on after a handler, of a program that nobody sits in front of."""
    trap = trap_of(handler)
    loop = next((frame.node for frame in handler.frame.within_function() if frame.kind == "loop"), None)
    if not isinstance(loop, cst.While) or not always(loop.test) or not turns(trap):
        return False
    if any(isinstance(node, cst.Call) and closes(node) for node in own(handler.node.body)):
        return False  # which may well be what ends it
    return not any(call.word in _ASKING for call in handler.model.calls if call.function is handler.function)


def _yields_again(handler: Handler) -> bool:
    """Whether what follows a handler yields."""
    leaves = any(isinstance(node, cst.Return | cst.Break) for node in own(handler.node.body))
    return not leaves and any(isinstance(node, cst.Yield) for statement in following(handler.tries, handler) for node in own(statement))
