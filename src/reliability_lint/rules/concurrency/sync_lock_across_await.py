from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Findings, Instance, Lock, Made, Note, With, awaits, own, rule


@rule("REL703", severity="error")
def sync_lock_across_await(place: With) -> Findings:
    """
    A lock of threads that is held while a coroutine awaits.

    The coroutine lets others run and keeps the lock. The next one that wants it stops the thread, and with it the event loop on which the holder
    would go on and release it: neither ever does, and the whole process stands still. A reentrant lock belongs to the thread, which runs all of
    them: it lets each in and guards nothing.

    Bad:

        import threading

        lock = threading.Lock()

        async def sell(sku):
            with lock:  # REL703 "threading.Lock"
                left = await stock(sku)
                await set_stock(sku, left - 1)

    Bad (a reentrant lock keeps no coroutine out):

        import threading

        class Shelf:
            def __init__(self):
                self.lock = threading.RLock()

            async def sell(self, sku):
                with self.lock:  # REL703 "keeps none of them out"
                    async for item in self.items(sku):
                        item.sell()

    Good:

        import asyncio
        import threading

        lock = threading.Lock()
        alone = asyncio.Lock()

        async def sell(sku):
            async with alone:
                left = await stock(sku)
                with lock:  # nothing is awaited in here
                    counts[sku] = left - 1
                await set_stock(sku, left - 1)

        async def later(sku):
            with lock:
                async def sell_one():  # runs when the lock is free again
                    await sell(sku)
            return sell_one

        def in_thread(sku):
            with lock:
                return asyncio.run(stock(sku))
    """
    if place.node.asynchronous is not None or not place.runs_in_coroutine:
        return
    waiting = next((node for node in own(place.node.body) if awaits(node)), None)
    if waiting is None:
        return
    made_here = {id(call.node) for call in place.function.calls} if place.function is not None else set()
    for item in place.node.items:
        datum = place.evaluate(item.item)
        lock = place.model.meanings.made_as(datum, Lock)
        maker = datum.made if isinstance(datum, Instance) else datum
        if lock is None or lock.holder == "task" or (isinstance(maker, Made) and maker.key in made_here):
            continue
        kind = place.model.type_of(datum)
        yield place.finding(
            f"a {kind} belongs to the thread, which runs all coroutines: across an await it keeps none of them out"
            if lock.reentrant
            else f"this {kind} is held across an await: a coroutine that has to wait for it stops the event loop, and its holder with it",
            cure=f"use {lock.instead} and `async with`, or await before it is taken" if lock.instead else "await before it is taken",
            at=item,
            notes=(Note(_line(waiting), "it is held while this waits"),),
        )


def _line(waiting: cst.CSTNode) -> cst.CSTNode:
    """What to point at where a coroutine lets others run."""
    match waiting:
        case cst.With():
            return waiting.items[0]
        case cst.For():
            return waiting.iter
    return waiting
