"""How text comes about. Each case is a module whose last call is `ASK(expression)`; in the answer a hole is `{code}`, a safe one `<code>`."""

from textwrap import dedent

import libcst as cst
import pytest

from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.meanings.match import Meanings
from reliability_lint.meanings.statements import _Lexicon
from reliability_lint.model.build import build
from reliability_lint.model.folding import Hole, fold, last_name
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.syntax.tree import parse


def folded(code):
    index = index_for(Versions())
    model = build(SemanticModel(parse(dedent(code)), index, module_name="shop.orders"))
    meanings = Meanings(model, index)
    asked = [call for call in model.calls if isinstance(call.node, cst.Call) and call.node.func.deep_equals(cst.Name("ASK"))]
    return model, fold(model, asked[-1].node.args[0].value, asked[-1], _Lexicon(index, meanings))


def texts(code):
    model, found = folded(code)

    def shown(piece):
        if not isinstance(piece, Hole):
            return piece
        source = model.tree.code_for_node(piece.at)
        return f"<{source}>" if piece.safe else f"{{{source}}}"

    return ["".join(map(shown, text)) for text in found.texts]


def sources(code):
    return [piece.source for text in folded(code)[1].texts for piece in text if isinstance(piece, Hole)]


def inside(body, parameters="x, y, n, xs"):
    return f"def work({parameters}):\n" + "\n".join(f"    {line}" for line in body.split("\n"))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("ASK('a' 'b' + 'c')", "abc"),
        ("ASK(b'a')", "a"),
        ("ASK(f'a{x}b')", "a{x}b"),
        ("ASK(f'{{{x}}}')", "{{x}}"),
        ("ASK(f'a{n:d}')", "a<n>"),
        ("ASK(f'a{n:>5}')", "a{n}"),
        ("ASK(f'a{x!r}')", "a{x}"),
        ("ASK(f'{f\"b{x}\"}')", "b{x}"),
        ("ASK('a' + x + 'b')", "a{x}b"),
        ("ASK('%s-%s' % (x, y))", "{x}-{y}"),
        ("ASK('%s' % x)", "{x}"),
        ("ASK('%(k)s' % {'k': x})", "{x}"),
        ("ASK('%d%%' % x)", "<x>%"),
        ("ASK('{}-{}'.format(x, y))", "{x}-{y}"),
        ("ASK('{1}-{0}'.format(x, y))", "{y}-{x}"),
        ("ASK('{k}'.format(k=x))", "{x}"),
        ("ASK('{:d}'.format(x))", "<x>"),
        ("ASK('{k}'.format(**{'k': x}))", "{x}"),
        ("ASK('{k}'.format_map({'k': x}))", "{x}"),
        ("d = {'k': x}\nASK('{k}'.format(**d))", "{x}"),
        ("ASK('a K b'.replace('K', x))", "a {x} b"),
        ("ASK('a'.upper())", "a"),
        ("ASK(' a '.strip() + x.lower())", " a {x.lower()}"),
        ("ASK(','.join(['%s'] * n))", "%s"),
        ("ASK(','.join('?' for _ in xs))", "?"),
        ("ASK(','.join(map(lambda _: '?', xs)))", "?"),
        ("ASK(('?,' * n)[:-1])", "?,"),
        ("ASK(', '.join(f'${i}' for i in range(n)))", "$<i>"),
        ("ASK(', '.join(f'${i}' for i, _ in enumerate(xs)))", "$<i>"),
        ("ASK(','.join(xs))", "{xs}"),
        ("ASK('(' + ','.join(xs) + ')')", "({','.join(xs)})"),
        ("ASK(','.join(str(int(one)) for one in xs))", "<str(int(one))>"),
        ("ASK(' '.join(['a', x, 'b']))", "a {x} b"),
        ("ASK(str(x))", "{x}"),
        ("ASK('a' + str(x))", "a{str(x)}"),
        ("ASK(len(x))", "<len(x)>"),
        ("ASK(f'{int(x)}{len(xs)}{x == y}{-n}{n - 1}{n + 1}')", "<int(x)><len(xs)><x == y><-n><n - 1><n + 1>"),
        ("ASK('a' if n else f'b{x}')", None),
    ],
)
def test_expressions(body, text):
    assert texts(inside(body)) == (["a", "b{x}"] if text is None else [text])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("q = 'a'\nq += f'b{x}'\nASK(q)", ["ab{x}"]),
        ("q = 'a'\nq = q + x\nASK(q)", ["a{x}"]),
        ("q = 'a'\nif n:\n    q += 'b'\nASK(q)", ["ab"]),
        ("q = '%s'\nq %= x\nASK(q)", ["{x}"]),
        ("if n:\n    q = 'a'\nelse:\n    q = f'b{x}'\nASK(q)", ["a", "b{x}"]),
        ("q = 'a'\nfor one in xs:\n    q += f',{one}'\nASK(q)", ["a,{one}"]),
        ("parts = ['a']\nparts.append(f'b{x}')\nASK(' AND '.join(parts))", ["a AND b{x}"]),
        ("parts = []\nparts.extend(['a', 'b'])\nparts += ['c']\nASK(','.join(parts))", ["c,a,b"]),
        ("ASK(q := f'a{x}')", ["a{x}"]),
        ("a, b = 'x', y\nASK(f'{a}{b}')", ["x{b}"]),
        ("for table in ('a', 'b'):\n    ASK(f'from {table}')", ["from a", "from b"]),
        ("for old, new in {'a': 'b', 'c': 'd'}.items():\n    ASK(f'{old}{new}')", ["<old><new>"]),
        ("for one in xs:\n    ASK(f'a{one}')", ["a{one}"]),
        ("ASK({'a': 'b', 'c': 'd'}[x])", ["<{'a': 'b', 'c': 'd'}[x]>"]),
        ("ASK(('ASC', 'DESC')[n])", ["<('ASC', 'DESC')[n]>"]),
        ("ASK(x or 'a')", ["{x}", "a"]),
    ],
)
def test_names_that_grow(body, found):
    assert texts(inside(body)) == found


