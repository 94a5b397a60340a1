"""Edits of nodes, as changes of the text."""

from __future__ import annotations

import libcst as cst
import pytest

from reliability_lint.finding import Edit, Finding, Fix
from reliability_lint.syntax.edits import NoPlace, Overlap, splices, wanted
from reliability_lint.syntax.spans import every, spans
from reliability_lint.syntax.tree import parse, walk
from reliability_lint.text.changes import apply
from reliability_lint.text.source import SourceFile


def nodes(module: cst.Module, kind: type) -> list:
    return [node for node in walk(module) if isinstance(node, kind)]


def made(text: str, fix_of, **more) -> str:
    """The text with a fix made, whose edits a function of the module gives; the same by both ways of finding nodes."""
    module = parse(text)
    source = SourceFile("service.py", text)
    edits = fix_of(module)
    statement = next(iter(nodes(module, cst.SimpleStatementLine)), module)
    at = edits[0].node if edits else statement
    finding = Finding(at, statement, "it is wrong", fix=Fix("mend it", tuple(edits), **more))
    asked = wanted(finding, module)
    found = splices(finding.fix, module, source, spans(module, source, asked))
    assert found == splices(finding.fix, module, source, every(module, [node for node, _ in asked]))
    return apply(text, found)


def call(module: cst.Module) -> cst.Call:
    return nodes(module, cst.Call)[0]


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (lambda c: Edit(c.func, "await f"), "x = (await f(  a  ))  # why\n"),
        (lambda c: Edit(c, "new "), "x = (new )  # why\n"),
        (lambda c: Edit(c, "new ", at="before"), "x = (new f(  a  ))  # why\n"),
        (lambda c: Edit(c, ".g()", at="after"), "x = (f(  a  ).g())  # why\n"),
        (lambda c: Edit(c, at="gone"), "x = ()  # why\n"),
        (lambda c: Edit(c.func, at="gone"), "x = ((  a  ))  # why\n"),
        (lambda c: Edit(c, "g({}, {})", keep=c.args[0].value), "x = (g(a, a))  # why\n"),
    ],
)
def test_expressions(edit, after):
    """Brackets around it, blanks and comments stay."""
    assert made("x = (f(  a  ))  # why\n", lambda module: [edit(call(module))]) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()\n", "f(n=1)\n"),
        ("f(  )\n", "f(  n=1)\n"),
        ("f(a)\n", "f(a, n=1)\n"),
        ("f(a, )\n", "f(a, n=1, )\n"),
        ("f(*a, **b)\n", "f(*a, **b, n=1)\n"),
        ("f((a))\n", "f((a), n=1)\n"),
        ("f(\n    a, b\n)\n", "f(\n    a, b, n=1\n)\n"),
        ("f(\n    a,\n    b\n)\n", "f(\n    a,\n    b,\n    n=1\n)\n"),
        ("f(\n    a,\n    b,\n)\n", "f(\n    a,\n    b,\n    n=1,\n)\n"),
        ("f(\n    a,\n    b  # why\n)\n", "f(\n    a,\n    b,  # why\n    n=1\n)\n"),
        ("f(\n    a,\n    b,  # why\n)\n", "f(\n    a,\n    b,  # why\n    n=1,\n)\n"),
        ("f(\n    a,\n    b)\n", "f(\n    a,\n    b, n=1)\n"),
        ("f(\r\n\ta,\r\n)\r\n", "f(\r\n\ta,\r\n\tn=1,\r\n)\r\n"),
        ("f(a\n  # nothing\n)\n", "f(a, n=1\n  # nothing\n)\n"),
        ("f((x for x in y))\n", "f((x for x in y), n=1)\n"),
    ],
)
def test_one_more_argument(before, after):
    assert made(before, lambda module: [Edit(call(module), "n=1", at="last")]) == after
    parse(after)


def test_a_decorator_without_brackets_gets_them():
    text = "@retry\ndef f(): pass\n"
    assert made(text, lambda m: [Edit(nodes(m, cst.Decorator)[0].decorator, "n=1", at="last")]) == "@retry(n=1)\ndef f(): pass\n"


def test_lines():
    text = "def f():\n  if x:\n    a()  # why\n    b(); c()\n"
    third = "def f():\n  if x:\n    if y:\n      raise\n    a()  # why\n    b(); c()\n"

    def line(number, *edit, **more):
        return lambda module: [Edit(nodes(module, cst.SimpleStatementLine)[number], *edit, **more)]

    assert made(text, line(0, "if y:\n    raise", at="before")) == third
    assert made(text, line(0, "g()\nh()", at="after")) == text.replace("# why\n", "# why\n    g()\n    h()\n")
    assert made(text, line(1, "g()", at="after")) == text + "    g()\n"
    assert made(text.rstrip("\n"), line(1, "g()", at="after")) == text + "    g()"
    assert made(text, line(0, "if y:\n    raise")) == text.replace("a()  # why", "if y:\n      raise  # why")
    assert made(text.replace("\n", "\r\n"), line(0, "if y:\n    raise", at="before")) == third.replace("\n", "\r\n")


