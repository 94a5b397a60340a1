from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Blocking, Call, Edit, Findings, Fix, Note, TaskSpawn, rule, runs_on, spelling

_HOLDS = {
    "sleep": "sleeps on the event loop",
    "network": "waits for the network on the event loop",
    "database": "waits for the database on the event loop",
    "process": "waits for a process on the event loop",
    "lock": "waits for another thread on the event loop",
    "queue": "waits for another thread on the event loop",
    "input": "waits for somebody at the keyboard on the event loop",
    "cpu": "computes for long on the event loop",
    "tree": "goes through a whole folder on the event loop",
}


@rule("REL701", severity="error")
def blocking_call_in_async(call: Call, blocking: Blocking) -> Findings:
    """
    A call that blocks the event loop.

    A coroutine shares its thread with every other coroutine of the process. While one of them waits without `await`, none of the others goes on:
    a request that asks a slow service stops all requests, health checks among them, and the orchestrator kills a process that only waits.

    The innermost function counts: what a nested `def` or a lambda does runs where it is called. Handing the function over
    (`asyncio.to_thread(requests.get, url)`) calls nothing here. Reading and writing single files is not reported.

    Bad:

        import subprocess
        import time

        import requests
        from sqlalchemy.orm import Session

        async def quote(sku, session: Session):
            time.sleep(0.5)  # REL701 "sleeps on the event loop"
            prices = [requests.get(f"{SHOP}/{one}", timeout=3) for one in sku]  # REL701
            subprocess.run(["sync"], timeout=5)  # REL701
            return session.execute(QUERY), prices  # REL701

    Bad (a sleep, for which the loop has one of its own):

        import asyncio
        import time

        async def settled(order, orders: asyncio.Queue):
            while not order.paid:
                time.sleep(0.1)  # REL701
            await orders.put(order)

    Fixed:

        import asyncio
        import time

        async def settled(order, orders: asyncio.Queue):
            while not order.paid:
                await asyncio.sleep(0.1)
            await orders.put(order)

    Bad (a result that is not there yet):

        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor()

        async def render(page):
            future = pool.submit(draw, page)
            return future.result(timeout=5)  # REL701

    Good:

        import asyncio
        import time

        import httpx
        import requests

        async def quote(sku, http: httpx.AsyncClient):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(requests.get, f"{SHOP}/{sku}", timeout=3)
            await asyncio.to_thread(lambda: requests.get(f"{SHOP}/{sku}", timeout=3))
            return (await http.get(f"{SHOP}/{sku}")).json()

        def quote_in_thread(sku):
            time.sleep(0.5)
            return requests.get(f"{SHOP}/{sku}", timeout=3)

        async def report():
            def collect():
                return requests.get(SHOP, timeout=3)

            return await asyncio.to_thread(collect)

    Good (calls that return at once):

        import queue
        import subprocess
        import threading

        lock = threading.Lock()
        jobs = queue.Queue()

        async def next_job():
            subprocess.Popen(["true"])
            if lock.acquire(blocking=False):
                return jobs.get(block=False)
            return jobs.get_nowait()
    """
    meanings = call.model.meanings
    if not call.runs_in_coroutine or meanings.blocks(call) is None or _goes_on_from_blocking(call):
        return
    function = call.function
    handler = meanings.handled_by(function)
    if blocking.kind == "input" and handler is None and not _starts_tasks(call):
        return  # a menu at the terminal: nothing else is waiting
    yield call.finding(
        f"{call.title}() {_HOLDS[blocking.kind]}: until it returns, nothing else in this process goes on",
        cure=(f"use {blocking.instead}, or " if blocking.instead and "to_thread" not in blocking.instead else "")
        + "hand it to asyncio.to_thread()",
        notes=(Note(handler.at, "requests wait for it here"),) if handler is not None and handler is not function else (),
        severity="warning" if blocking.kind in ("cpu", "tree") else None,
        fix=_awaited(call, blocking),
    )


def _awaited(call: Call, blocking: Blocking) -> Fix | None:
    """
    The same call of what only has to be awaited, where it is a statement by itself.

    Where other tasks may go on that could not before, somebody should look: within a `with`, what it holds is held meanwhile. And without the
    library of the loop among the imports, it is not certain that there is such a loop.
    """
    likely = runs_on(blocking.awaitable, call.model) if blocking.awaitable and call.dropped else "no"
    written = spelling(blocking.awaitable, call) if likely != "no" else None
    if written is None or not isinstance(call.node, cst.Call):
        return None
    held = any(isinstance(frame.node, cst.With) and frame.node.asynchronous is None for frame in call.frame.within_function())
    return Fix(
        f"await {written.text}() instead",
        (Edit(call.node.func, f"await {written.text}"),),
        safe=likely == "certain" and not held,
        imports=written.imports,
    )


def _goes_on_from_blocking(call: Call) -> bool:
    """Whether it is a later part of a chain that blocks before: `connect(…).execute(…).fetchall()` is one thing to repair."""
    node = call.node.func if isinstance(call.node, cst.Call) else None
    while isinstance(node, cst.Attribute | cst.Call):
        node = node.value if isinstance(node, cst.Attribute) else node.func
        before = call.model.meanings.at(node)
        if before is not None and call.model.meanings.means(before, Blocking) is not None:
            return True
    return False


def _starts_tasks(call: Call) -> bool:
    return call.function is not None and any(call.model.meanings.means(other, TaskSpawn) is not None for other in call.function.calls)
