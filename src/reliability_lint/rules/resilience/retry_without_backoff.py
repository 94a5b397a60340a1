from __future__ import annotations

from reliability_lint.rule import (
    Call,
    Findings,
    Function,
    RetryPolicy,
    active,
    answered,
    only_conflicts,
    pauses,
    reaches_out,
    repetitions,
    rule,
)


@rule("REL122")
def retry_without_backoff(call: Call, policy: RetryPolicy) -> Findings:
    """
    A retry policy whose attempts follow each other at once.

    What has just failed has had no time to recover. All attempts are spent within milliseconds, and a service that stumbles under its load gets several
    times that load.

    Bad:

        import requests
        from requests.adapters import HTTPAdapter
        from tenacity import retry, stop_after_attempt, wait_fixed
        from urllib3.util import Retry

        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=5, status_forcelist=[502, 503])))  # REL122

        @retry(stop=stop_after_attempt(4))  # REL122
        def quote(postcode):
            return requests.get(f"{CARRIER}/quotes/{postcode}", timeout=5)

        @retry(stop=stop_after_attempt(4), wait=wait_fixed(0))  # REL122
        def depots():
            return requests.get(DEPOTS, timeout=5)

    Good:

        import requests
        from requests.adapters import HTTPAdapter
        from sqlalchemy.orm.exc import StaleDataError
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed, wait_none, wait_random
        from urllib3.util import Retry

        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.3, status_forcelist=[502, 503])))
        once = Retry(total=1)  # one immediate repetition is no storm
        never = Retry(total=False)

        @retry(stop=stop_after_attempt(4), wait=wait_none() + wait_random(0, 2))
        def quote(postcode):
            return requests.get(f"{CARRIER}/quotes/{postcode}", timeout=5)

        @retry(stop=stop_after_attempt(3), retry=retry_if_exception_type(StaleDataError))
        def reserve(session, sku):  # somebody else was faster: nobody is to be spared
            session.get(Stock, sku).pieces -= 1
            session.commit()

        @retry(stop=stop_after_attempt(3))
        def parsed(path):  # asks nobody
            return loads(path.read_text())
    """
    made, index = call.made, call.model.meanings.index
    if not active(call, policy) or pauses(policy, made, index) is not False:
        return
    times = repetitions(policy, made, index)
    if (times is not None and times <= 1) or only_conflicts(answered(policy, made)):
        return
    if isinstance(call.decorated, Function) and not reaches_out(call.decorated):
        return
    assert policy.pause is not None
    often = f"{times} repetitions" if times is not None else "the repetitions"
    yield call.finding(
        f"{call.title}() does not pause between attempts: {often} follow at once and hit what has just failed",
        cure=f"let it wait longer each time, and not as long as others: {policy.pause.keyword}=",
    )
