from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    NONE,
    Bound,
    Call,
    Constant,
    Deadline,
    Executor,
    Findings,
    Function,
    Instance,
    Made,
    Missing,
    Note,
    Offload,
    Reference,
    Wait,
    With,
    dotted,
    find,
    rule,
    walk,
)


@rule("REL106", severity="warning")
def timeout_defeated_by_executor(block: With) -> Findings:
    """
    A timeout inside the `with` of an executor, which waits for the work anyway.

    When the time is up the exception leaves the block, and on its way out the executor waits until every job is done: whoever asked for two seconds
    waits for as long as the slow side takes. In a coroutine it is worse, for this wait holds up the event loop.

    Nothing is said where the jobs end by themselves: they are given a timeout, or wait for nothing without one, or are told to stop.

    Bad:

        from concurrent.futures import ThreadPoolExecutor, wait

        def rate(currency):
            with ThreadPoolExecutor() as executor:
                return executor.submit(lookup, currency).result(timeout=2)  # REL106 "waits until"

        def offers(shops):
            with ThreadPoolExecutor() as executor:
                futures = [executor.submit(ask, shop) for shop in shops]
                done, late = wait(futures, timeout=2)  # REL106
                return [future.result() for future in done]

    Bad (the event loop waits too):

        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        async def rate(currency):
            loop = asyncio.get_running_loop()
            with ThreadPoolExecutor() as executor:
                return await asyncio.wait_for(loop.run_in_executor(executor, lookup, currency), timeout=2)  # REL106

    Good:

        import os
        from concurrent.futures import ThreadPoolExecutor, TimeoutError, wait
        from multiprocessing import Pool

        import requests

        POOL = ThreadPoolExecutor()

        def rate(currency):
            return POOL.submit(lookup, currency).result(timeout=2)  # the pool stays

        def offers(urls):
            with ThreadPoolExecutor() as executor:
                futures = [executor.submit(requests.get, url, timeout=2) for url in urls]  # the work ends by itself
                return wait(futures, timeout=3).done

        def labels(shipments):
            with ThreadPoolExecutor() as executor:
                return list(executor.map(label, shipments))  # no timeout, and none expected

        def stock(sku):
            with Pool(1) as pool:
                return pool.apply_async(count, (sku,)).get(timeout=2)  # leaving this one ends its processes
    """
    if not block.model.meanings.of(Offload):
        return  # nothing in this file is handed to anybody
    for item in block.node.items:
        made = _made(block, item.item)
        known = block.model.meanings.index.known(made)
        executor = known.concepts.get(Executor) if known is not None else None
        if not isinstance(executor, Executor) or not executor.joins:
            continue
        names = {dotted(item.item)} | ({dotted(item.asname.name)} if item.asname is not None else set())
        yield from _defeated(block, item, made, executor, names - {""})


def _made(block: With, node: cst.BaseExpression) -> str:
    """What makes the object that a `with` is entered with, by its name."""
    datum = block.evaluate(node)
    made = datum.made if isinstance(datum, Instance) else datum
    return made.name if isinstance(made, Made) else datum.type if isinstance(datum, Instance) else ""


def _defeated(block: With, item: cst.WithItem, made: str, executor: Executor, names: set[str]) -> Findings:
    calls = [call for call in block.model.calls if any(frame.node is block.node for frame in call.frame.within_function())]
    jobs = [call for call in calls if names & _mentioned(call.node) and _hands_over(call)]
    if not jobs or _released(calls, executor, names) or any(_ends(job) for job in jobs):
        return
    if block.function is not None and block.function.generator:
        return  # what happens in the block is for others to say
    work = _grown(block, calls, names)
    for call in calls:
        if work & _mentioned(call.node) and _limits(call, jobs) and not _goes_round(call, block):
            yield call.finding(
                f"this timeout ends the wait and not the work: leaving the with of {made.rpartition('.')[2]} waits until all of it is done",
                cure="keep the executor outside of the with, and give what it runs a timeout of its own",
                notes=(Note(item.item, "left only when every job is done"),),
            )


def _hands_over(call: Call) -> bool:
    return call.model.meanings.means(call, Offload) is not None


def _mentioned(node: cst.CSTNode) -> set[str]:
    """The names, plain and dotted, that stand in an expression."""
    return {dotted(part) for part in walk(node) if isinstance(part, cst.Name | cst.Attribute)} - {""}


