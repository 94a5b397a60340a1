from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Call, Findings, Function, Lock, own, rule, walk

_HOLDS = frozenset({"acquire", "acquire_nowait"})
_ITS_OWN = _HOLDS | {"release", "locked"}


@rule("REL718", severity="error")
def sync_primitive_per_call(call: Call, lock: Lock) -> Findings:
    """
    A lock or semaphore that each call makes for itself.

    A lock keeps out those who use the same one. Made in the function that takes it, it is a new one each time, always free: what it should keep
    apart runs at once, and nothing tells that it does.

    Bad:

        import asyncio
        import threading

        async def rate(sku):
            async with asyncio.Semaphore(10):  # REL718 "asyncio.Semaphore"
                return await fetch(sku)

        def sell(sku):
            lock = threading.Lock()  # REL718 "sell()"
            with lock:
                stock[sku] -= 1

    Bad:

        import threading

        def sell(sku):
            lock = threading.Lock()  # REL718
            lock.acquire()
            try:
                stock[sku] -= 1
            finally:
                lock.release()

    Good:

        import asyncio
        import threading

        few = asyncio.Semaphore(10)
        lock = threading.Lock()

        async def rate(sku):
            async with few:
                return await fetch(sku)

        def sell(sku):
            with lock:
                stock[sku] -= 1

    Good (others get it within one call):

        import asyncio

        async def rates(skus):
            few = asyncio.Semaphore(10)

            async def one(sku):
                async with few:
                    return await fetch(sku)

            return await asyncio.gather(*[one(sku) for sku in skus])

        async def stocks(skus):
            few = asyncio.Semaphore(10)
            tasks = set()
            for sku in skus:
                await few.acquire()
                task = asyncio.create_task(fetch(sku))
                tasks.add(task)
                task.add_done_callback(lambda _: few.release())
            await asyncio.gather(*tasks)

        async def prices(skus):
            alone = asyncio.Lock()
            async with alone:
                await asyncio.gather(*[price(sku, alone) for sku in skus])
    """
    function = call.function
    if function is None or call.scope is not function.inner or not (_taken_on_the_spot(call, function) or _taken_by_name(call, function)):
        return
    yield call.finding(
        f"{call.title}() is made anew by each call of {function.name}(): nobody else has it, so it keeps no other {lock.holder} out",
        cure="make it once, beside what it guards: in the module, or in the object that all of them share",
    )


def _taken_on_the_spot(call: Call, function: Function) -> bool:
    for place in function.model.withs:
        if place.function is function and any(item.item is call.node and item.asname is None for item in place.node.items):
            return True
    return any(_method(other.node, call.node) in _HOLDS for other in function.calls)


def _taken_by_name(call: Call, function: Function) -> bool:
    """Whether it gets a name of the function's own, by which the function takes it, and nothing else can."""
    match call.statement:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as target)], value=value)]) if (
            value is call.node
        ):
            pass
        case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name() as target, value=value)]) if value is call.node:
            pass
        case _:
            return False
    name = target.value
    if name in function.inner.nonlocals or len(function.inner.bindings.get(name, [])) != 1:
        return False
    taken = {
        id(item.item)
        for place in function.model.withs
        if place.function is function
        for item in place.node.items
        if isinstance(item.item, cst.Name) and item.asname is None
    }
    known = {id(target)}
    for node in walk(function.node.body):
        match node:
            case cst.Attribute(attr=attribute):
                known.add(id(attribute))
            case cst.Arg(keyword=cst.Name() as keyword):
                known.add(id(keyword))
    held = False
    for node in own(function.node.body):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Name):
            method = node.func.attr.value
            if node.func.value.value == name and method in _ITS_OWN:
                known.add(id(node.func.value))
                held = held or method in _HOLDS
    uses = [node for node in walk(function.node.body) if isinstance(node, cst.Name) and node.value == name and id(node) not in known]
    return all(id(use) in taken for use in uses) and (held or bool(uses))


def _method(node: cst.BaseExpression, owner: cst.BaseExpression) -> str:
    """The method of an object that is called, or ""."""
    match node:
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))) if value is owner:
            return name
    return ""
