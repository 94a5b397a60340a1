from __future__ import annotations

from reliability_lint.rule import Call, Edit, Findings, Fix, Reference, RetryPolicy, find, rule

_OUTCOMES = {
    "stop": "so the first failure ends the attempts and nothing is repeated",
    "pause": "so the first failure ends in a TypeError instead of a repetition",
    "condition": "so every outcome counts as a failure, success too",
}


@rule("REL135", severity="error")
def uncalled_retry_strategy(call: Call, policy: RetryPolicy) -> Findings:
    """
    A class where a retry policy wants an instance.

    A class is callable and true, so nothing complains when the policy is made; what it then does is something else than what is written.

    Bad:

        import httpx
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed, wait_random_exponential

        @retry(stop=stop_after_attempt, wait=wait_fixed(1))  # REL135 "nothing is repeated"
        def rates():
            return httpx.get(RATES)

        @retry(
            stop=stop_after_attempt(3),
            wait=wait_random_exponential,  # REL135 "TypeError"
            retry=retry_if_exception_type,  # REL135 "success too"
        )
        def offers():
            return httpx.get(OFFERS)

    Bad (without arguments it would do):

        import httpx
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential)  # REL135
        def rates():
            return httpx.get(RATES)

    Fixed:

        import httpx
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential())
        def rates():
            return httpx.get(RATES)

    Good:

        import backoff
        import httpx
        from tenacity import retry, retry_always, stop_after_attempt, stop_never, wait_random_exponential

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5))
        def rates():
            return httpx.get(RATES)

        @retry(stop=stop_never, wait=pause_of_ours, retry=retry_always)  # these are instances, or functions of our own
        def offers():
            return httpx.get(OFFERS)

        @backoff.on_exception(backoff.expo, httpx.TransportError, max_tries=4)  # this one is handed over as it is
        def stock(sku):
            return httpx.get(f"{WAREHOUSE}/stock/{sku}")
    """
    strategies = call.model.meanings.index.strategies
    for parameter in (*policy.limits, policy.pause, policy.exceptions):
        value = find(parameter, call.made) if parameter is not None else None
        strategy = strategies.get(value.name) if isinstance(value, Reference) else None
        if strategy is not None and not strategy.instance and parameter is not None and isinstance(value, Reference):
            name = value.name.rpartition(".")[2]
            node = call.argument_node(*parameter.keywords, position=parameter.position)
            # Which numbers are meant nobody knows; whoever wrote a pause without any may well have meant the library's own.
            fix = Fix(f"call it: {name}()", (Edit(node, "()", at="after"),)) if strategy.optional and node is not None else None
            yield call.finding(f"{name} is passed but not called, {_OUTCOMES[strategy.kind]}", cure=f"call it: {name}(…)", at=node, fix=fix)
