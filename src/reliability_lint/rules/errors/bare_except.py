from __future__ import annotations

from reliability_lint.rule import (
    Edit,
    Findings,
    Fix,
    Handler,
    SemanticModel,
    awaits,
    keeps_everything,
    own,
    rule,
    takes_no_time,
    told_of,
    trap_of,
    yields_in,
)


@rule("REL507", severity="warning")
def bare_except(model: SemanticModel) -> Findings:
    """
    An `except` without a type, which catches what is to end the program, too.

    Without a type everything is caught: `SystemExit`, by which servers stop their workers, `KeyboardInterrupt`, the cancellation of a coroutine, and
    the misspelled name in the line above. The message that is logged then is about something else.

    In a coroutine, around a `yield` and in methods such as `__exit__` it is an error: there the interpreter itself relies on the exception that
    is caught.

    Where a failure is lost or replaced without a word, `swallowed-exception` (REL509), `silent-fallback` (REL160) or `fail-open-on-error` (REL161) speaks,
    where a cancellation is kept `cancellation-swallowed` (REL517) or `retry-swallows-cancellation` (REL140): of one handler, one of them. Of
    `except BaseException`, which says what it catches, `base-exception-caught` (REL518) tells, and of a loop that tries again whatever has failed
    `retry-on-broad-exception` (REL124).

    Bad:

        def sync(orders):
            try:
                push_all(orders)
            except:  # REL507 "SystemExit"
                log.warning("orders were not pushed")

        async def price(sku):
            try:
                return await ask(sku)
            except:  # REL507 "cancellation"
                log.exception("no price of %s", sku)

    Fixed:

        def sync(orders):
            try:
                push_all(orders)
            except Exception:
                log.warning("orders were not pushed")

        async def price(sku):
            try:
                return await ask(sku)
            except Exception:
                log.exception("no price of %s", sku)

    Good:

        def sync(orders):
            try:
                push_all(orders)
            except PushError:
                log.exception("orders were not pushed")

        def sync_or_undo(orders):
            try:
                push_all(orders)
            except:
                undo(orders)
                raise

        try:
            import ujson as json
        except:
            import json

        def is_price(text):
            try:
                return float(text.strip()) >= 0
            except:  # over at once: nothing interrupts it
                return False
    """
    told: set[int] | None = None
    for handler in model.handlers:
        if handler.node.type is None and keeps_everything(handler) and not takes_no_time(trap_of(handler)):
            told = told_of(model) if told is None else told
            if id(handler.at) not in told:
                what = _relied_on(handler)
                yield handler.finding(
                    f"a bare `except` catches more than failures: {what or 'SystemExit and KeyboardInterrupt end'} here as well",
                    cure="catch the errors that are expected, or Exception",
                    severity="error" if what else None,
                    fix=Fix("catch Exception", (Edit(handler.node, " Exception", at="word"),)),
                )


def _relied_on(handler: Handler) -> str:
    """What is caught that the interpreter relies on here, in words; "" for what only ends a program."""
    trap, function = trap_of(handler), handler.function
    if function is None:
        return ""
    if function.asynchronous and any(awaits(node) for node in own(trap.guarded)):
        return "the cancellation of its coroutine ends"
    if yields_in(trap):
        return "GeneratorExit, by which its generator is closed, ends"
    return "SystemExit, which is to pass through, ends" if function.name in ("__exit__", "__aexit__", "__del__") else ""
