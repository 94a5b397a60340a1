"""Code that is right and unlike what one has in mind when writing a rule: with every rule, none fails on it, and what stands beside it is found."""

from pathlib import Path

import pytest

from reliability_lint.api import check_paths
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.testing import check_files
from tools.bench import long_function

KNOWN = """
import requests

def price(sku):
    return requests.get(sku)
"""

DECORATORS = """
import functools
from fastapi import FastAPI, Depends
from tenacity import retry, stop_after_attempt

app = FastAPI()
marks = [lambda f: f, app.get("/marked")]
plugins = {"retry": retry(stop=stop_after_attempt(3))}

@(lambda f: f)
def plain():
    return requests.get("https://rates.example")

@marks[0]
@marks[1]
def marked():
    return 1

@plugins["retry"]
async def retried():
    return 2

@app.get("/a") if marks else app.post("/a")
async def either():
    return 3

@(app.get("/b") or (lambda f: f))
@(walrus := app.post("/c"))
def or_else():
    return 4

@functools.partial(app.get, "/d")()
def partial():
    return 5

@[app.get("/e")][0]
@(yes for yes in marks).__next__()
class NotAFunction:
    pass

@app.get("/f")(lambda f: f)
async def called_twice():
    return 6

@...
@None
@1
@"text"
@f"{marks}"
@{}.get("x")
@(await_ := marks[0])
@-marks[0]
@not_there.at_all
@getattr(app, "get")("/g")
@type("X", (), {})
async def nonsense():
    return 7
"""

LAMBDAS = """
import asyncio
import atexit
import signal
import threading
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Route
from aiohttp import web
from django.urls import path
from celery import Celery

app, flask, celery = FastAPI(on_startup=[lambda: None]), Flask(__name__), Celery()
app.get("/a")(lambda: requests.get("https://rates.example", timeout=1))
app.add_api_route("/b", lambda x=lambda: 1: x())
app.add_exception_handler(Exception, lambda request, error: {"error": str(error)})
app.exception_handler(ValueError)(lambda request, error: None)
app.middleware("http")(lambda request, call_next: call_next(request))
flask.add_url_rule("/c", view_func=lambda: ("", 200))
flask.errorhandler(500)(lambda error: (str(error), 500))
starlette = Starlette(routes=[Route("/d", lambda request: None)], lifespan=lambda app: None)
other = web.Application()
other.router.add_get("/e", lambda request: web.Response())
other.on_startup.append(lambda app: None)
urlpatterns = [path("f", lambda request: None), path("g", (lambda: lambda request: None)())]
celery.task(lambda: requests.post("https://rates.example", timeout=1))
celery.task(bind=True)(lambda self: self.retry())
atexit.register(lambda: None)
signal.signal(signal.SIGTERM, lambda *_: None)
threading.Thread(target=lambda: requests.get("https://rates.example", timeout=1)).start()
make = lambda *a, k=lambda: (yield), **kw: (lambda: (await_ := a))
later = lambda: asyncio.create_task((lambda: None)())
"""

STARS = """
from requests import *
from asyncio import *
from shop.nowhere import *
from . import *
from .. import *
from .rates import *
import os.path as os, sys as requests_
def f():
    return get("https://rates.example")
async def g():
    create_task(f())
    sleep(1)
"""

METACLASSES = """
import abc
from sqlalchemy.orm import DeclarativeBase, Session

class Meta(type):
    def __new__(mcs, name, bases, space, **options):
        return super().__new__(mcs, name, bases, space)
    def __call__(cls, *args, **kwargs):
        return requests.get(cls.url, timeout=1)
    @property
    def url(cls):
        return "https://rates.example"

class Client(metaclass=Meta, retries=3): ...
class Other(Client, (lambda: object)(), *[Meta], **{"retries": 4}): ...
class Abstract(requests.Session, metaclass=abc.ABCMeta):
    @abc.abstractmethod
    async def get(self): ...
class Computed((Abstract if KNOWN else Client)): ...
class Itself(Itself): ...
class Named(type("Base", (requests.Session,), {"timeout": 1})):
    def send(self): return super().send()
class Generic[T: requests.Session]:
    def of(self, one: T) -> T: return one.get("https://rates.example", timeout=1)
type Sessions[T] = list[T]
Client()
Client().get("https://rates.example")
Computed().get("x")
Itself().get("x")
"""

