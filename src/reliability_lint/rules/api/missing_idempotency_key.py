from __future__ import annotations

from reliability_lint.rule import (
    Findings,
    Function,
    Note,
    Route,
    charge,
    has_key,
    is_about_money,
    is_guarded,
    is_webhook,
    rule,
    speaks_of_keys,
    verbs,
)


@rule("REL227")
def missing_idempotency_key(function: Function, route: Route) -> Findings:
    """
    An endpoint that takes money each time it is called.

    A client whose answer was lost sends the request again, a customer presses the button twice, a proxy repeats what has timed out: without a key, or
    anything else by which the handler knows what it has done already, each of these pays once more.

    Bad:

        import stripe
        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/payments")
        def pay(body: PaymentIn):  # REL227
            return stripe.PaymentIntent.create(amount=body.cents, currency="eur", payment_method=body.card, confirm=True)

        def take(cents, card):
            return stripe.Charge.create(amount=cents, currency="eur", source=card)

        @app.post("/orders/{number}/invoice")
        def settle(number: int, card: str):  # REL227
            return take(total(number), card)

    Good:

        from typing import Annotated

        import stripe
        from fastapi import FastAPI, Header

        app = FastAPI()

        @app.post("/payments")
        def pay(body: PaymentIn, idempotency_key: Annotated[str, Header()]):
            return stripe.PaymentIntent.create(amount=body.cents, confirm=True, idempotency_key=idempotency_key)

    Good (nothing is taken twice):

        import stripe
        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/orders/{number}/payment")
        def settle(number: int):  # the order is the key
            return stripe.Charge.create(amount=total(number), currency="eur", idempotency_key=f"order-{number}")

        @app.post("/checkout")
        def checkout(body: CheckoutIn):  # the customer confirms it later, once
            return stripe.checkout.Session.create(mode="payment", line_items=body.lines)

        @app.post("/orders/{number}/refund")
        def refund(number: int):
            order = find_order(number)
            if order.status == "refunded":
                return order
            return stripe.Refund.create(payment_intent=order.intent)

        @app.get("/payments/{number}")
        def payment(number: str):
            return stripe.PaymentIntent.retrieve(number)

        @app.post("/stripe/webhook")
        def payment_hook(event: dict):  # the other side has no key to give
            stripe.Refund.create(payment_intent=event["intent"])
    """
    if not verbs(function, route) & {"post", "patch"} or not is_about_money(function) or is_webhook(function):
        return
    call = charge(function)
    if call is None or has_key(function) or is_guarded(function) or speaks_of_keys(function.model):
        return
    yield function.finding(
        f"{function.name}() takes money each time it is called: a request that is sent twice pays twice",
        cure="take an Idempotency-Key from the client, store it with what was done, and answer a repetition from there",
        notes=(Note(call.node, "money moves here"),),
    )
