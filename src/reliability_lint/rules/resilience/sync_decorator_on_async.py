from __future__ import annotations

from reliability_lint.rule import Constant, Findings, Function, Missing, SyncOnly, decorations, dotted, find, rule

_LOST = {
    "repeat": "never repeats {}(): making the coroutine always succeeds, and what fails when it is awaited is seen by no one",
    "breaker": "never opens for {}(): making the coroutine always succeeds, and what fails when it is awaited is not counted",
    "cache": "keeps the coroutine of {}() and not its result: whoever gets it from the cache awaits it again, which is a RuntimeError",
}


@rule("REL132", severity="error")
def sync_decorator_on_async(function: Function) -> Findings:
    """
    A decorator that sees no more of a coroutine than that it was made.

    Calling an `async def` runs nothing and never fails: the work is done, and fails, when the coroutine is awaited, outside of a decorator that was
    written for plain functions. The retry never repeats and the breaker never opens, which shows in the outage that they were meant for; a cache hands
    out a coroutine that was awaited already.

    Bad:

        import functools

        import pybreaker
        from retrying import retry

        breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)

        @retry(stop_max_attempt_number=3, wait_fixed=200)  # REL132 "never repeats quote()"
        async def quote(http, postcode):
            return await http.get(f"{CARRIER}/quotes/{postcode}")

        @breaker  # REL132 "never opens for label()"
        async def label(http, parcel):
            return await http.get(f"{CARRIER}/labels/{parcel}")

        @functools.lru_cache(maxsize=100)  # REL132 "awaits it again"
        async def depot(http, number):
            return await http.get(f"{CARRIER}/depots/{number}")

    Good:

        import functools

        import async_lru
        import circuitbreaker
        import pybreaker
        from retrying import retry
        from tenacity import retry as patiently, stop_after_attempt

        from shop.events import run_in_loop

        breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)

        @patiently(stop=stop_after_attempt(3))
        @circuitbreaker.circuit(failure_threshold=5)
        async def quote(http, postcode):
            return await http.get(f"{CARRIER}/quotes/{postcode}")

        @async_lru.alru_cache(maxsize=100)
        async def depot(http, number):
            return await http.get(f"{CARRIER}/depots/{number}")

        @breaker
        def label(session, parcel):
            return session.get(f"{CARRIER}/labels/{parcel}", timeout=5)

        @retry(stop_max_attempt_number=3)
        @run_in_loop  # may have made a plain function of it
        async def order(http, number):
            return await http.get(f"{SHOP}/orders/{number}")

        @functools.cache
        def client():
            async def refresh():
                ...

            return refresh
    """
    if not function.asynchronous or function.generator or function.overload:
        return
    for decorator, made, wrapper in decorations(function, SyncOnly):
        aware = find(wrapper.unless, made) if wrapper.unless is not None else Missing.ABSENT
        if aware in (Missing.ABSENT, Constant(False)):
            yield decorator.finding(
                f"{decorator.title or dotted(decorator.node)}() {_LOST[wrapper.does].format(function.name)}",
                cure=f"use {wrapper.instead}" if wrapper.instead else "cache what the coroutine gives",
            )
