from __future__ import annotations

from reliability_lint.rule import Bound, Call, Findings, Function, Note, Wait, checked, probe, rule

_LONGEST = 5  # seconds; who asks gives up long before


@rule("REL172", severity="error")
def health_check_unbounded(function: Function) -> Findings:
    """
    A health check that may wait for ever, or longer than anybody waits for it.

    Orchestrators give up after a second or a few. The check goes on, though, and with the next one that comes, ten seconds later, there are two: a slow
    dependency takes up the threads and connections of a process that had nothing wrong with it.

    Bad:

        import requests
        from flask import Flask

        app = Flask(__name__)

        @app.get("/readyz")
        def readyz():
            requests.get(f"{WAREHOUSE}/ping")  # REL172 "for ever"
            requests.get(f"{CARRIER}/ping", timeout=30)  # REL172 "30 seconds"
            return {"status": "ok"}

    Good:

        import requests
        from flask import Flask

        app = Flask(__name__)

        @app.get("/readyz")
        def readyz():
            requests.get(f"{WAREHOUSE}/ping", timeout=1)
            return {"status": "ok"}

        @app.get("/labels/<shipment>")
        def label(shipment):  # no health check
            return requests.get(f"{CARRIER}/labels/{shipment}", timeout=30).content
    """
    if probe(function) is None:
        return
    ways = function.model.meanings.ways(function)
    told: set[int] = set()
    for call, inner in checked(function):
        wait = inner.model.meanings.means(inner, Wait)
        length = _length(inner, wait) if wait is not None and id(inner) not in told else ""
        if wait is None or not length:
            continue
        told.add(id(inner))
        notes = [Note(ways[0].at, "this is a health check")] if ways else []
        if inner is not call:
            notes.append(Note(call.node, "it is called here"))
        yield inner.finding(
            f"{inner.title}() in a health check may wait {length}: who asks has given up by then, and asks again",
            cure=wait.cure
            or (
                f"pass {wait.timeout.keyword}=1"
                if wait.timeout is not None and wait.timeout.keyword
                else "put it into a deadline of a second"
            ),
            notes=tuple(notes),
        )


def _length(call: Call, wait: Wait) -> str:
    """How much too long a call may wait, in words; "" where it does not, or that is not known."""
    meanings = call.model.meanings
    if wait.tier == "never" or wait.timeout is None or meanings.has_deadline(call, wait) or meanings.partly_bounded(call, wait):
        return ""
    verdict = meanings.verdict(call, wait)
    if verdict.bound is Bound.NONE:
        return "" if wait.arrives and meanings.endless_by_design(call, wait) else "for ever"
    if verdict.bound is Bound.FINITE and verdict.given and verdict.seconds is not None and verdict.seconds > _LONGEST:
        return f"{verdict.seconds:g} seconds"
    return ""
