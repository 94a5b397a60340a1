from __future__ import annotations

from reliability_lint.rule import Findings, SemanticModel, rule, taken_for_done


@rule("REL536", severity="warning")
def task_swallows_failure(model: SemanticModel) -> Findings:
    """
    A background job that counts as done although it failed.

    Whoever runs a job knows of its failure only if it raises. A job that catches whatever happens and writes a line to the log returns: its state is success,
    the message is acknowledged, it is not tried again, and no list of failed jobs has it. Of the order nobody will think again.

    Where the job asks for further attempts, it is an error: it never gets one. Handlers for certain exceptions, one of many items of a loop and jobs that tidy
    up are left alone; so is a handler that keeps the failure (sets a state, gives it back, tells somebody), logs it as a warning, or says in a comment why it
    is no harm.

    Where a failure is lost or replaced without a word `swallowed-exception` (REL509), `silent-fallback` (REL160) or `fail-open-on-error` (REL161) speaks, where
    the job has asked for its own repetition, `http-exception-swallowed` (REL530): of one handler, one of them. Where this rule speaks, `bare-except` (REL507)
    and `base-exception-caught` (REL518) do not.

    Bad:

        from celery import shared_task

        @shared_task
        def send_invoice(order):
            try:
                deliver(invoice_of(order))
            except Exception:  # REL536 "SUCCESS"
                logger.exception("no invoice for %s", order)

    Bad (the attempts are never made):

        from celery import shared_task

        @shared_task(autoretry_for=(Exception,), max_retries=5)
        def send_invoice(order):
            try:
                deliver(invoice_of(order))
            except Exception as error:  # REL536 "tried"
                logger.error("no invoice for %s: %s", order, error)
                return False

    Good:

        from celery import shared_task

        @shared_task
        def send_invoice(order):
            try:
                deliver(invoice_of(order))
            except Exception:
                logger.exception("no invoice for %s", order)
                raise

        @shared_task
        def send_invoices(orders):
            for order in orders:
                try:
                    deliver(invoice_of(order))
                except Exception:
                    logger.exception("no invoice for %s", order)  # the others are sent all the same

        @shared_task(bind=True)
        def book(self, order):
            try:
                place(order)
            except Exception as error:
                logger.exception("%s was not booked", order)
                raise self.retry(exc=error, countdown=60)
    """
    for one in taken_for_done(model):
        done = f"the job counts as {one.task.done} whatever goes wrong in it"
        yield one.handler.finding(
            f"{done}, and is never tried again as it asks to be" if one.repeats else f"{done}: whoever runs it never hears of a failure",
            cure="log it and raise it again",
            severity="error" if one.repeats else None,
        )
