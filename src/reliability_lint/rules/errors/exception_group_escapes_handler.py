from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from reliability_lint.rule import (
    Findings,
    Function,
    Group,
    Note,
    SemanticModel,
    answers_group,
    groups,
    is_answer,
    is_met,
    name_of_raised,
    never_matches,
    raised_in,
    rule,
    statements,
)


@rule("REL519", severity="error")
def exception_group_escapes_handler(model: SemanticModel) -> Findings:
    """
    An exception that a task group wraps, where somebody waits for it bare.

    Whatever is raised in a task group or in one of its tasks comes out as an `ExceptionGroup`, even if it is one exception alone. A framework that turns
    an `HTTPException` into its response does not look into groups: the client who should be told 404 is told 500. And an `except ValueError` around the
    group never runs.

    Bad:

        import asyncio

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        async def check(file):
            if not await allowed(file):
                raise HTTPException(status_code=403)

        @router.post("/files")
        async def share(files: list[str]):
            async with asyncio.TaskGroup() as group:  # REL519 "HTTPException"
                for file in files:
                    group.create_task(check(file))

        async def prices(skus):
            try:
                async with asyncio.TaskGroup() as group:
                    for sku in skus:
                        group.create_task(price(sku))
            except ValueError:  # REL519 "never runs"
                return None

    Good:

        import asyncio

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        async def check(file):
            if not await allowed(file):
                raise HTTPException(status_code=403)

        @router.post("/files")
        async def share(files: list[str]):
            try:
                async with asyncio.TaskGroup() as group:
                    for file in files:
                        group.create_task(check(file))
            except* HTTPException as refused:
                raise refused.exceptions[0] from None

        @router.post("/folders")
        async def share_all(files: list[str]):
            await asyncio.gather(*(check(file) for file in files))  # raises the first exception as it is

        async def prices(skus):
            try:
                async with asyncio.TaskGroup() as group:
                    for sku in skus:
                        group.create_task(price(sku))
            except ExceptionGroup:
                return None

    Good (anyio before 4, and trio before 0.25, let a single exception out as it was):

        # requirements.txt
        anyio==3.7.1
        trio==0.24.0

        # shop/prices.py
        import anyio
        import trio

        async def prices(skus):
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(price, skus)
            except ValueError:
                return None

        async def stock(skus):
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(count, skus)
            except ValueError:
                return None
    """
    found = list(groups(model))
    for group in found:
        yield from _unanswered(group)
    for handler in model.handlers if found else ():
        for group in found:
            if group.alone and _is_all(group, handler.tries.body) and never_matches(handler, model):
                yield handler.finding(
                    f"this `except` never runs: what fails in {group.title} comes out as an ExceptionGroup",
                    cure="write `except*`, or catch ExceptionGroup and look into it",
                    notes=(Note(group.place.at, "the group is made here"),),
                )


def _unanswered(group: Group) -> Findings:
    model = group.place.model
    if is_met(group.place) or next(_waiting(group), None) is None:
        return
    for raised, function in raised_in(group):
        name = name_of_raised(raised)
        if is_answer(name, model):
            word = name.rpartition(".")[2]
            yield group.place.finding(
                f"{word} comes out of {group.title} in an ExceptionGroup, of which no response is made: the client is told 500",
                cure=f"put `try` and `except* {word}` around it, and raise one of the exceptions of the group",
                at=group.call.node,
                notes=(Note(raised.at, f"raised here, in {function.name}()" if function is not None else "raised here"),),
            )
            return


def _waiting(group: Group) -> Iterator[Function]:
    """The request handlers that the group leaves: the one in which it stands, or that call the function in which it does."""
    function, meanings = group.place.function, group.place.model.meanings
    if function is None or function.generator:
        return
    if meanings.route(function) is not None:
        if not answers_group(function):
            yield function
        return
    if not group.place.model.leaves_as_it_is(one.name for one in function.decorators):
        return
    for call in meanings.callers(function):
        caller = call.function
        if caller is not None and meanings.route(caller) is not None and not answers_group(caller) and call.awaited and not is_met(call):
            yield caller


def _is_all(group: Group, body: cst.BaseSuite) -> bool:
    """Whether a block is nothing but the `with` of a group."""
    below = statements(body)
    return len(below) == 1 and below[0] is group.place.node
