"""What expressions are: names, instances, constants. Each case is a module whose last line is `ASK(expression)`."""

from textwrap import dedent

import libcst as cst
import pytest

from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.meanings.match import Meanings
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import UNKNOWN, Constant, Instance, Items, Made, Missing, Reference
from reliability_lint.syntax.tree import parse


def model_of(code, name="shop.orders"):
    model = build(SemanticModel(parse(dedent(code)), index_for(Versions()), module_name=name))
    Meanings(model, index_for(Versions()))
    return model


def ask(code):
    """What the argument of the last call of ASK is."""
    model = model_of(code)
    calls = [
        call
        for call in model.calls
        if isinstance(call.node, cst.Call) and isinstance(call.node.func, cst.Name) and call.node.func.value == "ASK"
    ]
    return model.evaluate(calls[-1].node.args[0].value, calls[-1])


def names(code):
    """The names of all calls that are known."""
    return [call.name for call in model_of(code).calls if call.name]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("ASK(5)", 5),
        ("ASK(-1)", -1),
        ("ASK(2.5)", 2.5),
        ("ASK(None)", None),
        ("ASK(True)", True),
        ("ASK(60 * 5)", 300),
        ("ASK('a' 'b')", "ab"),
        (r"ASK('a\n')", "a\n"),
        ("ASK('a' + 'b')", "ab"),
        ("ASK(0x10)", 16),
        ("ASK(1_000)", 1000),
        ("T = 5\nASK(T)", 5),
        ("T = 5\ndef f():\n    ASK(T)", 5),
        ("ASK(float('inf'))", float("inf")),
        ("from datetime import timedelta\nASK(timedelta(minutes=2))", 120.0),
        ("L = {'fast': 1}\nASK(L['fast'])", 1),
        ("class C:\n    T = 3\n    def f(self):\n        ASK(self.T)", 3),
        ("a, b = 1, 2\nASK(b)", 2),
        ("t = None\nt = 5\nASK(t)", 5),
    ],
)
def test_constants(code, value):
    assert ask(code) == Constant(value)


@pytest.mark.parametrize(
    "code",
    [
        "def f(t=None):\n    ASK(t)",
        "t = 5\nif x:\n    t = None\nASK(t)",
        "for t in (1, 2):\n    ASK(t)",
        "t = 1\nt += 1\nASK(t)",
        "ASK(b'bytes')",
        "ASK(1 / 0)",
        "def f():\n    global t\n    t = 2\nt = 1\nASK(t)",
        "x = x\nASK(x)",
        "try:\n    t = 1\nexcept E as t:\n    ASK(t)",
    ],
)
def test_unknown(code):
    assert ask(code) == UNKNOWN


def test_tuples_keep_what_is_known_of_their_parts():
    assert ask("ASK((3, None, x))") == Items("tuple", (Constant(3), Constant(None), UNKNOWN))


@pytest.mark.parametrize(
    "code",
    [
        "import requests\nrequests.get(u)",
        "import requests as r\nr.get(u)",
        "from requests import get\nget(u)",
        "from requests import get as g\ng(u)",
        "from requests.api import get\nget(u)",
        "import requests.api\nrequests.api.get(u)",
        "def f():\n    import requests\n    requests.get(u)",
        "from requests import *\nget(u)",
        "import functools, requests\nfetch = functools.partial(requests.get, timeout=3)\nfetch(u)",
    ],
)
def test_functions_of_modules(code):
    assert "requests.get" in names(code)


