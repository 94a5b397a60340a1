"""
The forms in which a client comes to the place where it is used.

Every case is a module that calls `….get(u)` last. In the first tables the client is known with the call that made it, whose `timeout=None` is seen from
there; in the next ones its type is known, and not how it was made; in the last ones nothing is known, because something else may be meant.
"""

from textwrap import dedent

import pytest
from test_evaluate import ask, model_of

from reliability_lint.model.values import UNKNOWN, Constant, Instance, Made, Missing


def last_call(code):
    """The last call of `get`."""
    model = model_of("import httpx\n" + dedent(code))
    return [call for call in model.calls if call.word == "get"][-1]


def maker(call):
    """The call that made the object on which a call is made."""
    owner = call.made.owner
    return owner.made if isinstance(owner, Instance) else owner


def made(*cases):
    """Cases in which it is known how the client was made."""
    return pytest.mark.parametrize("code", cases)


def assert_made(code):
    call = last_call(code)
    assert call.name == "httpx.Client.get"
    assert isinstance(maker(call), Made)
    assert maker(call).argument("timeout") == Constant(None)


def assert_typed(code):
    call = last_call(code)
    assert call.name == "httpx.Client.get"
    assert not isinstance(maker(call), Made) or maker(call).argument("timeout") is not Missing.ABSENT


# -- made where it is used


@made(
    "httpx.Client(timeout=None).get(u)",
    "c = httpx.Client(timeout=None)\nc.get(u)",
    "c: httpx.Client = httpx.Client(timeout=None)\nc.get(u)",
    "a = b = httpx.Client(timeout=None)\nb.get(u)",
    "(c := httpx.Client(timeout=None)).get(u)",
    "if c := httpx.Client(timeout=None):\n    c.get(u)",
    "async def f():\n    c = await make()\n    c.get(u)\nasync def make():\n    return httpx.Client(timeout=None)\nasync def g():\n    (await make()).get(u)",
)
def test_assignments(code):
    assert_made(code)


@made(
    "with httpx.Client(timeout=None) as c:\n    c.get(u)",
    "c = httpx.Client(timeout=None)\nwith c:\n    c.get(u)",
    "c = httpx.Client(timeout=None)\nwith c as d:\n    d.get(u)",
    "with open(p) as file, httpx.Client(timeout=None) as c:\n    c.get(u)",
    "with (open(p) as file, httpx.Client(timeout=None) as c):\n    c.get(u)",
    "with open(p) as file:\n    with httpx.Client(timeout=None) as c:\n        with lock:\n            c.get(u)",
    "with (c := httpx.Client(timeout=None)):\n    c.get(u)",
    "from contextlib import closing\nwith closing(httpx.Client(timeout=None)) as c:\n    c.get(u)",
    "from contextlib import nullcontext\nwith nullcontext(httpx.Client(timeout=None)) as c:\n    c.get(u)",
    "from contextlib import ExitStack\nwith ExitStack() as stack:\n    c = stack.enter_context(httpx.Client(timeout=None))\n    c.get(u)",
    """
    from contextlib import aclosing, contextmanager
    @contextmanager
    def opened():
        with httpx.Client(timeout=None) as c:
            yield c
    with opened() as c:
        c.get(u)
    """,
    """
    from contextlib import contextmanager
    class Api:
        def __init__(self):
            self.client = httpx.Client(timeout=None)
        @contextmanager
        def opened(self):
            yield self.client
        def f(self):
            with self.opened() as c:
                c.get(u)
    """,
    """
    class Opened:
        def __enter__(self):
            self.client = httpx.Client(timeout=None)
            return self.client
        def __exit__(self, *problem):
            self.client.close()
    with Opened() as c:
        c.get(u)
    """,
    """
    class Api:
        def __init__(self):
            self.client = httpx.Client(timeout=None)
        def __enter__(self):
            return self
    with Api() as api:
        api.client.get(u)
    """,
)
def test_with(code):
    assert_made(code)


@pytest.mark.parametrize(
    "code",
    [
        "async def f():\n    async with httpx.AsyncClient() as c:\n        await c.get(u)",
        "async def f():\n    async with lock, httpx.AsyncClient() as c:\n        await c.get(u)",
        "from contextlib import aclosing\nasync def f():\n    async with aclosing(httpx.AsyncClient()) as c:\n        await c.get(u)",
        """
        from contextlib import AsyncExitStack
        class Api:
            def __init__(self):
                self.stack = AsyncExitStack()
            async def start(self):
                self.client = await self.stack.enter_async_context(httpx.AsyncClient())
            async def fetch(self, u):
                return await self.client.get(u)
        """,
        """
        class Api:
            async def __aenter__(self):
                self.client = await httpx.AsyncClient().__aenter__()
                return self
            async def fetch(self, u, c: httpx.AsyncClient):
                return await c.get(u)
        """,
        "import asyncio\nasync def make():\n    return httpx.AsyncClient()\nasync def f():\n    c = await asyncio.wait_for(make(), 5)\n    c.get(u)",
    ],
)
def test_async_with(code):
    assert last_call(code).name == "httpx.AsyncClient.get"


