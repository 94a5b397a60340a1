from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import (
    Call,
    Constant,
    Datum,
    Entries,
    Findings,
    Function,
    Missing,
    Note,
    Response,
    Return,
    Route,
    find,
    probe,
    rule,
)

_FAILED = re.compile(
    r"^(un_?healthy|error|err|down|fail(ed|ing|ure)?|ko|nok|not_?ok|not_?(ready|available|healthy|alive|connected)|unavailable|critical|dead|offline"
    r"|disconnected|unreachable|broken|service_unavailable)$"
)
_ANSWER = re.compile(
    r"^(status|state|health|healthy|is_?healthy|ok|ready|is_?ready|alive|up|live|success|available|result|database|db|cache)$"
)


@rule("REL173", severity="error")
def health_success_on_failure(function: Function, route: Route) -> Findings:
    """
    A health check that reports a failure with status 200.

    Load balancers and orchestrators read the status alone. One that is 200 keeps a broken process in rotation, and requests go on being sent to it.

    A service that is "degraded" may well go on to be asked, so that is left alone.

    Bad:

        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/readyz")
        async def readyz():
            try:
                await ask_database()
            except Exception:
                return {"status": "unhealthy"}  # REL173 "status 200"
            return {"status": "ok"}

    Bad (a response without a status):

        from django.http import JsonResponse
        from django.urls import path

        def health(request):
            if not database_answers():
                return JsonResponse({"ok": False})  # REL173
            return JsonResponse({"ok": True})

        urlpatterns = [path("healthz", health)]

    Good:

        from fastapi import FastAPI, HTTPException, Response
        from fastapi.responses import JSONResponse

        app = FastAPI()

        @app.get("/readyz")
        async def readyz():
            try:
                await ask_database()
            except Exception:
                return JSONResponse({"status": "unhealthy"}, status_code=503)
            return {"status": "ok"}

        @app.get("/health/ready")
        async def ready(response: Response):
            if not await warm():
                response.status_code = 503
                return {"status": "unhealthy"}
            return {"status": "ok"}

        @app.get("/parcels/{parcel}/status")
        async def status(parcel: str):
            if await lost(parcel):
                return {"status": "failed"}  # of the parcel, not of the service
            return {"status": "on its way"}
    """
    if probe(function) is None or _sets_status(function):
        return
    for place in function.returns:
        if place.value is not None and _is_branch(place) and _says_failed(place, place.value, function, route):
            ways = function.model.meanings.ways(function)
            yield place.finding(
                "a failed check is answered with status 200: who asks looks at the status alone, and goes on sending requests",
                cure="answer with status 503",
                notes=(Note(ways[0].at, "this is a health check"),) if ways else (),
            )


def _sets_status(function: Function) -> bool:
    """Whether the function sets the status of a response by an assignment, or by telling the framework."""
    assigned = any(
        one.function is function and one.target.attr.value in ("status", "status_code") for one in function.model.attribute_assignments
    )
    return assigned or any(call.word in ("set_status", "setStatus", "status", "abort", "send_error") for call in function.calls)


def _is_branch(place: Return) -> bool:
    """Whether something decides that this is returned."""
    return any(frame.kind in ("handler", "if", "else", "case", "try-else") for frame in place.frame.within_function())


def _says_failed(place: Return, value: cst.BaseExpression, function: Function, route: Route) -> bool:
    """Whether a returned value speaks of failure, and has no status but that of success."""
    meanings = function.model.meanings
    if isinstance(value, cst.Tuple):
        parts = [element.value for element in value.elements]
        codes = [place.evaluate(part) for part in parts[1:]]
        succeeds = bool(codes) and isinstance(codes[0], Constant) and codes[0].value == 200
        return succeeds and _says_failed(place, parts[0], function, route)
    call = meanings.at(value.expression if isinstance(value, cst.Await) else value)
    response = meanings.means(call, Response) if call is not None else None
    if call is not None and response is not None:
        return _succeeds(call, response) and any(_is_failure(body) for body in _bodies(call, response))
    return route.sends_return and bool(meanings.ways(function)) and _is_failure(place.evaluate(value))


def _succeeds(call: Call, response: Response) -> bool:
    status = find(response.status, call.made) if response.status is not None else Missing.ABSENT
    if status is Missing.ABSENT:
        return response.default_status < 300 and not call.made.open
    return isinstance(status, Constant) and status.value == 200


def _bodies(call: Call, response: Response) -> list[Datum]:
    found = [find(body, call.made) for body in response.body]
    if response.rest is not None:
        found += call.made.arguments[response.rest :]
    if response.keywords:
        found.append(Entries(tuple((Constant(key), value) for key, value in call.made.keywords.items())))
    # A body may be turned into text on its way.
    made = [datum for datum in found if not isinstance(datum, Missing)]
    return [argument for datum in made for argument in (datum, *getattr(datum, "arguments", ()))]


def _is_failure(body: Datum) -> bool:
    """Whether a body says that something does not work."""
    if isinstance(body, Constant):
        return isinstance(body.value, str) and _FAILED.match(_word(body.value)) is not None
    if not isinstance(body, Entries):
        return False
    answers = [
        value.value
        for key, value in body.entries
        if isinstance(key, Constant) and isinstance(key.value, str) and _ANSWER.match(_word(key.value)) and isinstance(value, Constant)
    ]
    return any(answer is False or (isinstance(answer, str) and _FAILED.match(_word(answer)) is not None) for answer in answers)


def _word(text: str) -> str:
    return text.strip().lower().replace(" ", "_").replace("-", "_").rstrip(".!")
