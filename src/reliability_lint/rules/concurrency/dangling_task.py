from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Call, Findings, Parameter, TaskSpawn, lost, rule


@rule("REL710", severity="warning")
def dangling_task(call: Call, spawn: TaskSpawn) -> Findings:
    """
    A task that nobody keeps.

    The event loop holds its tasks by weak references only. One that nothing else refers to may be collected in the middle of its work, which then
    simply ends; and if it fails, the exception is seen by no one, or long afterwards.

    Bad:

        import asyncio

        async def order_shipped(customer):
            asyncio.create_task(push(customer))  # REL710 "thrown away"
            _ = asyncio.ensure_future(mail(customer))  # REL710
            task = asyncio.get_running_loop().create_task(count(customer))  # REL710 "task"
            [asyncio.create_task(log(line)) for line in customer.lines]  # REL710

    Bad (a callback does not keep it either):

        import asyncio

        async def order_shipped(customer):
            asyncio.create_task(push(customer)).add_done_callback(report_failure)  # REL710

    Good:

        import asyncio

        tasks = set()

        async def order_shipped(customer):
            task = asyncio.create_task(push(customer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            customer.mailing = asyncio.create_task(mail(customer))
            tasks.add(asyncio.create_task(count(customer)))
            await asyncio.gather(*[asyncio.create_task(log(line)) for line in customer.lines])

    Good (something else keeps them):

        import asyncio

        async def order_shipped(customer):
            async with asyncio.TaskGroup() as group:
                group.create_task(push(customer))

        async def main(server):
            heartbeat = asyncio.create_task(beat())
            await server.serve_forever()

        async def lifespan(app):
            refresh = asyncio.create_task(refresh_rates())
            yield

        def later(loop):
            return lambda: asyncio.create_task(push(loop))
    """
    how = lost(call, spawn.idle_methods)
    if how and not (spawn.hands_back and spawn.coroutine is not None and _may_be_task(call, spawn.coroutine)):
        yield call.finding(
            f"nothing keeps this task, for {how}: it may vanish before it is done, and nobody sees it fail",
            cure="keep it in a set until it is done, await it, or start it in a TaskGroup",
        )


def _may_be_task(call: Call, coroutine: Parameter) -> bool:
    """Whether what is passed may be a task or a future already, which somebody else keeps."""
    passed = call.argument_node(*coroutine.keywords, position=coroutine.position)
    return not isinstance(passed, cst.Call) or call.model.knowledge.modelled(call.model.name_of(passed.func, call))
