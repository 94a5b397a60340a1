from __future__ import annotations

from reliability_lint.rule import (
    Call,
    Constant,
    Findings,
    HttpRequest,
    Note,
    RetryPolicy,
    SemanticModel,
    active,
    find,
    has_key,
    members,
    method_of,
    only_unsent,
    repeater,
    repeats_effect,
    rule,
)


@rule("REL125", severity="error")
def retry_non_idempotent(model: SemanticModel) -> Findings:
    """
    A repetition that may do the same thing twice.

    A request whose answer is lost has been carried out all the same. Sent again without a key by which the receiver knows it, it books the second
    pickup, sends the second message, takes the second payment.

    Bad:

        import requests
        from requests.adapters import HTTPAdapter
        from tenacity import retry, stop_after_attempt, wait_random_exponential
        from urllib3.util import Retry

        purchases = requests.Session()
        purchases.mount("https://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=1, allowed_methods=None)))  # REL125
        everything = Retry(total=3, backoff_factor=1, allowed_methods={"GET", "POST"})  # REL125

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))  # REL125
        def book_pickup(parcel):
            return requests.post(f"{CARRIER}/pickups", json=parcel, timeout=5)

        def order(lines):
            for attempt in range(3):  # REL125
                try:
                    return requests.post(f"{SUPPLIER}/orders", json=lines, timeout=5)
                except requests.ConnectionError:
                    pause(attempt)

    Good:

        import httpx
        import requests
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential
        from urllib3.util import Retry

        careful = Retry(total=3, backoff_factor=1)

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))
        def book_pickup(parcel, key):
            return requests.post(f"{CARRIER}/pickups", json=parcel, headers={"Idempotency-Key": key}, timeout=5)

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))
        def similar(text):  # a question, whatever its verb
            return requests.post(f"{CATALOGUE}/search", json={"text": text}, timeout=5)

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5), retry=retry_if_exception_type(httpx.ConnectError))
        def announce(parcel):  # no connection, so nothing was sent
            return httpx.post(f"{CARRIER}/announcements", json=parcel)
    """
    meanings = model.meanings
    requests = [(call, request) for call, request in meanings.of(HttpRequest) if method_of(call, request) in ("", "post", "patch")]
    for call, policy in meanings.of(RetryPolicy):
        if policy.methods is not None and active(call, policy):
            value = find(policy.methods, call.made)
            every = isinstance(value, Constant) and str(value.value) in policy.all_methods
            if (every or members(value) & {"POST", "PATCH"}) and not _harmless(call, requests):
                yield call.finding(
                    f"{call.title}() repeats {'requests of every kind' if every else 'POST requests'}: what was carried out but not answered is done twice",
                    cure="leave out POST and PATCH, or send a key by which the receiver knows a repetition",
                )
    told: set[int] = set()
    for call, request in requests:
        found = repeater(call) if repeats_effect(call, request) else None
        if found is not None and id(found.at) not in told and found.answers is not None and not only_unsent(found.answers):
            told.add(id(found.at))
            verb = method_of(call, request).upper()
            yield found.at.finding(
                f"{found.words} and with it a {verb} request: what was carried out but not answered is done twice",
                cure="send a key by which the receiver knows a repetition, or repeat only what was never sent",
                notes=(Note(call.node, f"this {verb} is sent again"),),
            )


def _harmless(policy: Call, requests: list[tuple[Call, HttpRequest]]) -> bool:
    """Whether all that this module sends by the verbs in question may be sent twice."""
    known = [(call, request) for call, request in requests if method_of(call, request)]
    return (policy.function is not None and has_key(policy.function)) or (bool(known) and not any(repeats_effect(*one) for one in known))
