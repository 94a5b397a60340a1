from __future__ import annotations

from reliability_lint.rule import (
    Call,
    Constant,
    Findings,
    Note,
    RetryPolicy,
    SemanticModel,
    active,
    attempts,
    blind_retries,
    deaf_pauses,
    dotted,
    find,
    listed_statuses,
    repeated,
    repetitions,
    rule,
    starts_something,
)

# The request itself is wrong, or who sends it may not; nothing of that passes. What is not there now may come: 404 is the least of them.
PERMANENT = frozenset({400, 401, 403, 404, 405, 410, 422})


@rule("REL131")
def retry_permanent_error(model: SemanticModel) -> Findings:
    """
    A retry of what was refused for good, or sooner than was asked for.

    An answer of 400, 403 or 404 is the same the next time. Its caller waits for all attempts before he hears of it, and the other side gets several times the
    useless requests, which some count against a limit. An answer that says when to come back is not heard if the pause is fixed, or the policy is told not to
    listen.

    What looks at the status before it repeats is left alone, and so is what repairs something between attempts.

    Bad:

        import time

        import httpx
        import requests
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential
        from urllib3.util import Retry

        policy = Retry(total=5, backoff_factor=0.5, status_forcelist=[400, 404, 500])  # REL131 "an answer of 400 or 404"
        deaf = Retry(total=5, backoff_factor=0.5, status_forcelist=[429, 503], respect_retry_after_header=False)  # REL131

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5), retry=retry_if_exception_type(httpx.HTTPError))  # REL131
        def quote(postcode):
            response = httpx.get(f"{CARRIER}/quotes/{postcode}")
            response.raise_for_status()
            return response.json()["price"]

        def track(parcel):
            for attempt in range(3):
                try:
                    response = requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5)
                    response.raise_for_status()
                    return response.json()
                except requests.RequestException:  # REL131 "after every HTTPError"
                    if attempt == 2:
                        raise
                    time.sleep(2**attempt)

        def label(number):
            while True:
                response = requests.get(f"{CARRIER}/labels/{number}", timeout=5)
                if response.status_code == 429:
                    time.sleep(1)  # REL131 "after an answer of 429"
                    continue
                return response.json()

    Good:

        import time

        import backoff
        import httpx
        import requests
        from tenacity import retry, retry_if_exception, retry_if_exception_type, stop_after_attempt, wait_random_exponential
        from urllib3.util import Retry

        policy = Retry(total=3, backoff_factor=0.5, status_forcelist=[429, 502, 503, 504])
        conflict = Retry(total=3, backoff_factor=0.5, status_forcelist=[408, 409, 425])  # these pass
        no_answers = Retry(total=3, backoff_factor=0.5, respect_retry_after_header=False)  # no answer is repeated, so none has anything to say

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5), retry=retry_if_exception_type(httpx.TransportError))
        def quote(postcode):
            response = httpx.get(f"{CARRIER}/quotes/{postcode}")
            response.raise_for_status()
            return response.json()["price"]

        @backoff.on_exception(backoff.expo, requests.RequestException, max_tries=4, giveup=lambda error: not is_transient(error))
        def offer(postcode):
            response = requests.get(f"{CARRIER}/offers/{postcode}", timeout=5)
            response.raise_for_status()
            return response.json()

        @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=5), retry=retry_if_exception_type(httpx.HTTPStatusError))
        def depot(number):
            response = httpx.get(f"{CARRIER}/depots/{number}")
            if response.status_code in (429, 502, 503):
                response.raise_for_status()
            return response.json()

        def track(parcel):
            for attempt in range(3):
                try:
                    response = requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5)
                    response.raise_for_status()
                    return response.json()
                except requests.RequestException as failure:
                    if attempt == 2 or is_permanent(failure):
                        raise
                    time.sleep(2**attempt)

        def label(number):
            while True:
                response = requests.get(f"{CARRIER}/labels/{number}", timeout=5)
                if response.status_code == 429:
                    time.sleep(min(int(response.headers.get("Retry-After", 1)), 30))
                    continue
                return response.json()

        def with_token(session, token):
            for attempt in range(2):
                try:
                    response = session.get(f"{CARRIER}/labels", headers=token.headers(), timeout=5)
                    response.raise_for_status()
                    return response.json()
                except requests.HTTPError:
                    token.refresh()  # the next attempt is another one
    """
    for call, policy in model.meanings.of(RetryPolicy):
        if repetitions(policy, call.made, model.meanings.index) != 0:
            yield from _listed(call, policy)
    yield from _by_policies(model)
    yield from _by_loops(model)
    for pause, seconds in deaf_pauses(model):
        yield pause.finding(
            f"{pause.title}() pauses for {seconds:g} s after an answer of 429, whatever that says: what comes back too soon is refused again",
            cure="take the pause from Retry-After, and limit it",
            severity="note",
        )


def _listed(call: Call, policy: RetryPolicy) -> Findings:
    statuses = listed_statuses(policy, call.made)
    refused = sorted(statuses & PERMANENT)
    if refused:
        yield call.finding(
            f"{call.title}() repeats after an answer of {_either(refused)}: the same request gets the same answer, later and several times over",
            cure="repeat what passes: 429, 502, 503, 504",
            severity="note" if refused == [404] else None,
        )
    heeds = policy.heeds
    if heeds is not None and find(heeds, call.made) == Constant(False) and statuses.intersection(heeds.answers):
        told = sorted(statuses.intersection(heeds.answers))
        yield call.finding(
            f"{call.title}() repeats after an answer of {_either(told)} and does not heed when that asks it to come back: it is refused again, or adds to the load",
            cure=heeds.instead,
        )


_ALIKE = "answers of 400, 401 or 404 stay as they are, and are asked for again"
_CURE = "look at the status, and repeat what passes: 429, 502, 503, 504, and failures of the connection"


def _by_policies(model: SemanticModel) -> Findings:
    for one in repeated(model):
        if not active(one.by, one.policy) or repetitions(one.policy, one.made, model.meanings.index) == 0 or starts_something(one.function):
            continue
        blind, _ = blind_retries(one)
        if blind is not None:
            what = f"{one.function.name}()" if one.within is None else "the body of the loop"
            yield one.by.finding(
                f"{one.by.title or dotted(one.by.node)}() repeats {what} after every {_last(blind.error)}: {_ALIKE}",
                cure=_CURE,
                notes=(Note(blind.at.at, "raised here, whatever the status"),),
            )


def _by_loops(model: SemanticModel) -> Findings:
    for loop in model.loops:
        tried = attempts(loop)
        if tried is None or tried.limit == 1 or (loop.function is not None and starts_something(loop.function)):
            continue
        blind, handler = blind_retries(tried)
        if blind is not None and handler is not None:
            yield handler.finding(
                f"the loop tries again after every {_last(blind.error)}: {_ALIKE}",
                cure=_CURE,
                notes=(Note(loop.at, "this loop tries again"), Note(blind.at.at, "raised here, whatever the status")),
            )


def _either(numbers: list[int]) -> str:
    shown = [str(number) for number in numbers]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _last(name: str) -> str:
    return name.rpartition(".")[2]
