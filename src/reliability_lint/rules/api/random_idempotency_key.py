from __future__ import annotations

from reliability_lint.rule import Findings, HttpRequest, IdempotencyKey, Note, Payment, SemanticModel, fresh_key, rule


@rule("REL229", severity="error")
def random_idempotency_key(model: SemanticModel) -> Findings:
    """
    An idempotency key that is another one each time.

    The key tells the receiver that this is what it was asked before. One that is made for the call, of chance or of the time, is new whenever the code
    runs again, so the repetition counts as another wish and is carried out too.

    Bad:

        import time
        import uuid

        import requests
        import stripe
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        def refund(payment):
            stripe.Refund.create(payment_intent=payment.intent, idempotency_key=str(uuid.uuid4()))  # REL229

        def take(order):
            key = f"order-{order.id}-{time.time()}"
            stripe.Charge.create(amount=order.cents, currency="eur", idempotency_key=key)  # REL229

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))
        def charge(order):
            return requests.post(f"{PSP}/charges", json=order, headers={"Idempotency-Key": uuid.uuid4().hex}, timeout=5)  # REL229

    Good:

        import uuid

        import stripe

        def refund(payment):
            stripe.Refund.create(payment_intent=payment.intent, idempotency_key=f"refund-{payment.id}")

        def take(order, key=None):
            stripe.Charge.create(amount=order.cents, currency="eur", idempotency_key=key or str(uuid.uuid4()))

        def settle(session, order):
            key = str(uuid.uuid4())
            session.add(Attempt(order_id=order.id, key=key))  # stored before it is used
            session.commit()
            stripe.Charge.create(amount=order.cents, currency="eur", idempotency_key=key)

        def insist(order):
            key = str(uuid.uuid4())
            for attempt in range(3):  # each attempt carries the same
                try:
                    return stripe.Charge.create(amount=order.cents, currency="eur", idempotency_key=key)
                except stripe.APIConnectionError:
                    pause(attempt)
    """
    meanings = model.meanings
    calls = {id(call.node): call for kind in (Payment, IdempotencyKey, HttpRequest) for call, _ in meanings.of(kind)}
    for call in calls.values():
        made = fresh_key(call)
        if made is not None:
            yield call.finding(
                "the idempotency key is made for this call, so when the code runs again the same thing is done again",
                cure="derive the key from what is done, or store it before the call",
                notes=(Note(made.node, "another value each time"),),
            )