CONDITIONAL = """
import sys
try:
    import requests as http
except ImportError:
    http = None
    try:
        import httpx as http
    except ImportError:
        def http(): ...
        class http: ...
        http = [http for http in [http]]

if http:
    def fetch(url): return http.get(url)
elif sys.version_info >= (3, 12):
    async def fetch(url): return await http.AsyncClient().get(url)
else:
    fetch = lambda url: None

for name in ("get", "post"):
    def fetch_all(url, name=name): return getattr(http, name)(url)
    class Fetcher:
        if name == "get":
            def fetch(self): return fetch(self)
        else:
            fetch = fetch_all
        for attempt in range(3):
            try:
                fetch = property(fetch)
            except Exception:
                continue
while not http:
    with open(__file__) as http:
        async def fetch(url): return fetch(url)
match http:
    case None:
        def fetch(url): ...
    case {"fetch": fetch, **http} | [fetch, *http] if (fetch := http):
        del fetch, http
    case http.Session(get=fetch):
        fetch = http
fetch("https://rates.example")
"""

GRPC = '''
# Generated from protos/pricing.proto.
"""Client and server classes corresponding to protobuf-defined services."""
import warnings

import grpc

from shop.protos import pricing_pb2 as shop_dot_protos_dot_pricing__pb2

GRPC_GENERATED_VERSION = "1.85.1"
GRPC_VERSION = grpc.__version__
_version_not_supported = False

try:
    from grpc._utilities import first_version_is_lower
    _version_not_supported = first_version_is_lower(GRPC_VERSION, GRPC_GENERATED_VERSION)
except ImportError:
    _version_not_supported = True

if _version_not_supported:
    raise RuntimeError(
        f"The grpc package installed is at version {GRPC_VERSION},"
        + " but the generated code in shop/protos/pricing_pb2_grpc.py depends on"
        + f" grpcio>={GRPC_GENERATED_VERSION}."
    )


class PricingStub(object):
    """Prices of what the shop sells."""

    def __init__(self, channel):
        self.Quote = channel.unary_unary(
            "/shop.Pricing/Quote",
            request_serializer=shop_dot_protos_dot_pricing__pb2.QuoteRequest.SerializeToString,
            response_deserializer=shop_dot_protos_dot_pricing__pb2.QuoteReply.FromString,
            _registered_method=True)
        self.Watch = channel.unary_stream(
            "/shop.Pricing/Watch",
            request_serializer=shop_dot_protos_dot_pricing__pb2.QuoteRequest.SerializeToString,
            response_deserializer=shop_dot_protos_dot_pricing__pb2.QuoteReply.FromString,
            _registered_method=True)


class PricingServicer(object):
    """Prices of what the shop sells."""

    def Quote(self, request, context):
        context.set_code(grpc.StatusCode.UNIMPLEMENTED)
        context.set_details("Method not implemented!")
        raise NotImplementedError("Method not implemented!")

    def Watch(self, request, context):
        context.set_code(grpc.StatusCode.UNIMPLEMENTED)
        context.set_details("Method not implemented!")
        raise NotImplementedError("Method not implemented!")


def add_PricingServicer_to_server(servicer, server):
    rpc_method_handlers = {
        "Quote": grpc.unary_unary_rpc_method_handler(
            servicer.Quote,
            request_deserializer=shop_dot_protos_dot_pricing__pb2.QuoteRequest.FromString,
            response_serializer=shop_dot_protos_dot_pricing__pb2.QuoteReply.SerializeToString,
        ),
    }
    generic_handler = grpc.method_handlers_generic_handler("shop.Pricing", rpc_method_handlers)
    server.add_generic_rpc_handlers((generic_handler,))
    server.add_registered_method_handlers("shop.Pricing", rpc_method_handlers)


class Pricing(object):
    """Prices of what the shop sells."""

    @staticmethod
    def Quote(request, target, options=(), channel_credentials=None, call_credentials=None, insecure=False, compression=None,
              wait_for_ready=None, timeout=None, metadata=None):
        return grpc.experimental.unary_unary(
            request, target, "/shop.Pricing/Quote",
            shop_dot_protos_dot_pricing__pb2.QuoteRequest.SerializeToString,
            shop_dot_protos_dot_pricing__pb2.QuoteReply.FromString,
            options, channel_credentials, insecure, call_credentials, compression, wait_for_ready, timeout, metadata,
            _registered_method=True)
'''

NESTED = """
import asyncio

def factory(url):
    class Outer:
        session = requests.Session()
        def make(self):
            class Inner(Outer):
                base = url
                def fetch(self):
                    nonlocal_ = self
                    class Innermost(type(self)):
                        async def go(self):
                            def deep():
                                async def deeper():
                                    class Bottom:
                                        result = requests.get(url, timeout=1)
                                        async def go(self): return await self.go()
                                    return Bottom
                                return deeper
                            return await deep()()
                    return Innermost().go()
            return Inner
    return Outer().make()().fetch()
"""

