"""
Where nodes stand.

LibCST keeps no positions, and its `PositionProvider` makes two objects for every node of a file. Here, a statement is looked up in the text by its
first line, if that is there once; otherwise Python's own parser, which is quick, says where each statement begins. LibCST's code generation, whose
output is counted and compared with the source, says where a node stands within its statement. Where they disagree, or the text is newer than the
Python that runs us, the whole file is counted through instead.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterable, Sequence
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from ..text.source import SourceFile, Span
from .tree import children


class _NoPlace:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_NO_PLACE = _NoPlace()


class _BodyReached(Exception):
    """The head of a compound statement has been counted; nothing in its body is wanted."""


class _LineComplete(Exception):
    """The first line of a statement has been written."""


class _Place:
    __slots__ = ("first", "last", "node", "start", "state")

    def __init__(self, state: _Counter, node: cst.CSTNode, first: cst.CSTNode | None, last: cst.CSTNode | None) -> None:
        self.state, self.node, self.first, self.last = state, node, first, last
        self.start = 0

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        spans = self.state.spans
        start = self.start if self.first is None else spans[id(self.first)].start
        last = spans.get(id(self.last)) if self.last is not None else None
        spans[id(self.node)] = Span(start, self.state.offset if last is None else last.end)


class _Counter(CodegenState):
    """
    Generates no code: counts it, and notes where the wanted nodes begin and end.

    Nodes are known by `id()`: hashing a LibCST node is a Python function, and it would be called for every node of the file.
    """

    def __init__(self, module: cst.Module, wanted: set[int]) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.wanted = wanted
        self.offset = 0
        self.spans: dict[int, Span] = {}
        self._open: list[int] = []

    def add_token(self, value: str) -> None:
        self.offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def pop_trailing_newline(self) -> None: ...

    def before_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self._open.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.spans.setdefault(id(node), Span(self._open.pop(), self.offset))

    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Any:
        if id(node) not in self.wanted:
            return _NO_PLACE
        self.wanted.update(id(other) for other in (start_node, end_node) if other is not None)
        return _Place(self, node, start_node, end_node)


class _StatementCounter(_Counter):
    """Counts one statement from where it is known to begin, keeping what was generated since for comparison."""

    def __init__(self, module: cst.Module, wanted: set[int], anchor: cst.CSTNode, start: int, body: cst.CSTNode | None) -> None:
        super().__init__(module, wanted)
        self.anchor, self.start, self.body = anchor, start, body
        self.text: list[str] = []

    def _begin(self) -> None:
        self.offset = self.start
        self.text.clear()

    def add_token(self, value: str) -> None:
        self.offset += len(value)
        self.text.append(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node is self.body:
            self.spans[id(node)] = Span(self.offset, self.offset)
            raise _BodyReached
        if node is self.anchor:
            self._begin()
        super().before_codegen(node)

    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Any:
        if node is self.anchor:
            self._begin()
        return super().record_syntactic_position(node, start_node=start_node, end_node=end_node)


class _FirstLine(_StatementCounter):
    """Writes a statement up to the end of its first line."""

    def __init__(self, module: cst.Module, anchor: cst.CSTNode, body: cst.CSTNode | None) -> None:
        super().__init__(module, set(), anchor, 0, body)
        self._begun = False

    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Any:
        self._begun = self._begun or node is self.anchor  # what came before is blank lines and comments
        return super().record_syntactic_position(node, start_node=start_node, end_node=end_node)

    def add_token(self, value: str) -> None:
        super().add_token(value)
        if self._begun and ("\n" in value or "\r" in value):
            raise _LineComplete


def spans(module: cst.Module, source: SourceFile, wanted: Collection[tuple[cst.CSTNode, cst.CSTNode | None]]) -> dict[int, Span]:
    """
    Where each wanted node stands, by its `id()`. Each comes with the statement in whose head it stands, or None if that is not known.

    Of a compound statement, the span ends where its body begins, and the body's is empty.
    """
    if not wanted:
        return {}
    missing = [node for node, statement in wanted if statement is None]
    statements = _statements_of(module, missing) if missing else {}
    by_statement: dict[int, tuple[cst.CSTNode, set[int]]] = {}
    for node, known in wanted:
        statement = known if known is not None else statements.get(id(node), module)
        by_statement.setdefault(id(statement), (statement, set()))[1].add(id(node))
    starts = _Starts.of(module, source)
    one_by_one = len(by_statement) * _WORTH < len(source.text)
    found: dict[int, Span] = {}
    for statement, nodes in by_statement.values():
        located = starts.look_up(statement, nodes, source) if one_by_one and starts.known is None else None
        if located is None and (start := starts.find(statement, source)) is not None:
            located = _within(module, source, statement, start, nodes)
        if located is None:
            return every(module, [node for node, _ in wanted])
        found |= located
    return found


_WORTH = 400  # characters: a file that is shorter by statement takes Python's parser less than looking the statements up one by one


def every(module: cst.Module, wanted: Iterable[cst.CSTNode]) -> dict[int, Span]:
    """Where each wanted node stands, by counting the whole file through."""
    counter = _Counter(module, {id(node) for node in wanted})
    module._codegen(counter)
    return counter.spans


def _within(module: cst.Module, source: SourceFile, statement: cst.CSTNode, start: int, nodes: set[int]) -> dict[int, Span] | None:
    """Where nodes stand in the head of one statement, or None if what is generated is not what stands there."""
    anchor, body = _ends_of_head(statement)
    counter = _StatementCounter(module, set(nodes), anchor, start, body)
    line = source.line_start(start)
    indent = source.text[line:start]
    counter.indent_tokens.append(indent[: len(indent) - len(indent.lstrip())])
    try:
        if isinstance(statement, cst.If) and source.text.startswith("elif", start):
            statement._codegen(counter, is_elif=True)
        else:
            statement._codegen(counter)
    except _BodyReached:
        pass
    except KeyError:
        return None
    generated = "".join(counter.text)
    if not source.text.startswith(generated, start) and not (source.text + "\n").startswith(generated, start):
        return None
    return counter.spans if nodes <= counter.spans.keys() else None


class _Starts:
    """Where the statements of a file begin, as far as it was asked. Python's parser is quick, and still most of what places take: it is asked only if need be."""

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        self.known: dict[int, int] | None = None
        self._order: list[cst.CSTNode] | None = None
        self._numbers: dict[int, int] = {}

    @classmethod
    def of(cls, module: cst.Module, source: SourceFile) -> _Starts:
        """Those of a file, kept with its text."""
        kept: _Starts | None = source.worked_out.get("starts")
        if kept is None or kept.module is not module:
            kept = source.worked_out["starts"] = cls(module)
        return kept

    def find(self, statement: cst.CSTNode, source: SourceFile) -> int | None:
        """Where a statement begins by Python's parser, or None if that is not known."""
        if self.known is None:
            self.known = _starts(self.module, source)
        return self.known.get(id(statement))

    def look_up(self, statement: cst.CSTNode, nodes: set[int], source: SourceFile) -> dict[int, Span] | None:
        """
        Where nodes stand in the head of a statement, if there is no other that is spelled alike: none in the whole file, or else none between the
        nearest statements of which there is only one.
        """
        line = _first_line(self.module, statement)
        if not line:
            return None
        found = _only(self.module, source, statement, nodes, line, 0, len(source.text)) if len(line) >= _TELLING else None
        if found is not None:
            return found
        if self._order is None:
            self._order = _in_order(self.module)
            self._numbers = {id(one): number for number, one in enumerate(self._order)}
        number = self._numbers.get(id(statement))
        if number is None:
            return None
        before = (self._order[one] for one in range(number - 1, max(number - _NEAR, -1), -1))
        after = (self._order[one] for one in range(number + 1, min(number + _NEAR, len(self._order))))
        low = next((start for one in before if (start := self._unique(one, source)) is not None), 0)
        high = next((start for one in after if (start := self._unique(one, source)) is not None), len(source.text))
        return _only(self.module, source, statement, nodes, line, low, high)

    def _unique(self, statement: cst.CSTNode, source: SourceFile) -> int | None:
        """Where a statement begins whose first line is nowhere else, not even within another."""
        line = _first_line(self.module, statement)
        start = source.text.find(line) if len(line) >= _TELLING else -1
        if start < 0 or source.text.find(line, start + 1) >= 0:
            return None
        return start if _begins(statement, start, source) else None


