from __future__ import annotations

from reliability_lint.rule import (
    Call,
    Findings,
    HttpRequest,
    Note,
    Payment,
    SemanticModel,
    is_payment_request,
    is_webhook,
    repeater,
    rule,
    without_key,
)


@rule("REL228")
def payment_call_without_idempotency_key(model: SemanticModel) -> Findings:
    """
    A payment that is made again whenever the code runs again.

    Tasks are delivered twice, webhooks are repeated until they are answered, retries repeat what was carried out but not answered. A payment service
    does the same thing once only if it is told by a key that it is the same thing. A key that an SDK adds by itself is another one for each call.

    Bad:

        import stripe
        from celery import shared_task

        def take(order):
            stripe.PaymentIntent.create(amount=order.cents, currency="eur", customer=order.customer)  # REL228

        @shared_task
        def refund(intent):
            stripe.Refund.create(payment_intent=intent)  # REL228 "the task"

    Bad (over plain HTTP):

        import requests

        def take(order):
            return requests.post(f"{PSP}/v1/charges", json={"amount": order.cents}, timeout=5)  # REL228

    Good:

        import requests
        import stripe

        client = stripe.StripeClient(KEY)

        def take(order, **options):
            stripe.PaymentIntent.create(amount=order.cents, idempotency_key=f"order-{order.id}-payment")
            client.refunds.create({"payment_intent": order.intent}, options={"idempotency_key": f"order-{order.id}-refund"})
            stripe.PaymentIntent.create(amount=order.cents, **options)  # the key may be among them
            stripe.PaymentIntent.cancel(order.intent)  # what is cancelled is not cancelled a second time
            stripe.Customer.list(email=order.email)
            requests.post(f"{PSP}/v1/charges", json={"amount": order.cents}, headers={"Idempotency-Key": order.key}, timeout=5)
            requests.post(f"{PSP}/v1/payments/search", json={"order": order.id}, timeout=5)
    """
    meanings = model.meanings
    calls: list[Call] = [call for call, payment in meanings.of(Payment) if payment.again == "adds" and without_key(call, payment)]
    calls += [call for call, request in meanings.of(HttpRequest) if is_payment_request(call, request)]
    for call in calls:
        again = repeater(call, hops=2)
        root = meanings.handled_by(call.function)
        whose = ""
        notes: tuple[Note, ...] = ()
        if again is not None:
            whose, notes = again.words, (Note(again.at.node, "this repeats it"),)
        elif root is not None and meanings.task(root) is not None:
            whose, notes = f"the task {root.name}() may be delivered twice", (Note(root.at, "this task makes it"),)
        elif root is not None and is_webhook(root):
            whose, notes = f"the webhook {root.name}() is called until it answers", (Note(root.at, "this webhook makes it"),)
        yield call.finding(
            f"{call.title}() carries no idempotency key: {whose or 'when this code runs again'}, and the payment is made again",
            cure="derive a key from what is paid, or store one before the call: idempotency_key=",
            notes=notes,
            severity="error" if whose else None,
        )
