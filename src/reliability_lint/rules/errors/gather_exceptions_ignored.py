from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    Call,
    Constant,
    Findings,
    Gather,
    Note,
    find,
    kept_as,
    leaving,
    outcomes,
    rule,
    taken_for_data,
)


@rule("REL521", severity="warning")
def gather_exceptions_ignored(call: Call, gather: Gather) -> Findings:
    """
    Exceptions that are collected among the results, and looked at by nobody.

    With `return_exceptions=True` nothing is raised: what failed stands in the list of results as an exception. Where the list is thrown away, no log
    tells that half of the orders were not sent. Where its items are taken for answers, the code fails elsewhere with an `AttributeError` that says
    nothing of the cause.

    Work that is ended on purpose, and waited for so, is left alone; so are functions that see to their failures themselves.

    Bad:

        import asyncio

        import httpx

        async def push(client: httpx.AsyncClient, order):
            answer = await client.post(CRM, json=order)
            answer.raise_for_status()
            return answer.json()

        async def push_all(client: httpx.AsyncClient, orders):
            await asyncio.gather(*(push(client, order) for order in orders), return_exceptions=True)  # REL521 "push() may fail"

        async def total(client: httpx.AsyncClient, orders):
            answers = await asyncio.gather(*(push(client, order) for order in orders), return_exceptions=True)  # REL521 "for data"
            return sum(answer["total"] for answer in answers)

    Good:

        import asyncio
        import logging

        import httpx

        logger = logging.getLogger(__name__)

        async def push(client: httpx.AsyncClient, order):
            answer = await client.post(CRM, json=order)
            answer.raise_for_status()
            return answer.json()

        async def push_all(client: httpx.AsyncClient, orders):
            for answer in await asyncio.gather(*(push(client, order) for order in orders), return_exceptions=True):
                if isinstance(answer, BaseException):
                    logger.error("an order was not pushed", exc_info=answer)

        async def push_or_fail(client: httpx.AsyncClient, orders):
            await asyncio.gather(*(push(client, order) for order in orders))  # the first failure is raised

        async def end(tasks):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)  # they were told to end
    """
    if find(gather.keeps, call.made) != Constant(True) or not call.awaited or call.function is None:
        return
    kept = kept_as(call)
    if kept is None:
        return
    jobs = outcomes(call)
    if isinstance(kept, cst.Await):
        failing = next((job.name for job in jobs if job.fate == "fails"), "")
        if failing and not leaving(call):
            yield call.finding(
                f"{failing}() may fail and nobody is told: {call.title}() puts the exception among its results, and these are thrown away",
                cure="log the results that are exceptions, or leave out return_exceptions so that the first is raised",
            )
        return
    if jobs and all(job.fate == "sees to it" for job in jobs):
        return
    use = taken_for_data(call, kept)
    if use is not None:
        yield call.finding(
            f"an exception among the results of {call.title}() is taken for data: nothing asks which of them are exceptions",
            cure="ask isinstance(result, BaseException) first, or leave out return_exceptions so that the first is raised",
            notes=(Note(use, "used here"),),
        )
