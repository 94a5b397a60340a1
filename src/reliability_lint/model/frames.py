"""What encloses what: a chain from a place up to the module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import libcst as cst

FrameKind: TypeAlias = Literal[
    "module", "function", "lambda", "class", "loop", "loop-else", "try", "handler", "try-else", "finally", "with", "if", "else", "case"
]

_OUTERMOST = frozenset({"function", "lambda", "class", "module"})


class Frame:
    """One enclosing construct. `node` is its node: the `Try` for a try's body, the `ExceptHandler` for a handler, the `If` for both branches."""

    __slots__ = ("kind", "node", "parent")

    def __init__(self, kind: FrameKind, node: cst.CSTNode, parent: Frame | None) -> None:
        self.kind, self.node, self.parent = kind, node, parent

    def outward(self) -> Iterator[Frame]:
        """This frame and all around it, the innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent

    def within_function(self) -> Iterator[Frame]:
        """The frames around a place up to, and without, the function that it runs in."""
        frame: Frame | None = self
        while frame is not None and frame.kind not in _OUTERMOST:
            yield frame
            frame = frame.parent

    def encloses(self, other: Frame) -> bool:
        """Whether `other` is this frame or stands inside it."""
        return any(frame is self for frame in other.outward())
