"""
A run's findings, written out: for people (`text`, `markdown_report`, `html`), and for machines (all others). `formats` lists them by name.

Every report is a function of plain data and gives text; none parses code. What they need besides the `Report`: the rules by code, for their documentation,
the text of a file by its shown path (None where it has vanished meanwhile), and the top of the repository, which paths and fingerprints are relative to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..registry import Rule

TextOf = Callable[[str], str | None]
Rules = Mapping[str, Rule]

_NEWLINE = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a file, split where Python splits."""
    return _NEWLINE.split(text)


def plural(count: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
