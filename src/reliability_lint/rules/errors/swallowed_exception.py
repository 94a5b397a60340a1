from __future__ import annotations

import libcst as cst

from reliability_lint.rule import BROAD, Findings, SemanticModel, Transaction, Trap, quiet_traps, rule, unheard


@rule("REL509", severity="warning")
def swallowed_exception(model: SemanticModel, *, explained: bool = False) -> Findings:
    """
    A failure that nobody hears of.

    When the other side is down, or this side has a bug, the code goes on as if there had been nothing to do. Orders are not placed, and no log says
    since when or why.

    Of handlers that put a value in place of an answer (`return []`, `rate = 1.0`) `silent-fallback` (REL160) tells, and of checks that let everybody
    through `fail-open-on-error` (REL161). Where one of them speaks, or this rule, `bare-except` (REL507) and `base-exception-caught` (REL518) do not. Where nobody outside of the program is
    asked, `broad-except-without-boundary` (REL508) looks at what is left of the failure.

    Whatever a handler calls is taken for telling somebody: a log, an error tracker, a span, a metric, a function of the program's own.

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

    Bad (by the error that a library raises for whatever goes wrong):

        import requests

        def publish(order):
            try:
                requests.post(URL, json=order, timeout=3)
            except requests.RequestException:  # REL509
                pass

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

    Options:

        explained: Also note the handlers whose comment says why nothing is done.
    """
    for trap in quiet_traps(model):
        what = unheard(trap, all_the_same=explained)
        if what:
            yield trap.place.finding(
                f"a failure of {what} ends here, and nothing tells of it",
                cure="log it, or catch the errors that are expected and let the others pass",
                at=trap.at,
                severity=_severity(trap),
            )


def _severity(trap: Trap) -> str | None:
    """How grave it is: somebody waits for what failed, or the rest of a transaction is kept without it; or somebody has thought about it."""
    if not unheard(trap):
        return "note"
    meanings = trap.place.model.meanings
    kept = any(
        frame.kind == "with"
        and isinstance(frame.node, cst.With)
        and any(
            meanings.means(call, Transaction) is not None for call in filter(None, (meanings.at(item.item) for item in frame.node.items))
        )
        for frame in trap.place.frame.within_function()
    )
    return "error" if (kept or meanings.handled_by(trap.place.function) is not None) and not BROAD.isdisjoint(trap.catches) else None