def _only(
    module: cst.Module, source: SourceFile, statement: cst.CSTNode, nodes: set[int], line: str, low: int, high: int
) -> dict[int, Span] | None:
    """Where nodes stand in a statement whose first line this is, if one alone is spelled so between two offsets of the text."""
    found: dict[int, Span] | None = None
    start = source.text.find(line, low)
    for _ in range(_MOST_ALIKE):
        if not 0 <= start < high:
            return found
        if start >= 2 and source.text.startswith("el", start - 2):  # this may be the `if` in question
            return None
        if _begins(statement, start, source):
            located = _within(module, source, statement, start, nodes)
            if located is not None and found is not None:
                return None
            found = located or found
        start = source.text.find(line, start + 1)
    return None


def _begins(statement: cst.CSTNode, start: int, source: SourceFile) -> bool:
    """Whether a statement may begin at an offset, and not a comment, or some part of another one."""
    return source.text[source.line_start(start) : start].strip(" \t") == ("@" if getattr(statement, "decorators", ()) else "")


def _in_order(module: cst.Module) -> list[cst.CSTNode]:
    """All statements, clauses with a block among them, as they stand in the text."""
    found: list[cst.CSTNode] = []
    pending: list[Any] = list(reversed(module.body))
    while pending:
        node = pending.pop()
        if node.__class__ in STATEMENTS:
            found.append(node)
        if node.__class__ is cst.SimpleStatementLine:
            continue
        body = getattr(node, "body", None)
        parts = list(body.body) if body.__class__ is cst.IndentedBlock else []
        parts += getattr(node, "handlers", ())
        parts += getattr(node, "cases", ())
        parts += (one for name in ("orelse", "finalbody") if (one := getattr(node, name, None)) is not None)
        pending += reversed(parts)
    return found


