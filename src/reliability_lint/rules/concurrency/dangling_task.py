from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Call, Edit, Findings, Fix, Made, Parameter, Reference, TaskSpawn, lost, rule

_KEPT = "background_tasks"


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

    Bad (each of these would be kept in a set):

        import asyncio

        async def order_shipped(customer):
            asyncio.create_task(push(customer))  # REL710
            counting = asyncio.create_task(count(customer))  # REL710

    Fixed:

        import asyncio

        background_tasks = set()

        async def order_shipped(customer):
            task = asyncio.create_task(push(customer))
            background_tasks.add(task)
            task.add_done_callback(background_tasks.discard)
            counting = asyncio.create_task(count(customer))
            background_tasks.add(counting)
            counting.add_done_callback(background_tasks.discard)

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
            fix=_kept(call, spawn),
        )


def _kept(call: Call, spawn: TaskSpawn) -> Fix | None:
    """The task kept in a set of the module until it is done, where the call has a line for itself."""
    line, found = call.statement, call.scope.find(_KEPT)
    if "add_done_callback" not in spawn.idle_methods or not isinstance(line, cst.SimpleStatementLine):
        return None
    if found is not None and not _is_set(call):
        return None
    match line.body:
        case [cst.Expr(value=value)] if value is call.node:
            name = next((one for one in ("task", "background_task") if call.scope.find(one) is None), "")
            edits = [Edit(call.node, f"{name} = ", at="before")]
        case [cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)] if value is call.node and name.strip("_"):
            edits = []
        case _:
            return None
    if not name:
        return None
    edits.append(Edit(line, f"{_KEPT}.add({name})\n{name}.add_done_callback({_KEPT}.discard)", at="after"))
    return Fix(f"keep it in a set: {_KEPT}", tuple(edits), defines=() if found is not None else (f"{_KEPT} = set()",))


def _is_set(call: Call) -> bool:
    """Whether the name is that of a set of this module already."""
    match call.evaluate(cst.Name(_KEPT)):
        case Made(name="builtins.set") | Reference(name="builtins.set"):
            return True
    return False


def _may_be_task(call: Call, coroutine: Parameter) -> bool:
    """Whether what is passed may be a task or a future already, which somebody else keeps."""
    passed = call.argument_node(*coroutine.keywords, position=coroutine.position)
    return not isinstance(passed, cst.Call) or call.model.knowledge.modelled(call.model.name_of(passed.func, call))
