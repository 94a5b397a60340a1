from __future__ import annotations

from reliability_lint.rule import (
    BROAD,
    Attempts,
    Call,
    Findings,
    Note,
    Repeated,
    SemanticModel,
    active,
    asks,
    attempts,
    dotted,
    failures,
    is_cancellation,
    is_tried,
    repeated,
    repetitions,
    rule,
    starts_something,
    tells_apart,
    tried_again,
    walk,
)


@rule("REL124")
def retry_on_broad_exception(model: SemanticModel) -> Findings:
    """
    A retry that makes no difference between failures.

    A refused password, an order that does not exist and a misspelled attribute do not go away by trying again. The caller waits for all attempts and
    pauses before it hears of them, the other side gets several times the useless requests, and a mistake in the code looks like a weak network.

    What looks at the failure before it repeats is left alone, and so is what a process does when it starts.

    Bad:

        import time

        import backoff
        import requests
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5))  # REL124 "every Exception"
        def quote(order):
            response = requests.get(f"{CARRIER}/quotes", params={"postcode": order.address.postcode}, timeout=5)
            response.raise_for_status()
            return response.json()["price"]

        @backoff.on_exception(backoff.expo, Exception, max_tries=4)  # REL124
        def label(order):
            response = requests.get(f"{CARRIER}/labels/{order.number}", timeout=5)
            return response.json()["label"]

        def track(parcel):
            for attempt in range(3):
                try:
                    response = requests.get(f"{CARRIER}/parcels/{parcel.number}", timeout=5)
                    return response.json()["state"]
                except Exception:  # REL124
                    if attempt == 2:
                        raise
                    time.sleep(2**attempt)

    Good:

        import time

        import backoff
        import requests
        from tenacity import retry, retry_if_exception, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        from shop.errors import is_permanent, is_transient

        TRANSIENT = (requests.ConnectionError, requests.Timeout)

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5), retry=retry_if_exception_type(TRANSIENT))
        def quote(order):
            return requests.get(f"{CARRIER}/quotes", params={"postcode": order.postcode}, timeout=5).json()["price"]

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5), retry=retry_if_exception(is_transient))
        def depot(number):
            return requests.get(f"{CARRIER}/depots/{number}", timeout=5).json()["name"]

        @backoff.on_exception(backoff.expo, Exception, max_tries=4, giveup=is_permanent)
        def label(order):
            return requests.get(f"{CARRIER}/labels/{order.number}", timeout=5).json()["label"]

        def track(parcel):
            for attempt in range(3):
                try:
                    return requests.get(f"{CARRIER}/parcels/{parcel.number}", timeout=5).json()["state"]
                except Exception as failure:
                    if attempt == 2 or not isinstance(failure, TRANSIENT):
                        raise
                    time.sleep(2**attempt)

        def state(parcel):
            for attempt in range(3):
                try:
                    return requests.get(f"{CARRIER}/parcels/{parcel.number}", timeout=5).json()["state"]
                except KeyError:
                    return "unknown"
                except Exception:
                    time.sleep(2**attempt)
            return "unknown"

        def wait_for_carrier():
            for attempt in range(30):
                try:
                    return requests.get(CARRIER, timeout=5)
                except Exception:  # whatever it is, the service is not there yet
                    time.sleep(1)
    """
    for one in repeated(model):
        call, policy, function, calls = one.by, one.policy, one.function, _asking(one)
        if not active(call, policy) or not calls or starts_something(function):
            continue
        tried = failures(policy, one.made, model.meanings.index)
        broad = BROAD & tried.named
        if not broad or tried.spared or (any(map(is_cancellation, broad)) and calls[0].runs_in_coroutine):
            continue
        times = repetitions(policy, one.made, model.meanings.index)
        if times is not None and times < 1:
            continue
        what = f"{function.name}()" if call.decorated is function else "the body of the loop"
        often = f"{times} times more" if times is not None and times > 1 else "once more" if times == 1 else "again"
        yield call.finding(
            f"{call.title or dotted(call.node)}() repeats {what} after every {_class(broad)}: what stays as it is, or is a mistake in the code, "
            f"is tried {often}",
            cure=f"name the failures that pass: {policy.exceptions.keyword}="
            if policy.exceptions is not None
            else "name the failures that pass",
        )
    for loop in model.loops:
        loops = attempts(loop)
        if loops is not None and loops.limit != 1 and not (loop.function is not None and starts_something(loop.function)):
            yield from _loop(loops)


def _loop(tried: Attempts) -> Findings:
    for handler in tried_again(tried):
        yield handler.finding(
            f"the loop repeats {tried.calls[0].word}() after every {_class(BROAD.intersection(handler.catches))}: what stays as it is, or is a mistake in "
            "the code, is tried again",
            cure="catch the failures that pass, and let all others through",
            notes=(Note(tried.loop.at, "this loop tries again"),),
        )


def _class(broad: frozenset[str]) -> str:
    return max(broad, key=len).rpartition(".")[2]


def _asking(one: Repeated) -> list[Call]:
    """The calls that ask somebody else and whose failures nothing looks at on their way; none, where an answer's status is told apart."""
    if any(tells_apart(node) for node in walk(one.within.node if one.within is not None else one.function.node)):
        return []
    return [call for call in one.calls if asks(call) and not is_tried(call, one.within)]
