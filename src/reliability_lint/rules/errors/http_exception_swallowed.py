from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Edit, Findings, Fix, Note, Raise, SemanticModel, Swallowed, dotted, rule, short, statements, swallowed


@rule("REL530", severity="error")
def http_exception_swallowed(model: SemanticModel) -> Findings:
    """
    An HTTP error that the code around it takes for a failure.

    The error is raised on purpose, to be the answer: 404, 403. But `except Exception` of the same function catches it as well, so the client gets 500, is
    told to try again, and somebody is woken for an order that is not there. Where the handler goes on, a check has no effect at all.

    Bad:

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.get("/orders/{number}")
        def order(number: int):
            try:
                found = load(number)
                if found is None:
                    raise HTTPException(404)
                return found
            except Exception as error:  # REL530 "500"
                raise HTTPException(500, "failed") from error

    Fixed:

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.get("/orders/{number}")
        def order(number: int):
            try:
                found = load(number)
                if found is None:
                    raise HTTPException(404)
                return found
            except HTTPException:
                raise
            except Exception as error:
                raise HTTPException(500, "failed") from error

    Bad (a task that is to be repeated, and is not):

        from celery import shared_task

        @shared_task(bind=True)
        def send(self, order):
            try:
                if not ready(order):
                    raise self.retry(countdown=60)
                deliver(order)
            except Exception:  # REL530 "counts as done"
                logger.exception("not sent")

    Good:

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.get("/orders/{number}")
        def order(number: int):
            try:
                found = load(number)
                if found is None:
                    raise HTTPException(404)
                return found
            except HTTPException:
                raise
            except Exception as error:
                raise HTTPException(500, "failed") from error

        @router.get("/stock/{sku}")
        def stock(sku: str):
            try:
                found = count(sku)
            except Exception as error:
                raise HTTPException(503, "the warehouse does not answer") from error
            if found is None:
                raise HTTPException(404)
            return found
    """
    for one in swallowed(model):
        name = short(one.error)
        yield one.handler.finding(
            f"{name}{f' {one.status}' if one.status else ''} that this try raises itself ends here: {_instead(one)}",
            cure=f"put `except {name}: raise` before this",
            fix=_let_through(one),
            notes=(Note(one.place.at, "it is raised here"),),
        )


def _let_through(one: Swallowed) -> Fix | None:
    """A handler before this one that raises the exception again, where it is raised by its name; safe if this one does nothing but to raise another."""
    raised = one.place.exception if isinstance(one.place, Raise) else None
    name = dotted(raised.func if isinstance(raised, cst.Call) else raised) if raised is not None else ""
    if not name or not name.rpartition(".")[2][:1].isupper():
        return None
    (*others, last) = statements(one.handler.node.body)
    safe = not others and isinstance(last, cst.Raise)
    return Fix("raise it again", (Edit(one.handler.node, f"except {name}:\n    raise", at="before"),), safe=safe)


def _instead(one: Swallowed) -> str:
    if one.job:
        return f"the worker never hears of it, and the job counts as {'failed' if one.outcome == 'raise' else 'done'}"
    if one.outcome == "on" and one.answer is None:
        return "the code goes on as if nothing had been refused"
    return f"the client gets {one.answer} instead" if one.answer is not None else "the client gets another answer instead"