# -- kept by objects


@made(
    # In any method, by any kind of assignment.
    "class Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def f(self):\n        self.c.get(u)\n    def start(self):\n        self.c = httpx.Client(timeout=None)\n    def g(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c: httpx.Client = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c = self.d = httpx.Client(timeout=None)\n    def f(self):\n        self.d.get(u)",
    "class Api:\n    def __init__(self):\n        self.c = c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c = (c := httpx.Client(timeout=None))\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.url, self.c = URL, httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        with httpx.Client(timeout=None) as self.c:\n            self.c.get(u)",
    # In a helper, or what a helper gives.
    "class Api:\n    def __init__(self):\n        self._start()\n    def _start(self):\n        self.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c = self._make()\n    def _make(self):\n        return httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def start(self):\n        def connect():\n            self.c = httpx.Client(timeout=None)\n        connect()\n    def f(self):\n        self.c.get(u)",
    # It begins as None, and is let go of at the end.
    "class Api:\n    c = None\n    def start(self):\n        self.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    c: httpx.Client | None = None\n    def start(self):\n        self.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c = None\n    def start(self):\n        self.c = httpx.Client(timeout=None)\n    def stop(self):\n        del self.c\n    def f(self):\n        self.c.get(u)",
    # Of the class.
    "class Api:\n    c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    c = httpx.Client(timeout=None)\nApi.c.get(u)",
    "class Api:\n    c = httpx.Client(timeout=None)\nApi().c.get(u)",
    "class Api:\n    @classmethod\n    def start(cls):\n        cls.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    c = None\n    @staticmethod\n    def start():\n        Api.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __new__(cls):\n        cls.c = httpx.Client(timeout=None)\n        return super().__new__(cls)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    c = httpx.Client(timeout=None)\n    def f(self):\n        type(self).c.get(u)",
    "class Api:\n    c = httpx.Client(timeout=None)\n    def f(self):\n        self.__class__.c.get(u)",
    "class Api:\n    _api = None\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\n    @classmethod\n    def shared(cls):\n        if cls._api is None:\n            cls._api = cls()\n        return cls._api\ndef f():\n    Api.shared().c.get(u)",
    "class Api:\n    def f(self):\n        if not hasattr(self, 'c'):\n            self.c = httpx.Client(timeout=None)\n        self.c.get(u)",
    # Of a base, of an object within an object, of an object that was passed.
    "class Base:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\nclass Api(Base):\n    def f(self):\n        self.c.get(u)",
    "class Base:\n    c = httpx.Client(timeout=None)\nclass Middle(Base): ...\nclass Api(Middle):\n    def f(self):\n        self.c.get(u)",
    "class Http:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\nclass Api:\n    def __init__(self):\n        self.http = Http()\n    def f(self):\n        self.http.c.get(u)",
    "class Http:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\ndef f(http: Http):\n    http.c.get(u)",
)
def test_attributes(code):
    assert_made(code)


@made(
    "from dataclasses import dataclass\n@dataclass\nclass Api:\n    c: httpx.Client\n    def f(self):\n        self.c.get(u)",
    "from dataclasses import dataclass, field\n@dataclass\nclass Api:\n    c: httpx.Client = field(default_factory=httpx.Client)\n    def f(self):\n        self.c.get(u)",
    "from dataclasses import dataclass, field\n@dataclass\nclass Api:\n    c: 'httpx.Client | None' = field(default=None, repr=False)\n    def f(self):\n        self.c.get(u)",
    "import attrs\n@attrs.define\nclass Api:\n    c: httpx.Client = attrs.field(factory=httpx.Client)\n    def f(self):\n        self.c.get(u)",
    "import attr\n@attr.s\nclass Api:\n    c = attr.ib(factory=httpx.Client)\n    def f(self):\n        self.c.get(u)",
    "import attr\n@attr.s(auto_attribs=True)\nclass Api:\n    c: httpx.Client = attr.Factory(httpx.Client)\n    def f(self):\n        self.c.get(u)",
    "from pydantic import BaseModel, Field\nclass Api(BaseModel):\n    c: httpx.Client = Field(default_factory=httpx.Client)\n    def f(self):\n        self.c.get(u)",
    "from pydantic import BaseModel\nclass Api(BaseModel):\n    c: httpx.Client | None = None\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self, c: httpx.Client):\n        self.c = c\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self, c: httpx.Client | None = None):\n        self.c = c or httpx.Client()\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    c: httpx.Client\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c: httpx.Client = self.registry.client\n    def f(self):\n        self.c.get(u)",
    "from typing import NamedTuple\nclass Api(NamedTuple):\n    c: httpx.Client\ndef f(api: Api):\n    api.c.get(u)",
    "from typing import Protocol\nclass HasClient(Protocol):\n    @property\n    def c(self) -> httpx.Client: ...\ndef f(api: HasClient):\n    api.c.get(u)",
)
def test_attributes_that_callers_fill(code):
    assert_typed(code)


