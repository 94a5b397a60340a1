from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Call, Edit, Findings, Fix, Task, rule, short


@rule("REL714", severity="error")
def coroutine_never_awaited(call: Call) -> Findings:
    """
    A coroutine that is called and never awaited.

    Calling an `async def` makes a coroutine and runs nothing. Where the result is thrown away, the mail is never sent and the order never saved, no
    exception says so, and the only trace is a warning at the time when the collector finds it.

    Only functions of the project count, in this file or another, whose decorators leave them a coroutine function as far as is known.

    Bad:

        async def notify(order):
            ...

        async def ship(order):
            notify(order)  # REL714

    Fixed:

        async def notify(order):
            ...

        async def ship(order):
            await notify(order)

    Bad (a method, defined in another file):

        # shop/mail.py
        class Mailer:
            async def send(self, message):
                ...

        # shop/api.py
        from shop.mail import Mailer

        mailer = Mailer()

        def invite(user):
            mailer.send(user.invitation)  # REL714

    Good:

        import asyncio
        import functools

        from celery import shared_task

        def blocking(function):
            @functools.wraps(function)
            def run(*args):
                return asyncio.run(function(*args))

            return run

        async def notify(order):
            ...

        @blocking
        async def report(order):
            ...

        async def orders():
            yield 1

        async def ship(order, tasks):
            await notify(order)
            coroutine = notify(order)
            await coroutine
            tasks.append(notify(order))
            report(order)
            asyncio.run(notify(order))
            if False and order.urgent:
                notify(order)
    """
    if not call.dropped or call.awaited or call.bare or not isinstance(call.node, cst.Call):
        return
    meanings = call.model.meanings
    if not call.name or meanings.index.modelled(call.name):
        return
    facts = meanings.facts_of(call.name)
    if facts is None or not facts.asynchronous or facts.generator or not call.model.leaves_as_it_is(facts.decorators):
        return
    if any(meanings.index.has(name, Task) for name in facts.decorators):
        return  # a job is sent, or run, by a method of its own
    if any(frame.kind == "if" and _is_off(frame.node) for frame in call.frame.within_function()):
        return
    yield call.finding(
        f"{short(call.name)}() is a coroutine function, and what this call makes is thrown away: nothing of it ever runs",
        cure="await it" if call.runs_in_coroutine else "await it in a coroutine, or hand it to the event loop",
        # Whether it was meant to be waited for, or only to be begun, nobody knows.
        fix=Fix("await it", (Edit(call.node, "await ", at="before"),)) if call.runs_in_coroutine else None,
    )


def _is_off(node: cst.CSTNode) -> bool:
    """Whether a branch was switched off by hand: `if False and …`."""
    test = node.test if isinstance(node, cst.If) else None
    while isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        test = test.left
    return isinstance(test, cst.Name) and test.value == "False"
