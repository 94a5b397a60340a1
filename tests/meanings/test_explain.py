"""The way back from a call to what told its type, and where it ends."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from reliability_lint.engine.discover import discover
from reliability_lint.engine.insight import Insight
from reliability_lint.engine.settings import Lookup
from reliability_lint.meanings import trail
from reliability_lint.meanings.explain import explain
from reliability_lint.mistake import Mistake

DOCS = Path(__file__).parent.parent.parent / "docs" / "debugging.md"
HTTP = "import httpx\n\nclient = httpx.Client(timeout=None)\n\n\ndef make():\n    return httpx.Client(timeout=3)\n"


def explained(tmp_path, code, **others):
    """The places of a file, with other files of its project at hand."""
    (tmp_path / "pyproject.toml").touch()
    for name, text in {**others, "orders": dedent(code)}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    files = discover([str(tmp_path)], Lookup(isolated=True)).files
    insight = Insight(files)
    (file,) = [file for file in files if file.path.endswith("orders.py")]
    with insight.of(file) as prepared:
        return explain(prepared.model.meanings, prepared.source)


def last(tmp_path, code, **others):
    """The last call of a file."""
    return [place for place in explained(tmp_path, code, **others) if place.kind == "call"][-1]


def way(place):
    return [f"{Path(reason.path).name}:{reason.line} {reason.message}" for reason in place.why]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import requests\nrequests.get(u)", ["orders.py:1 requests is imported: requests"]),
        (
            "import httpx\nclient = httpx.Client()\nclient.get(u)",
            ["orders.py:2 made here by httpx.Client()", "orders.py:1 httpx is imported: httpx"],
        ),
        (
            "import httpx\nwith httpx.Client() as client:\n    client.get(u)",
            ["orders.py:2 client is what `with` enters", "orders.py:2 made here by httpx.Client()", "orders.py:1 httpx is imported: httpx"],
        ),
        ("import httpx\ndef f(client: httpx.Client):\n    client.get(u)", ["orders.py:2 client is annotated as httpx.Client"]),
        (
            """
            import httpx
            class Orders:
                def __init__(self):
                    self.client = httpx.Client()
                def f(self):
                    self.client.get(u)
            """,
            [
                "orders.py:5 Orders.client is set here",
                "orders.py:5 made here by httpx.Client()",
                "orders.py:2 httpx is imported: httpx",
                "orders.py:3 self is an instance: Orders",
            ],
        ),
        (
            """
            import httpx
            from fastapi import Depends
            def connect():
                return httpx.Client()
            def f(client=Depends(connect)):
                client.get(u)
            """,
            [
                "orders.py:6 client is filled by the dependency orders.connect",
                "orders.py:5 made here by httpx.Client()",
                "orders.py:2 httpx is imported: httpx",
            ],
        ),
        (
            "import httpx\ndef connect() -> httpx.Client:\n    return registry['client']\nconnect().get(u)",
            [
                "orders.py:4 given by orders.connect()",
                "orders.py:2 connect is annotated as giving httpx.Client",
                "orders.py:2 connect is defined here",
            ],
        ),
        (
            "import httpx\ndef f(clients: list[httpx.Client]):\n    for client in clients:\n        client.get(u)",
            ["orders.py:3 client is an element here", "orders.py:2 clients is annotated as list[httpx.Client]"],
        ),
        (
            "import httpx\ndef f(client):\n    match client:\n        case httpx.Client() as known:\n            known.get(u)",
            ["orders.py:4 known is matched here"],
        ),
        (
            "from http_clients import client\nclient.get(u)",
            ["orders.py:1 client is imported: http_clients.client", "http_clients.py:3 made here by httpx.Client()"],
        ),
        (
            "from http_clients import make\nmake().get(u)",
            [
                "orders.py:2 given by http_clients.make()",
                "http_clients.py:7 made here by httpx.Client()",
                "orders.py:1 make is imported: http_clients.make",
            ],
        ),
    ],
)
def test_the_way_back(tmp_path, code, expected):
    place = last(tmp_path, code, http_clients=HTTP)
    assert place.concepts
    assert way(place) == expected


@pytest.mark.parametrize(
    ("code", "bound", "because"),
    [
        ("import httpx\nhttpx.get(u)", "finite", "without timeout= it is 5 s in httpx 0."),
        ("import httpx\nhttpx.get(u, timeout=2)", "finite", "timeout=2 is passed"),
        ("import requests\nrequests.get(u)", "none", "without timeout= there is no limit in requests 2."),
        ("import requests\nrequests.get(u, timeout=(1, None))", "partial", "timeout=(1, None) is passed; without end: read"),
        ("import requests\nrequests.get(u, timeout=limit)", "unknown", "it is not known what timeout is"),
        ("import requests\nrequests.get(u, **options)", "unknown", "the call unpacks what may hold timeout"),
        ("import httpx\ndef f(client: httpx.Client):\n    client.get(u)", "unknown", "it is not known how the object was made"),
        ("import httpx\nhttpx.Client(timeout=None).get(u)", "none", "timeout=None is passed where the object is made, by httpx.Client()"),
        ("import httpx\nhttpx.Client().get(u)", "finite", "httpx.Client() is told nothing: without timeout= it is 5 s"),
        ("import httpx\nhttpx.Client(**options).get(u)", "unknown", "httpx.Client() unpacks what may hold timeout"),
        ("import httpx\nhttpx.Client(timeout=limit).get(u)", "unknown", "it is not known what timeout is where the object is made"),
        (
            "import requests\nclass Adapter:\n    pass\nsession = requests.Session()\nsession.mount('https://', Adapter())\nsession.get(u)",
            "unknown",
            "the object may be changed after it was made",
        ),
        ("import queue\njobs = queue.Queue()\njobs.get(block=False)", "finite", "block=False lets it return at once"),
        ("import queue\njobs = queue.Queue()\njobs.get(block=given)", "unknown", "it is not known whether block lets it return at once"),
        ("import asyncio\nasync def f():\n    async with asyncio.timeout(3):\n        pass", "finite", ""),
        ("import httpx\nhttpx.Timeout(None)", "none", "its arguments"),
    ],
)
def test_who_says_how_long(tmp_path, code, bound, because):
    limit = last(tmp_path, code).limit
    assert limit is not None
    assert limit.bound == bound
    assert limit.because.startswith(because)


def test_a_default_that_changed_names_the_version(tmp_path):
    (tmp_path / "requirements.txt").write_text("redis==7.1.0\n")
    limit = last(tmp_path, "import redis\nredis.Redis()").limit
    assert (limit.bound, limit.because) == ("none", "without socket_timeout= there is no limit in redis 7.1.0")


def test_a_limit_from_another_file_says_where(tmp_path):
    limit = last(tmp_path, "from http_clients import client\nclient.get(u)", http_clients=HTTP).limit
    assert (Path(limit.at.path).name, limit.at.line) == ("http_clients.py", 3)


@pytest.mark.parametrize(
    ("code", "kind", "detail"),
    [
        ("def f(client):\n    client.get(u)", trail.PARAMETER, "client"),
        ("def f(client):\n    client.inner.get(u)", trail.PARAMETER, "client"),
        ("def f(client: Client):\n    client.get(u)", trail.ANNOTATION, "client: Client"),
        ("def f(*clients):\n    for client in clients:\n        client.get(u)", trail.ELEMENT, "client"),
        ("clients = load()\nclients['one'].get(u)", trail.ELEMENT, "clients['one']"),
        ("from rates import client\nclient.get(u)", trail.FOREIGN, "rates.client"),
        ("from rates import Client\nClient().get(u)", trail.FOREIGN, "rates.Client()"),
        ("from http_clients import nothing\nnothing.get(u)", trail.IMPORTED, "http_clients.nothing"),
        ("def find():\n    return registry['client']\nfind().get(u)", trail.RESULT, "orders.find()"),
        ("import httpx, requests\nclient = httpx.Client() if a else requests.Session()\nclient.get(u)", trail.DISAGREEING, ""),
        ("from rates import *\nclient.get(u)", trail.STARRED, "client"),
        ("class Orders:\n    def f(self):\n        self.client.get(u)", trail.MEMBER, "orders.Orders.client"),
        (
            "class Orders:\n    def __init__(self, client):\n        self.client = client\n    def f(self):\n        self.client.get(u)",
            trail.PARAMETER,
            "client",
        ),
    ],
)
def test_where_it_ends(tmp_path, code, kind, detail):
    place = last(tmp_path, code, http_clients=HTTP)
    assert place.concepts == ()
    assert place.unknown.startswith(f"{kind}: {detail}") or place.name, place


def test_every_end_is_documented():
    kinds = {value for name, value in vars(trail).items() if name.isupper() and isinstance(value, str)}
    page = DOCS.read_text(encoding="utf-8")
    assert len(kinds) >= 10
    assert [kind for kind in sorted(kinds - {trail.OTHER}) if f"| {kind} |" not in page] == []


def test_functions_are_told_with_what_makes_them_handlers(tmp_path):
    places = explained(
        tmp_path,
        """
        import fastapi
        from django.views import View
        app = fastapi.FastAPI()
        @app.get("/")
        def index():
            return 1
        class Orders(View):
            def get(self, request):
                return 1
        """,
    )
    told = {place.code: (place.concepts, way(place)) for place in places if place.kind == "function"}
    assert told == {
        "def index": (("route",), ["orders.py:5 decorated with fastapi.FastAPI.get"]),
        "def get": (("route",), ["orders.py:8 a method of a class that derives from django.views.View"]),
    }


def test_a_file_that_is_no_python_is_a_mistake(tmp_path):
    with pytest.raises(Mistake, match="no Python"):
        explained(tmp_path, "def f(:\n")


def test_circles_end(tmp_path):
    place = last(
        tmp_path,
        "class A:\n    def __init__(self):\n        self.b = self.c\n        self.c = self.b\n    def f(self):\n        self.b.get(u)",
    )
    assert place.unknown
    assert last(tmp_path, "a = b\nb = a\na.get(u)").unknown


def test_what_a_wrapper_hands_on_is_told(tmp_path):
    rates = "import requests\n\n\ndef fetch(url, timeout=None):\n    return requests.get(url, timeout=timeout)\n"
    place = last(tmp_path, "from rates import fetch\nfetch(u)", rates=rates)
    assert (place.name, place.limit.bound) == ("rates.fetch", "none")
    assert place.limit.because.startswith("without timeout= there is no limit in requests 2.")
    assert way(place) == ["rates.py:5 handed on to requests.get() here", "orders.py:1 fetch is imported: rates.fetch"]
