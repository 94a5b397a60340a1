"""
Where nodes stand.

LibCST keeps no positions, and its `PositionProvider` makes two objects for every node of a file. Here, Python's own parser, which is quick, says
where each statement begins; LibCST's code generation, whose output is counted and compared with the source, says where a node stands within its
statement. Where the two disagree, or the text is newer than the Python that runs us, the whole file is counted through instead.
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
    tree, starts = source.worked_out.get("starts", (None, {}))
    if tree is not module:  # Python's parser is quick, and still most of what this takes: it is asked once for a file
        starts = _starts(module, source)
        source.worked_out["starts"] = module, starts
    found: dict[int, Span] = {}
    for key, (statement, nodes) in by_statement.items():
        start = starts.get(key)
        located = _within(module, source, statement, start, nodes) if start is not None else None
        if located is None:
            return every(module, [node for node, _ in wanted])
        found |= located
    return found


def every(module: cst.Module, wanted: Iterable[cst.CSTNode]) -> dict[int, Span]:
    """Where each wanted node stands, by counting the whole file through."""
    counter = _Counter(module, {id(node) for node in wanted})
    module._codegen(counter)
    return counter.spans


def _within(module: cst.Module, source: SourceFile, statement: cst.CSTNode, start: int, nodes: set[int]) -> dict[int, Span] | None:
    """Where nodes stand in the head of one statement, or None if what is generated is not what stands there."""
    body = getattr(statement, "body", None)
    body = body if isinstance(body, cst.IndentedBlock) else None
    decorators: Sequence[cst.Decorator] = getattr(statement, "decorators", ())
    anchor = decorators[0].decorator if decorators else statement.pattern if isinstance(statement, cst.MatchCase) else statement
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
_STATEMENTS: frozenset[type[cst.CSTNode]] = frozenset(
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
        if node.__class__ in _STATEMENTS:
            statement = node
        if id(node) in wanted:
            found[id(node)] = statement
        stack.extend((child, statement) for child in reversed(children(node)))
    return found
