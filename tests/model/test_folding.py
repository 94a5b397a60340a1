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


SHAPES = {
    "no holes": ("ASK(f'a')", ["a"]),
    "literals side by side": ("ASK('a' 'b')", ["ab"]),
    "literal and literal": ("ASK('a ' + 'b')", ["a b"]),
    "either of two literals": ("ASK(f\"a {'b' if n else 'c'}\")", ["a b", "a c"]),
    "one of a tuple, by a flag": ("ASK('a ' + ('ASC', 'DESC')[n])", ["a <('ASC', 'DESC')[n]>"]),
    "a constant of the function": ("y = 'b'\nASK(f'a {y}')", ["a b"]),
    "a constant of the module": ("ASK(f'a {OUTER}')", ["a outer"]),
    "a constant of the function around": ("z = 'b'\ndef inner():\n    ASK(f'a {z}')", ["a b"]),
    "one constant or another": ("if n:\n    z = 'b'\nelse:\n    z = 'c'\nASK(f'a {z}')", ["a b", "a c"]),
    "a loop over constants": ("for one in ('b', 'c'):\n    ASK(f'a {one}')", ["a b", "a c"]),
    "a loop over a list with a name": ("names = ['b', 'c']\nfor one in names:\n    ASK(f'a {one}')", ["a b", "a c"]),
    "looked up in a dictionary": ("ASK('a ' + {'k': 'b', 'l': 'c'}[x])", ["a <{'k': 'b', 'l': 'c'}[x]>"]),
    "looked up in a dictionary with a name": ("d = {'k': 'b', 'l': 'c'}\nASK(f'a {d[x]}')", ["a <d[x]>"]),
    "looked up, or a constant": ("d = {'k': 'b'}\nASK(f\"a {d.get(x, 'c')}\")", ["a <d.get(x, 'c')>"]),
    "a constant or another": ("y = '' or 'b'\nASK(f'a {y}')", ["a b"]),
    "placeholders multiplied": ("ASK(f\"a ({','.join(['%s'] * len(xs))})\")", ["a (%s)"]),
    "placeholders counted": ("ASK('a (' + ', '.join('?' for _ in xs) + ')')", ["a (?)"]),
    "placeholders numbered": ("ASK(','.join(f'${i}' for i in range(1, n + 1)))", ["$<i>"]),
    "placeholders cut": ("ASK(('?,' * n)[:-1])", ["?,"]),
    "placeholders mapped": ("ASK(','.join(map(lambda _: '%s', xs)))", ["%s"]),
    "placeholders in brackets": ("ASK('(' + ','.join('?' for _ in xs) + ')')", ["(?)"]),
    "placeholders with a counted name": ("ASK(', '.join(f':p{i}' for i in range(n)))", [":p<i>"]),
    "placeholders with a numbered name": ("ASK(', '.join(f'%(p{i})s' for i, _ in enumerate(xs)))", ["%(p<i>)s"]),
    "placeholders with harmless names": ("ASK(', '.join(f'%({k})s' for k in ('b', 'c')))", ["%(b)s, %(c)s"]),
    "placeholders with foreign names": ("ASK(', '.join(f'%({k})s' for k in xs))", ["%({k})s"]),
    "a number made here": ("ASK(f'a {int(x)}')", ["a <int(x)>"]),
    "a length": ("ASK(f'a {len(xs)}')", ["a <len(xs)>"]),
    "a format for numbers": ("ASK(f'a {n:d}')", ["a <n>"]),
    "a format for numbers, in format()": ("ASK('a {:d}'.format(n))", ["a <n>"]),
    "a format for numbers, with a percent sign": ("ASK('a %d' % n)", ["a <n>"]),
    "a list that grows by constants": (
        "parts = ['a']\nvalues = []\nif n:\n    parts.append('b = %s')\n    values.append(n)\nASK(' AND '.join(parts))",
        ["a AND b = %s"],
    ),
    "a list that grows by something else": ("parts = ['a']\nparts.append(f'b = {x}')\nASK(' AND '.join(parts))", ["a AND b = {x}"]),
    "a template for somebody else": ("ASK('a {x}')", ["a {x}"]),
}


