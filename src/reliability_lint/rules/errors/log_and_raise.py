from __future__ import annotations

from reliability_lint.rule import (
    GRAVE,
    Findings,
    Handler,
    explained,
    is_boundary,
    is_for_all,
    logs_of,
    passes_on,
    points_to_log,
    rule,
    runs_given,
    says_more,
    shows_traceback,
    speaks_of,
    trap_of,
)


@rule("REL513", severity="note", set="strict")
def log_and_raise(handler: Handler) -> Findings:
    """
    A failure that is logged where it passes, and again where it is handled.

    One failure becomes two or more records, each with a traceback, in different places of the log. Alerts that count errors count it several times, and
    whoever looks for the reason first has to find out that all of them are one. The exception can take along what only this place knows.

    Left alone are records that say what the exception may not know and show no traceback; those of request handlers, jobs and other functions that are
    called from outside, or named for it, above which nobody may log; of code that runs work which it was passed; and those to which a message for
    somebody else points ("see the log"). So are records of a `run_logger` or `audit_logger`, which have readers of their own, and handlers in which a
    comment says why.

    Bad:

        import logging

        logger = logging.getLogger(__name__)

        def save(order):
            try:
                write(order)
            except DatabaseError:
                logger.exception("could not save %s", order.id)  # REL513 "logged"
                raise

    Good:

        import logging

        from flask import Flask

        app = Flask(__name__)
        logger = logging.getLogger(__name__)

        def save(order):
            try:
                write(order)
            except DatabaseError as error:
                error.add_note(f"while saving order {order.id}")
                raise

        def archive(order):
            try:
                write(order)
            except DatabaseError as error:
                logger.error("order %s is not archived", order.id)  # the exception does not know the order
                raise

        def rate(currency):
            try:
                return ask(currency)
            except TimeoutError:
                logger.warning("no answer", exc_info=True)
                raise

        @app.post("/orders")
        def order():
            try:
                return save()
            except DatabaseError:
                logger.exception("order")
                raise
    """
    function = handler.function
    if function is None or not passes_on(handler) or is_boundary(function) or runs_given(handler):
        return
    if explained(trap_of(handler)) or points_to_log(handler):
        return
    for call, log in logs_of(handler):
        twice = shows_traceback(call, log) or (speaks_of(call, handler.bound) and not says_more(call, log, handler))
        if log.level in GRAVE and log.message is not None and twice and is_for_all(call):
            yield call.finding(
                "the failure is logged here and raised: whoever handles it logs it again, and one failure counts as two",
                cure="leave it to whoever handles it; error.add_note() takes along what only this place knows",
            )
            return
