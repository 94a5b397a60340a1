from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Edit, Findings, Fix, SemanticModel, Untraced, rule, says_only_exception, untraced


@rule("REL510", severity="warning")
def exception_logged_without_traceback(model: SemanticModel, *, warnings: bool = False) -> Findings:
    """
    A record of an unexpected failure that does not tell where it happened.

    A handler of `Exception` catches what nobody thought of, and the traceback is all that leads back to it. `'NoneType' object has no attribute 'id'`, or
    just `'id'`, may come from any line below, and by the time somebody reads the log it cannot be had any more.

    Handlers of named exceptions are left alone: whoever names one knows what it means. So are those that raise, hand the exception to somebody, keep it,
    or write the traceback in another record; clean-up; imports of what may be missing; attempts that are followed by another; and handlers in which a
    comment says why. Where all that was tried is one line, one call of a library or a check that raises to say no, there is but one place to come from; and
    where the record shows the text that could not be read, anybody can read it again. A warning says that somebody thought the failure mild, so it is
    asked for only by an option.

    Bad:

        import logging

        logger = logging.getLogger(__name__)

        def settle(orders):
            for order in orders:
                try:
                    charge(order)
                except Exception as error:
                    logger.error("could not charge %s: %s", order.id, error)  # REL510 "traceback"

    Fixed:

        import logging

        logger = logging.getLogger(__name__)

        def settle(orders):
            for order in orders:
                try:
                    charge(order)
                except Exception as error:
                    logger.exception("could not charge %s: %s", order.id, error)

    Good:

        import logging

        import sentry_sdk

        logger = logging.getLogger(__name__)

        def settle(order):
            try:
                charge(order)
            except Exception:
                logger.exception("could not charge %s", order.id)

        def refund(order):
            try:
                give_back(order)
            except Exception as error:
                logger.error("could not refund %s", order.id, exc_info=error)

        def ship(order):
            try:
                hand_over(order)
            except TimeoutError as error:
                logger.error("the carrier is slow: %s", error)  # it is known what this means

        def export(order):
            try:
                write(order)
            except Exception as error:
                logger.error("could not export %s: %s", order.id, error)
                raise ExportFailed(order.id) from error  # whoever catches this has the traceback

        def report(order):
            try:
                send(order)
            except Exception as error:
                sentry_sdk.capture_exception(error)
                logger.error("could not send %s: %s", order.id, error)

        def connect(factory):
            try:
                return factory(SECRETS)
            except Exception:
                # the traceback may show the secrets
                logger.error("there is no connection")

        def rates(client):
            try:
                answer = client.rates.list()
                return answer.items
            except Exception as error:
                logger.error("no rates: %s", error)  # there is only one place to come from
                return []

        def try_all(orders):
            failures = []
            for order in orders:
                try:
                    charge(order)
                except Exception as error:
                    logger.error("could not charge %s: %s", order.id, error)
                    failures.append(error)  # and so has whoever gets these
            return failures

    Options:

        warnings: Speak of records of level warning, too.
    """
    for one in untraced(model):
        if one.log.level == "warning" and not warnings:
            continue
        yield one.call.finding(
            "an unexpected failure is logged without its traceback: nobody will find out where it came from",
            cure=f"use {one.log.traced}()" if one.log.traced else "have the record show the exception",
            fix=_traced(one),
        )


def _traced(one: Untraced) -> Fix | None:
    """The same record, with a traceback."""
    node = one.call.node
    if says_only_exception(one.call, one.log, one.handler):
        return None  # with a traceback it would say the same twice, and that is a finding too
    if not one.log.traced or not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return None
    return Fix(f"use {one.log.traced}()", (Edit(node.func.attr, one.log.traced),), safe=True)
