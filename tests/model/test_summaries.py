"""What a function does with what it is given, as it is told to whoever calls it."""

import pytest

from reliability_lint.facts.collect import collect
from reliability_lint.facts.facts import decode, encode
from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import Constant
from reliability_lint.syntax.tree import parse
from reliability_lint.text.source import SourceFile


def facts_of(text):
    """The facts of a file about `fetch`, as another file would get them."""
    text = f"import asyncio, requests\nsession = requests.Session()\n{text}\n"
    model = build(SemanticModel(parse(text), index_for(Versions()), module_name="shop.http"))
    facts = decode(encode(collect(model, SourceFile("http.py", text))))
    return facts.functions.get("fetch") or facts.classes["Api"].methods["fetch"]


@pytest.mark.parametrize(
    ("code", "given"),
    [
        (
            "def fetch(u, timeout=None):\n    return requests.get(u, timeout=timeout)",
            {"0": ("u", 0, True), "timeout": ("timeout", 1, True)},
        ),
        ("def fetch(u, *, limit=9):\n    return requests.get(u, timeout=limit)", {"0": ("u", 0, True), "timeout": ("limit", None, True)}),
        ("def fetch(u, /, t):\n    requests.get(f'/{u}', timeout=t)", {"0": ("u", 0, False), "timeout": ("t", 1, True)}),
        ("def fetch(u):\n    return session.get('/' + u)", {"0": ("u", 0, False)}),
        ("def fetch(**o):\n    return requests.get(U, timeout=o.pop('timeout', 3), **o)", {"timeout": ("timeout", None, True)}),
        ("class Api:\n    def fetch(self, u):\n        return session.get(u)", {"0": ("u", 0, True)}),
        ("class Api:\n    @staticmethod\n    def fetch(u):\n        return session.get(u)", {"0": ("u", 0, True)}),
        (
            "class Api:\n    def fetch(self, u, timeout=1):\n        return self.send(u, timeout=timeout)\n    def send(self, u, timeout): ...",
            {"timeout": ("timeout", 1, True)},
        ),
        ("def fetch(**o):\n    return requests.get(U, **o)", {}),
    ],
)
def test_what_is_handed_on(code, given):
    (forward,) = facts_of(code).forwards
    assert {slot: (one.name, one.position, one.whole) for slot, one in forward.given.items()} == given
    assert forward.rest is ("**o" in code)
    assert (forward.site is not None) is ("self.send" not in code)


@pytest.mark.parametrize(
    "code",
    [
        "def fetch(u, timeout=None):\n    timeout = timeout or 5\n    return requests.get(U, timeout=timeout)",
        "def fetch(u, timeout=None):\n    if timeout is None:\n        timeout = 5\n    return requests.get(U, timeout=timeout)",
        "def fetch(u, timeout=None):\n    return requests.get(U, timeout=timeout or 5)",
        "def fetch(u, timeout=None):\n    return requests.get(U, timeout=max(timeout, 5))",
        "def fetch(*args):\n    return requests.get(*args)",
        "def fetch(u, *args):\n    return requests.get(u, *args)",
        "def fetch(**o):\n    o.setdefault('timeout', 3)\n    return requests.get(U, **o)",
        "def fetch(**o):\n    o['timeout'] = 3\n    return requests.get(U, **o)",
        "def fetch(u):\n    return print(u)",
        "def fetch(u):\n    return asyncio.sleep(u)",
        "@decorated\ndef fetch(u):\n    return requests.get(u)",
        "def fetch(u):\n    def inner():\n        return requests.get(u)\n    return inner",
        "def fetch(customer):\n    return book(customer)",
    ],
)
def test_what_is_not(code):
    assert facts_of(code).forwards == ()


@pytest.mark.parametrize(
    ("code", "guarded", "limited"),
    [
        ("async def fetch(u):\n    async with asyncio.timeout(3):\n        return session.get(u)", False, True),
        ("def fetch(u):\n    for _ in range(3):\n        session.get(u)", True, False),
        ("def fetch(u):\n    try:\n        session.get(u)\n    except OSError:\n        pass", True, False),
        ("def fetch(u):\n    with lock:\n        session.get(u)", False, False),
    ],
)
def test_what_stands_around_it(code, guarded, limited):
    (forward,) = facts_of(code).forwards
    assert (forward.guarded, forward.limited) == (guarded, limited)


def test_a_function_that_gives_back_what_it_was_given():
    assert facts_of("def fetch(a, b=1):\n    log(b)\n    return b").hands_back.default == Constant(1)
    assert facts_of("def fetch(a):\n    if a:\n        return a").hands_back is None
    assert facts_of("def fetch(a):\n    a = wrap(a)\n    return a").hands_back is None
    assert facts_of("def fetch(a):\n    yield 1\n    return a").hands_back is None


def test_a_function_that_never_returns():
    assert facts_of("def fetch(a):\n    if a:\n        raise KeyError(a)\n    raise ValueError").always_raises
    assert not facts_of("def fetch(a):\n    if a:\n        raise KeyError(a)").always_raises


@pytest.mark.parametrize(
    ("code", "tells"),
    [
        ("def fetch(error):\n    return str(error)", ["error"]),
        ("def fetch(a: ValueError):\n    return {'detail': f'{a}'}", ["a"]),
        ("def fetch(error):\n    return type(error).__name__", []),
        ("def fetch(error):\n    if isinstance(error, KeyError):\n        return str(error)\n    return 'failed'", []),
        ("def fetch(error):\n    return public(error)", []),
        ("def fetch(error):\n    text = 'failed'\n    if isinstance(error, KeyError):\n        text = f'{error}'\n    return text", []),
        ("def fetch(error, fallback):\n    if broken(error):\n        return fallback\n    return str(error)", []),
        ("def fetch(error, shown):\n    if shown:\n        return error\n    return 'failed'", []),
        ("def fetch(error):\n    if not error.args:\n        return ''\n    return str(error.args[0])", ["error"]),
        ("def fetch(error):\n    if hasattr(error, 'body'):\n        return error.body['message']\n    return str(error)", ["error"]),
        ("def fetch(order):\n    return str(order)", []),
    ],
)
def test_whose_text_is_in_the_result(code, tells):
    assert [given.name for given in facts_of(code).tells] == tells


def test_half_a_surrogate_pair_is_no_fact():
    assert facts_of("HALF = '\\ud800'\ndef fetch(u, timeout='\\udfff'):\n    return requests.get(u, timeout=timeout)").forwards
