from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Finding, Findings, Note, SemanticModel, Unbound, excerpt, rule, unbound


@rule("REL537", severity="error")
def error_path_uses_unbound_name(model: SemanticModel) -> Findings:
    """
    A way out of a failure that needs what was never made.

    `conn = pool.acquire()` is the first thing that a `try` does, and `finally` closes `conn`. When there is no connection to be had, there is no `conn`
    either: `UnboundLocalError` comes out in place of the failure, handlers further up do not know it, and the log speaks of a variable. It happens on the
    day when the other side is down, and never in a test.

    A handler or a `finally` is told of, and what comes after a handler that goes on, where the name is bound nowhere before the `try` and something that is
    likely to fail stands before the place that binds it. Of a handler for certain exceptions it must be known that this raises them, or there must be nothing
    else that could.

    Bad:

        def stock(pool, sku):
            try:
                conn = pool.acquire()
                return conn.fetch_one(QUERY, sku)
            finally:
                conn.close()  # REL537 "`conn` is not bound where `pool.acquire()` fails"

    Bad (the answer is logged, and there is none):

        import requests

        def rate(currency):
            try:
                answer = requests.get(URL, params={"to": currency}, timeout=3)
                answer.raise_for_status()
                return answer.json()
            except requests.RequestException:
                log.warning("no rate: %s", answer.text)  # REL537 "`answer`"
                raise

    Bad (the handler goes on):

        def pages(path):
            try:
                text = extract(path)
            except Exception:
                log.exception("%s cannot be read", path)
            return text.split(PAGE)  # REL537 "the handler goes on"

    Good:

        import requests

        def stock(pool, sku):
            conn = pool.acquire()
            try:
                return conn.fetch_one(QUERY, sku)
            finally:
                conn.close()

        def rate(currency):
            answer = None
            try:
                answer = requests.get(URL, params={"to": currency}, timeout=3)
                answer.raise_for_status()
                return answer.json()
            except requests.RequestException:
                log.warning("no rate: %s", answer and answer.text)
                raise

        def rate_or_none(currency):
            try:
                answer = requests.get(URL, params={"to": currency}, timeout=3)
                answer.raise_for_status()
                return answer.json()
            except requests.HTTPError:
                log.warning("no rate: %s", answer.text)  # an answer that says no is one
            except requests.RequestException:
                log.exception("no rate")
            return None

        def pages(path):
            try:
                text = extract(path)
            except Exception:
                log.exception("%s cannot be read", path)
                text = ""
            return text.split(PAGE)
    """
    for one in unbound(model):
        yield Finding(
            at=one.read.node,
            statement=one.read.statement,
            message=_message(one),
            cure=_cure(one),
            notes=(Note(one.cause.node, "this comes before it is bound"),),
        )


def _message(one: Unbound) -> str:
    names = " and ".join(f"`{name}`" for name in one.names)
    are = "is" if len(one.names) == 1 else "are"
    if one.cause.kind == "leave":
        return f"{names} {are} not bound where `{excerpt(one.cause.node)}` leaves the `try`: {one.error} takes its place"
    if one.way == "after":
        return f"{names} {are} not bound where {_words(one.cause.node)} fails and the handler goes on: {one.error} follows"
    return f"{names} {are} not bound where {_words(one.cause.node)} fails: {one.error} takes the place of the failure"


def _cure(one: Unbound) -> str:
    if one.way == "after":
        return "bind it in the handler, or leave there"
    return "bind it before the `try`"


def _words(node: cst.CSTNode) -> str:
    """What fails, in words."""
    match node:
        case cst.Await(expression=awaited):
            return _words(awaited)
        case cst.Call(func=called):
            return f"`{excerpt(called)}()`"
        case cst.For() | cst.CompFor():
            return f"`{excerpt(node.iter)}`"
        case cst.With():
            return f"`{excerpt(node.items[0])}`"
        case cst.BaseExpression() | cst.BaseSmallStatement():
            return f"`{excerpt(node)}`"
    return "what stands before it"
