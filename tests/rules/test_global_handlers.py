"""What counts as a handler of everything, framework by framework: one would speak for all in a folder of fixtures."""

from __future__ import annotations

import pytest

from reliability_lint.testing import check_files

FASTAPI = "from fastapi import FastAPI\n\napp = FastAPI()\n"
STARLETTE = "from starlette.applications import Starlette\nfrom starlette.responses import JSONResponse\n\napp = Starlette()\n"
FLASK = "from flask import Flask, jsonify\n\napp = Flask(__name__)\n"
AIOHTTP = "from aiohttp import web\n\napp = web.Application()\nanswer = web.json_response({})\n"
TORNADO = "import tornado.web\n\n\nclass Orders(tornado.web.RequestHandler):\n    def get(self):\n        self.write({})\n\n\napp = tornado.web.Application([])\n"
DJANGO = "from django.core.wsgi import get_wsgi_application\nimport rest_framework\n\napp = get_wsgi_application()\n"

HANDLERS = [
    ("fastapi", FASTAPI, "@app.exception_handler(Exception)\nasync def unhandled(request, error): ...\n"),
    ("fastapi-status", FASTAPI, "@app.exception_handler(500)\nasync def unhandled(request, error): ...\n"),
    ("fastapi-call", FASTAPI, "app.add_exception_handler(exc_class_or_status_code=Exception, handler=unhandled)\n"),
    ("fastapi-loop", FASTAPI, "for kind, handler in HANDLERS:\n    app.add_exception_handler(kind, handler)\n"),
    (
        "fastapi-middleware",
        FASTAPI,
        "@app.middleware('http')\nasync def errors(request, call_next):\n    try:\n        return await call_next(request)\n    except Exception:\n        return JSON\n",
    ),
    (
        "starlette-middleware",
        STARLETTE,
        "class Errors:\n    async def __call__(self, scope, receive, send):\n        try:\n            await self.app(scope, receive, send)\n        except Exception:\n            ...\n",
    ),
    ("starlette", STARLETTE, "other = Starlette(exception_handlers={Exception: unhandled})\n"),
    ("flask", FLASK, "@app.errorhandler(Exception)\ndef unhandled(error): ...\n"),
    ("flask-http", FLASK, "@app.errorhandler(werkzeug.exceptions.HTTPException)\ndef unhandled(error): ...\n"),
    ("flask-call", FLASK, "app.register_error_handler(500, unhandled)\n"),
    ("flask-extension", FLASK, "import flask_smorest\n"),
    (
        "aiohttp",
        AIOHTTP,
        "@web.middleware\nasync def errors(request, handler):\n    try:\n        return await handler(request)\n    except Exception:\n        ...\n",
    ),
    ("tornado", TORNADO, "class Base:\n    def write_error(self, status, **more): ...\n"),
    ("django", DJANGO, "REST_FRAMEWORK = {'EXCEPTION_HANDLER': 'shop.errors.unhandled'}\n"),
    ("django-page", DJANGO, "handler500 = 'shop.errors.unhandled'\n"),
]

OTHERS = [
    ("fastapi", FASTAPI, "@app.exception_handler(OutOfStock)\nasync def known(request, error): ...\n"),
    ("fastapi-middleware", FASTAPI, "@app.middleware('http')\nasync def timed(request, call_next):\n    return await call_next(request)\n"),
    ("starlette", STARLETTE, ""),
    ("flask", FLASK, "@app.errorhandler(404)\ndef missing(error): ...\n"),
    ("aiohttp", AIOHTTP, "@web.middleware\nasync def timed(request, handler):\n    return await handler(request)\n"),
    ("tornado", TORNADO, ""),
    ("django", DJANGO, "REST_FRAMEWORK = {'PAGE_SIZE': 10}\n"),
]


def said(app: str, other: str) -> list[str]:
    found = check_files({"shop/app.py": app, "shop/other.py": other}, ["REL524"])
    return [one.code for diagnostics in found.values() for one in diagnostics]


@pytest.mark.parametrize(("app", "other"), [pytest.param(app, other, id=name) for name, app, other in HANDLERS])
def test_a_handler_of_everything_is_enough(app, other):
    assert said(app, other) == []


@pytest.mark.parametrize(("app", "other"), [pytest.param(app, other, id=name) for name, app, other in OTHERS])
def test_another_is_none(app, other):
    assert said(app, other) == ["REL524"]


@pytest.mark.parametrize(
    "app", ["from flask import Flask\n\napp = Flask(__name__)\n", "from starlette.applications import Starlette\n\napp = Starlette()\n"]
)
def test_pages_are_for_people(app):
    assert said(app, "") == []


def test_an_application_that_is_made_in_two_branches_is_one():
    assert said("from fastapi import FastAPI\n\nif DEBUG:\n    app = FastAPI(debug=True)\nelse:\n    app = FastAPI()\n", "") == ["REL524"]
