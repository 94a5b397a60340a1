from __future__ import annotations

from collections.abc import Iterator

from reliability_lint.rule import (
    Call,
    Findings,
    Handler,
    Log,
    SemanticModel,
    explained,
    goes_further,
    is_rebound,
    logs_of,
    passes_on,
    prints,
    rule,
    should_log,
    shows_nothing,
    speaks_elsewhere,
    speaks_of,
    trap_of,
    untraced,
    wordless,
)


@rule("REL511", severity="note")
def exception_log_misuse(model: SemanticModel) -> Findings:
    """
    A record of an exception that says less than it could.

    `logger.exception(error)` writes the text of the exception twice, and not a word of what was being done, for whom, with what: such records cannot be
    found, counted or told apart. `exc_info=True` where nothing was caught writes `NoneType: None`. And what is printed has no level, time or traceback, and
    in many services goes nowhere.

    Left alone are exceptions that are named and have texts of their own (`OSError`, those of projects and libraries), records beside others that have the
    words, code that runs work which it was passed, and what is raised again: whoever handles it knows more, and `log-and-raise` (REL513) tells of the
    record. Handlers of any exception that lose the traceback as well are a matter of `exception-logged-without-traceback` (REL510).

    Bad:

        import logging

        from flask import Flask

        app = Flask(__name__)
        logger = logging.getLogger(__name__)

        def charge(event):
            try:
                bill(event["order"])
            except KeyError as error:
                logger.exception(error)  # REL511 "nothing but the exception"

        def refund(event):
            try:
                give_back(event["order"])
            except KeyError as error:
                print("refund failed", error)  # REL511 "printed"

        @app.post("/orders")
        def order():
            if not stock():
                logger.error("no stock", exc_info=True)  # REL511 "no exception here"
                return "", 409
            return "", 201

    Good:

        import logging

        from flask import Flask

        app = Flask(__name__)
        logger = logging.getLogger(__name__)

        def charge(event):
            try:
                bill(event["order"])
            except KeyError:
                logger.exception("an event without an order", extra={"event": event["id"]})

        def refund(event):
            try:
                give_back(event["order"])
            except KeyError as error:
                logger.error("event %s: %s", event["id"], error)

        def log_failure(message):
            logger.error(message, exc_info=True)  # whoever calls this may be handling an exception

        @app.post("/orders")
        def order():
            if not stock():
                logger.error("no stock")
                return "", 409
            return "", 201
    """
    lost = {id(one.call.node) for one in untraced(model) if one.log.level != "warning"}
    for handler in model.handlers:
        for call in wordless(handler):
            if id(call.node) not in lost and not is_rebound(handler) and not passes_on(handler):
                yield call.finding(
                    "the record says nothing but the exception: what was being done, and with what, is not in it",
                    cure="say what failed, with the numbers that identify it",
                )
        for call in _printed(handler):
            yield call.finding(
                "the exception is printed, and nothing else tells of it: there is no level, time or traceback, and perhaps no reader",
                cure="log it, as this module does elsewhere",
                severity="warning",
            )
    for call, log in model.meanings.of(Log):
        if shows_nothing(call, log):
            yield call.finding(
                "there is no exception here to show: the record ends with NoneType: None",
                cure="leave out the request for a traceback, or log in the handler",
                severity="warning",
            )


def _printed(handler: Handler) -> Iterator[Call]:
    """The calls that print an exception, where that is all that is told of it and the module writes logs."""
    if not handler.bound or explained(trap_of(handler)):
        return
    if should_log(handler) and not any(logs_of(handler)) and not goes_further(handler):
        printed = [call for call in prints(handler) if speaks_of(call, handler.bound)]
        if printed and not speaks_elsewhere(handler, printed):
            yield from printed
