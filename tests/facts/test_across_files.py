"""What one file asks of another: every case is a small project, and the last file's calls are looked at."""

from pathlib import Path

import pytest

from reliability_lint.diagnostics import Severity
from reliability_lint.engine.checker import Checker
from reliability_lint.engine.discover import discover
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.engine.sources import FileSources
from reliability_lint.facts.collect import collect
from reliability_lint.facts.facts import decode, encode
from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.meanings.match import Meanings
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import Constant, Made, Reference
from reliability_lint.syntax.tree import parse
from reliability_lint.testing import check_files
from reliability_lint.text.source import SourceFile

HTTP = "import httpx\nimport requests\n\nclient = httpx.Client(timeout=None)\nsession = requests.Session()\nTIMEOUT = 5\n"


def calls_in(tmp_path, files, last):
    """The calls of one file of a project, evaluated with the others at hand."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for parent in [path.parent, *path.parent.parents]:
            if parent == tmp_path or tmp_path not in parent.parents:
                break
            (parent / "__init__.py").touch()
        path.write_text(text)
    (tmp_path / "pyproject.toml").touch()
    checker = Checker()
    discovery = discover([str(tmp_path)], Lookup(isolated=True))
    for found in discovery.files:
        checker.expect(found)
    from reliability_lint.engine.check import prepare

    path = tmp_path / last
    module, is_package = checker.layout.module_name(path)
    prepared = prepare(str(path), last, path.read_text(), Settings(), module, is_package=is_package)
    prepared.model.sources = FileSources(path, checker.layout, checker.facts_of)
    prepared.model.forget()
    Meanings(prepared.model, prepared.index)
    return prepared.model.calls


@pytest.mark.parametrize(
    ("files", "using"),
    [
        ({"shop/http.py": HTTP}, "from shop.http import client\nclient.get(u)"),
        ({"shop/http.py": HTTP}, "from shop import http\nhttp.client.get(u)"),
        ({"shop/http.py": HTTP}, "import shop.http\nshop.http.client.get(u)"),
        ({"shop/http.py": HTTP}, "from .http import client\nclient.get(u)"),
        ({"shop/http.py": HTTP}, "from . import http\nhttp.client.get(u)"),
        ({"shop/http.py": HTTP}, "from shop.http import client as c\nc.get(u)"),
        ({"shop/http.py": HTTP}, "from shop.http import *\nclient.get(u)"),
        ({"shop/http.py": HTTP, "shop/__init__.py": "from .http import client\n"}, "from shop import client\nclient.get(u)"),
        ({"shop/http.py": HTTP, "shop/again.py": "from shop.http import *\n"}, "from shop.again import client\nclient.get(u)"),
        (
            {"shop/http.py": HTTP, "shop/again.py": "from shop import http\nthe_client = http.client\n"},
            "from shop.again import the_client\nthe_client.get(u)",
        ),
        (
            {"shop/http.py": "import httpx\ndef make():\n    return httpx.Client(timeout=None)\n"},
            "from shop.http import make\nmake().get(u)",
        ),
        (
            {
                "shop/http.py": "import httpx\ndef make():\n    return httpx.Client(timeout=None)\n",
                "shop/one.py": "from shop.http import make\nclient = make()\n",
            },
            "from shop.one import client\nclient.get(u)",
        ),
        (
            {"shop/http.py": "import httpx\nclass Api:\n    def __init__(self):\n        self.client = httpx.Client(timeout=None)\n"},
            "from shop.http import Api\nApi().client.get(u)",
        ),
        (
            {"shop/http.py": "import httpx\nclass Api:\n    def __init__(self):\n        self.client = httpx.Client(timeout=None)\n"},
            "from shop.http import Api\nclass Orders(Api):\n    def f(self):\n        self.client.get(u)",
        ),
        (
            {"shop/http.py": "import httpx\nT = None\nclient = httpx.Client(timeout=T)\n"},
            "def f():\n    from shop.http import client\n    client.get(u)",
        ),
    ],
)
def test_a_client_from_elsewhere_keeps_the_timeout_that_it_was_made_with(tmp_path, files, using):
    call = next(
        call for call in calls_in(tmp_path, {**files, "shop/orders.py": using}, "shop/orders.py") if call.name == "httpx.Client.get"
    )
    made = call.made.owner
    assert isinstance(made, Made)
    assert made.argument("timeout") == Constant(None)
    assert made.site is not None
    assert made.site.path.endswith("shop/http.py")


CLASS = "class Api:\n    def __init__(self):\n        self.client = httpx.Client(timeout=None)\n"


@pytest.mark.parametrize(
    ("elsewhere", "using"),
    [
        # Made when it is first asked for, or by something that is cached, or with something else.
        (
            "_client = None\ndef get():\n    global _client\n    if _client is None:\n        _client = httpx.Client(timeout=None)\n    return _client",
            "from shop.http import get\nget().get(u)",
        ),
        (
            "_client: httpx.Client | None = None\ndef start():\n    global _client\n    _client = httpx.Client(timeout=None)",
            "from shop import http\nhttp._client.get(u)",
        ),
        (
            "from functools import cache\n@cache\ndef get():\n    return httpx.Client(timeout=None)",
            "from shop.http import get\nget().get(u)",
        ),
        ("def get():\n    return httpx.Client(timeout=None), URL", "from shop.http import get\nclient, url = get()\nclient.get(u)"),
        ("async def get():\n    return httpx.Client(timeout=None)", "from shop.http import get\nasync def f():\n    (await get()).get(u)"),
        ("make = lambda: httpx.Client(timeout=None)", "from shop.http import make\nmake().get(u)"),
        ("from functools import partial\nmake = partial(httpx.Client, timeout=None)", "from shop.http import make\nmake().get(u)"),
        # Entered.
        (
            "from contextlib import contextmanager\n@contextmanager\ndef opened():\n    with httpx.Client(timeout=None) as c:\n        yield c",
            "from shop.http import opened\nwith opened() as client:\n    client.get(u)",
        ),
        (
            "class Opened:\n    def __enter__(self):\n        self.client = httpx.Client(timeout=None)\n        return self.client",
            "from shop.http import Opened\nwith Opened() as client:\n    client.get(u)",
        ),
        (CLASS + "    def __enter__(self):\n        return self", "from shop.http import Api\nwith Api() as api:\n    api.client.get(u)"),
        # Kept.
        (CLASS, "from shop.http import Api\ndef f(api: Api):\n    api.client.get(u)"),
        (CLASS, "from shop.http import Api\ndef f(api: 'Api | None' = None):\n    api.client.get(u)"),
        (
            CLASS,
            "from shop import http\nclass Orders:\n    def __init__(self):\n        self.api = http.Api()\n    def f(self):\n        self.api.client.get(u)",
        ),
        (
            CLASS,
            "from dataclasses import dataclass\nfrom shop.http import Api\n@dataclass\nclass Orders:\n    api: Api\n    def f(self):\n        self.api.client.get(u)",
        ),
        (CLASS + "    @classmethod\n    def make(cls):\n        return cls()", "from shop.http import Api\nApi.make().client.get(u)"),
        (CLASS + "api = Api()", "from shop.http import api\napi.client.get(u)"),
        (
            "class Base:\n    client = None\n    def start(self):\n        self.client = httpx.Client(timeout=None)",
            "from shop.http import Base\nclass Api(Base):\n    def f(self):\n        self.client.get(u)",
        ),
        (
            "class Base:\n    @property\n    def client(self):\n        return httpx.Client(timeout=None)",
            "from shop.http import Base\nclass Api(Base):\n    def f(self):\n        self.client.get(u)",
        ),
        (
            "class Opened:\n    def __enter__(self) -> NoReturn:\n        raise RuntimeError('async with')\n    def __exit__(self, *_): ...\n    async def __aenter__(self):\n        return httpx.Client(timeout=None)",
            "from shop.http import Opened\nasync def f():\n    async with Opened() as client:\n        client.get(u)",
        ),
        (
            "def get():\n    if OFF:\n        return None, None\n    return KEYS, httpx.Client(timeout=None)",
            "from shop.http import get\nclass Api:\n    def __init__(self):\n        self.keys, self.client = get()\n    def f(self):\n        self.client.get(u)",
        ),
        (
            "try:\n    from unheard_of import get\nexcept ImportError:\n    def get():\n        return httpx.Client(timeout=None)\nclient = get()",
            "from shop.http import client\nclient.get(u)",
        ),
        ("clients = {'a': httpx.Client(timeout=None)}", "from shop.http import clients\ndef f(name):\n    clients[name].get(u)"),
        # Injected, by an alias too.
        (
            "from fastapi import Depends\ndef get():\n    with httpx.Client(timeout=None) as c:\n        yield c",
            "from fastapi import Depends\nfrom shop.http import get\ndef f(client=Depends(get)):\n    client.get(u)",
        ),
        (
            "from typing import Annotated\nfrom fastapi import Depends\ndef get():\n    return httpx.Client(timeout=None)\nHttp = Annotated[httpx.Client, Depends(get)]",
            "from shop.http import Http\ndef f(client: Http):\n    client.get(u)",
        ),
        (CLASS, "from fastapi import Depends\nfrom shop.http import Api\ndef f(api=Depends(Api)):\n    api.client.get(u)"),
        (CLASS, "from fastapi import Depends\nfrom shop.http import Api\ndef f(api: Api = Depends()):\n    api.client.get(u)"),
    ],
)
def test_forms_cross_files(tmp_path, elsewhere, using):
    files = {"shop/http.py": f"import httpx\n{elsewhere}\n", "shop/orders.py": using}
    call = next(call for call in calls_in(tmp_path, files, "shop/orders.py") if call.name == "httpx.Client.get")
    made = call.made.owner
    assert isinstance(made, Made)
    assert made.argument("timeout") == Constant(None)


@pytest.mark.parametrize(
    ("elsewhere", "using"),
    [
        (
            "from typing import Optional\nHttp = Optional[httpx.Client]",
            "from shop.http import Http\ndef f(client: Http = None):\n    client.get(u)",
        ),
        ("Http = httpx.Client | None", "from shop.http import Http\ndef f(client: Http):\n    client.get(u)"),
        ("type Http = httpx.Client", "from shop.http import Http\ndef f(client: Http):\n    client.get(u)"),
        ("def get() -> httpx.Client: ...", "from shop.http import get\nget().get(u)"),
        ("client: httpx.Client = somewhere.client", "from shop.http import client\nclient.get(u)"),
        ("clients: dict[str, httpx.Client] = {}", "from shop.http import clients\ndef f(name):\n    clients[name].get(u)"),
        (
            "from contextlib import AbstractContextManager\ndef opened() -> AbstractContextManager[httpx.Client]:\n    return registry['c']",
            "from shop.http import opened\nwith opened() as client:\n    client.get(u)",
        ),
        (
            "from typing import AsyncContextManager\nclass Api:\n    def opened(self) -> 'AsyncContextManager[httpx.Client]': ...",
            "from shop.http import Api\nasync def f(api: Api):\n    async with api.opened() as client:\n        client.get(u)",
        ),
        ("class Api:\n    client: httpx.Client", "from shop.http import Api\ndef f(api: Api):\n    api.client.get(u)"),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass Api:\n    client: httpx.Client = field(default_factory=httpx.Client)",
            "from shop.http import Api\ndef f(api: Api):\n    api.client.get(u)",
        ),
        ("from shop.orders import make\nclient: httpx.Client = make()", "from shop.http import client\ndef make(): ...\nclient.get(u)"),
    ],
)
def test_promises_cross_files(tmp_path, elsewhere, using):
    files = {"shop/http.py": f"import httpx\n{elsewhere}\n", "shop/orders.py": using}
    assert "httpx.Client.get" in [call.name for call in calls_in(tmp_path, files, "shop/orders.py")]


@pytest.mark.parametrize(
    ("package", "base"),
    [("from shop.base import Base", "shop.Base"), ("from shop import base\nholder = base", "shop.holder.Base")],
    ids=["re-exported", "of another module"],
)
def test_a_base_class_is_found_where_it_is_defined(tmp_path, package, base):
    files = {
        "shop/__init__.py": package,
        "shop/base.py": "import httpx\nclass Base:\n    client = httpx.Client(timeout=None)\n",
        "shop/api.py": f"import shop\nclass Api({base}): ...\n",
        "shop/orders.py": "from shop.api import Api\nApi().client.get(u)",
    }
    assert "httpx.Client.get" in [call.name for call in calls_in(tmp_path, files, "shop/orders.py")]


def test_the_models_of_flask_sqlalchemy_are_attributes_of_an_object(tmp_path):
    files = {
        "shop/db.py": "from flask_sqlalchemy import SQLAlchemy\nclass Database(SQLAlchemy): ...\ndb = Database()\n",
        "shop/models.py": "from shop.db import db\nclass Order(db.Model): ...\n",
        "shop/orders.py": "from shop.models import Order\nOrder.query.filter_by(paid=True).first()",
    }
    assert "sqlalchemy.orm.Query.first" in [call.name for call in calls_in(tmp_path, files, "shop/orders.py")]


@pytest.mark.parametrize(
    "code",
    [
        # What is imported may be known itself, what stands in may not be what is imported, or may stand in for something else.
        "try:\n    from httpx import Client as get\nexcept ImportError:\n    def get(): return httpx.AsyncClient(timeout=None)",
        "try:\n    from unheard_of import get\nexcept KeyError:\n    def get(): return httpx.Client(timeout=None)",
        "try:\n    from unheard_of import get\nexcept ImportError:\n    get = httpx.Client",
        "try:\n    get = registry['get']\nexcept ImportError:\n    def get(): return httpx.Client(timeout=None)",
    ],
)
def test_what_stands_in_for_a_failed_import(tmp_path, code):
    files = {"shop/http.py": f"import httpx\n{code}\nclient = get()\n", "shop/orders.py": "from shop.http import client\nclient.get(u)"}
    assert "httpx.Client.get" not in [call.name for call in calls_in(tmp_path, files, "shop/orders.py")]


def test_a_client_declared_here_and_made_there(tmp_path):
    files = {
        "shop/make.py": "import httpx\ndef make():\n    return httpx.Client(timeout=None)\n",
        "shop/http.py": "import httpx\nfrom shop.make import make\nclient: httpx.Client = make()\n",
        "shop/orders.py": "from shop.http import client\nclient.get(u)",
    }
    call = next(call for call in calls_in(tmp_path, files, "shop/orders.py") if call.name == "httpx.Client.get")
    assert isinstance(call.made.owner, Made)
    assert call.made.owner.argument("timeout") == Constant(None)


@pytest.mark.parametrize(
    ("settings", "asked", "value"),
    [
        ("TIMEOUT = 60 * 2", "from shop.settings import TIMEOUT\nhttpx.get(u, timeout=TIMEOUT)", 120),
        ("TIMEOUT = 60 * 2", "from shop import settings as s\nhttpx.get(u, timeout=s.TIMEOUT)", 120),
        ("class Http:\n    TIMEOUT = 5", "from shop.settings import Http\nhttpx.get(u, timeout=Http.TIMEOUT)", 5),
        ("class Http:\n    TIMEOUT = 5\nhttp = Http()", "from shop.settings import http\nhttpx.get(u, timeout=http.TIMEOUT)", 5),
        ("from enum import Enum\nclass T(Enum):\n    SHORT = 5", "from shop.settings import T\nhttpx.get(u, timeout=T.SHORT.value)", 5),
        ("T = {'fast': 5}", "from shop.settings import T\nhttpx.get(u, timeout=T['fast'])", 5),
        (
            "from datetime import timedelta\nT = timedelta(minutes=1)",
            "from shop.settings import T\nhttpx.get(u, timeout=T.total_seconds())",
            60.0,
        ),
        ("import math\nT = math.inf", "from shop.settings import T\nhttpx.get(u, timeout=T)", float("inf")),
        ("T = float('inf')", "from shop.settings import T\nhttpx.get(u, timeout=T)", float("inf")),
    ],
)
def test_constants_of_all_kinds_cross_files(tmp_path, settings, asked, value):
    files = {"shop/settings.py": settings + "\n", "shop/orders.py": "import httpx\n" + asked}
    call = next(call for call in calls_in(tmp_path, files, "shop/orders.py") if call.name == "httpx.get")
    assert call.argument("timeout") == Constant(value)


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ("import os\nT = os.getenv('T', 5)", "from shop.settings import T\nhttpx.get(u, timeout=T)"),
        ("from decouple import config\nT = config('T', default=None)", "from shop.settings import T\nhttpx.get(u, timeout=T)"),
        (
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    timeout: float | None = None\nsettings = S()",
            "from shop.settings import settings\nhttpx.get(u, timeout=settings.timeout)",
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass S:\n    timeout: float = 0",
            "from shop.settings import S\ndef f(s: S):\n    httpx.get(u, timeout=s.timeout)",
        ),
    ],
)
def test_settings_may_say_anything(tmp_path, settings, asked):
    files = {"shop/settings.py": settings + "\n", "shop/orders.py": "import httpx\n" + asked}
    call = next(call for call in calls_in(tmp_path, files, "shop/orders.py") if call.name == "httpx.get")
    assert not isinstance(call.argument("timeout"), Constant)


def test_the_timeout_of_a_client_from_a_third_file(tmp_path):
    files = {
        "shop/settings.py": "TIMEOUT = None\n",
        "shop/http.py": "import httpx\nfrom shop.settings import TIMEOUT\nclient = httpx.Client(timeout=TIMEOUT)\n",
        "shop/orders.py": "from shop.http import client\nclient.get(u)",
    }
    call = next(call for call in calls_in(tmp_path, files, "shop/orders.py") if call.name == "httpx.Client.get")
    assert call.made.owner.argument("timeout") == Constant(None)


@pytest.mark.parametrize(
    "files",
    [
        {"shop/http.py": "from shop.orders import client\n", "shop/orders.py": "from shop.http import client\nclient.get(u)"},
        {"shop/orders.py": "from shop.nowhere import client\nclient.get(u)"},
        {"shop/http.py": "def client(:", "shop/orders.py": "from shop.http import client\nclient.get(u)"},
        {"shop/http.py": "from .http import *\n", "shop/orders.py": "from shop.http import client\nclient.get(u)"},
        {
            "shop/http.py": "from shop.orders import make\n",
            "shop/orders.py": "from shop.http import make\ndef make():\n    return make()\nmake().get(u)",
        },
        {
            "shop/http.py": "from shop.orders import b\ndef a():\n    return b(), b()\n",
            "shop/orders.py": "from shop.http import a\ndef b():\n    return a(), a()\nb()[0].get(u)",
        },
        {"shop/http.py": "client = client.client\n", "shop/orders.py": "from shop.http import client\nclient.client.client.get(u)"},
    ],
)
def test_circles_and_holes_are_unknown(tmp_path, files):
    assert not [call for call in calls_in(tmp_path, files, "shop/orders.py") if call.name.endswith("Client.get")]


def test_constants_cross_files(tmp_path):
    files = {"shop/http.py": HTTP, "shop/orders.py": "import requests\nfrom shop.http import TIMEOUT\nrequests.get(u, timeout=TIMEOUT)"}
    call = calls_in(tmp_path, files, "shop/orders.py")[-1]
    assert call.argument("timeout") == Constant(5)


def test_facts_are_plain_data_and_deterministic():
    text = HTTP + "class Api:\n    def __init__(self):\n        self.client = client\n    def get(self):\n        return self.client\n"

    def facts():
        model = build(SemanticModel(parse(text), index_for(Versions()), module_name="shop.http"))
        return collect(model, SourceFile("shop/http.py", text))

    assert encode(facts()) == encode(facts())
    assert decode(encode(facts())) == facts()
    assert facts().names["TIMEOUT"] == Constant(5)
    assert facts().names["client"].site.line == 4


def test_infinity_crosses_processes():
    text = "import math\nT = math.inf\nS = float('inf')\nU = -math.inf\n"
    facts = collect(
        build(SemanticModel(parse(text), index_for(Versions()), module_name="shop.settings")), SourceFile("shop/settings.py", text)
    )
    assert {name: facts.names.get(name) for name in "TSU"} == {"T": Reference("math.inf"), "S": Reference("math.inf"), "U": None}
    assert decode(encode(facts)) == facts


ADAPTER = """
import requests
from contextlib import contextmanager
from requests.adapters import HTTPAdapter

