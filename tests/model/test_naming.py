"""How a library's name is written at a place."""

from __future__ import annotations

import pytest

from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.model.build import build
from reliability_lint.model.naming import Spelling, spelling
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.syntax.tree import parse


def written(text: str, name: str) -> Spelling | None:
    """At the last call of a text."""
    model = build(SemanticModel(parse(text), index_for(Versions(), ())))
    return spelling(name, model.calls[-1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import asyncio\ndef f(): here()\n", "asyncio.sleep"),
        ("import asyncio as aio\ndef f(): here()\n", "aio.sleep"),
        ("from asyncio import sleep\ndef f(): here()\n", "sleep"),
        ("from asyncio import sleep as rest\ndef f(): here()\n", "rest"),
        ("def f():\n    import asyncio\n    here()\n", "asyncio.sleep"),
        ("import asyncio.subprocess\ndef f(): here()\n", "asyncio.sleep"),
    ],
)
def test_by_a_name_that_is_there(text, said):
    assert written(text, "asyncio.sleep") == Spelling(said)


def test_by_an_import():
    text = "import time\ndef f(): here()\n"
    assert written(text, "asyncio.sleep") == Spelling("asyncio.sleep", ("import asyncio",))
    assert written(text, "sqlalchemy.orm.joinedload") == Spelling("joinedload", ("from sqlalchemy.orm import joinedload",))


@pytest.mark.parametrize(
    "text",
    [
        "def f(asyncio): here()\n",
        "if fast:\n    import asyncio\ndef f(): here()\n",
        "import asyncio\nimport uasyncio as asyncio\ndef f(): here()\n",
        "import asyncio\nasyncio = None\ndef f(): here()\n",
        "def f():\n    here()\n    import asyncio\n",
        "def f():\n    if fast:\n        import asyncio\n    here()\n",
        "from shop import *\ndef f(): here()\n",
        "asyncio = None\ndef f(): here()\n",
    ],
)
def test_not_by_a_name_that_may_be_another(text):
    assert written(text, "asyncio.sleep") is None


def test_not_by_one_that_would_hide_another():
    assert written("def f(): here()\n", "shop.files.open") is None