@made(
    "from dataclasses import dataclass, field\n@dataclass\nclass Api:\n    c: httpx.Client = field(init=False, default_factory=lambda: httpx.Client(timeout=None))\n    def f(self):\n        self.c.get(u)",
    "from pydantic import BaseModel, PrivateAttr\nclass Api(BaseModel):\n    _c: httpx.Client = PrivateAttr(default_factory=lambda: httpx.Client(timeout=None))\n    def f(self):\n        self._c.get(u)",
    "from dataclasses import dataclass\n@dataclass\nclass Api:\n    url: str\n    def __post_init__(self):\n        self.c = httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "from pydantic import BaseModel\nclass Api(BaseModel):\n    _c: httpx.Client | None = None\n    def model_post_init(self, context):\n        self._c = httpx.Client(timeout=None)\n    def f(self):\n        self._c.get(u)",
)
def test_attributes_that_no_caller_fills(code):
    assert_made(code)


# -- modules, functions, closures


@made(
    "c = httpx.Client(timeout=None)\ndef f():\n    c.get(u)",
    "def f():\n    c.get(u)\nc = httpx.Client(timeout=None)\nf()\ndef g():\n    c.get(u)",
    "_c = None\ndef client():\n    global _c\n    if _c is None:\n        _c = httpx.Client(timeout=None)\n    return _c\ndef f():\n    client().get(u)",
    "_c: httpx.Client | None = None\ndef start():\n    global _c\n    _c = httpx.Client(timeout=None)\ndef f():\n    _c.get(u)",
    "_c = None\ndef start():\n    global _c\n    _c = httpx.Client(timeout=None)\ndef stop():\n    global _c\n    _c.close()\n    _c = None\ndef f():\n    _c.get(u)",
    "def f():\n    c = httpx.Client(timeout=None)\n    def g():\n        return c.get(u)\n    return g",
    "def f():\n    c = None\n    def start():\n        nonlocal c\n        c = httpx.Client(timeout=None)\n    def g():\n        return c.get(u)\n    return g",
    "def start():\n    global c\n    c = httpx.Client(timeout=None)\ndef f():\n    c.get(u)",
    "c = httpx.Client(timeout=None)\nfetch = lambda u: c.get(u)",
    "c = httpx.Client(timeout=None)\n[c.get(u) for u in urls]",
    "c = httpx.Client(timeout=None)\ntry:\n    c.get(u)\nfinally:\n    c.close()",
)
def test_names_of_modules_and_functions_around(code):
    assert_made(code)


@made(
    "def make():\n    return httpx.Client(timeout=None)\nmake().get(u)",
    "def make():\n    c = httpx.Client(timeout=None)\n    c.headers['a'] = 'b'\n    return c\nmake().get(u)",
    "from functools import cache\n@cache\ndef make():\n    return httpx.Client(timeout=None)\nmake().get(u)",
    "import functools\n@functools.lru_cache(maxsize=1)\ndef make():\n    return httpx.Client(timeout=None)\nmake().get(u)",
    "class Api:\n    @property\n    def c(self):\n        return httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "from functools import cached_property\nclass Api:\n    @cached_property\n    def c(self) -> httpx.Client:\n        return httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "from django.utils.functional import cached_property\nclass Api:\n    @cached_property\n    def c(self):\n        return httpx.Client(timeout=None)\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    _c = None\n    @property\n    def c(self):\n        if self._c is None:\n            self._c = httpx.Client(timeout=None)\n        return self._c\n    @c.setter\n    def c(self, c):\n        raise AttributeError\n    def f(self):\n        self.c.get(u)",
    "class Api:\n    @staticmethod\n    def make():\n        return httpx.Client(timeout=None)\n    def f(self):\n        self.make().get(u)",
    "class Api:\n    @staticmethod\n    def make():\n        return httpx.Client(timeout=None)\nApi.make().get(u)",
    "class Api:\n    @classmethod\n    def make(cls):\n        return httpx.Client(timeout=None)\nApi.make().get(u)",
    "class Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\n    @classmethod\n    def make(cls):\n        return cls()\nApi.make().c.get(u)",
    "from typing import Self\nclass Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\n    @classmethod\n    def make(cls) -> Self:\n        return registry[cls]\nApi.make().c.get(u)",
    "class Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\n    def named(self, name) -> 'Api':\n        self.name = name\n        return self\nApi().named('a').named('b').c.get(u)",
    "def outer():\n    def make():\n        return httpx.Client(timeout=None)\n    make().get(u)",
    "make = lambda: httpx.Client(timeout=None)\nmake().get(u)",
    "from typing import overload\n@overload\ndef make(a: int) -> httpx.Client: ...\n@overload\ndef make(a: str) -> httpx.Client: ...\ndef make(a):\n    return httpx.Client(timeout=None)\nmake(1).get(u)",
    "def make():\n    return httpx.Client(timeout=None), URL\nc, url = make()\nc.get(u)",
    "def make():\n    return URL, httpx.Client(timeout=None)\nmake()[1].get(u)",
    "import asyncio\nasync def make():\n    return httpx.Client(timeout=None)\nasyncio.run(make()).get(u)",
)
def test_factories(code):
    assert_made(code)


