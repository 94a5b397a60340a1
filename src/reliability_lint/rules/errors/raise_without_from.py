from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    BROAD,
    Edit,
    Findings,
    Fix,
    Replaced,
    SemanticModel,
    asks_one_thing,
    becomes_answer,
    is_rebound,
    mentions,
    replacements,
    rule,
    tells_nothing,
)


@rule("REL512", severity="note", set="strict")
def raise_without_from(model: SemanticModel) -> Findings:
    """
    An exception in place of another, without a word of how the two belong together.

    Without `from`, the log says "During handling of the above exception, another exception occurred", which reads like a defect of the handler; trackers
    group by the wrong one. `from error` says that one is the cause of the other, and `from None` that the cause is of no interest. Where any exception at all
    is caught and none is logged, `from None` loses the only trace of it.

    Exceptions that become answers to a client, tell a user what is wrong with what was given or what is to be installed, that are caught again in the same
    function, or end the process, are left alone: nobody reads their traceback. They are known by what they are, or by names such as `ValidationError`,
    `OrderNotFound` and `TransferSkipped`.

    Bad:

        def setting(name):
            try:
                return SETTINGS[name]
            except KeyError as error:
                raise ConfigError(f"{name} is not set")  # REL512 "looks as if"

    Fixed:

        def setting(name):
            try:
                return SETTINGS[name]
            except KeyError as error:
                raise ConfigError(f"{name} is not set") from error

    Bad (what went wrong is lost):

        def rates(day):
            try:
                return parse(fetch(day))
            except Exception:
                raise RatesError(day) from None  # REL512 "what it was is lost"

    Good:

        import logging

        from fastapi import HTTPException

        logger = logging.getLogger(__name__)

        def setting(name):
            try:
                return SETTINGS[name]
            except KeyError:
                raise ConfigError(f"{name} is not set") from None  # there is no more to know

        def order(number):
            try:
                return ORDERS[number]
            except KeyError:
                raise HTTPException(404)

        def rates(day):
            try:
                return parse(fetch(day))
            except Exception:
                logger.exception("no rates of %s", day)
                raise RatesError(day) from None

        def handler(day):
            try:
                return parse(fetch(day))
            except ValueError:
                def fail():
                    raise RatesError(day)  # it is raised later, by somebody else
                return fail
    """
    for one in replacements(model):
        if one.hidden:
            broad = not BROAD.isdisjoint(one.handler.catches)
            told = bool(one.handler.bound) and mentions(one.handler.node.body, one.handler.bound)
            answers = becomes_answer(one.exception, one.place)
            if broad and not told and not answers and tells_nothing(one.handler) and not asks_one_thing(one.handler):
                yield one.place.finding(
                    "any failure at all ends here as another exception, and what it was is lost: from None hides it, and nothing is logged",
                    cure="name it as the cause, log it, or catch the exceptions that are expected",
                    severity="warning",
                )
        elif not becomes_answer(one.exception, one.place):
            yield one.place.finding(
                "the exception looks as if it had happened while another was handled, and not as if that were its cause",
                cure=f"add from {one.handler.bound or 'error'}, or from None where the cause is of no interest",
                fix=_caused(one),
            )


def _caused(one: Replaced) -> Fix | None:
    """The exception that was caught as the cause, where it has a name."""
    name = one.handler.bound
    exception = one.exception
    bracketed = isinstance(exception, cst.Call | cst.Name | cst.Attribute) and bool(exception.lpar)
    if not name or bracketed or is_rebound(one.handler):
        return None
    return Fix(f"add from {name}", (Edit(one.exception, f" from {name}", at="after"),), safe=True)
