"""In which order things happen in a block, and on what they hang."""

from __future__ import annotations

import libcst as cst
import pytest

from reliability_lint.model.course import course
from reliability_lint.syntax.tree import parse


def _told(text: str) -> list[str]:
    """What happens, without what may fail: `+` where a name is bound, `!` where the block is left, in brackets what hangs on something."""
    found = []
    for one in course(parse(text)):
        word = {"read": one.name, "bind": f"+{one.name}", "leave": "!", "fail": ""}[one.kind]
        if word:
            found.append(f"({word})" if one.conditions else word)
    return found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = b = f(c)", "f c +a +b"),
        ("a += b", "a b +a"),
        ("a: int\nb: int = c", "c +b"),
        ("a, *b.c = d", "d +a b"),
        ("a[b] = c", "c a"),
        ("f((a := b), k=c)", "f b +a c"),
        ("del a", "a"),
        ("import a.b, c as d\nfrom e import f", "+a +d +f"),
        ("for a in b: c\nelse: d", "b (+a) (c) d"),
        ("while a: b", "a (b)"),
        ("if a: b\nelif c: d\nelse: e", "a (b) (c) (d) (e)"),
        ("a if b else c", "b (a) (c)"),
        ("a and b or c", "a (b) (c)"),
        ("with a as b, c: d", "a +b c d"),
        ("try: a\nexcept b as c: d\nelse: e\nfinally: f", "a (b) (+c) (d) e f"),
        ("match a:\n    case B(c) if d: e\n    case {**f}: g", "a (+c) (d) (e) (+f) (g)"),
        ("[a for a in b if c]", "b (c)"),
        ("{a: d for a in b for d in e(a, c)}", "b (e) (c)"),
        ("def a(b=c): d", "c +a"),
        ("@a\nclass b(c): d", "a c +b"),
        ("lambda a=b: c", "b"),
        ("raise a from b", "a b !"),
        ("f'{a:{b}}'", "a b"),
        ("a.b(c.d)", "a c"),
    ],
)
def test_names(text, told):
    assert _told(text) == told.split()


def test_jumps_leave_a_block_but_not_from_its_own_loops():
    (loop,) = parse("for a in b:\n    for c in d:\n        break\n    continue\n").body
    assert isinstance(loop, cst.For)
    assert [one.kind for one in course(loop.body) if isinstance(one.node, cst.Break | cst.Continue)] == ["leave"]


def test_what_may_fail_comes_when_its_parts_are_done():
    assert [type(one.node).__name__ for one in course(parse("a = f(b.c)[0]")) if one.kind == "fail"] == ["Attribute", "Call", "Subscript"]


def test_it_is_told_in_which_statements_something_happens():
    happening = next(one for one in course(parse("with a:\n    try: b\n    finally: c\n")) if one.name == "b")
    assert [type(node).__name__ for node in happening.within] == ["With", "Try"]