@pytest.mark.parametrize(
    "body",
    [
        "if x not in ('a', 'b'):\n    raise ValueError\nASK(f'{x}')",
        "if x.isidentifier():\n    ASK(f'{x}')",
        "if not re.fullmatch('[a-z]+', x):\n    return\nASK(f'{x}')",
        "check_name(x)\nASK(f'{x}')",
        "ASK(f'{quote_ident(x)}')",
        "ASK(f'{settings.SCHEMA}')",
        "ASK(f'{Order.__tablename__}')",
        "ASK(f'{Order._meta.db_table}')",
        "ASK(f'{NAMES[x]}')",
        "ASK(f'{datetime.now()}')",
        "ASK(f'{uuid.UUID(x)}')",
        "ASK(f'{x.strftime(\"%Y\")}')",
        "ASK(f'{x.quoted_name}')",
        "ASK(f'{settings.schema}')",
        "ASK(f'{x.config.schema}')",
        "ASK(f'{settings.current()}')",
        "y = x.replace('\"', '')\nASK(f'{y}')",
    ],
)
def test_what_cannot_hurt(body):
    code = "import re, uuid\nfrom datetime import datetime\nfrom shop.names import NAMES, Order\nfrom shop import settings\n" + inside(body)
    assert texts(code)[0].startswith("<")


@pytest.mark.parametrize(
    "body",
    [
        "escaped = html.escape(x)\nASK(f'{escaped}')",
        "y = quote(x)\nASK(f'{x}')",
        "if x == 'a':\n    ASK(f'{x}')",
        "ASK(f'{json.dumps(x)}')",
        "ASK(f'{input()}')",
        "ASK(f'{x.name()}')",
        "ASK(f'{html.unescape(x)}')",
    ],
)
def test_what_looks_like_a_check(body):
    assert texts("import html, json\n" + inside(body))[0].startswith("{")


@pytest.mark.parametrize(
    "annotation", ["int", "int | None", "Optional[int]", "'int'", "UUID", "Literal['a', 'b']", "Annotated[int, 1]", "Kind", "Key"]
)
def test_annotations_that_promise_something_harmless(annotation):
    code = """
        from enum import Enum
        from typing import Annotated, Literal, NewType, Optional
        from uuid import UUID
        Key = NewType("Key", int)
        class Kind(Enum):
            A = "a"
        """
    assert texts(dedent(code) + inside("ASK(f'{x}')", f"x: {annotation}")) == ["<x>"]


@pytest.mark.parametrize("annotation", ["str", "str | int", "list[int]", "Unheard", "dict[str, int]"])
def test_annotations_that_do_not(annotation):
    assert texts(inside("ASK(f'{x}')", f"x: {annotation}")) == ["{x}"]