class WithTimeout(HTTPAdapter):
    def send(self, request, **kwargs):
        kwargs.setdefault("timeout", 10)
        return super().send(request, **kwargs)

def make():
    session = requests.Session()
    session.mount("https://", WithTimeout())
    return session

"""


@pytest.mark.parametrize(
    ("elsewhere", "using"),
    [
        ("", "from shop.http import make\nmake().get(u)"),
        ("sessions = {'a': make()}", "from shop.http import sessions\nsessions['a'].get(u)"),
        ("pair = make(), 5", "from shop.http import pair\npair[0].get(u)"),
        ("def both():\n    return make(), 5", "from shop.http import both\nsession, number = both()\nsession.get(u)"),
        ("again = lambda: make()", "from shop.http import again\nagain().get(u)"),
        ("@contextmanager\ndef opened():\n    yield make()", "from shop.http import opened\nwith opened() as session:\n    session.get(u)"),
        ("session: requests.Session = make()", "from shop.http import session\nsession.get(u)"),
    ],
)
def test_sessions_that_their_file_changes_are_left_alone(elsewhere, using):
    found = check_files({"shop/http.py": ADAPTER + elsewhere + "\n", "shop/orders.py": using}, ["REL101"])
    assert found == {"shop/http.py": [], "shop/orders.py": []}


def test_a_session_from_another_file_is_a_session():
    found = check_files(
        {"shop/http.py": HTTP, "shop/orders.py": "from shop.http import session\n\ndef price(sku):\n    return session.get(sku)\n"},
        ["REL101"],
    )
    assert [(d.region.line, d.code, d.severity) for d in found["shop/orders.py"]] == [(4, "REL101", Severity.WARNING)]


PROJECTS = Path(__file__).parents[2] / "fixtures"


@pytest.mark.parametrize("path", sorted(PROJECTS.rglob("*.py")), ids=lambda path: str(path.relative_to(PROJECTS)))
def test_what_was_found_without_the_other_files_is_kept_only_if_they_change_nothing(path):
    """Each file is looked at twice, once after its facts were collected without the others, as in a run, and once with the others from the start."""
    checker = Checker()
    for found in discover([str(path.parent)], Lookup(isolated=True)).files:
        checker.expect(found)
    text = path.read_text()
    tree = parse(text)
    module, is_package = checker.layout.module_name(path)

    def made(*, collected):
        model = build(SemanticModel(tree, index_for(Versions()), module_name=module, is_package=is_package))
        if collected:
            collect(model, SourceFile(path.name, text))
        model.sources = FileSources(path, checker.layout, checker.facts_of)
        model.forget()
        Meanings(model, index_for(Versions()))
        return [call.made for call in model.calls]

    assert made(collected=True) == made(collected=False)