def test_blocks_begin_on_lines_too():
    text = "def f():\n    while x:\n        a()\n"
    assert made(text, lambda m: [Edit(nodes(m, cst.While)[0], "g()", at="before")]) == text.replace("while", "g()\n    while")


def test_handlers():
    text = "def f():\n  try:\n    a()\n  # why\n  except :  # all\n    b()\n"

    def handler(*edit, **more):
        return lambda module: [Edit(nodes(module, cst.ExceptHandler)[0], *edit, **more)]

    assert made(text, handler(" Exception", at="word")) == text.replace("except", "except Exception")
    assert made(text, handler("except A:\n    raise", at="before")) == text.replace("  except", "  except A:\n    raise\n  except")
    assert made("try: a()\nexcept: b()\n", handler(" Exception", at="word")) == "try: a()\nexcept Exception: b()\n"


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("f(x for x in y)\n", lambda m: Edit(call(m), "n=1", at="last")),
        ("def f():\n    pass\n", lambda m: Edit(m.body[0], "g()", at="before")),
        ("if x: pass\n", lambda m: Edit(m.body[0], "g()", at="after")),
        ("a = 1\n", lambda m: Edit(m.body[0], at="gone")),
        ("f(a +\n  b)\n", lambda m: Edit(call(m), "{}", keep=call(m).args[0].value)),
    ],
)
def test_what_has_no_place(text, edit):
    with pytest.raises(NoPlace):
        made(text, lambda module: [edit(module)])


def test_edits_that_overlap_are_refused():
    with pytest.raises(Overlap):
        made("f(a)\n", lambda module: [Edit(call(module), "g"), Edit(call(module).args[0], "b")])


@pytest.mark.parametrize(
    ("display", "before", "after"),
    [
        ("import asyncio", "import os\nimport time\n", "import asyncio\nimport os\nimport time\n"),
        ("import time", "import asyncio\nimport os\n", "import asyncio\nimport os\nimport time\n"),
        ("import math", "import os  # why\n\nimport httpx\n", "import math\nimport os  # why\n\nimport httpx\n"),
        ("import ssl", "import os  # why\n\nimport httpx\n", "import os  # why\nimport ssl\n\nimport httpx\n"),
        ("import ssl", "from os import path\n", "import ssl\nfrom os import path\n"),
        ("import asyncio", "import httpx\n\nx = 1\n", "import asyncio\n\nimport httpx\n\nx = 1\n"),
        ("import asyncio", '"""What it is."""\n\nx = 1\n', '"""What it is."""\n\nimport asyncio\n\nx = 1\n'),
        ("import asyncio", '"""What it is."""\nimport httpx\n', '"""What it is."""\nimport asyncio\n\nimport httpx\n'),
        ("import asyncio", "#!/usr/bin/env python\nx = 1\n", "#!/usr/bin/env python\nimport asyncio\n\nx = 1\n"),
        ("import asyncio", "@a\n@b\ndef f(): pass\n", "import asyncio\n\n@a\n@b\ndef f(): pass\n"),
        ("import asyncio", "from __future__ import annotations\n", "from __future__ import annotations\n\nimport asyncio\n"),
        (
            "import asyncio",
            "from __future__ import annotations\r\n\r\nimport httpx\r\n",
            "from __future__ import annotations\r\n\r\nimport asyncio\r\n\r\nimport httpx\r\n",
        ),
        ("from a.b import c", "import os\n", "import os\n\nfrom a.b import c\n"),
        ("from a.b import c", "import os\n\nimport z\nfrom c import d\n", "import os\n\nimport z\nfrom a.b import c\nfrom c import d\n"),
        ("from a.b import c", "from a.b import d as e  # why\n", "from a.b import d as e, c  # why\n"),
        ("from a.b import c", "from a.b import (\n    d,\n    e,\n)\n", "from a.b import (\n    d,\n    e,\n    c,\n)\n"),
        ("from a.b import c", "from a.b import d, \\\n    e\n", "from a.b import d, \\\n    e, c\n"),
        ("from a.b import c", "from .a.b import d\n", "from a.b import c\n\nfrom .a.b import d\n"),
        ("from a.b import c", "import os\n\nfrom . import d\n", "import os\n\nfrom a.b import c\n\nfrom . import d\n"),
        ("import asyncio", "import os\ntry:\n    import fast\nexcept ImportError:\n    pass\n", None),
    ],
)
def test_imports_stand_where_the_file_has_them(display, before, after):
    after = after if after is not None else f"{display}\n{before}"
    assert made(before, lambda module: [], imports=(display,)) == after


def test_what_is_defined_stands_behind_the_imports():
    text = "import os\n\n\ndef f(): pass\n"
    assert made(text, lambda module: [], defines=("kept = set()",)) == "import os\n\nkept = set()\n\n\ndef f(): pass\n"
    both = made(text, lambda module: [], imports=("import ssl",), defines=("kept = set()",))
    assert both == "import os\nimport ssl\n\nkept = set()\n\n\ndef f(): pass\n"
