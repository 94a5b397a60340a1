from __future__ import annotations

from reliability_lint.rule import Breaker, Call, Findings, forgotten, rule


@rule("REL150", severity="error")
def breaker_created_per_call(call: Call, breaker: Breaker) -> Findings:
    """
    A circuit breaker that is made anew for each call.

    A breaker opens when it has seen a number of failures. One that lives for a single call sees that call's only, and is forgotten with what it has seen:
    it never opens, and every request goes on waiting for the service that is down, as if there were no breaker.

    Bad:

        import pybreaker
        import requests

        def quote(sku):
            return pybreaker.CircuitBreaker(fail_max=3).call(fetch, sku)  # REL150 "quote()"

        def stock(sku):
            breaker = pybreaker.CircuitBreaker(fail_max=3)  # REL150
            with breaker.calling():
                return requests.get(f"{WAREHOUSE}/stock/{sku}", timeout=3).json()

    Bad (above a function that is defined anew):

        import requests
        from circuitbreaker import circuit

        def rates():
            @circuit(failure_threshold=5)  # REL150
            def fetch():
                return requests.get(RATES, timeout=3)

            return fetch().json()

    Good:

        import functools

        import pybreaker
        from circuitbreaker import circuit

        quotes = pybreaker.CircuitBreaker(fail_max=3)

        def quote(sku):
            return quotes.call(fetch, sku)

        @circuit(failure_threshold=5)
        def rates():
            return fetch(RATES)

        class Warehouse:
            def __init__(self):
                self.breaker = pybreaker.CircuitBreaker(fail_max=3)

        def protected(function):
            breaker = pybreaker.CircuitBreaker(fail_max=3)  # one for each function that is decorated

            @functools.wraps(function)
            def wrapper(*args):
                return breaker.call(function, *args)

            return wrapper

        @functools.cache
        def breaker_of(host):
            return pybreaker.CircuitBreaker(name=host)

        def import_stock(rows):
            breaker = pybreaker.CircuitBreaker(fail_max=3)  # it ends the import when three rows have failed
            for row in rows:
                breaker.call(send, row)
    """
    function = forgotten(call, breaker)
    if function is not None:
        yield call.finding(
            f"each call of {function.name}() makes this breaker anew: it counts that call's failures only, and never opens for the next",
            cure="make it once, at the level of the module or in __init__, and use that here",
        )
