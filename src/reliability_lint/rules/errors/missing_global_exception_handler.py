from __future__ import annotations

from reliability_lint.project import Application, Finding, Findings, Project, rule


@rule("REL524", severity="warning", set="strict")
def missing_global_exception_handler(project: Project) -> Findings:
    """
    An API without an answer of its own for what nobody expected.

    Frameworks answer an exception that nothing catches with whatever they have: a page in HTML, a line of plain text. The client, which reads JSON, fails
    in its parser and reports that; and there is nothing in the answer by which somebody could find the failure in the log. One handler for everything that
    is left gives the body that all other errors have, with an identifier.

    It is one finding for each application, and only where whole folders are checked. A handler of `Exception` or of status 500 in any file, a middleware that
    catches everything, or an extension that does so, is taken for one. Where frameworks also serve pages, nothing is said of a program that sends no JSON.

    Handlers that give nothing but words are the business of `error-response-without-code` (REL516), those that show what went wrong of
    `exception-detail-in-response` (REL501).

    Bad:

        # shop/app.py
        from fastapi import FastAPI
        from shop.orders import router

        app = FastAPI()  # REL524 "plain text"
        app.include_router(router)

        # shop/orders.py
        from fastapi import APIRouter

        router = APIRouter()

        @router.get("/orders")
        def orders():
            return []

    Bad (errors that are expected are not all):

        from flask import Flask, jsonify

        app = Flask(__name__)  # REL524 "HTML"

        @app.errorhandler(404)
        def missing(error):
            return jsonify(code="missing"), 404

    Good:

        # shop/app.py
        from fastapi import FastAPI
        from shop.errors import unhandled

        app = FastAPI()
        app.add_exception_handler(Exception, unhandled)

        # shop/errors.py
        from fastapi.responses import JSONResponse

        async def unhandled(request, error):
            return JSONResponse({"code": "internal", "request": request.state.id}, 500)

    Good (a middleware sees to it):

        from aiohttp import web

        @web.middleware
        async def errors(request, handler):
            try:
                return await handler(request)
            except web.HTTPException:
                raise
            except Exception:
                log.exception("unhandled")
                return web.json_response({"code": "internal"}, status=500)

        app = web.Application(middlewares=[errors])

    Good (pages, for people):

        from flask import Flask, render_template

        app = Flask(__name__)

        @app.get("/")
        def shop():
            return render_template("shop.html")
    """
    told: set[tuple[str, str]] = set()  # one application may be made in two branches
    for facts, landmark, application in project.landmarks(Application):
        if (
            (facts.path, landmark.call.name) in told
            or not isinstance(application, Application)
            or not application.unhandled
            or landmark.call.open
        ):
            continue
        if application.clients and not project.speaks_of("|".join(application.clients)):
            continue
        if not project.speaks_of("|".join(application.handled_by)):
            told.add((facts.path, landmark.call.name))
            yield Finding(
                landmark.site,
                f"an exception that nothing catches is answered with {application.unhandled}: clients that read JSON fail in their parsers",
                application.cure,
            )
