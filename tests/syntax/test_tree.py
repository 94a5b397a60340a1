"""Our walk against Python's own parser: the same nodes, in source order."""

import ast
import contextlib
import sysconfig
from collections import Counter
from pathlib import Path

import libcst as cst
import pytest

from reliability_lint.syntax.tree import DEEPEST_BRACKETS, SyntaxProblem, alike, children, parse, too_deep, walk

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = [
    STDLIB / name for name in ("argparse.py", "asyncio/tasks.py", "dataclasses.py", "http/client.py", "logging/__init__.py", "typing.py")
]
SAME = {
    cst.Call: (ast.Call,),
    cst.FunctionDef: (ast.FunctionDef, ast.AsyncFunctionDef),
    cst.ClassDef: (ast.ClassDef,),
    cst.ExceptHandler: (ast.ExceptHandler,),
    cst.Return: (ast.Return,),
    cst.Await: (ast.Await,),
    cst.Raise: (ast.Raise,),
    cst.Lambda: (ast.Lambda,),
    cst.If: (ast.If,),
    cst.CompFor: (ast.comprehension,),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_walk_finds_what_python_finds(path):
    text = path.read_text(encoding="utf-8")
    ours = Counter(type(node) for node in walk(parse(text)))
    theirs = Counter(type(node) for node in ast.walk(ast.parse(text)))
    for kind, others in SAME.items():
        assert ours[kind] == sum(theirs[other] for other in others), kind


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_walk_is_in_source_order(path):
    text = path.read_text(encoding="utf-8")
    calls = [node for node in walk(parse(text)) if isinstance(node, cst.Call)]
    module = cst.parse_module(text)
    wrapper = cst.metadata.MetadataWrapper(module, unsafe_skip_copy=True)
    positions = wrapper.resolve(cst.metadata.PositionProvider)
    again = [node for node in walk(module) if isinstance(node, cst.Call)]
    assert len(again) == len(calls) > 10
    starts = [
        (positions[node].start.line, positions[node].start.column, -positions[node].end.line, -positions[node].end.column) for node in again
    ]
    assert starts == sorted(starts)


def test_formats_are_walked_whatever_was_seen_first():
    parts = [cst.parse_expression(text) for text in ("f'{a}'", "f'{a:{b}}'")]
    assert [[node.value for node in walk(part) if isinstance(node, cst.Name)] for part in parts] == [["a"], ["a", "b"]]


def test_whitespace_and_commas_are_not_children():
    call = cst.parse_expression("f(a , b = 1)")
    assert [type(child) for child in children(call)] == [cst.Name, cst.Arg, cst.Arg]


def test_brackets_in_strings_and_comments_do_not_nest():
    assert too_deep("x = [" + "'(((((', " * 300 + "]  # " + "(" * 500) is None


def test_nesting_as_deep_as_python_allows_is_parsed():
    parse("x = " + "(" * DEEPEST_BRACKETS + "1" + ")" * DEEPEST_BRACKETS + "\n")


@pytest.mark.parametrize("pair", ["()", "[]", "{}"])
def test_deeper_nesting_is_refused_before_the_parser_sees_it(pair):
    with pytest.raises(SyntaxProblem) as caught:
        parse("x = 1\ny = " + pair[0] * 5000 + pair[1] * 5000 + "\n")
    assert (caught.value.line, caught.value.column) == (2, 5 + DEEPEST_BRACKETS)


@pytest.mark.parametrize(
    ("text", "line"), [("def f(:\n", 1), ("x = 1\nprint 'two'\n", 2), ("try:\n    pass\n", 3), ("if True:\n\treturn\n  x\n", 3)]
)
def test_a_syntax_error_has_its_line(text, line):
    with pytest.raises(SyntaxProblem) as caught:
        parse(text)
    assert abs(caught.value.line - line) <= 1
    assert caught.value.message


@pytest.mark.parametrize("text", ["x = 1\n", "x = (\n"])
def test_nodes_made_by_hand_are_checked_as_before(text):
    with contextlib.suppress(SyntaxProblem):
        parse(text)
    with pytest.raises(cst.CSTValidationError):
        cst.Name("")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("-2", "(-2)", True),
        ("a.b[0]", "( a .b[ (0) ])", True),
        ("f(x, y)", "f(x,\n  y)", True),
        ("-2", "-3", False),
        ("a", "a.b", False),
        ("1", "1.0", False),
    ],
)
def test_code_is_alike_whatever_its_parentheses(one, other, same):
    assert alike(cst.parse_expression(one), cst.parse_expression(other)) is same


def test_targets_that_are_no_expressions_are_compared_too():
    starred = cst.parse_statement("*a, b = c").body[0].targets[0].target.elements[0]
    assert alike(starred, starred)
    assert not alike(starred, cst.parse_statement("*b, a = c").body[0].targets[0].target.elements[0])
