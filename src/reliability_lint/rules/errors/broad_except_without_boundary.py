from __future__ import annotations

from reliability_lint.rule import Findings, SemanticModel, rule, traceless


@rule("REL508", severity="warning", set="strict")
def broad_except_without_boundary(model: SemanticModel) -> Findings:
    """
    A handler of any failure at all, after which there is no trace of it.

    `except Exception` catches the error that somebody thought of, and with it the misspelled attribute, the wrong type and the full disk. At the boundary
    of a program, where it is logged or answered, that is as it should be. In between, with a default in place of the result and not a word, every bug
    below looks like a day without orders.

    A handler leaves a trace if it raises, logs, counts, calls anything that may tell, uses the exception, sets a flag, gives a yes or no, or a value that
    speaks of a failure. Lookups and conversions are left alone, since their failures tell of a value; so are imports, clean-up, telemetry, attempts that are
    followed by another, and handlers with a comment, or in a function whose name or docstring says that it may fail.

    Of what asks other hosts, databases or programs, `swallowed-exception` (REL509), `silent-fallback` (REL160) and `fail-open-on-error` (REL161) tell;
    of a bare `except` and of `BaseException` `bare-except` (REL507) and `base-exception-caught` (REL518), of records without a traceback
    `exception-logged-without-traceback` (REL510), and of notes to do it later `placeholder-error-handler` (REL527). Of one handler, one of them.

    Bad:

        def price(order):
            try:
                found = quote(order.sku, order.pieces)
            except Exception:  # REL508
                found = DEFAULT_PRICE
            return found

        def settle(orders):
            for order in orders:
                try:
                    charge(order)
                    mark_as_charged(order)
                except Exception:  # REL508
                    continue

    Bad (in other words):

        from contextlib import suppress

        def settle(orders):
            for order in orders:
                with suppress(Exception):  # REL508
                    charge(order)
                    mark_as_charged(order)

    Bad (the client hears of it, and nobody else):

        from flask import Blueprint, jsonify

        bp = Blueprint("orders", __name__)

        @bp.get("/orders/<number>")
        def order(number):
            try:
                return jsonify(load(number).fields())
            except Exception:  # REL508
                return jsonify(order=None), 500

    Good:

        import logging

        logger = logging.getLogger(__name__)

        def price(order):
            try:
                return quote(order.sku, order.pieces)
            except QuoteUnavailable:
                return DEFAULT_PRICE

        def total(orders):
            try:
                return add_up(orders)
            except Exception:
                logger.warning("no total of %d orders", len(orders), exc_info=True)
                return None

        def settle(orders):
            failed = []
            for order in orders:
                try:
                    charge(order)
                    mark_as_charged(order)
                except Exception:
                    failed.append(order)  # somebody is told
            return failed

        def pieces(text):
            try:
                return int(text.strip())
            except Exception:
                return 0  # it can only be the text

        def greet(customer):
            try:
                send_greeting(customer)
            except Exception:
                pass  # nobody misses a greeting

        def is_complete(order):
            try:
                check(order)
            except Exception:
                return False  # which is an answer
            return True
    """
    for trap in traceless(model):
        yield trap.place.finding(
            "whatever goes wrong here ends without a trace, a bug in the code below included",
            cure="catch the errors that are expected, or log it with its traceback",
            at=trap.at,
        )
