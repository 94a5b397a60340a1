from __future__ import annotations

from reliability_lint.rule import (
    Call,
    Findings,
    Function,
    HttpRequest,
    Note,
    RetryPolicy,
    SemanticModel,
    active,
    attempts,
    destination,
    in_step,
    pauses,
    pauses_in_step,
    reaches_out,
    repetitions,
    rule,
    starts_something,
)


@rule("REL123", set="strict", severity="note")
def retry_without_jitter(model: SemanticModel) -> Findings:
    """
    Pauses between attempts that are the same for all.

    When a service stumbles, its callers fail within the same second. If all of them wait for exactly one second, then two, then four, they come back
    together each time, and every wave is as large as the one that has just brought it down. A random part spreads them.

    Nothing is said of a single repetition, of what a process does when it starts, of a database that is a file, of loops that fetch whatever address they are
    given, and of files that are run as programs, of which there may be one.

    Bad:

        import time

        import backoff
        import requests
        from requests.adapters import HTTPAdapter
        from tenacity import retry, stop_after_attempt, wait_exponential
        from urllib3.util import Retry

        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.5)))  # REL123

        @retry(stop=stop_after_attempt(4), wait=wait_exponential(max=30))  # REL123
        def quote(postcode):
            return requests.get(f"{CARRIER}/quotes/{postcode}", timeout=5)

        @backoff.on_exception(backoff.expo, requests.Timeout, max_tries=4, jitter=None)  # REL123
        def label(number):
            return requests.get(f"{CARRIER}/labels/{number}", timeout=5)

        def track(parcel):
            for attempt in range(4):
                try:
                    return requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5)
                except requests.Timeout:
                    time.sleep(2**attempt)  # REL123
            raise RuntimeError(parcel)

    Good:

        import random
        import time

        import backoff
        import requests
        import stamina
        from requests.adapters import HTTPAdapter
        from tenacity import retry, stop_after_attempt, wait_exponential, wait_fixed, wait_random, wait_random_exponential
        from urllib3.util import Retry

        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.5, backoff_jitter=0.5)))

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=30))
        def quote(postcode):
            return requests.get(f"{CARRIER}/quotes/{postcode}", timeout=5)

        @retry(stop=stop_after_attempt(4), wait=wait_exponential(max=30) + wait_random(0, 2))
        def offer(postcode):
            return requests.get(f"{CARRIER}/offers/{postcode}", timeout=5)

        @retry(stop=stop_after_attempt(2), wait=wait_fixed(1))
        def depot(number):
            return requests.get(f"{CARRIER}/depots/{number}", timeout=5)

        @backoff.on_exception(backoff.expo, requests.Timeout, max_tries=4)  # its pauses are random, if nobody says otherwise
        def label(number):
            return requests.get(f"{CARRIER}/labels/{number}", timeout=5)

        @stamina.retry(on=requests.Timeout)  # and so are these
        def price(number):
            return requests.get(f"{CARRIER}/prices/{number}", timeout=5)

        def track(parcel):
            for attempt in range(4):
                try:
                    return requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5)
                except requests.Timeout:
                    time.sleep(random.uniform(0, 2**attempt))
            raise RuntimeError(parcel)

        def wait_for_carrier():
            for attempt in range(30):
                try:
                    return requests.get(CARRIER, timeout=5)
                except requests.ConnectionError:
                    time.sleep(1)

    Good (a version that knows no other pauses):

        # requirements.txt
        urllib3==1.26.20

        # shop/carrier.py
        from urllib3.util import Retry

        policy = Retry(total=3, backoff_factor=0.5)
    """
    meanings = model.meanings
    if meanings.of_program:
        return
    for call, policy in meanings.of(RetryPolicy):
        cure = in_step(policy, call.made, meanings.index)
        if cure is None or not active(call, policy) or not pauses(policy, call.made, meanings.index):
            continue
        times = repetitions(policy, call.made, meanings.index)
        function = call.decorated if isinstance(call.decorated, Function) else None
        if (times is not None and times <= 1) or (function is not None and (not reaches_out(function) or starts_something(function))):
            continue
        yield call.finding(
            f"{call.title}() pauses for just as long wherever it is used: all that failed together come back together, each time",
            cure=cure,
        )
    for loop in model.loops:
        tried = attempts(loop)
        if (
            tried is None
            or (tried.limit is not None and tried.limit <= 2)
            or (loop.function is not None and starts_something(loop.function))
        ):
            continue
        pause = pauses_in_step(tried)
        if pause is not None and any(_has_one_place(call) for call in tried.calls):
            yield pause.finding(
                f"{pause.title}() takes just as long wherever this loop runs: all whose {tried.calls[0].word}() failed together come back together, each time",
                cure="make it random: random.uniform(0, …)",
                notes=(Note(loop.at, "this loop tries again"),),
            )


def _has_one_place(call: Call) -> bool:
    """Whether all who call it go to the same place: an address that comes with the call may be anybody's."""
    request = call.model.meanings.means(call, HttpRequest)
    return request is None or request.url is None or destination(call) != ""
