from __future__ import annotations

from reliability_lint.rule import (
    BROAD,
    Findings,
    Handler,
    goes_further,
    is_unwritten,
    prints,
    put_off,
    rule,
    should_log,
    speaks_of,
    statements,
)


@rule("REL527", severity="warning")
def placeholder_error_handler(handler: Handler) -> Findings:
    """
    A handler that somebody meant to write later.

    Failures are rare while code is written, and everyday in production. A handler with `TODO` in it is run for the first time when a broker is down, and then
    does what it says: nothing. Catastrophic failures of distributed systems come mostly from errors that were caught and handled so.

    A handler that does something, logs an error, or raises an exception that says what is wrong, may have such a comment about what could be better; and a
    note that code is to be removed one day is none about errors.

    Bad:

        def publish(event):
            try:
                broker.send(event)
            except BrokerError:  # REL527 "put it aside"
                pass  # TODO: put it aside and try again

    Bad (in other words):

        def parse(line):
            try:
                return decode(line)
            except ValueError:  # REL527 "does nothing about it"
                # should never happen
                return None

        def export(order):
            try:
                write(order)
            except OSError:  # REL527 "NotImplementedError"
                raise NotImplementedError

    Good:

        def publish(event):
            try:
                broker.send(event)
            except BrokerError as error:
                outbox.put(event)  # TODO: measure how many
                raise Deferred(event.id) from error

        def feature(name):
            try:
                return FEATURES[name]
            except KeyError:
                # TODO: remove when the old names are gone
                return None

        def dialect(name):
            try:
                return DIALECTS[name]
            except KeyError:
                raise NotImplementedError(f"no dialect {name}")
    """
    what = _unhandled(handler)
    if what:
        yield handler.finding(
            f"nothing handles this failure: {what}",
            cure="handle it, or let the exception pass to somebody who does",
        )


def _unhandled(handler: Handler) -> str:
    """What stands in the place of handling, in words; "" where there may be some."""
    note = put_off(handler)
    if note:
        return f'the handler says "{note[:60]}" and does nothing about it'
    body = statements(handler.node.body)
    if len(body) == 1 and is_unwritten(body[0], handler):
        return "NotImplementedError takes its place and says nothing of what went wrong"
    if handler.function is None or BROAD.isdisjoint(handler.catches) or not should_log(handler) or goes_further(handler):
        return ""
    printed = list(prints(handler))
    if printed and len(printed) == len(body) and not any(speaks_of(call, handler.bound) for call in printed):
        return "something is printed, and neither the exception nor its traceback is kept"
    return ""
