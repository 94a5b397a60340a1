from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    Call,
    Findings,
    Function,
    Made,
    Missing,
    Parameter,
    Reference,
    Submission,
    find,
    lost,
    may_fail,
    rule,
    sees_to_failures,
)


@rule("REL711", severity="warning")
def ignored_future(call: Call, submission: Submission) -> Findings:
    """
    Work in a pool whose failure nobody would notice.

    What a function raises in a thread or process of a pool is kept in its future and told to who asks for the result. Where nobody asks, it is as
    if nothing had happened: no traceback, no line in the log, and the work is not done.

    It speaks where it sees that what is run may fail: it raises something or asks another service, and does not catch what comes of that.

    Bad:

        from concurrent.futures import ThreadPoolExecutor

        import requests

        pool = ThreadPoolExecutor(8)

        def push(customer):
            requests.post(f"{CRM}/{customer}", timeout=5).raise_for_status()

        def order_shipped(customer):
            pool.submit(push, customer)  # REL711 "push() may fail"

        def all_shipped(customers):
            pool.map(push, customers)  # REL711

    Bad:

        import asyncio

        import httpx

        async def push(customer):
            async with httpx.AsyncClient() as client:
                await client.post(f"{CRM}/{customer}")

        def order_shipped(customer, loop):
            asyncio.run_coroutine_threadsafe(push(customer), loop)  # REL711

    Good:

        from concurrent.futures import ThreadPoolExecutor

        import requests

        pool = ThreadPoolExecutor(8)

        def push(customer):
            requests.post(f"{CRM}/{customer}", timeout=5).raise_for_status()

        def push_and_tell(customer):
            try:
                push(customer)
            except Exception:
                log.exception("customer %s was not pushed", customer)

        def order_shipped(customer):
            pool.submit(push, customer).add_done_callback(log_failure)
            pool.submit(push_and_tell, customer)

        def all_shipped(customers):
            for _ in pool.map(push, customers):
                pass

        def one_shipped(customer):
            future = pool.submit(push, customer)
            return future.result(timeout=10)

        class Refresher:
            def refresh(self):
                self.take(self.fetch())

            def fetch(self):
                try:
                    return requests.get(RATES, timeout=5).json()
                except requests.RequestException:
                    return {}

            def begin(self, work):
                pool.submit(self.refresh)  # what it calls never raises
                pool.submit(work)  # whether this does, is not known
    """
    how = lost(call)
    if not how or any(find(parameter, call.made) is not Missing.ABSENT for parameter in submission.told):
        return
    name = ""
    if submission.function is not None:
        name = _lets_out(call, submission.function)
    elif submission.coroutine is not None:
        name = _lets_out(call, submission.coroutine)
    if name:
        yield call.finding(
            f"{name}() may fail and nobody is told: the exception stays in what {call.word}() gives, for {how}",
            cure="ask for the result, add a callback that looks at the exception, or catch and log it in the function itself",
        )


def _lets_out(call: Call, parameter: Parameter) -> str:
    """What is run, where it is known to let its failures out; else ""."""
    node = call.argument_node(*parameter.keywords, position=parameter.position)
    if isinstance(node, cst.Lambda):
        node = node.body
        if not isinstance(node, cst.Call):
            return ""
    if node is None:
        return ""
    datum = call.evaluate(node)
    if isinstance(node, cst.Call) and not (isinstance(datum, Made) and _partial(datum)):
        datum = call.evaluate(node.func)  # a coroutine, or what a lambda does
    while isinstance(datum, Made) and _partial(datum):
        datum = datum.arguments[0]
    if not isinstance(datum, Reference):
        return ""
    place = call.model.defined(datum.name)
    if isinstance(place, Function):
        return place.name if may_fail(place) and not sees_to_failures(place) else ""
    known = call.model.meanings.index.known(datum.name)
    return datum.name if known is not None and known.raises else ""


def _partial(made: Made) -> bool:
    return made.name == "functools.partial" and bool(made.arguments)