@made(
    "def make() -> httpx.Client: ...\nmake().get(u)",
    "def make() -> 'httpx.Client':\n    return registry['c']\nmake().get(u)",
    "async def make() -> httpx.Client | None:\n    return registry['c']\nasync def f():\n    (await make()).get(u)",
    "from typing import Iterator\nfrom contextlib import contextmanager\n@contextmanager\ndef opened() -> Iterator[httpx.Client]:\n    yield registry['c']\nwith opened() as c:\n    c.get(u)",
    "from abc import ABC, abstractmethod\nclass Api(ABC):\n    @abstractmethod\n    def make(self) -> httpx.Client: ...\n    def f(self):\n        self.make().get(u)",
    "from abc import ABC, abstractmethod\nclass Api(ABC):\n    @property\n    @abstractmethod\n    def c(self) -> httpx.Client:\n        raise NotImplementedError\n    def f(self):\n        self.c.get(u)",
    "from typing import cast\ncast(httpx.Client, c).get(u)",
    "from typing import cast\ncast('httpx.Client', c).get(u)",
)
def test_factories_that_promise(code):
    assert_typed(code)


@made(
    "def make(kind):\n    return kind(timeout=5)\nmake(httpx.Client).get(u)",
    "def make(*, kind, off=False):\n    if off:\n        return None\n    return kind()\nmake(kind=httpx.Client).get(u)",
    "def make(url, kind):\n    if url:\n        return kind.from_url(url)\n    return kind()\nmake(u, httpx.Client).get(u)",
    "_client = None\ndef make(kind):\n    return kind()\ndef client():\n    global _client\n    if _client is None:\n        _client = make(httpx.Client)\n    return _client\nclient().get(u)",
)
def test_factories_that_are_handed_a_class(code):
    assert_typed(code)


@made(
    "def make(kind, other):\n    return kind() if u else other()\nmake(httpx.Client, Fake).get(u)",
    "def make(kind, other):\n    if u:\n        return kind()\n    return other()\nmake(httpx.Client, Fake).get(u)",
    "def make(kind):\n    return kind.session()\nmake(httpx.Client).get(u)",
    "def make(kind):\n    return kind()\nmake(pick()).get(u)",
    "def make(kind):\n    yield kind()\nmake(httpx.Client).get(u)",
    "class Maker:\n    def make(kind):\n        return kind()\nMaker.make(httpx.Client).get(u)",
)
def test_factories_that_may_give_anything(code):
    assert last_call(code).name != "httpx.Client.get"


# -- annotations


@made(
    "def f(c: httpx.Client):\n    c.get(u)",
    "def f(c: httpx.Client | None):\n    c.get(u)",
    "def f(c: None | httpx.Client = None):\n    c.get(u)",
    "from typing import Optional\ndef f(c: Optional[httpx.Client] = None):\n    c.get(u)",
    "import typing as t\ndef f(c: t.Optional['httpx.Client'] = None):\n    c.get(u)",
    "from typing import Union\ndef f(c: Union[httpx.Client, None] = None):\n    c.get(u)",
    "from typing import Union\ndef f(c: Union[None, 'httpx.Client']):\n    c.get(u)",
    "def f(c: 'httpx.Client'):\n    c.get(u)",
    "def f(c: 'Optional[httpx.Client]' = None):\n    c.get(u)\nfrom typing import Optional",
    "from typing import Annotated\ndef f(c: Annotated[httpx.Client, 'the client']):\n    c.get(u)",
    "from typing import Annotated, Optional\ndef f(c: Annotated[Optional[httpx.Client], 'the client'] = None):\n    c.get(u)",
    "from typing import Final\nc: Final[httpx.Client] = registry['c']\nc.get(u)",
    "def f(*, c: httpx.Client):\n    c.get(u)",
    "def f(c: httpx.Client, /):\n    c.get(u)",
    "c: httpx.Client\ndef f():\n    c.get(u)",
    "c: httpx.Client = registry.client\nc.get(u)",
    "c: httpx.Client = make_somehow()\nc.get(u)",
    "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Api(Generic[T]):\n    c: httpx.Client\ndef f(api: 'Api[int]'):\n    api.c.get(u)",
    "def make() -> tuple[httpx.Client, str]: ...\nc, url = make()\nc.get(u)",
    "type Http = httpx.Client\ndef f(c: Http):\n    c.get(u)",
    "type Http = httpx.Client | None\ndef f(c: Http):\n    c.get(u)",
    "Http = httpx.Client\ndef f(c: Http):\n    c.get(u)",
    "Http = httpx.Client | None\ndef f(c: Http):\n    c.get(u)",
    "from typing import Optional\nHttp = Optional[httpx.Client]\ndef f(c: Http):\n    c.get(u)",
    "from typing import Optional, TypeAlias\nHttp: TypeAlias = Optional[httpx.Client]\ndef f(c: Http = None):\n    c.get(u)",
    "from typing import TypeAlias\nHttp: TypeAlias = 'httpx.Client'\ndef f(c: Http):\n    c.get(u)",
    "from typing import Annotated\nHttp = Annotated[httpx.Client, 'the client']\ndef f(c: Http):\n    c.get(u)",
    "class Api:\n    def f(self, other: 'Api'):\n        other.c.get(u)\n    def __init__(self, c: httpx.Client):\n        self.c = c\n    def g(self, other: 'Api'):\n        other.c.get(u)",
)
def test_annotations(code):
    assert_typed(code)


