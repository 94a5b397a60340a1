from __future__ import annotations

from reliability_lint.rule import BROAD, Findings, SemanticModel, excerpt, replaced, rule, traps


@rule("REL160", severity="warning")
def silent_fallback(model: SemanticModel) -> Findings:
    """
    A value in place of an answer that could not be had, without a word.

    Customers see prices from the source code, or a shelf without goods, and nobody can say since when, or how often. An outage that looks like an
    answer is found by those who were told something wrong. What is deleted because it is missing from such a list is gone.

    A handler speaks if it calls anything, counts, sets a flag, or gives a value that tells: `"unknown"`, `False`, a status. Where nothing is put in the
    place of the answer (`pass`, `continue`, `return None`), `swallowed-exception` (REL509) speaks, and where a check answers yes, `fail-open-on-error`
    (REL161): of one handler, one of the three. Of values in place of what the program itself should have worked out, `broad-except-without-boundary` (REL508)
    tells.

    Bad:

        import requests

        DEFAULT_RATE = 1.08

        def rate(currency):
            try:
                return requests.get(RATES, params={"currency": currency}, timeout=3).json()["rate"]
            except Exception:  # REL160
                return DEFAULT_RATE

        def recommendations(customer):
            try:
                found = requests.get(URL, params={"customer": customer}, timeout=3).json()
            except Exception:  # REL160
                found = []
            return found

    Good:

        import logging

        import requests

        logger = logging.getLogger(__name__)
        DEFAULT_RATE = 1.08

        def rate(currency):
            try:
                return requests.get(RATES, params={"currency": currency}, timeout=3).json()["rate"]
            except requests.RequestException:
                logger.warning("the rate of %s is that of the source code", currency, exc_info=True)
                FALLBACKS.labels("rate").inc()
                return DEFAULT_RATE

        def stock(sku):
            try:
                return requests.get(f"{STOCK}/{sku}", timeout=3).json()["pieces"]
            except Exception:
                return "unknown"  # whoever gets this can tell

        def discount(code):
            try:
                return requests.get(f"{DISCOUNTS}/{code}", timeout=3).json()["percent"]
            except KeyError:
                return 5  # an answer without a percentage is expected

        def greeting(customer):
            try:
                return requests.get(f"{GREETINGS}/{customer}", timeout=3).text
            except Exception:
                # A shop that greets with its own words is as good.
                return "Welcome!"
    """
    for trap in traps(model, BROAD):
        found = replaced(trap)
        if found is not None:
            value, what = found
            yield trap.place.finding(
                f"a failure of {what} looks like an answer: {excerpt(value)} takes its place, and nothing tells of it",
                cure="log or count it, or catch the errors that are expected and let the others pass",
                at=trap.at,
            )
