from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import (
    Call,
    Constant,
    Findings,
    Function,
    HttpRequest,
    Note,
    checked,
    find,
    is_local,
    outbound,
    probe,
    rule,
    walk,
)

_OWN_HOST = re.compile(r"//(localhost|127\.|\[::1\]|0\.0\.0\.0)")
_FAILURE = re.compile(r"^(HTTP_)?5\d\d(_|$)|SERVICE_UNAVAILABLE|INTERNAL_SERVER_ERROR")


@rule("REL171", severity="error")
def liveness_checks_dependency(function: Function) -> Findings:
    """
    A liveness check that asks somebody else.

    Whoever fails it is killed and started again. When the database is away for a minute, that befalls every process at once: none of them was broken,
    all of them are gone, and they come back together to a database that has just recovered. Whether others answer is a matter for the readiness check.

    Only paths and names that can mean nothing else count: `/livez`, `/health/live`. What `/health` is asked for, its path does not tell.

    Bad:

        import redis
        from fastapi import FastAPI

        app = FastAPI()
        cache = redis.Redis(socket_timeout=1)

        @app.get("/livez")
        def livez():
            cache.ping()  # REL171 "starts this process again"
            return {"status": "ok"}

    Good:

        import redis
        from fastapi import FastAPI

        app = FastAPI()
        cache = redis.Redis(socket_timeout=1)

        @app.get("/livez")
        def livez():
            return {"status": "ok"}

        @app.get("/readyz")
        def readyz():
            cache.ping()
            return {"status": "ok"}

        @app.get("/health/live")
        def live():
            try:
                cache.ping()
                answers = True
            except redis.RedisError:
                answers = False  # said, but no reason to fail
            return {"status": "ok", "cache": answers}
    """
    if probe(function) != "live":
        return
    told: set[int] = set()
    ways = function.model.meanings.ways(function)
    for call, inner in checked(function):
        if id(call) in told or not outbound(inner) or is_local(inner) or _is_own(inner) or _tolerated(inner) or _tolerated(call):
            continue
        told.add(id(call))
        notes = [Note(ways[0].at, "this is a liveness check")] if ways else []
        if inner is not call:
            notes.append(Note(inner.node, "it is asked here"))
        yield call.finding(
            f"{inner.title}() is asked by a liveness check: when it does not answer, the orchestrator starts this process again, and all others too",
            cure="let the liveness check tell of this process alone, and ask others in the readiness check",
            notes=tuple(notes),
        )


def _is_own(call: Call) -> bool:
    """Whether a request goes to this machine."""
    request = call.model.meanings.means(call, HttpRequest)
    url = find(request.url, call.made) if request is not None and request.url is not None else None
    return isinstance(url, Constant) and isinstance(url.value, str) and _OWN_HOST.search(url.value) is not None


def _tolerated(call: Call) -> bool:
    """Whether a handler around a call takes its failure and does not fail for it."""
    for frame in call.frame.within_function():
        if frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar):
            return not any(_fails(node) for handler in frame.node.handlers for node in walk(handler.body))
    return False


def _fails(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Integer | cst.Name):
        return _FAILURE.search(node.value) is not None
    return isinstance(node, cst.Raise)