@made(
    "def f(cs: dict[str, httpx.Client], name):\n    cs[name].get(u)",
    "from collections.abc import Mapping\ndef f(cs: Mapping[str, httpx.Client], name):\n    c = cs[name]\n    c.get(u)",
    "cs: dict[str, httpx.Client] = {}\ndef client(name):\n    if name not in cs:\n        cs[name] = httpx.Client()\n    return cs[name]\nclient('a').get(u)",
    "class Api:\n    def __init__(self):\n        self.cs: dict[str, httpx.Client] = {}\n    def f(self, name):\n        self.cs[name].get(u)",
    "def f(cs: list[httpx.Client]):\n    cs[0].get(u)",
    "def f(cs: list[httpx.Client]):\n    for c in cs:\n        c.get(u)",
    "def f(cs: dict[str, httpx.Client]):\n    for c in cs.values():\n        c.get(u)",
    "def f(cs: dict[str, httpx.Client]):\n    for name, c in cs.items():\n        c.get(u)",
)
def test_annotated_containers(code):
    assert_typed(code)


# -- injected


@made(
    "from fastapi import Depends\ndef client():\n    return httpx.Client(timeout=None)\ndef f(c=Depends(client)):\n    c.get(u)",
    "from fastapi import Depends\ndef client():\n    with httpx.Client(timeout=None) as c:\n        yield c\ndef f(c: httpx.Client = Depends(client)):\n    c.get(u)",
    "from fastapi import Depends\nasync def client():\n    c = httpx.Client(timeout=None)\n    try:\n        yield c\n    finally:\n        c.close()\nasync def f(c=Depends(client)):\n    c.get(u)",
    "from typing import Annotated\nfrom fastapi import Depends\ndef client():\n    return httpx.Client(timeout=None)\ndef f(c: Annotated[httpx.Client, Depends(client)]):\n    c.get(u)",
    "from typing import Annotated\nfrom fastapi import Depends\ndef client():\n    return httpx.Client(timeout=None)\nHttp = Annotated[httpx.Client, Depends(client)]\ndef f(c: Http):\n    c.get(u)",
    "from typing import Annotated\nfrom fastapi import Depends\ndef client():\n    return httpx.Client(timeout=None)\ntype Http = Annotated[httpx.Client, Depends(client)]\ndef f(c: Http):\n    c.get(u)",
    "from fastapi import Depends\nclass Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\ndef f(api=Depends(Api)):\n    api.c.get(u)",
    "from fastapi import Depends\nclass Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\ndef f(api: Api = Depends()):\n    api.c.get(u)",
    "from typing import Annotated\nfrom fastapi import Depends\nclass Api:\n    def __init__(self):\n        self.c = httpx.Client(timeout=None)\ndef f(api: Annotated[Api, Depends()]):\n    api.c.get(u)",
    "from fastapi import Depends\nclass Provider:\n    def __call__(self):\n        return httpx.Client(timeout=None)\nprovider = Provider()\ndef f(c=Depends(provider)):\n    c.get(u)",
    "from fastapi import Depends\nclass Provider:\n    def client(self):\n        return httpx.Client(timeout=None)\nprovider = Provider()\ndef f(c=Depends(provider.client)):\n    c.get(u)",
    "from fastapi import Depends\ndef f(c=Depends(lambda: httpx.Client(timeout=None))):\n    c.get(u)",
)
def test_dependencies(code):
    assert_made(code)


# -- unpacked, chosen, looped over


@made(
    "a, c = URL, httpx.Client(timeout=None)\nc.get(u)",
    "[a, c] = [URL, httpx.Client(timeout=None)]\nc.get(u)",
    "a, (b, c) = 1, (2, httpx.Client(timeout=None))\nc.get(u)",
    "c, *rest = httpx.Client(timeout=None), 1, 2\nc.get(u)",
    "first, *rest, c = 1, 2, 3, 4, httpx.Client(timeout=None)\nc.get(u)",
)
def test_unpacking(code):
    assert_made(code)


@made(
    "if x:\n    c = httpx.Client(timeout=None)\nelse:\n    c = httpx.Client(timeout=None)\nc.get(u)",
    "c = None\nif x:\n    c = httpx.Client(timeout=None)\nc.get(u)",
    "try:\n    c = httpx.Client(timeout=None)\nexcept ValueError:\n    c = None\nc.get(u)",
    "try:\n    import httpx\nexcept ImportError:\n    httpx = None\ndef f():\n    httpx.Client(timeout=None).get(u)",
    "c = httpx.Client(timeout=None) if x else None\nc.get(u)",
    "c = httpx.Client(timeout=None) if x else httpx.Client(timeout=None)\nc.get(u)",
    "c = None or httpx.Client(timeout=None)\nc.get(u)",
    "c = Other()\nc = httpx.Client(timeout=None)\nc.get(u)",
    "c = Other()\nif x:\n    c = httpx.Client(timeout=None)\n    c.get(u)",
    "c = Other()\nif x:\n    c = httpx.Client(timeout=None)\nelse:\n    c = httpx.Client(timeout=None)\nc.get(u)",
    "while x:\n    c = httpx.Client(timeout=None)\n    c.get(u)",
    "c = httpx.Client(timeout=None)\nwhile x:\n    c.get(u)\n    c = httpx.Client(timeout=None)",
    "c = httpx.Client(timeout=None)\nif x:\n    del c\nc.get(u)",
    "c = Other()\ndel c\nc = httpx.Client(timeout=None)\nc.get(u)",
)
def test_choices(code):
    assert_made(code)


