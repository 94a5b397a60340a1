from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    Edit,
    Findings,
    Fix,
    SemanticModel,
    Trap,
    cancellation_traps,
    ends,
    expects_cancellation,
    goes_on,
    hides_timeout,
    is_cancellation,
    rule,
)


@rule("REL517", severity="error")
def cancellation_swallowed(model: SemanticModel) -> Findings:
    """
    A coroutine that goes on after it was cancelled.

    Cancellation is an exception that a task is to pass on. Where it is caught and dropped, the task lives on: the shutdown waits for it until the
    process is killed, and a timeout around it has no effect.

    Of a handler that this rule tells of, `bare-except` (REL507) and `base-exception-caught` (REL518) do not, whatever else it catches.

    Bad:

        import asyncio
        import logging

        logger = logging.getLogger(__name__)

        async def consume(events):
            while True:
                event = await events.get()
                try:
                    await handle(event)
                except asyncio.CancelledError:  # REL517
                    logger.info("asked to stop")

    Fixed:

        import asyncio
        import logging

        logger = logging.getLogger(__name__)

        async def consume(events):
            while True:
                event = await events.get()
                try:
                    await handle(event)
                except asyncio.CancelledError:
                    logger.info("asked to stop")
                    raise

    Good:

        import asyncio
        import contextlib
        import logging

        logger = logging.getLogger(__name__)

        async def consume(events):
            while True:
                event = await events.get()
                try:
                    await handle(event)
                except asyncio.CancelledError:
                    logger.info("asked to stop")
                    raise
                except Exception:  # does not catch a cancellation
                    logger.exception("event was not handled")

        async def follow(events):
            try:
                async for event in events:
                    await handle(event)
            except asyncio.CancelledError:
                logger.info("no longer following")  # nothing is done after it: the task ends

        async def stop(consumer):
            consumer.cancel()
            with contextlib.suppress(asyncio.CancelledError):  # of the consumer, not of this coroutine
                await consumer
            await report_stop()
    """
    for trap in cancellation_traps(model):
        what = goes_on(trap)
        if not expects_cancellation(trap) and (what or hides_timeout(trap)):
            yield trap.place.finding(
                f"a cancellation ends here and {what}: the task cannot be stopped, and a timeout around it has no effect"
                if what
                else "a cancellation ends here, and with it the timeout around: nobody is told that the time is over",
                cure="raise it again when everything is tidied up",
                at=trap.at,
                fix=_raised(trap),
            )


def _raised(trap: Trap) -> Fix | None:
    """The cancellation raised again at the end of an `except` that catches nothing else."""
    body = trap.reaction
    if not isinstance(body, cst.IndentedBlock) or not all(map(is_cancellation, trap.catches)):
        return None
    last = body.body[-1]
    match last:
        case cst.SimpleStatementLine(body=[cst.Pass() | cst.Continue() as small]):
            return Fix("raise it again", (Edit(small, "raise"),))
        case cst.SimpleStatementLine() if ends(body) == {"on"}:
            return Fix("raise it again", (Edit(last, "raise", at="after"),))
    return None
