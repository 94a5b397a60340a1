from __future__ import annotations

from reliability_lint.rule import Findings, SemanticModel, aborts, rule


@rule("REL528", severity="warning")
def overcatch_abort(model: SemanticModel) -> Findings:
    """
    A whole process that ends because one message could not be handled.

    The handler catches any exception at all, so a typo in one message ends what is done for all others. After the restart the broker delivers that message
    again, and the process ends again: nothing behind it is ever handled. Of the handlers that turned small errors into outages, those that caught too much and
    gave up were among the worst.

    Told of are handlers that end the process in any case, around the work on what a loop receives or a function is called with. To give up at the start, after
    a number of failures, on a condition or for certain exceptions is left alone; so is a handler that says in a comment why the end is right. Exits of
    requests, jobs and threads are told of by `hard-exit` (REL724), those of functions that belong to no program by `exit-in-library` (REL526): of one exit, one
    of them.

    Bad:

        import os

        async def on_message(message):
            try:
                await handle(message)
            except Exception:  # REL528 "exit"
                os._exit(1)

    Bad (a loop):

        import logging
        import sys

        log = logging.getLogger(__name__)

        def main():
            while True:
                order = consumer.poll(1.0)
                try:
                    place(order)
                except Exception:  # REL528 "exit"
                    log.exception("%s was not placed", order)
                    sys.exit(1)

    Good:

        import logging
        import sys

        log = logging.getLogger(__name__)

        async def on_message(message):
            try:
                await handle(message)
            except Exception:
                log.exception("%s was not handled", message)
                await message.nack(requeue=False)

        def main():
            try:
                settings = load()
            except Exception:
                log.exception("no settings")
                sys.exit(1)  # nothing has begun yet
            failures = 0
            while True:
                order = consumer.poll(1.0)
                try:
                    place(order, settings)
                    failures = 0
                except Exception:
                    log.exception("%s was not placed", order)
                    dead_letters.send(order)
                    failures += 1
                    if failures > 100:
                        sys.exit(1)  # it is not the orders
    """
    for one in aborts(model):
        yield one.handler.finding(
            f"{one.leaving.title} here ends the process for any failure of one {one.what}, with all else that it is doing, and again whenever that comes back",
            cure="log it, put it aside and go on; catch what the process cannot go on with",
        )
