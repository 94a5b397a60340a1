from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from reliability_lint.rule import (
    Call,
    Findings,
    Made,
    RetryPolicy,
    SemanticModel,
    cancellation_traps,
    counts_as_failure,
    decorations,
    dotted,
    expects_cancellation,
    failures,
    is_cancellation,
    looped_over,
    rule,
    walk,
)

_CONSEQUENCE = "the task cannot be stopped, and a timeout around it has no effect until the attempts are used up"


@rule("REL140", severity="error")
def retry_swallows_cancellation(model: SemanticModel) -> Findings:
    """
    A retry to which a cancellation is one more failure.

    A coroutine that is cancelled is to end: somebody has hung up, a timeout has run out, the process is about to stop. A retry that catches all there is
    begins the next attempt instead. Conditions that only say what is *not* to be repeated catch cancellations, too.

    Loops that drop a cancellation without counting are found by `cancellation-swallowed`.

    Bad:

        import asyncio

        from tenacity import retry, retry_if_exception_type, retry_if_not_exception_type, stop_after_attempt

        @retry(stop=stop_after_attempt(3), retry=retry_if_exception_type(BaseException))  # REL140
        async def quote(http, postcode):
            return await http.get(f"{CARRIER}/quotes/{postcode}")

        @retry(stop=stop_after_attempt(3), retry=retry_if_not_exception_type(ValueError))  # REL140
        async def label(http, parcel):
            return await http.get(f"{CARRIER}/labels/{parcel}")

        async def track(http, parcel):
            for attempt in range(3):
                try:
                    return await http.get(f"{CARRIER}/parcels/{parcel}")
                except BaseException:  # REL140
                    if attempt == 2:
                        raise
                    await asyncio.sleep(1)

    Good:

        import asyncio

        from tenacity import retry, retry_if_exception_type, retry_if_not_exception_type, stop_after_attempt

        @retry(stop=stop_after_attempt(3))  # an Exception, which a cancellation is not
        async def quote(http, postcode):
            return await http.get(f"{CARRIER}/quotes/{postcode}")

        @retry(stop=stop_after_attempt(3), retry=retry_if_not_exception_type((ValueError, asyncio.CancelledError)))
        async def label(http, parcel):
            return await http.get(f"{CARRIER}/labels/{parcel}")

        @retry(stop=stop_after_attempt(3), retry=retry_if_exception_type(BaseException))
        def depots(session):  # not a coroutine
            return session.get(f"{CARRIER}/depots", timeout=5)

        async def track(http, parcel):
            for attempt in range(3):
                try:
                    return await http.get(f"{CARRIER}/parcels/{parcel}")
                except Exception:
                    if attempt == 2:
                        raise
                    await asyncio.sleep(1)

        async def offers(http):
            for attempt in range(3):
                try:
                    return await http.get(f"{SHOP}/offers")
                except BaseException as failure:
                    if attempt == 2 or isinstance(failure, asyncio.CancelledError):
                        raise
                    await asyncio.sleep(1)
    """
    for call, made, policy in _policies(model):
        tried = failures(policy, made, model.meanings.index)
        if policy.catches_all and any(map(is_cancellation, tried.named)) and not any(map(_may_be_cancellation, tried.spared)):
            yield call.finding(
                f"{call.title or dotted(call.node)}() begins another attempt when the coroutine is cancelled: {_CONSEQUENCE}",
                cure="repeat after Exception, or better after the failures that pass, and let a cancellation through",
            )
    for trap in cancellation_traps(model):
        if counts_as_failure(trap) and not expects_cancellation(trap):
            yield trap.place.finding(
                f"a cancellation counts as a failed attempt here and the loop goes on: {_CONSEQUENCE}",
                cure="catch Exception, or better the failures that pass, and let a cancellation through",
                at=trap.at,
            )


def _policies(model: SemanticModel) -> Iterator[tuple[Call, Made, RetryPolicy]]:
    """The policies that repeat what a coroutine awaits: its decorators, and the loops over policies in it."""
    for function in model.functions:
        if function.asynchronous and function.awaits and not function.generator:
            yield from decorations(function, RetryPolicy)
    policies = model.meanings.of(RetryPolicy)
    loops = [loop for loop in model.loops if loop.runs_in_coroutine and looped_over(loop)] if policies else []
    looped = {looped_over(loop) for loop in loops if any(isinstance(node, cst.Await) for node in walk(loop.node))}
    for call, policy in policies:
        if call.decorated is None and id(call.node) in looped:
            yield call, call.made, policy


def _may_be_cancellation(name: str) -> bool:
    return not name or is_cancellation(name)
