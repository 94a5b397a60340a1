"""What rules say. Places are syntax nodes here; they become regions when the file is done (`reliability_lint.diagnostics`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from .diagnostics import Severity

if TYPE_CHECKING:
    import libcst

    from .model.values import Site


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a finding: a node of the same file, or a site in any."""

    at: libcst.CSTNode | Site
    message: str


At: TypeAlias = Literal["instead", "before", "after", "last", "gone", "word"]


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One change, said of a node: `text` stands "instead" of it, "before" or "after" it, behind its first "word", as the "last" argument of a call; or the
    node is "gone".

    For a whole line of statements, and before an `except`, `text` is lines of its own, written as if they stood at the margin and indented by fours. A
    decorator that stands without a call becomes one by its last argument. Brackets around an expression are not part of it. The code of the node `keep`, as
    it is written, stands where `text` has `{}`.
    """

    node: libcst.CSTNode
    text: str = ""
    at: At = "instead"
    keep: libcst.CSTNode | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """
    How to repair a finding in its file. `title` says what is done, as the cure would.

    `imports` are what is needed besides, as `import asyncio` or `from asyncio import sleep`; `defines` are statements that stand behind the imports.
    Both are written once, however many fixes want them. `safe`: whoever wrote the code would agree without having to look.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
    imports: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is wrong.

    `at` is the node to underline, `statement` the statement it stands in (a suppressing comment may stand on any line of its head).
    `message` says what happens and why, `cure` what to do; neither ends with a full stop. `severity` overrides the rule's.
    `fix` is the cure as a change of the file, where there is one that needs nobody's decision but yes or no.
    """

    at: libcst.CSTNode
    statement: libcst.CSTNode
    message: str
    cure: str = ""
    notes: tuple[Note, ...] = ()
    severity: Severity | None = None
    fix: Fix | None = None
