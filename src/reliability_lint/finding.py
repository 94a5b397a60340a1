"""What rules say. Places are syntax nodes here; they become regions when the file is done (`reliability_lint.diagnostics`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .diagnostics import Severity

if TYPE_CHECKING:
    import libcst

    from .model.values import Site


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a finding: a node of the same file, or a site in any."""

    at: libcst.CSTNode | Site
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is wrong.

    `at` is the node to underline, `statement` the statement it stands in (a suppressing comment may stand on any line of its head).
    `message` says what happens and why, `cure` what to do; neither ends with a full stop. `severity` overrides the rule's.
    """

    at: libcst.CSTNode
    statement: libcst.CSTNode
    message: str
    cure: str = ""
    notes: tuple[Note, ...] = ()
    severity: Severity | None = None
