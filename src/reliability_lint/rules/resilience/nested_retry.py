from __future__ import annotations

from reliability_lint.rule import Findings, Inner, Note, Outer, SemanticModel, inners, outers, rule, short, stacked


@rule("REL126", severity="warning")
def nested_retry(model: SemanticModel) -> Findings:
    """
    Retries inside of retries.

    Attempts multiply: a function that is tried five times, around a client that tries each request three times, sends fifteen requests where one was
    meant. A service that is overloaded gets its worst load at the worst moment, and the caller waits for all of it.

    Functions of the project are followed over two calls, in other files too. Where the two layers answer different failures they do not multiply, and
    where the inner failure is caught on the way the outer layer never hears of it: both are left alone. A job that a queue repeats minutes later, around
    a retry of seconds, is a note.

    Bad (a client that repeats by itself):

        from openai import OpenAI
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        client = OpenAI(timeout=20)

        @retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=10))
        def ask(prompt):
            return client.responses.create(model=MODEL, input=prompt)  # REL126 "5 × 3 = 15 attempts"

    Bad (a function that is repeated already, in another file):

        # shop/stock.py
        import requests
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))
        def stock(sku):
            return requests.get(f"{STOCK}/{sku}", timeout=3).json()

        # shop/orders.py
        import time

        from shop.stock import stock

        def checked(order):
            return stock(order.sku) > 0

        def check(order):
            for attempt in range(4):
                try:
                    return checked(order)  # REL126 "checked() → stock()"
                except Exception:
                    time.sleep(2**attempt)
            raise Unavailable

    Bad (two decorators):

        import backoff
        import requests
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @backoff.on_exception(backoff.expo, Exception, max_tries=4)
        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))  # REL126
        def stock(sku):
            return requests.get(f"{STOCK}/{sku}", timeout=3).json()

    Good:

        import requests
        from openai import OpenAI
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        client = OpenAI(timeout=20, max_retries=0)
        patient = OpenAI(timeout=20)

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=10))
        def ask(prompt):
            return client.responses.create(model=MODEL, input=prompt)

        @retry(stop=stop_after_attempt(3), retry=retry_if_exception_type(ValueError))
        def parsed(prompt):
            return parse(patient.responses.create(model=MODEL, input=prompt))

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=10))
        def asked_if_possible(prompt):
            try:
                return patient.responses.create(model=MODEL, input=prompt)
            except Exception:
                return None
    """
    for function, outer in outers(model):
        for inner in inners(outer, function):
            notes = [Note(outer.at.at, f"repeated here{_times(outer.attempts)}")]
            if inner.site is not None:
                notes.append(Note(inner.site, f"repeated again here{_times(inner.attempts)}"))
            yield inner.call.finding(
                f"{outer.words}, and {inner.words} repeats in it{_by(inner)}: {_product(outer, inner)}",
                cure=f"keep one layer: {inner.switch}, or nothing that repeats around it" if inner.switch else "keep one of the two layers",
                notes=tuple(notes),
                severity="note" if outer.job else None,
            )
    for function in model.functions:
        several = stacked(function)
        for decorator, policy in several[1:]:
            yield decorator.finding(
                f"{short(decorator.title)}() of {policy.library} repeats {function.name}(), and so does {several[0][0].title}() above it: attempts multiply",
                cure="keep one of the two",
                notes=(Note(several[0][0].at, "repeated here too"),),
            )


def _by(inner: Inner) -> str:
    return f" ({inner.way})" if inner.way else ""


def _times(attempts: int | None) -> str:
    return f", at most {attempts} times" if attempts is not None else ""


def _product(outer: Outer, inner: Inner) -> str:
    """What becomes of one request: how often it is sent, and how long that may take where the client's patience is known."""
    if outer.attempts is None or inner.attempts is None:
        return "attempts multiply"
    product = outer.attempts * inner.attempts
    attempts = f"{outer.attempts} × {inner.attempts} = {product} attempts"
    return f"{attempts} of up to {_duration(inner.seconds)} each" if inner.seconds else attempts


def _duration(seconds: float) -> str:
    return f"{seconds:g} s"
