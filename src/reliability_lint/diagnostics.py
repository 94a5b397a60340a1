"""
What a run reports: plain data, with positions, that crosses processes and is written out by the reports.

Rules speak in findings (`reliability_lint.finding`), which hold syntax nodes; a diagnostic is a finding that has been located.
Lines and columns count from 1, columns in code points; ends are exclusive, as in SARIF.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

import msgspec


class Severity(StrEnum):
    """How loudly a finding is told; `rank` orders them, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


class Region(msgspec.Struct, frozen=True, order=True):
    """A stretch of one file; `path` is as it is to be shown: relative to the working directory where possible, with forward slashes."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Related(msgspec.Struct, frozen=True):
    """A second place that explains the first, perhaps in another file."""

    region: Region
    message: str


class Suppression(msgspec.Struct, frozen=True):
    """The comment that silences a diagnostic; `until` is the last day on which it does, as `2027-01-31`, empty where it has no end."""

    line: int
    reason: str
    until: str = ""


class Change(msgspec.Struct, frozen=True, order=True):
    """What stands in a region gives way to a text; where the region is empty, the text is put there."""

    region: Region
    text: str


class Correction(msgspec.Struct, frozen=True):
    """
    How a file would be changed so that a diagnostic is gone; `title` says it in words.

    `safe`: the code does afterwards what it was written to do, whatever is not seen of it. All others are suggestions, for somebody to read.
    """

    title: str
    safe: bool
    changes: tuple[Change, ...]


class Anchor(msgspec.Struct, frozen=True):
    """
    By what a diagnostic is known again when lines have moved: the function or class it stands in (`Order.pay`), a digest of what is written there, and which
    it is, from 1, of those in this file that are alike.
    """

    scope: str = ""
    gist: str = ""
    number: int = 1


class Diagnostic(msgspec.Struct, frozen=True):
    """One thing that is wrong at one place: the cause (`message`), the chain (`related`), the cure (`cure`), perhaps as a change (`fix`)."""

    region: Region
    code: str
    name: str
    severity: Severity
    message: str
    cure: str = ""
    related: tuple[Related, ...] = ()
    lines: tuple[int, int] = (0, 0)  # first and last line of the statement's head: where a suppressing comment may stand
    suppressed: Suppression | None = None
    fix: Correction | None = None
    anchor: Anchor = Anchor()

    @property
    def order(self) -> tuple[object, ...]:
        """Reports are sorted by this, so that the same input gives the same bytes."""
        return (self.region, self.code, self.message)


def fingerprint(one: Diagnostic, path: str) -> str:
    """
    The name of a diagnostic, the same in the baseline, in every report and in editors: 32 hexadecimal digits.

    It stays while the place keeps its file, its function and its words, however they are laid out and whatever is written elsewhere. `path` is that of the file
    from the top of the repository, with forward slashes, so that it does not matter where a run was started.
    """
    parts = ("1", one.code, path, one.anchor.scope, one.anchor.gist, str(one.anchor.number))
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Skip(msgspec.Struct, frozen=True):
    """A file that was left unread, and why: `reason` completes the sentence "1 file skipped: …"."""

    path: str
    reason: str


class FileReport(msgspec.Struct, frozen=True):
    """
    All that is said of one file. `term`: the first and the last day on which it is true, each empty where there is none.

    `inferred` are findings that rest on what another tool says of types, where it was asked; they are not among the others.
    """

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: tuple[Diagnostic, ...] = ()
    skip: Skip | None = None
    parsed: bool = False
    term: tuple[str, str] = ("", "")
    inferred: tuple[Diagnostic, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """
    All that is said of a run, sorted. `checked` counts the files that were read; `seconds` is wall time.

    `accepted` are findings that a baseline has, `gone` counts its entries of which nothing is found any more, `ended` those whose last day has passed.
    `earlier` counts the findings that a change has not brought, where only what it has brought is told.
    """

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    skips: tuple[Skip, ...]
    checked: int
    rules: int
    seconds: float
    accepted: tuple[Diagnostic, ...] = ()
    gone: int = 0
    ended: int = 0
    earlier: int = 0
