from __future__ import annotations

from collections.abc import Iterator

from reliability_lint.rule import Call, Edit, Findings, Fix, Function, Guard, Note, Route, TaskSpawn, awaits, own, rule

_HOPS = 2  # from the handler to what blocks


@rule("REL705", severity="error")
def async_endpoint_without_await(function: Function, route: Route) -> Findings:
    """
    An async handler that blocks and never awaits.

    As `async def` it runs on the event loop, and while it waits nothing else does: no other request, no health check. Nothing in it needs the loop.
    As a plain `def` the framework would run it in a thread, beside all others.

    It speaks of frameworks that do so, and of handlers that wait for somebody themselves or through functions of the same file.

    Bad:

        import requests
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/quotes/{sku}")
        async def quote(sku: str):  # REL705 "requests.get"
            return requests.get(f"{SHOP}/{sku}", timeout=3).json()

    Fixed:

        import requests
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/quotes/{sku}")
        def quote(sku: str):
            return requests.get(f"{SHOP}/{sku}", timeout=3).json()

    Bad (through another function):

        import time

        from fastapi import FastAPI

        app = FastAPI()

        def settled(order):
            while not order.paid:
                time.sleep(0.1)

        @app.post("/orders")
        async def order(sku: str):  # REL705 "settled()"
            return settled(book(sku))

    Good:

        import asyncio

        import requests
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/quotes/{sku}")
        def quote(sku: str):
            return requests.get(f"{SHOP}/{sku}", timeout=3).json()

        @app.get("/offers/{sku}")
        async def offer(sku: str):
            return await asyncio.to_thread(requests.get, f"{SHOP}/{sku}", timeout=3)

        @app.get("/version")
        async def version():  # it keeps nobody waiting
            return "1.2"

        @app.post("/orders")
        async def order(sku: str):
            requests.get(f"{SHOP}/{sku}", timeout=3)  # blocks, but the next line needs the loop
            tasks.add(asyncio.create_task(book(sku)))
    """
    if not function.asynchronous or function.awaits or not route.threaded or any(awaits(node) for node in own(function.node.body)):
        return
    meanings = function.model.meanings
    if any(not _transparent(decorator) for decorator in function.decorators) or any(
        caller.awaited for caller in meanings.callers(function)
    ):
        return
    way = next(_blocking(function, _HOPS), None)
    if way is None or _needs_loop(function):
        return
    first, last = way
    callee = meanings.callee(first)
    yield function.finding(
        f"{function.name}() awaits nothing and blocks in {f'{callee.name}()' if callee is not None else f'{first.title}()'}: "
        "on the event loop, where every other request waits for it",
        cure="make it a plain `def`, which the framework runs in a thread",
        notes=(Note(last.node, "it blocks here"),),
        # In a thread it runs beside others like it, which on the loop it never did.
        fix=Fix("make it a plain `def`", (Edit(function.node.asynchronous, at="gone"),))
        if function.node.asynchronous is not None
        else None,
    )


def _blocking(function: Function, hops: int) -> Iterator[tuple[Call, Call]]:
    """The calls by which a function blocks: its own, and the one that does so in the end."""
    meanings = function.model.meanings
    for call in function.calls:
        blocking = meanings.blocks(call)
        if blocking is not None and blocking.kind != "input":
            yield call, call
        callee = meanings.callee(call) if hops else None
        if callee is None or callee.asynchronous or callee.generator:
            continue
        if callee.model.leaves_as_it_is(decorator.name for decorator in callee.decorators):
            for _, last in _blocking(callee, hops - 1):
                yield call, last


def _transparent(decorator: Call) -> bool:
    """Whether a decorator takes plain functions as well as coroutines, as far as is known."""
    meanings = decorator.model.meanings
    routing = meanings.means(decorator, Route) is not None or meanings.means(decorator, Guard) is not None
    return routing or decorator.model.only_marks((decorator.name,))


def _needs_loop(function: Function) -> bool:
    """Whether a function uses anything of a library that starts tasks: that may have to happen on the event loop."""
    loops = {name.partition(".")[0] for name, known in function.model.meanings.index.calls.items() if TaskSpawn in known.concepts}
    return any(call.name.partition(".")[0] in loops for call in function.calls)
