from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Call, Edit, Findings, Fix, Function, LoopCheck, LoopRun, NestedLoops, Note, rule

_HOPS = 2  # from the coroutine to the function that runs a loop
_CERTAIN = frozenset({"with", "try", "finally"})  # what runs whenever the function around it does


@rule("REL704", severity="error")
def nested_event_loop(call: Call, run: LoopRun) -> Findings:
    """
    An event loop that is started where one runs already.

    A thread runs one event loop at a time. Within a coroutine, and in a plain function that a coroutine calls, starting another raises RuntimeError,
    each time. In a plain request handler that its framework puts into a thread it works, and costs each request a loop of its own: no connection, no
    pool and no lock made for one loop can be used in the next.

    Bad:

        import asyncio

        async def quote(sku):
            return asyncio.run(rates(sku))  # REL704 "asyncio.run"

        async def stock(sku):
            loop = asyncio.get_event_loop()
            return loop.run_until_complete(rates(sku))  # REL704

    Fixed:

        import asyncio

        async def quote(sku):
            return await rates(sku)

        async def stock(sku):
            loop = asyncio.get_event_loop()
            return await rates(sku)

    Bad (through a plain function):

        import asyncio

        def rate(sku):
            return asyncio.run(rates(sku))  # REL704 "RuntimeError"

        async def quote(sku):
            return rate(sku) * 2

    Bad (a loop for each request):

        import asyncio

        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/quotes/{sku}")
        def quote(sku: str):
            return asyncio.run(rates(sku))  # REL704 "each request"

    Good:

        import asyncio
        import threading

        async def quote(sku):
            return await rates(sku)

        async def main():
            threading.Thread(target=lambda: asyncio.run(rates("all"))).start()  # a thread of its own
            await asyncio.to_thread(in_thread, "all")

        def in_thread(sku):
            return asyncio.run(rates(sku))

        def anywhere(sku):
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                return asyncio.run(rates(sku))
            raise TypeError("await rates() here")

        async def price(sku):
            return anywhere(sku)

        if __name__ == "__main__":
            asyncio.run(main())

    Good (a loop that was made fit for it):

        import asyncio

        import nest_asyncio

        nest_asyncio.apply()

        async def quote(sku):
            return asyncio.run(rates(sku))
    """
    meanings = call.model.meanings
    function = call.function
    if call.bare or function is None or meanings.of(NestedLoops) or _is_expected(call):
        return
    if call.runs_in_coroutine:
        if not _asked_before(call):
            yield call.finding(
                f"{call.title}() raises RuntimeError: the event loop that runs this coroutine runs already",
                cure="await it",
                fix=_awaited(call, run),
            )
        return
    above = _coroutine_above(call, _HOPS)
    if above is not None:
        yield call.finding(
            f"{call.title}() raises RuntimeError when a coroutine gets here: its event loop runs already",
            cure=f"make {function.name}() a coroutine and await it, or have it called in a thread",
            notes=(Note(above.node, "a coroutine calls it here"),),
        )
        return
    handler = meanings.handled_by(function)
    route = meanings.route(handler)
    if handler is not None and route is not None and route.threaded and run.fresh and not handler.asynchronous:
        yield call.finding(
            f"{call.title}() starts an event loop for each request and closes it again: nothing that belongs to a loop can be kept",
            cure="make the handler a coroutine and await it"
            if handler is function
            else f"make {handler.name}() a coroutine and await it there",
            notes=(Note(handler.at, "requests come in here"),) if handler is not function else (),
            severity="warning",
        )


def _awaited(call: Call, run: LoopRun) -> Fix | None:
    """`await` in the place of what is called, where the coroutine is all that is passed, and nothing is done with the result on the spot."""
    match call.statement, call.node:
        case (
            cst.SimpleStatementLine(
                body=[*_, cst.Expr(value=value) | cst.Assign(value=value) | cst.AnnAssign(value=value) | cst.Return(value=value)]
            ),
            cst.Call(args=[cst.Arg(keyword=None, star="", value=cst.Call() | cst.Name() | cst.Attribute() as coroutine)]),
        ) if value is call.node and run.coroutine is not None:
            return Fix("await it", (Edit(call.node, "await {}", keep=coroutine),))
    return None


def _is_expected(call: Call) -> bool:
    """Whether the error is caught by its name: something else is done then."""
    tried = {id(frame.node) for frame in call.frame.within_function() if frame.kind == "try"}
    return any(id(handler.tries) in tried and "builtins.RuntimeError" in handler.catches for handler in call.model.handlers)


def _asked_before(call: Call) -> bool:
    """Whether a call stands where it may have been asked before whether a loop runs."""
    if all(frame.kind not in ("if", "else", "handler", "case") for frame in call.frame.within_function()):
        return False
    return call.function is not None and _asks(call.function)


def _asks(function: Function) -> bool:
    return any(function.model.meanings.means(other, LoopCheck) is not None for other in function.calls)


def _coroutine_above(call: Call, hops: int) -> Call | None:
    """The call of this file that leads from a coroutine to a call for certain, if there is one."""
    function = call.function
    if function is None or function.generator or not function.model.leaves_as_it_is(decorator.name for decorator in function.decorators):
        return None
    if _asks(function) or any(frame.kind not in _CERTAIN for frame in call.frame.within_function()):
        return None
    callers = function.model.meanings.callers(function)
    found = next((caller for caller in callers if caller.runs_in_coroutine and not _asked_before(caller)), None)
    if found is not None or hops == 1:
        return found
    return next((above for caller in callers if (above := _coroutine_above(caller, hops - 1)) is not None), None)
