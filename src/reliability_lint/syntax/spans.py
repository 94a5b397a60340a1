"""
Where nodes stand.

LibCST keeps no positions. Its `PositionProvider` makes two objects for every node of a file; we generate no code but count it, in one pass,
and note only where the wanted nodes begin and end.
"""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from ..text.source import Span


class _NoPlace:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_NO_PLACE = _NoPlace()


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
        end = self.state.offset if self.last is None else spans[id(self.last)].end
        spans[id(self.node)] = Span(start, end)


class _Counter(CodegenState):
    """Nodes are known by `id()`: hashing a LibCST node is a Python function, and it would be called for every node of the file."""

    def __init__(self, module: cst.Module, wanted: Collection[cst.CSTNode]) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.wanted = {id(node) for node in wanted}
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


def spans(module: cst.Module, wanted: Collection[cst.CSTNode]) -> dict[int, Span]:
    """Where each wanted node stands, by its `id()`: one pass over the file, whatever their number."""
    if not wanted:
        return {}
    counter = _Counter(module, wanted)
    module._codegen(counter)
    return counter.spans