@pytest.mark.parametrize(("body", "found"), list(SHAPES.values()), ids=list(SHAPES))
def test_shapes_that_are_safe_and_their_neighbours(body, found):
    assert texts("OUTER = 'outer'\n" + inside(body)) == found


@pytest.mark.parametrize(
    "call",
    [
        "int(x)", "float(x)", "len(x)", "round(x)", "bool(x)", "Decimal(x)", "uuid.UUID(x)", "hash(x)", "date.today().isoformat()",
        "datetime.fromtimestamp(x).isoformat()", "sql.Identifier(x).as_string(n)", "sql.Literal(x).as_string(n)", "sql.Placeholder(x)", "sql.quote(x)",
        "old.Identifier(x)", "old.Literal(x)", "extensions.quote_ident(x, n)", "engine.dialect.identifier_preparer.quote(x)",
        "engine.dialect.identifier_preparer.quote_identifier(x)", "Kind(x).value", "Order._meta.db_table", "Order._meta.get_field(x).column",
        "Order.__tablename__", "ORDERS.name", "NAMES", "self.__class__.table",
    ],
)  # fmt: skip
def test_what_makes_a_value_harmless(call):
    code = f"""
        import uuid
        from datetime import date, datetime
        from decimal import Decimal
        from enum import Enum
        from psycopg import sql
        from psycopg2 import extensions, sql as old
        from sqlalchemy import create_engine
        from shop.tables import NAMES, ORDERS, Order
        engine = create_engine("postgresql:///shop")
        class Kind(Enum):
            PLAIN = "plain"
        class Orders:
            table = "orders"
            def work(self, x, n):
                ASK({call})
        """
    (found,) = texts(code)
    assert found == "orders" if call == "self.__class__.table" else found == f"<{call}>"


@pytest.mark.parametrize(
    "body",
    [
        "for i, _ in enumerate(xs):\n    ASK(f'{i}')",
        "if x not in ALLOWED:\n    return\nASK(f'{x}')",
        "if x not in ALLOWED:\n    raise ValueError(x)\nASK(f'{x}')",
        "if not re.fullmatch(r'[A-Za-z_]\\w*', x):\n    raise ValueError(x)\nASK(f'{x}')",
        "if not x.isidentifier():\n    raise ValueError(x)\nASK(f'{x}')",
        "column = getattr(Order, x)\nASK(f'{x}')",
    ],
)
def test_guards(body):
    assert texts("import re\nfrom shop.tables import ALLOWED, Order\n" + inside(body))[0].startswith("<")


@pytest.mark.parametrize(
    "call",
    [
        "connection.ops.quote_name(x)", "self.connection.ops.quote_name(x)", "schema_editor.quote_name(x)", "sql.SQL(x)", "x.replace(\"'\", \"''\")",
        "repr(x)", "json.dumps(x)", "html.escape(x)", "shlex.quote(x)", "pymysql.converters.escape_string(x)", "x.strip()", "x.lower()", "str(x)",
    ],
)  # fmt: skip
def test_what_looks_as_if_it_made_a_value_harmless(call):
    code = "import html, json, shlex\nimport pymysql\nfrom django.db import connection\nfrom psycopg import sql\n"
    assert texts(code + inside(f"ASK('a ' + {call})", "self, x, schema_editor")) == [f"a {{{call}}}"]


def test_a_psycopg_text_is_as_it_stands_and_what_fills_it_is_quoted():
    code = "from psycopg import sql\n" + inside("ASK(sql.SQL(f'a {x} {{}}').format(y))")
    assert texts(code) == ["a {x} <sql.SQL(f'a {x} {{}}').format(y)>"]


def test_what_is_escaped_is_so_between_quotes_only():
    _, found = folded("import pymysql\n" + inside("ASK('a ' + pymysql.converters.escape_string(x))"))
    hole = found.texts[0][1]
    assert (hole.escaped, hole.safe, hole.source) == (True, False, "parameter")


def test_a_template_is_no_f_string():
    _, found = folded(inside("ASK(t'a {x}')"))
    assert [piece.safe for piece in found.texts[0] if isinstance(piece, Hole)] == [True]
    assert not found.plain
