from __future__ import annotations

from reliability_lint.rule import Bound, Call, Findings, Function, RetryPolicy, active, limit, rule, starts_something


@rule("REL121", severity="error")
def unbounded_retry(call: Call, policy: RetryPolicy) -> Findings:
    """
    A retry policy that never stops.

    When the other side stays down, the caller never hears of it: requests pile up behind the one that is tried for ever, and when the other side comes
    back, all of them are there at once.

    Bad:

        import backoff
        import httpx
        import tenacity
        from tenacity import stop_never, wait_random_exponential

        @tenacity.retry  # REL121 "tenacity.retry"
        def charge(order):
            return httpx.get(f"{PSP}/charges/{order.id}")

        @tenacity.retry(wait=wait_random_exponential(max=30), stop=stop_never)  # REL121
        def rates():
            return httpx.get(RATES)

        @backoff.on_exception(backoff.expo, httpx.TransportError)  # REL121
        def stock(sku):
            return httpx.get(f"{WAREHOUSE}/stock/{sku}")

    Good:

        import asyncio
        import functools

        import httpx
        import stamina
        import tenacity
        from tenacity import retry, stop_after_attempt, stop_after_delay, wait_random_exponential

        policy = {"stop": stop_after_attempt(4), "wait": wait_random_exponential(max=5)}
        patiently = functools.partial(retry, stop=stop_after_attempt(4), wait=wait_random_exponential(max=5))

        @tenacity.retry(stop=stop_after_attempt(4) | stop_after_delay(20), wait=wait_random_exponential(max=5))
        def charge(order):
            return httpx.get(f"{PSP}/charges/{order.id}")

        @retry(**policy)
        def rates():
            return httpx.get(RATES)

        @retry(**options())  # what it holds is not known
        def offers():
            return httpx.get(OFFERS)

        @patiently()
        def stock(sku):
            return httpx.get(f"{WAREHOUSE}/stock/{sku}")

        @stamina.retry(on=httpx.TransportError)  # ten attempts in 45 seconds, if not told otherwise
        def depots():
            return httpx.get(DEPOTS)

        @retry(wait=wait_random_exponential(max=2))
        async def printed(label):
            async with httpx.AsyncClient() as client:
                (await client.get(f"{CARRIER}/labels/{label}")).raise_for_status()

        async def wait_for_label(label):
            async with asyncio.timeout(60):  # this ends it
                await printed(label)
    """
    meanings = call.model.meanings
    if not active(call, policy) or limit(policy, call.made, meanings.index) is not Bound.NONE:
        return
    function = call.decorated if isinstance(call.decorated, Function) else call.function
    callers = meanings.callers(function) if function is not None and function is call.decorated else [call]
    if callers and all(meanings.ends_in_time(caller) for caller in callers):
        return
    keywords = dict.fromkeys(limit.keyword for limit in policy.limits if limit.keyword and not limit.inside)
    yield call.finding(
        f"{call.title}() never gives up: nothing ends the attempts when the failure stays",
        cure=f"limit the attempts or the time: {' or '.join(f'{keyword}=' for keyword in keywords)}",
        severity="note" if function is not None and starts_something(function) else None,
    )