@made(
    "if x:\n    c = httpx.Client(timeout=1)\nelse:\n    c = httpx.Client()\nc.get(u)",
    "def f(c: httpx.Client = None):\n    c = c or httpx.Client()\n    c.get(u)",
    "def f(c: httpx.Client | None = None):\n    if c is None:\n        c = httpx.Client()\n    c.get(u)",
    "for c in (httpx.Client(timeout=1), httpx.Client()):\n    c.get(u)",
    "a, b = httpx.Client(timeout=1), httpx.Client()\nfor c in [a, b]:\n    c.get(u)",
    "for name, c in (('a', httpx.Client(timeout=1)), ('b', httpx.Client())):\n    c.get(u)",
    "cs = {'a': httpx.Client(timeout=1), 'b': httpx.Client()}\ndef f(name):\n    cs[name].get(u)",
    "cs = {'a': httpx.Client(timeout=1), 'b': httpx.Client()}\ndef f(name):\n    c = cs.get(name)\n    c.get(u)",
    "cs = {'a': httpx.Client(timeout=1), 'b': httpx.Client()}\nfor c in cs.values():\n    c.get(u)",
    "cs = {'a': httpx.Client(timeout=1), 'b': httpx.Client()}\nfor name, c in cs.items():\n    c.get(u)",
    "cs = [httpx.Client(timeout=1), httpx.Client()]\ncs[i].get(u)",
    "match x:\n    case httpx.Client() as c:\n        c.get(u)",
)
def test_of_one_type_and_differently_made(code):
    assert_typed(code)


@made(
    "cs = {'a': httpx.Client(timeout=None)}\ncs['a'].get(u)",
    "cs = {'a': httpx.Client(timeout=None)}\ncs[name].get(u)",
    "cs = {'a': httpx.Client(timeout=None), 'b': httpx.Client()}\ncs['a'].get(u)",
    "cs = dict(a=httpx.Client(timeout=None), b=httpx.Client())\ncs['a'].get(u)",
    "cs = (httpx.Client(timeout=None), 1)\ncs[0].get(u)",
    "class Api:\n    def __init__(self):\n        self.cs = {'a': httpx.Client(timeout=None)}\n    def f(self, name):\n        self.cs[name].get(u)",
)
def test_containers(code):
    assert_made(code)


@pytest.mark.parametrize(
    "code",
    [
        "from functools import partial\nfetch = partial(httpx.get, timeout=None)\nfetch(u)",
        "import functools as f\nfetch = f.partial(f.partial(httpx.get, timeout=None), params={})\nfetch(u)",
        "from functools import partial\ndef f():\n    return partial(httpx.get, timeout=None)\nf()(u)",
        "from functools import partial\nclass Api:\n    fetch = partial(httpx.get, timeout=None)\n    def f(self):\n        self.fetch(u)",
        "from functools import partial\nclass Api:\n    def __init__(self):\n        self.fetch = partial(httpx.get, timeout=None)\n    def f(self):\n        self.fetch(u)",
        "from functools import partial\nmake = partial(httpx.Client, timeout=None)\nmake().get(u)",
    ],
)
def test_partial(code):
    model = model_of("import httpx\n" + code)
    last = model.calls[-1] if model.calls[-1].node.args else model.calls[-2]
    call = next(call for call in reversed(model.calls) if call.name in ("httpx.get", "httpx.Client.get"))
    assert last.name
    assert (maker(call) if call.name == "httpx.Client.get" else call.made).argument("timeout") == Constant(None)


# -- nothing is known