@pytest.mark.parametrize(
    "code",
    [
        "s = requests.Session()\ns.get(u)",
        "with requests.Session() as s:\n    s.get(u)",
        "requests.Session().get(u)",
        "s = requests.sessions.session()\ns.get(u)",
        "def f(s: requests.Session):\n    s.get(u)",
        "def f(s: 'requests.Session | None' = None):\n    s.get(u)",
        "from typing import Optional\ndef f(s: Optional[requests.Session]):\n    s.get(u)",
        "def f(s=None):\n    s = s or requests.Session()\n    t = requests.Session()\n    t.get(u)",
        "class C:\n    def __init__(self):\n        self.s = requests.Session()\n    def f(self):\n        self.s.get(u)",
        "class C:\n    s: requests.Session\n    def f(self):\n        self.s.get(u)",
        "class B:\n    def __init__(self):\n        self.s = requests.Session()\nclass C(B):\n    def f(self):\n        self.s.get(u)",
        "class S(requests.Session):\n    pass\nS().get(u)",
        "def make():\n    return requests.Session()\nmake().get(u)",
        "def make() -> requests.Session: ...\nmake().get(u)",
        "s = None\ndef f():\n    global s\n    s = requests.Session()\ndef g():\n    s.get(u)",
        "if x:\n    s = requests.Session()\nelse:\n    s = requests.session()\ns.get(u)",
        "sessions = [requests.Session()]\nsessions[0].get(u)",
        "from contextlib import contextmanager\n@contextmanager\ndef opened():\n    yield requests.Session()\nwith opened() as s:\n    s.get(u)",
        "(s := requests.Session()).get(u)",
        "from functools import lru_cache\n@lru_cache\ndef make():\n    return requests.Session()\nmake().get(u)",
    ],
)
def test_methods_of_instances(code):
    assert "requests.Session.get" in names("import requests\n" + code)


@pytest.mark.parametrize(
    "code",
    [
        "requests = FakeRequests()\nrequests.get(u)",
        "class C:\n    def f(self):\n        self.requests.get(u)",
        "import requests\ndef f(requests):\n    requests.get(u)",
        "import requests\nclass S(requests.Session):\n    def request(self, *a, **k):\n        k.setdefault('timeout', 3)\n        return super().request(*a, **k)\nS().get(u)",
        "import requests\ns = requests.Session()\nif x:\n    s = Other()\ns.get(u)",
        "import requests\n@patched\ndef make():\n    return requests.Session()\nmake().get(u)",
    ],
)
def test_what_only_looks_like_it(code):
    assert not [name for name in names(code) if name.startswith("requests.") and name.endswith(".get")]


def test_an_instance_remembers_what_it_was_made_with():
    made = model_of("import httpx\nclient = httpx.Client(timeout=None)\ndef f():\n    client.get(u)").calls[-1].made
    assert made.name == "httpx.Client.get"
    assert isinstance(made.owner, Made)
    assert made.owner.argument("timeout") == Constant(None)


def test_three_answers_about_an_argument():
    model = model_of(
        "import requests\nrequests.get(u, timeout=3)\nrequests.get(u)\nrequests.get(u, **options)\nrequests.get(u, **{'timeout': 3})"
    )
    answers = [call.argument("timeout") for call in model.calls]
    assert answers == [Constant(3), Missing.ABSENT, Missing.UNKNOWN, Constant(3)]


def test_the_latest_binding_before_a_use_counts():
    model = model_of("import requests\nimport httpx\nc = requests.Session()\nc.get(u)\nc = httpx.Client()\nc.get(u)")
    assert [call.name for call in model.calls if call.name.endswith(".get")] == ["requests.Session.get", "httpx.Client.get"]


def test_a_dependency_gives_what_its_provider_yields():
    code = """
        from fastapi import Depends
        from sqlalchemy.orm import Session, sessionmaker
        SessionLocal = sessionmaker()
        def get_db():
            db = SessionLocal()
            try:
                yield db
            finally:
                db.close()
        def show(db=Depends(get_db)):
            ASK(db)
    """
    model = model_of(code)
    assert model.type_of(ask(code)) == "sqlalchemy.orm.Session"


def test_a_class_of_ours_is_known_by_its_dotted_name():
    assert ask("class C: ...\nASK(C)") == Reference("shop.orders.C")
    assert ask("class C:\n    def f(self):\n        ASK(self)") == Instance("shop.orders.C")
