from __future__ import annotations

from reliability_lint.rule import Bound, Call, Findings, Wait, rule


@rule("REL101", severity="warning")
def missing_timeout(call: Call, wait: Wait) -> Findings:
    """
    A call that may wait for ever.

    A peer that accepts the connection and then says nothing keeps this worker until someone restarts the process. As many such peers as there
    are workers stop the service.

    Bad:

        import requests

        def rate(currency):
            session = requests.Session()
            requests.get(URL)  # REL101
            return session.get(URL, headers=HEADERS)  # REL101

    Good:

        import httpx
        import requests

        def rate(currency, **options):
            requests.get(URL, timeout=(1, 5))
            requests.get(URL, **options)
            return httpx.get(URL)  # httpx waits five seconds if not told otherwise
    """
    meanings = call.model.meanings
    if wait.tier == "always" or (wait.tier == "sensitive" and meanings.sensitive(call)):
        verdict = meanings.verdict(call, wait)
        if verdict.bound is Bound.NONE and not verdict.given and not meanings.has_deadline(call, wait):
            assert wait.timeout is not None
            yield call.finding(
                f"{call.name}() may wait for ever: the {wait.what} has no timeout",
                cure=wait.cure or f"pass {wait.timeout.keyword}=",
                severity="error" if meanings.handled_by(call.function) is not None else None,
            )
