from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from reliability_lint.rule import Findings, Frame, Handler, Jump, Place, Raise, Return, SemanticModel, Yield, ends, own, rule

_LEAVING = {"builtins.SystemExit", "builtins.KeyboardInterrupt"}


@rule("REL514", severity="error")
def control_flow_in_finally(model: SemanticModel) -> Findings:
    """
    A `finally` that ends what is under way: an exception, a result, a cancellation.

    `return`, `break` and `continue` in `finally` drop the exception that is on its way through it, whichever it is, and take the place of the value
    that was being returned. No handler and no log hears of it. Python 3.14 warns of such code whenever it compiles it.

    A bare `raise` there fails where nothing else has, and another exception takes the place of every result. A generator that yields in `finally`
    cannot be closed: a client that goes away leaves a `RuntimeError` behind.

    Bad:

        def load(path):
            data = {}
            try:
                data = parse(path)
            finally:
                return data  # REL514 "is lost"

        def drain(queue):
            for order in queue:
                try:
                    place(order)
                finally:
                    continue  # REL514

        async def events(source):
            try:
                async for event in source:
                    yield event
            finally:
                yield "done"  # REL514 "cannot be closed"

    Good:

        def load(path):
            data = {}
            try:
                data = parse(path)
            except ParseError:
                log.exception("%s cannot be read", path)
            finally:
                unlock(path)
            return data

        def drain(queues):
            try:
                place_all(queues)
            finally:
                for queue in queues:
                    if queue.closed:
                        continue  # of a loop in the `finally` itself
                    queue.close()

        def report(path):
            try:
                return build(path)
            finally:
                def late():
                    return path  # from another function
                at_exit(late)

        async def events(source):
            async for event in source:
                yield event
            yield "done"  # reached by those only who have stayed
    """
    for function in model.functions:
        for returned in function.returns:
            yield from _dropping(returned, "return")
        for yielded in function.yields:
            if (final := _final(yielded)) is not None and _is_stopped_by(yielded, final):
                yield yielded.finding(
                    "the generator cannot be closed: it goes on in `finally`, and whoever closes it, as servers do when a client goes away,"
                    " is told RuntimeError",
                    cure="yield behind the `try` statement, and only tidy up in `finally`",
                )
    for jump in model.jumps:
        yield from _dropping(jump, "break" if isinstance(jump.node, cst.Break) else "continue")
    for raised in model.raises:
        final = _final(raised)
        if final is not None and _is_certain(raised, final) and _may_succeed(final.node):
            yield from _raising(raised)


def _dropping(place: Return | Jump, word: str) -> Findings:
    final = _final(place)
    if final is None or _asks_whether_it_failed(place, final):
        return
    cancelled = " or cancellation" if place.runs_in_coroutine else ""
    harmless = _catches_all(final.node, place.model)
    yield place.finding(
        f"an exception{cancelled} that is on its way through this `finally` is lost: `{word}` drops it"
        if not harmless
        else f"what the handlers raise or return is lost: `{word}` in `finally` drops it",
        cure="put it behind the `try` statement, and catch the errors that are expected",
        severity="warning" if harmless else None,
    )


def _raising(place: Raise) -> Findings:
    exception = place.exception
    if exception is None:
        if not any(frame.kind == "handler" for frame in place.frame.within_function()):
            yield place.finding(
                "`raise` in `finally` has nothing to raise where nothing failed, and then fails with RuntimeError",
                cure="leave it out: an exception goes on by itself when `finally` is done",
            )
        return
    name = place.model.name_of(exception.func if isinstance(exception, cst.Call) else exception, place)
    if name not in _LEAVING:
        yield place.finding(
            "`raise` in `finally` takes the place of every result and of every other exception",
            cure="raise it in an `except`, or where it is known that something is wrong",
            severity="warning",
        )


def _final(place: Place) -> Frame | None:
    """The `finally` that a place leaves; None where it stays within it, or stands in none."""
    for frame in place.frame.within_function():
        if frame.kind == "loop" and isinstance(place, Jump):
            return None
        if frame.kind == "finally":
            return frame
    return None


def _between(place: Place, final: Frame) -> Iterator[Frame]:
    """What stands around a place within a `finally`."""
    for frame in place.frame.outward():
        if frame is final:
            return
        yield frame


def _is_certain(place: Place, final: Frame) -> bool:
    """Whether a place is come to whenever the `finally` runs: no condition, loop or handler is around it."""
    return all(frame.kind == "with" for frame in _between(place, final))


def _asks_whether_it_failed(place: Place, final: Frame) -> bool:
    """Whether a condition around a place looks at what was set while it was tried, or asks Python for the exception."""
    tested = {
        node.value
        for frame in _between(place, final)
        if isinstance(frame.node, cst.If)
        for node in own(frame.node.test)
        if isinstance(node, cst.Name)
    }
    if tested & {"exc_info", "exception"}:
        return True
    return bool(tested) and not tested.isdisjoint(_set_in(final.node))


def _parts(tried: cst.CSTNode) -> list[cst.CSTNode]:
    """What of a `try` statement runs before its `finally`."""
    assert isinstance(tried, cst.Try | cst.TryStar)
    return [tried.body, *tried.handlers, *([tried.orelse] if tried.orelse is not None else [])]


def _set_in(tried: cst.CSTNode) -> set[str]:
    nodes = [node for part in _parts(tried) for node in own(part)]
    return {node.target.value for node in nodes if isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Name)} | {
        node.name.name.value for node in nodes if isinstance(node, cst.ExceptHandler) and node.name and isinstance(node.name.name, cst.Name)
    }


def _handlers(tried: cst.CSTNode, model: SemanticModel) -> Iterator[Handler]:
    return (handler for handler in model.handlers if handler.tries is tried)


def _catches_all(tried: cst.CSTNode, model: SemanticModel) -> bool:
    """Whether nothing passes the handlers of a `try`, whatever it is, unless they fail themselves."""
    return any(
        "builtins.BaseException" in handler.catches and not any(isinstance(node, cst.Raise) for node in own(handler.node))
        for handler in _handlers(tried, model)
    )


def _may_succeed(tried: cst.CSTNode) -> bool:
    """Whether a `try` may come to its `finally` without an exception."""
    assert isinstance(tried, cst.Try | cst.TryStar)
    return bool(ends(tried.body) - {"raise"})


def _is_stopped_by(place: Yield, final: Frame) -> bool:
    """
    Whether a generator may be closed where it waits in a `try`, and then yields once more. Generators that are run by what decorates them are
    coroutines of an older kind, and nobody closes those.
    """
    function = place.function
    assert function is not None
    if not function.asynchronous and (function.decorators or isinstance(place.node.value, cst.From)):  # type: ignore[attr-defined]
        return False
    if not _is_certain(place, final):
        return False
    return any(isinstance(node, cst.Yield) for part in _parts(final.node) for node in own(part))