@pytest.mark.parametrize(
    "code",
    [
        # Something else may stand under the name.
        "def f(c=httpx.Client()):\n    c.get(u)",
        "def f(c=None):\n    c = c or httpx.Client()\n    c.get(u)",
        "c = httpx.Client()\nif x:\n    c = Other()\nc.get(u)",
        "c = httpx.Client()\nwhile x:\n    c.get(u)\n    c = Other()",
        "c = httpx.Client()\nfor c in others:\n    c.get(u)",
        "for c in (httpx.Client(), Other()):\n    c.get(u)",
        "c = httpx.Client()\n[c.get(u) for c in others]",
        "c = httpx.Client()\n{c: d for c, d in others if c.get(u)}",
        "c = httpx.Client()\nmatch x:\n    case [c]:\n        c.get(u)",
        "c = httpx.Client()\nmatch x:\n    case {**c}:\n        c.get(u)",
        "c = httpx.Client()\ntype c = Other\nc.get(u)",
        "c = httpx.Client()\nc, d = pair()\nc.get(u)",
        "c, *rest, d = httpx.Client(), 1, 2\nrest.get(u)",
        "for a, (b, c, d) in ((1, (2, httpx.Client(), 3)),):\n    d.get(u)",
        "for a, (b, c) in ((1, httpx.Client()),):\n    c.get(u)",
        "def f():\n    global c\n    c = Other()\nc = httpx.Client()\ndef g():\n    c.get(u)",
        "cs = {'a': httpx.Client(), 'b': Other()}\ncs[name].get(u)",
        "cs = {'a': httpx.Client()}\ncs['b'] = Other()\ncs[name].get(u)",
        "cs = {'a': httpx.Client(), **others}\ncs[name].get(u)",
        "cs = {'a': httpx.Client()}\ncs.get(u)",
        "with Other(httpx.Client()) as c:\n    c.get(u)",
        "class Opened:\n    def __enter__(self):\n        return registry['c']\nclass Api:\n    c = Opened()\n    def f(self):\n        with self.c as c:\n            c.get(u)",
        # Attributes that are set in different ways.
        "class Api:\n    def __init__(self):\n        self.c = httpx.Client()\n    def other(self):\n        self.c = Other()\n    def f(self):\n        self.c.get(u)",
        "class Api:\n    c = httpx.Client()\n    def other(self):\n        self.c = Other()\n    def f(self):\n        self.c.get(u)",
        "class Api:\n    def __init__(self):\n        self.c = httpx.Client()\n    def other(self):\n        def later():\n            self.c = Other()\n        later()\n    def f(self):\n        self.c.get(u)",
        "class Api:\n    c = httpx.Client()\n    def f(self):\n        self.c.get(u)\nApi.c = Other()\ndef g(api: Api):\n    api.c.get(u)",
        "class Api:\n    def __init__(self, c=None):\n        self.c = c or httpx.Client()\n    def f(self):\n        self.c.get(u)",
        "class Api:\n    c = None\n    def f(self):\n        self.c.get(u)",
        # What decorators, types and functions make of it is not known.
        "@patched\ndef make():\n    return httpx.Client()\nmake().get(u)",
        "def make(x):\n    if x:\n        return Other()\n    return httpx.Client()\nmake(1).get(u)",
        "from typing import NewType\nHttp = NewType('Http', httpx.Client)\ndef f(c: Http):\n    c.get(u)",
        "from typing import Union\ndef f(c: Union[httpx.Client, Other]):\n    c.get(u)",
        "def f(c: httpx.Client | Other):\n    c.get(u)",
        "def f(c: type[httpx.Client]):\n    c.get(u)",
        "def f(*c: httpx.Client):\n    c.get(u)",
        "def f(**c: httpx.Client):\n    c.get(u)",
        "def f(c: list[httpx.Client]):\n    c.get(u)",
        "from typing import Callable\ndef f(c: Callable[[], httpx.Client]):\n    c.get(u)",
        "from flask import g\ng.c = httpx.Client()\ndef f():\n    g.c.get(u)",
        "from flask import current_app\ndef f():\n    current_app.extensions['c'].get(u)",
        "from functools import partial\ndef f(fetch=partial(httpx.get, timeout=None)):\n    fetch.get(u)",
        "fetch = lambda c=httpx.Client(): c.get(u)",
    ],
)
def test_what_may_be_something_else(code):
    assert not last_call(code).name.startswith("httpx.")


