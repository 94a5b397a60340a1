"""
Parsing and walking.

LibCST's own visitor rebuilds every node that it passes. A linter only reads, so the walk here is our own: which fields of a node type hold
code, and in which order they stand in the source, is learned once from LibCST itself, and whitespace is never visited.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

import libcst as cst

# CPython's tokenizer allows no more; beyond it LibCST's parser takes minutes, gigabytes or the whole process.
DEEPEST_BRACKETS = 200

_TRIVIA = frozenset(
    {
        "leading_lines", "trailing_whitespace", "header", "footer", "lpar", "rpar", "comma", "semicolon", "equal", "dot", "colon", "indent",
        "newline", "lbracket", "rbracket", "lbrace", "rbrace", "lines_after_decorators", "operator", "operators", "asynchronous", "star_etc",
        "relative", "first_line", "body_newline", "default_indent", "default_newline", "encoding", "has_trailing_newline",
    }
)  # fmt: skip

_BRACKETS = re.compile(
    r"""\#[^\r\n]*|\"\"\"(?:[^\\"]|\\.|"(?!""))*\"\"\"|'''(?:[^\\']|\\.|'(?!''))*'''|"(?:[^\\"\r\n]|\\.)*"|'(?:[^\\'\r\n]|\\.)*'|[()\[\]{}]""",
    re.DOTALL,
)


class SyntaxProblem(Exception):
    """The text is not Python that can be parsed. `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


def too_deep(text: str) -> int | None:
    """The offset at which brackets nest deeper than Python allows, or None."""
    if text.count("(") + text.count("[") + text.count("{") <= DEEPEST_BRACKETS:
        return None
    depth = 0
    for match in _BRACKETS.finditer(text):
        bracket = match.group()
        if bracket in "([{":
            depth += 1
            if depth > DEEPEST_BRACKETS:
                return match.start()
        elif bracket in ")]}" and depth:
            depth -= 1
    return None


def parse(text: str) -> cst.Module:
    """The concrete syntax tree of a text; raises `SyntaxProblem`."""
    deep = too_deep(text)
    if deep is not None:
        line = text.count("\n", 0, deep) + 1
        raise SyntaxProblem(f"more than {DEEPEST_BRACKETS} nested brackets", line, deep - text.rfind("\n", 0, deep))
    try:
        return _parsed(text)
    except cst.ParserSyntaxError as problem:
        raise _explained(text, SyntaxProblem(_first_sentence(problem.message), problem.raw_line, problem.raw_column + 1)) from None
    except (RecursionError, MemoryError):
        raise SyntaxProblem("expressions nest too deeply", 1, 1) from None
    except Exception as problem:  # whatever the native parser raises for text that it cannot turn into a tree
        raise _explained(text, SyntaxProblem(_first_sentence(str(problem)) or type(problem).__name__, 1, 1)) from None


# LibCST checks every node that is made, for the sake of those who make nodes by hand. A parser's nodes are right, and checking them takes
# a seventh of the time that parsing takes.
_check_node = cst.CSTNode.__post_init__


def _take_node(node: cst.CSTNode) -> None:
    """In place of the check."""


def _parsed(text: str) -> cst.Module:
    cst.CSTNode.__post_init__ = _take_node  # type: ignore[method-assign,assignment]
    try:
        return cst.parse_module(text)
    finally:
        cst.CSTNode.__post_init__ = _check_node  # type: ignore[method-assign]


def _explained(text: str, problem: SyntaxProblem) -> SyntaxProblem:
    """The problem in Python's own words and place, where Python sees one too: both are better than LibCST's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return SyntaxProblem(error.msg, error.lineno or problem.line, error.offset or 1)
    except (ValueError, MemoryError, RecursionError):
        pass
    return problem


def _first_sentence(message: str) -> str:
    sentence = message.strip().partition("\n")[0].rstrip(".")
    return sentence.replace("Incomplete input. Encountered 'end of file', but", "the file ends, but").replace(
        "parser error: error at ", "error at "
    )


class _FieldRecorder(cst.CSTVisitor):
    """Learns in which order a node type visits its fields, which is source order."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:  # noqa: ARG002
        return False

    def on_leave(self, original_node: cst.CSTNode) -> None: ...

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:  # noqa: ARG002
        self.names.append(attribute)

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None: ...


# LibCST asks for the format of an expression in a text only where there is one, so the first one that comes by may not show that field.
_fields: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.FormattedStringExpression: ("expression", "format_spec"),
    cst.TemplatedStringExpression: ("expression", "format_spec"),
}


def fields(node: cst.CSTNode) -> tuple[str, ...]:
    """The names of the fields that hold code, in source order."""
    kind = node.__class__
    names = _fields.get(kind)
    if names is None:
        recorder = _FieldRecorder()
        node._visit_and_replace_children(recorder)
        names = tuple(dict.fromkeys(n for n in recorder.names if n not in _TRIVIA and not n.startswith("whitespace")))
        _fields[kind] = names
    return names


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The nodes directly below, in source order, whitespace and punctuation left out."""
    found: list[cst.CSTNode] = []
    for name in _fields.get(node.__class__) or fields(node):
        value: Any = getattr(node, name)
        if value is None or value.__class__ is cst.MaybeSentinel:
            continue
        if value.__class__ is tuple or value.__class__ is list:
            found.extend(value)
        elif value.__class__ is not str:
            found.append(value)
    return found


def walk(node: cst.CSTNode) -> list[cst.CSTNode]:
    """A node and everything below it, in source order."""
    found: list[cst.CSTNode] = []
    stack = [node]
    while stack:
        current = stack.pop()
        found.append(current)
        stack.extend(reversed(children(current)))
    return found


def alike(one: cst.CSTNode, other: cst.CSTNode) -> bool:
    """Whether two expressions are spelled the same, whatever their parentheses and spaces."""
    if one.__class__ is not other.__class__:
        return False
    try:
        first, second = (ast.dump(ast.parse(f"({cst.Module(()).code_for_node(node)})", mode="eval")) for node in (one, other))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # what only stands in a target, or is newer than this Python
        return one.deep_equals(other)
    return first == second


def excerpt(node: cst.CSTNode, longest: int = 40) -> str:
    """The code of a node on one line, for messages; what is longer is cut short."""
    code = " ".join(cst.Module(()).code_for_node(node).split())
    return code if len(code) <= longest else code[: longest - 1] + "…"