_NEAR = 12  # statements before and after that are asked whether there is only one of them


_TELLING = 8  # a shorter line, such as `try:`, is hardly ever there once
_MOST_ALIKE = 5


def _first_line(module: cst.Module, statement: cst.CSTNode) -> str:
    """The first line of a statement, as far as its head goes; empty if it cannot be written."""
    writer = _FirstLine(module, *_ends_of_head(statement))
    try:
        statement._codegen(writer)
    except (_LineComplete, _BodyReached):
        pass
    except KeyError:
        return ""
    lines = "".join(writer.text).splitlines()
    return lines[0] if lines else ""


def _ends_of_head(statement: cst.CSTNode) -> tuple[cst.CSTNode, cst.CSTNode | None]:
    """What the head of a statement begins with, and the block it ends before."""
    body = getattr(statement, "body", None)
    decorators: Sequence[cst.Decorator] = getattr(statement, "decorators", ())
    anchor = decorators[0].decorator if decorators else statement.pattern if isinstance(statement, cst.MatchCase) else statement
    return anchor, body if isinstance(body, cst.IndentedBlock) else None


def _starts(module: cst.Module, source: SourceFile) -> dict[int, int]:
    """Where all statements begin, by their `id()`: LibCST's and Python's trees are walked side by side, statement by statement."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}
    found: dict[int, int] = {}
    pending: list[tuple[Sequence[cst.CSTNode], Sequence[Any]]] = [(module.body, tree.body)]
    while pending:
        ours, theirs = pending.pop()
        position = 0
        for node in ours:
            if position >= len(theirs):
                break
            other = theirs[position]
            if node.__class__ is cst.SimpleStatementLine:
                position += len(node.body)
                found[id(node)] = source.offset(other.lineno, other.col_offset)
                continue
            position += 1
            decorators = getattr(other, "decorator_list", ())
            first = decorators[0] if decorators else other
            found[id(node)] = source.offset(first.lineno, first.col_offset)
            pending += _blocks(node, other, source, found)
    return found


def _blocks(node: Any, other: Any, source: SourceFile, starts: dict[int, int]) -> list[tuple[Sequence[cst.CSTNode], Sequence[Any]]]:
    """The blocks of a compound statement in both trees."""
    found: list[tuple[Sequence[cst.CSTNode], Sequence[Any]]] = []
    body = getattr(node, "body", None)
    if isinstance(body, cst.IndentedBlock):
        found.append((body.body, other.body))
    orelse = getattr(node, "orelse", None)
    if isinstance(orelse, cst.If):
        found.append(((orelse,), other.orelse))
    elif orelse is not None and isinstance(orelse.body, cst.IndentedBlock):
        found.append((orelse.body.body, other.orelse))
    for clause, theirs in zip(getattr(node, "handlers", ()), getattr(other, "handlers", ()), strict=False):
        found.append(((clause,), (theirs,)))
    final = getattr(node, "finalbody", None)
    if final is not None and isinstance(final.body, cst.IndentedBlock):
        found.append((final.body.body, other.finalbody))
    for case, theirs in zip(getattr(node, "cases", ()), getattr(other, "cases", ()), strict=False):
        # A case has no place of its own in Python's tree, but its pattern has.
        starts[id(case)] = source.offset(theirs.pattern.lineno, theirs.pattern.col_offset)
        if isinstance(case.body, cst.IndentedBlock):
            found.append((case.body.body, theirs.body))
    return found


# By class: LibCST's classes are abstract base classes, for which `isinstance` is slow, and every node is asked.
STATEMENTS: frozenset[type[cst.CSTNode]] = frozenset(
    {
        cst.SimpleStatementLine, cst.ClassDef, cst.For, cst.FunctionDef, cst.If, cst.Match, cst.Try, cst.TryStar, cst.While, cst.With,
        cst.ExceptHandler, cst.ExceptStarHandler, cst.MatchCase,
    }
)  # fmt: skip


def _statements_of(module: cst.Module, nodes: Sequence[cst.CSTNode]) -> dict[int, cst.CSTNode]:
    """The statements in whose heads nodes stand, for those whose place is not known."""
    wanted = {id(node) for node in nodes}
    found: dict[int, cst.CSTNode] = {}
    stack: list[tuple[cst.CSTNode, cst.CSTNode]] = [(statement, statement) for statement in reversed(module.body)]
    while stack and len(found) < len(wanted):
        node, statement = stack.pop()
        if node.__class__ in STATEMENTS:
            statement = node
        if id(node) in wanted:
            found[id(node)] = statement
        stack.extend((child, statement) for child in reversed(children(node)))
    return found
