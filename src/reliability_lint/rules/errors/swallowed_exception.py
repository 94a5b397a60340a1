from __future__ import annotations

from reliability_lint.rule import BROAD, Findings, SemanticModel, rule, traps, unheard


@rule("REL509", severity="warning")
def swallowed_exception(model: SemanticModel) -> Findings:
    """
    A failure that nobody hears of.

    When the other side is down, or this side has a bug, the code goes on as if there had been nothing to do. Orders are not placed, and no log says
    since when or why.

    Of handlers that put a value in place of an answer (`return []`, `rate = 1.0`) `silent-fallback` (REL160) tells, and of checks that let everybody
    through `fail-open-on-error` (REL161). Where one of them speaks, or this rule, `bare-except` (REL507) and `base-exception-caught` (REL518) do not. Where nobody outside of the program is
    asked, `broad-except-without-boundary` (REL508) looks at what is left of the failure.

    Bad:

        import requests

        def publish(order):
            try:
                requests.post(URL, json=order, timeout=3).raise_for_status()
            except Exception:  # REL509
                pass

        def address(customer):
            try:
                return requests.get(URL, params={"customer": customer}, timeout=3).json()
            except Exception:  # REL509
                return None

    Good:

        import logging

        import requests

        logger = logging.getLogger(__name__)

        def address(customer):
            try:
                return requests.get(URL, params={"customer": customer}, timeout=3).json()
            except Exception:
                logger.warning("no address of %s", customer, exc_info=True)
                return None

        def warm_up(customer):
            try:
                requests.get(URL, params={"customer": customer}, timeout=3)
            except Exception:
                pass  # the first real request will tell

        def reachable():
            try:
                requests.head(URL, timeout=3)
            except Exception:
                return False  # which is an answer
            return True

        def close(session):
            try:
                session.post(LOGOUT, timeout=3)
            except Exception:
                pass
    """
    for trap in traps(model, BROAD):
        what = unheard(trap)
        if what:
            yield trap.place.finding(
                f"a failure of {what} ends here, and nothing tells of it",
                cure="log it, or catch the errors that are expected and let the others pass",
                at=trap.at,
                severity="error" if model.meanings.handled_by(trap.place.function) is not None else None,
            )