def _grown(block: With, calls: list[Call], names: set[str]) -> set[str]:
    """The names of the executor and of what comes from it: futures, and lists of them."""
    known = set(names)
    size = 0
    while size != len(known):
        size = len(known)
        for statement in walk(block.node.body):
            match statement:
                case cst.Assign(targets=targets, value=value) if known & _mentioned(value):
                    known |= {dotted(target.target) for target in targets if isinstance(target.target, cst.Name | cst.Attribute)}
                    known |= {dotted(target.target.value) for target in targets if isinstance(target.target, cst.Subscript)}
                case cst.For(target=target, iter=source) | cst.CompFor(target=target, iter=source) if known & _mentioned(
                    source
                ) and not _settles(source, calls):
                    known |= {part.value for part in walk(target) if isinstance(part, cst.Name)}
                case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value) if known & _mentioned(value):
                    known.add(name)
        for call in calls:
            match call.node:
                case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="append" | "add")), args=args):
                    if any(known & _mentioned(arg.value) for arg in args):
                        known.add(name)
    return known - {""}


def _settles(source: cst.BaseExpression, calls: list[Call]) -> bool:
    """Whether a loop goes over something that has been waited for when it comes."""
    nodes = walk(source)
    return any(call.node in nodes and call.model.meanings.means(call, Wait) is not None for call in calls)


def _limits(call: Call, jobs: list[Call]) -> bool:
    """Whether a call waits for a while at most, because it is given a timeout."""
    meanings = call.model.meanings
    wait = meanings.means(call, Wait) or _by_its_job(call, jobs)
    if wait is not None and wait.timeout is not None and _is_while(find(wait.timeout, call.made)):
        return True
    deadline = meanings.means(call, Deadline)
    return deadline is not None and deadline.awaits is not None and _is_while(find(deadline.seconds, call.made))


def _by_its_job(call: Call, jobs: list[Call]) -> Wait | None:
    """What a method of something in a list of jobs waits for, where one call gives them all."""
    index = call.model.meanings.index
    known = index.known(jobs[0].name)
    if call.name or known is None or not known.returns or any(job.name != jobs[0].name for job in jobs):
        return None
    method = index.known(f"{known.returns}.{call.word}")
    wait = method.concepts.get(Wait) if method is not None else None
    before = [other.name for other in call.function.calls if other.order < call.order] if call.function is not None else []
    return wait if isinstance(wait, Wait) and not set(before) & set(wait.settled_by) else None


def _is_while(value: object) -> bool:
    """Whether a value is a time, known or not, that is longer than none."""
    return not isinstance(value, Missing) and value != NONE and value != Constant(0)


def _goes_round(call: Call, block: With) -> bool:
    """Whether a loop without end stands between a call and the `with`: it goes on after the timeout, and the block is not left for a long time."""
    for frame in call.frame.within_function():
        if frame.node is block.node:
            break
        if isinstance(frame.node, cst.While):
            return True
    return False


def _released(calls: list[Call], executor: Executor, names: set[str]) -> bool:
    """Whether something in the block lets go of the workers, ends them, or tells them to stop."""
    for call in calls:
        if call.word in ("_exit", "kill", "terminate") or (call.word == "set" and isinstance(call.node, cst.Call) and not call.node.args):
            return True
        func = call.node.func if isinstance(call.node, cst.Call) else call.node
        if call.word in executor.released_by and isinstance(func, cst.Attribute) and dotted(func.value) in names:
            return True
    return False


def _ends(job: Call) -> bool:
    """Whether what is run ends by itself, as far as is to be seen: it is given a timeout, or all that it waits for has one."""
    own = job.model.meanings.means(job, Wait)
    for arg in walk(job.node):
        if isinstance(arg, cst.Arg) and arg.keyword is not None and "timeout" in arg.keyword.value and not _is_none(arg.value):
            # What map() is told is for whoever reads the results.
            its_own = own is not None and own.timeout is not None and arg in job.node.children and arg.keyword.value in own.timeout.keywords
            if not its_own:
                return True
    function = _run(job)
    if function is None:
        return False
    meanings = job.model.meanings
    waits = [(call, wait) for call in function.calls if (wait := meanings.means(call, Wait)) is not None]
    return bool(waits) and all(meanings.verdict(call, wait).bound is Bound.FINITE for call, wait in waits)


def _run(job: Call) -> Function | None:
    """The function of this file that is run."""
    offload = job.model.meanings.means(job, Offload)
    value = find(offload.function, job.made) if offload is not None else None
    place = job.model.defined(value.name) if isinstance(value, Reference) else None
    return place if isinstance(place, Function) else None


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"