def test_elements_of_annotated_collections():
    assert texts(inside("ASK(','.join(str(one) for one in xs))", "xs: list[int]")) == ["<str(one)>"]
    assert texts(inside("ASK(','.join(map(str, xs)))", "xs: set[int]")) == ["<xs>"]
    assert texts(inside("ASK(','.join(xs))", "xs: list[str]")) == ["{xs}"]


@pytest.mark.parametrize(
    ("code", "source"),
    [
        ("def work(x):\n    ASK(x)", "parameter"),
        ("def work(x):\n    ASK(x['sort'])", "parameter"),
        ("def work(x):\n    ASK(x.get('sort'))", "parameter"),
        ("def work(x):\n    ASK(x.sort)", "attribute"),
        ("def work(x: Filter):\n    ASK(x)", "attribute"),
        ("def _work(x):\n    ASK(x)", "private"),
        ("from flask import request\ndef work():\n    ASK(request.args['x'])", "request"),
        ("def work(xs):\n    for x in xs:\n        ASK(x)", "passed"),
        ("def work():\n    for x in found():\n        ASK(x)", "element"),
        ("def work():\n    ASK(found())", "call"),
        ("class Work:\n    def __init__(self, x):\n        self.x = x\n    def run(self):\n        ASK(self.x)", "attribute"),
    ],
)
def test_where_a_hole_comes_from(code, source):
    assert sources(code) == [source]


def test_parameters_of_a_function_for_this_file_are_what_its_calls_pass():
    helper = "def _work(x, y='b'):\n    ASK(x + y)\n"
    assert texts(helper + "def one():\n    _work('a')\n") == ["<x><y>"]
    assert texts(helper + "def one(z):\n    _work('a')\n    _work(z)\n") == ["{x}<y>"]
    assert sources(helper + "def one(z):\n    _work(z)\n") == ["parameter", "private"]
    assert texts(helper + "def one(z):\n    _work(*z)\n") == ["{x}{y}"]


def test_functions_of_the_file_are_looked_into():
    assert texts("def make(a):\n    return f'x{a}'\ndef work(y):\n    ASK(make(y))") == ["x{a}"]
    assert texts("def make(a):\n    return f'x{a}'\ndef work():\n    ASK(make('b'))") == ["xb"]
    assert texts("class W:\n    @property\n    def names(self):\n        return 'a, b'\n    def work(self):\n        ASK(self.names)") == [
        "a, b"
    ]


def test_what_the_program_gives_without_being_told_anything_is_its_own():
    assert texts("def name():\n    return found()[0]\ndef work():\n    ASK('a' + name())") == ["a<name()>"]
    assert texts("def name(x):\n    return found(x)\ndef work(y):\n    ASK('a' + name(y))") == ["a{name(y)}"]


def test_what_is_unpacked_from_a_call_has_siblings():
    _, found = folded("def work(f):\n    clause, values = f.render()\n    ASK(f'a {clause}')")
    hole = found.texts[0][1]
    assert (hole.siblings, last_name(hole.at)) == (frozenset({"values"}), "clause")


def test_wrappers_are_seen_through():
    _, found = folded("from sqlalchemy import text\ndef work(x):\n    q = text(f'a{x}').bindparams(b=1)\n    ASK(q)")
    assert [len(text) for text in found.texts] == [2]
    assert len(found.wrappers) == 1
    assert found.wrapped
    assert not found.plain


def test_what_is_composed_is_quoted():
    code = "from psycopg2 import sql\ndef work(x):\n    ASK(sql.SQL('a {} b').format(sql.Identifier(x)))"
    assert texts(code) == ["a <sql.SQL('a {} b').format(sql.Identifier(x))> b"]


def test_plain_text_is_certain():
    assert folded(inside("ASK(f'a{x}')"))[1].plain
    assert not folded(inside("ASK(x)"))[1].plain
    assert not folded(inside("q = x\nif n:\n    q = 'a'\nASK(q)"))[1].plain


def test_a_text_that_grows_in_many_steps_is_followed_in_time():
    steps = "\n".join(f"if n > {i}:\n    q = q + ' AND y = %s' % x" for i in range(60))
    assert len(texts(inside(f"q = 'a'\n{steps}\nASK(q)"))) <= 12


def test_a_name_that_means_itself_ends():
    assert texts(inside("for one in xs:\n    q = q + one\nASK(q)"))
    assert texts("def a(x):\n    return b(x)\ndef b(x):\n    return a(x)\ndef work(x):\n    ASK(a(x))")