# -- constants


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("ASK(2 ** 5)", 32),
        ("ASK(2 ** -1)", 0.5),
        ("ASK(7 % 4)", 3),
        ("ASK(10 - 3 * 2)", 4),
        ("ASK(7 // 2)", 3),
        ("ASK(1 << 4)", 16),
        ("ASK(-(2 + 3))", -5),
        ("ASK(+5)", 5),
        ("ASK(~1)", -2),
        ("ASK(not True)", False),
        ("ASK(not None)", True),
        ("ASK(not 0)", True),
        ("ASK(0 or 5)", 5),
        ("ASK(None or 5)", 5),
        ("ASK(5 or None)", 5),
        ("ASK(5 and 6)", 6),
        ("ASK(0 and x)", 0),
        ("ASK(int('5'))", 5),
        ("ASK(int(5.9))", 5),
        ("ASK(float('1.5'))", 1.5),
        ("ASK(str(5))", "5"),
        ("ASK(max(5, 10))", 10),
        ("ASK(min(5, 10, 3))", 3),
        ("ASK(abs(-5))", 5),
        ("ASK(round(5.4))", 5),
        ("from decimal import Decimal\nASK(Decimal('0.5'))", 0.5),
        ("import math\nASK(math.inf)", float("inf")),
        ("from math import inf\nASK(-inf)", float("-inf")),
        ("ASK(float('infinity'))", float("inf")),
        ("T = 5\nclass C:\n    A = T\nASK(C.A)", 5),
        ("class Settings:\n    TIMEOUT = 5\nASK(Settings.TIMEOUT)", 5),
        ("class Settings:\n    TIMEOUT = 5\nsettings = Settings()\nASK(settings.TIMEOUT)", 5),
        ("class Settings:\n    class Http:\n        TIMEOUT = 5\nASK(Settings.Http.TIMEOUT)", 5),
        ("class Base:\n    TIMEOUT = 5\nclass Settings(Base): ...\nASK(Settings.TIMEOUT)", 5),
        ("from enum import Enum\nclass T(Enum):\n    SHORT = 5\nASK(T.SHORT.value)", 5),
        ("from enum import IntEnum\nclass T(IntEnum):\n    SHORT = 5\nASK(T.SHORT)", 5),
        ("import enum\nclass T(str, enum.Enum):\n    A = 'a'\nASK(T.A.value)", "a"),
        ("from typing import Final\nT: Final = 5\nASK(T)", 5),
        ("from typing import Final\nT: Final[int] = 5\nASK(T)", 5),
        ("from datetime import timedelta\nASK(timedelta(1))", 86400.0),
        ("from datetime import timedelta\nASK(timedelta(weeks=1, hours=1, milliseconds=500))", 608400.5),
        ("from datetime import timedelta\nASK(timedelta(minutes=2).total_seconds())", 120.0),
        ("from datetime import timedelta\nT = timedelta(minutes=1) * 2\nASK(int(T.total_seconds()))", 120),
        ("import datetime as dt\nASK(dt.timedelta(seconds=90) / dt.timedelta(seconds=30))", 3.0),
        ("def seconds():\n    return 5\nASK(seconds())", 5),
        ("class C:\n    def seconds(self):\n        return 5\n    def f(self):\n        ASK(self.seconds())", 5),
        ("T = {'fast': 1, 'slow': 1}\ndef f(kind):\n    ASK(T[kind])", 1),
        ("T = dict(fast=1)\nASK(T['fast'])", 1),
        ("T = (1, 2)\nASK(T[-1])", 2),
        ("if x:\n    T = 5\nelse:\n    T = 5\nASK(T)", 5),
    ],
)
def test_constants(code, value):
    found = ask(code)
    assert found == Constant(value)
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    "code",
    [
        # The environment and settings may say anything.
        "import os\nASK(os.getenv('T', '5'))",
        "import os\nASK(os.environ.get('T', 5))",
        "import os\nASK(os.environ['T'])",
        "import os\nASK(float(os.getenv('T', '5')))",
        "import os\nASK(int(os.environ.get('T', 5)) or None)",
        "from decouple import config\nASK(config('T', default=5, cast=int))",
        "from django.conf import settings\nASK(settings.TIMEOUT)",
        "from django.conf import settings\nASK(getattr(settings, 'TIMEOUT', None))",
        "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    timeout: float | None = None\nsettings = Settings()\nASK(settings.timeout)",
        "from pydantic import BaseModel, Field\nclass Settings(BaseModel):\n    timeout: int = Field(default=0)\ndef f(settings: Settings):\n    ASK(settings.timeout)",
        "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    timeout: float | None = None\n    def f(self):\n        ASK(self.timeout)",
        "from dataclasses import dataclass, field\n@dataclass\nclass Settings:\n    timeout: float | None = field(default=None)\n    def f(self):\n        ASK(self.timeout)",
        "from typing import NamedTuple\nclass Settings(NamedTuple):\n    timeout: float = 0\ndef f(settings: Settings):\n    ASK(settings.timeout)",
        "from dataclasses import dataclass\n@dataclass\nclass Base:\n    timeout: float = 0\nclass Settings(Base): ...\ndef f(settings: Settings):\n    ASK(settings.timeout)",
        # So may callers, subclasses and what is not read.
        "def f(t=5):\n    ASK(t)",
        "def f(t=5):\n    def g():\n        ASK(t)",
        "class C:\n    def __init__(self, t=None):\n        self.t = t\n    def f(self):\n        ASK(self.t)",
        "class C:\n    def seconds(self):\n        return None\n    def f(self):\n        ASK(self.seconds())",
        "class C:\n    @property\n    def seconds(self):\n        return None\n    def f(self):\n        ASK(self.seconds)",
        "ASK(5 if x else 6)",
        "ASK(x or 5)",
        "ASK(x and 5)",
        "ASK(not x)",
        "ASK((-8) ** 0.5)",
        "ASK(10 ** 1000)",
        "ASK(0 ** -1)",
        "ASK(1 << 100000)",
        "ASK(5 % 0)",
        "ASK('%s' % 5)",
        "ASK(int('five'))",
        "ASK(int('9' * 10000))",
        "ASK(float(x))",
        "ASK(min())",
        "from datetime import timedelta\nASK(timedelta(seconds=x).total_seconds())",
        "from enum import Enum, auto\nclass T(Enum):\n    A = auto()\nASK(T.A.value)",
        "T = {'fast': 1, 'slow': 2}\nASK(T[kind])",
        "T = 5\ndel T\nASK(T)",
    ],
)
def test_no_constants(code):
    assert not isinstance(ask(code), Constant)


def test_nothing_is_known_of_what_was_deleted():
    assert ask("T = 5\ndel T\nASK(T)") == UNKNOWN
