"""Where a line stands, and what is written in a place, however it is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability_lint.text.outline import Outline, gist
from reliability_lint.text.source import SourceFile


def _outline(text: str) -> Outline:
    return Outline(SourceFile("x.py", text))


ROOT = Path(__file__).resolve().parents[2]

TEXT = '''\
import x

class Order:
    """
def not_one(): a line of text
    """

    limit = [
1, 2]

    @retry(
        stop=3,
    )
    # why
    @log
    async def pay(
    self,
    ):
        def inner(): return x.get()
        if x:
# a comment at the margin
            x.get()
        else:
            x.post()
        return x.put()

    total = 3

if x:
    x.get()
'''


@pytest.mark.parametrize(
    ("line", "scope"),
    [
        (1, ""),
        (3, "Order"),
        (8, "Order"),
        (9, "Order"),
        (11, "Order.pay"),
        (12, "Order.pay"),
        (15, "Order.pay"),
        (16, "Order.pay"),
        (17, "Order.pay"),
        (19, "Order.pay.inner"),
        (22, "Order.pay"),
        (24, "Order.pay"),
        (25, "Order.pay"),
        (27, "Order"),
        (29, ""),
        (30, ""),
        (99, ""),
    ],
)
def test_scope(line, scope):
    assert _outline(TEXT).scope(line) == scope
    assert _outline(TEXT.replace("\n", "\r\n")).scope(line) == scope
    assert _outline(TEXT.replace("\n", "\r")).scope(line) == scope
    assert _outline(TEXT.replace("    ", "\t")).scope(line) == scope


def test_a_comment_belongs_to_what_follows_it():
    text = "def a():\n    x()\n\n# about b\ndef b():\n    y()\n# the end"
    assert _outline(text).scope(4) == "a"
    assert _outline(text).scope(4, below=True) == "b"
    assert _outline(text).scope(7, below=True) == ""


def test_the_first_line_and_odd_text():
    assert _outline("def a(): x").scope(1) == "a"
    assert _outline("").scope(1) == ""
    assert _outline("x = (\ndef a():\n    y()\n").scope(3) == "a"
    assert _outline("x = '''\ndef a():\n    y()\n").scope(3) == ""
    assert _outline("x = 1 +\\\n    2\nclass \\\n").scope(3) == ""


def _scopes(body: list[ast.stmt], scope: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The lines on which statements begin, and their scopes, as Python's parser has them."""
    for node in body:
        inner = (*scope, node.name) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else scope
        yield from ((one.lineno, ".".join(inner)) for one in getattr(node, "decorator_list", ()))
        yield node.lineno, ".".join(inner)
        for part in ("body", "orelse", "finalbody"):
            yield from _scopes(getattr(node, part, []), inner)
        for clause in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from _scopes(clause.body, inner)


def test_it_sees_what_python_sees():
    seen = 0
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        outline = _outline(text)
        found: dict[int, str] = {}
        for line, scope in _scopes(ast.parse(text).body, ()):
            found.setdefault(line, scope)  # of several statements on a line the first
        assert {line: outline.scope(line) for line in found} == found, path
        seen += len(found)
    assert seen > 5000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("get(url, timeout=None)", "get(\n    url,  # where\n    timeout=None,\n)"),
        ("get('it\\'s')", 'get("it\'s")'),
        ("f(F'{x}', 0XFF, 1E5)", 'f(f"{x}", 0xff, 1e5)'),
        ("f(u'a')", 'f("a")'),
        ("f('a' 'b')", 'f("ab")'),
        ("x = (a)", "x = a"),
        ("[1, 2]", "[\n    1,\n    2,\n]"),
        ("a + \\\n    b", "(a\n + b)"),
        ("", "# nothing"),
    ],
)
def test_layout_does_not_count(one, other):
    assert gist(one) == gist(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("get(url)", "get(uri)"),
        ("get('a')", "get('b')"),
        ("get('a b')", "get('ab')"),
        ("not in", "notin"),
        ("a, b", "a b"),
        ("f'{a}'", "'{a}'"),
        ("b'a'", "'a'"),
        ("a", "'a'"),
        ("f('a', 'b')", "f('ab')"),
        ("'# a'", "'# b'"),
    ],
)
def test_what_is_written_counts(one, other):
    assert gist(one) != gist(other)


@given(st.text(alphabet="ab0'\"\\#()[]{}\n\r\t f:=", max_size=60))
def test_any_text_has_an_outline_and_a_gist(text):
    outline = _outline(text)
    assert all(isinstance(outline.scope(line), str) for line in range(5))
    assert len(gist(text)) == 16
