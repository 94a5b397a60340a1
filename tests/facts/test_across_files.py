"""What one file asks of another: every case is a small project, and the last file's calls are looked at."""

import pytest

from reliability_lint.diagnostics import Severity
from reliability_lint.engine.checker import Checker
from reliability_lint.engine.discover import discover
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.facts.collect import collect
from reliability_lint.facts.facts import decode, encode
from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.meanings.match import Meanings
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import Constant, Made
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
    from reliability_lint.engine.sources import FileSources

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


@pytest.mark.parametrize(
    "files",
    [
        {"shop/http.py": "from shop.orders import client\n", "shop/orders.py": "from shop.http import client\nclient.get(u)"},
        {"shop/orders.py": "from shop.nowhere import client\nclient.get(u)"},
        {"shop/http.py": "def client(:", "shop/orders.py": "from shop.http import client\nclient.get(u)"},
        {"shop/http.py": "from .http import *\n", "shop/orders.py": "from shop.http import client\nclient.get(u)"},
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


def test_a_session_from_another_file_is_a_session():
    found = check_files(
        {"shop/http.py": HTTP, "shop/orders.py": "from shop.http import session\n\ndef price(sku):\n    return session.get(sku)\n"},
        ["REL101"],
    )
    assert [(d.region.line, d.code, d.severity) for d in found["shop/orders.py"]] == [(4, "REL101", Severity.WARNING)]
