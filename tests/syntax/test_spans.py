"""Our positions against LibCST's own, and the quick way against the thorough one."""

import sysconfig
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.syntax import spans as module_spans
from reliability_lint.syntax.spans import every, spans
from reliability_lint.syntax.tree import parse, walk
from reliability_lint.text.source import SourceFile

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = [
    STDLIB / name for name in ("argparse.py", "asyncio/base_events.py", "dataclasses.py", "http/client.py", "typing.py", "tokenize.py")
]

ODD = """
@one
@two (
    3
)
async def f(a: int = (1), *, b=call(2)) -> None:
    with open(a) as x, \\
            open(b) as y: g(x); h(y)
    if a: return k(1)
    elif (l(2)):
        m(3); n(4)
    else: o(5)
    try: p(6)
    except (A, B) as e: q(7)
    finally:
        r(8)
    ünï = "ü" ; s(ünï, "é")
    for i in t(
        1,
        u(2)):
        v(i)
    match w(a):
        case {"x": 1} if y(2):
            z(3)
class C(make(1), metaclass=meta(2)):
    x = [c(i) for i in d(2) if e(i)]
"""


def _check(text):
    source = SourceFile("x.py", text)
    model = build(SemanticModel(parse(text), index_for(Versions())))
    places = [*model.calls, *model.functions, *model.classes, *model.handlers, *model.loops, *model.withs]
    wanted = [(place.at, place.statement) for place in places]
    assert len(wanted) > 10
    found = spans(model.tree, source, wanted)
    slow = every(model.tree, [node for node, _ in wanted])
    for node, statement in wanted:
        assert found[id(node)].start == slow[id(node)].start
        if node is not statement:  # of a statement, only the head is counted
            assert found[id(node)].end == slow[id(node)].end
    for place in model.calls:
        if isinstance(place.node, cst.Call):
            here = source.text[slice(*found[id(place.node)])]
            assert here.endswith(")")
            assert "".join(here.split()) in "".join(model.tree.code_for_node(place.node).split())
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_quick_way_agrees_with_the_thorough_one(path, monkeypatch):
    monkeypatch.setattr(module_spans, "every", lambda *_: pytest.fail("fell back"))
    _check(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_odd_shapes(newline):
    _check(ODD.replace("\n", newline))


def test_tabs_and_form_feeds():
    _check(ODD.replace("    ", "\t").replace("class C", "\f\nclass C"))


def test_text_that_this_python_cannot_parse_is_counted_through(monkeypatch):
    monkeypatch.setattr(module_spans, "_starts", lambda *_: {})
    _check(ODD)


@pytest.mark.parametrize("path", FILES[:2], ids=lambda path: path.name)
def test_positions_are_those_of_libcst(path):
    text = path.read_text(encoding="utf-8")
    source = SourceFile("x.py", text)
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    nodes = [node for node in walk(wrapper.module) if isinstance(node, cst.BaseExpression | cst.Arg | cst.ExceptHandler | cst.Decorator)]
    found = every(wrapper.module, nodes)
    assert len(nodes) > 1000
    for node in nodes:
        start, end = (source.position(offset) for offset in found[id(node)])
        theirs = positions[node]
        assert (start.line, start.column - 1) == (theirs.start.line, theirs.start.column)
        assert (end.line, end.column - 1) == (theirs.end.line, theirs.end.column)


ALIKE = '''
"""A text in which much is there more than once."""


class Stock:
    def take(self, sku):
        try:
            return self.client.get(sku)
        except KeyError:
            return None  # raise Missing(sku)

    def give(self, sku):
        try:
            return self.client.get(sku)
        except KeyError:
            raise Missing(sku)

    def count(self, sku):
        if sku in self.seen:
            first = self.seen[sku]
            return first
        elif sku in self.known:
            return self.known[sku]
        if sku in self.known:
            return self.known[sku]
        return self.client.get(sku)


@decorated(sku=1)
def one():
    """
    return self.client.get(sku)
    """
    call(
        1,
    )
    call(
        2,
    )


@decorated(sku=1)
def two():
    call(
        1,
    )
    return None  # raise Missing(sku)
'''


@pytest.mark.parametrize("text", [ALIKE, ALIKE.replace("\n", "\r\n"), *(path.read_text(encoding="utf-8") for path in FILES[:3])])
def test_one_statement_alone_is_found_where_all_are_found(text):
    module = parse(text)
    source = SourceFile("x.py", text)
    statements = [node for node in walk(module) if node.__class__ in module_spans.STATEMENTS]
    known = spans(module, source, [(node, node) for node in statements])
    starts = module_spans._Starts(module)
    found = 0
    for node in statements:
        located = starts.look_up(node, {id(node)}, source)
        if located is not None:
            found += 1
            assert located[id(node)] == known[id(node)]
    assert found > len(statements) * 0.6


def test_a_statement_that_can_be_told_from_others_needs_no_parser(monkeypatch):
    monkeypatch.setattr(module_spans, "_starts", lambda *_: pytest.fail("Python's parser was asked"))
    module = parse(ALIKE)
    handler = next(node for node in walk(module) if isinstance(node, cst.Raise))
    line = next(node for node in walk(module) if isinstance(node, cst.SimpleStatementLine) and handler in node.body)
    span = spans(module, SourceFile("x.py", ALIKE), [(line, line)])[id(line)]
    assert ALIKE[span.start :].startswith("raise Missing(sku)\n")