MODULE_GETATTR = """
def __getattr__(name):
    if name == "session":
        return requests.Session()
    if name.startswith("_"):
        raise AttributeError(name)
    return globals()[name.upper()]

def __dir__(): return ["session"]

__all__ = [*__dir__(), *(name for name in globals())]
__path__ = []
session.get("https://rates.example")
__getattr__("session").get("https://rates.example")
"""

HANDLERS = """
import contextlib
async def handlers(errors, index):
    try:
        await errors
    except (lambda: ValueError)():
        pass
    except errors[index]:
        raise
    except (*errors, Exception):
        ...
    except (yield_ := BaseException):
        return
    except ():
        pass
    try:
        await errors
    except* (OSError if index else ValueError) as group:
        raise group from None
    with contextlib.suppress(*errors), contextlib.suppress(), contextlib.nullcontext() as (a, [b, *c]):
        pass
    for attempt, errors[index].x, (a, *b) in errors:
        try: continue
        except: break
        finally: return
    else: raise
    while (got := await errors): del got, errors[0], errors.x
    async for x[0] in errors: ...
    async with errors as x[0], errors as x.y: ...
"""

CALLS = """
import subprocess, time
def odd(a, b):
    (a or b)(timeout=None)
    a()()()(timeout=1)
    a[b](*a, **b)
    (lambda: requests)().get("https://rates.example")
    (yield)(1)
    [requests][0].get("https://rates.example")
    {"r": requests}["r"].get("https://rates.example")
    (requests if a else time).get("https://rates.example")
    requests.get(*a, *b, timeout=1, **{}, **{"timeout": None}, **a)
    requests.get(timeout=(1, 2, 3), url="")
    requests.get("", timeout=-1e999, headers=...)
    requests.get
    requests.get.get.get("", timeout=1)
    time.sleep(*[])
    time.sleep()
    time.sleep(1, 2, 3)
    time.sleep("1")
    time.sleep(1j)
    time.sleep(10 ** 10 ** 3)
    subprocess.run(timeout=1 << 10_000)
    "".join(["%s" * 3]) % (1 / 0, 1 % 0, 2 ** -1, -1 << 2) if a else b"" % {}
    requests.Session.get(requests.Session(), "https://rates.example")
    print((await_ for await_ in a), (requests.get("https://rates.example", timeout=t) for t in [None]))
"""

CASES = {
    "decorators": DECORATORS,
    "lambdas": LAMBDAS,
    "stars": STARS,
    "metaclasses": METACLASSES,
    "conditional": CONDITIONAL,
    "nested": NESTED,
    "module_getattr": MODULE_GETATTR,
    "handlers": HANDLERS,
    "calls": CALLS,
}


@pytest.mark.parametrize("name", CASES)
def test_every_rule_bears_it(name):
    """Under its own name and as a package, after what is known to be found and before it."""
    files = {
        "first.py": KNOWN + CASES[name],
        "last.py": "import requests\n" + CASES[name] + KNOWN,
        "shop/__init__.py": KNOWN + CASES[name],
        "shop/user.py": "import shop\nfrom first import *\nfrom shop import *\nshop.price('x')\n" + KNOWN,
    }
    found = check_files(files, ["all"], include_tests=True)
    wrong = [str(one) for its in found.values() for one in its if one.code in ("REL000", "REL001")]
    assert wrong == []
    for path, its in found.items():
        assert "REL101" in {one.code for one in its}, path


def test_generated_grpc_code(tmp_path):
    """It is left out by its name; taken for a file of ours, no rule fails on it, and those that call it are checked."""
    user = (
        KNOWN
        + "\nimport grpc\nfrom shop.protos import pricing_pb2_grpc\n\ndef quote(channel: grpc.Channel, request):\n    return pricing_pb2_grpc.PricingStub(channel).Quote(request)\n"
    )
    files = {
        "shop/protos/pricing_pb2_grpc.py": GRPC,
        "shop/protos/pricing.py": GRPC.replace("# Generated from", "# As in"),
        "shop/quotes.py": user,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    report = check_paths(
        [str(tmp_path)], Lookup(isolated=True, change=lambda _: Settings(root=str(tmp_path), select=("all",), include_tests=True))
    )
    assert [one for one in report.diagnostics if one.code in ("REL000", "REL001")] == []
    assert {Path(one.region.path).name for one in report.diagnostics if one.code == "REL101"} == {"quotes.py"}
    assert report.checked == 2


def test_a_function_of_two_thousand_lines():
    text = KNOWN + long_function()
    found = check_files({"a.py": text}, ["all"], include_tests=True)["a.py"]
    assert [one for one in found if one.code in ("REL000", "REL001")] == []
    assert [one.region.line for one in found if one.code == "REL101"] == [5, text.count("\n")]
