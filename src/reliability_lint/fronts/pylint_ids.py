"""
What pylint calls our rules.

It wants ids of a letter and four digits, of which the first two are the same for all messages of one checker; 51 to 99 are left to plugins. A code REL101
becomes 7101: 7, the digit of its family, its last two. So no two codes share a number, and a number never changes. The letter says how grave it is.
"""

from __future__ import annotations

from ..diagnostics import Severity
from ..registry import Rule

LETTERS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.NOTE: "R"}


def block(code: str) -> str:
    """The digits with which the ids of a family begin."""
    return f"7{code[3]}"


def identifier(code: str, severity: Severity) -> str:
    """The id of a rule's messages: of REL101, a warning, W7101."""
    return f"{LETTERS[severity]}{block(code)}{code[4:]}"


def symbol(name: str) -> str:
    """The name of a rule's messages. With a prefix, because pylint has a `missing-timeout` of its own."""
    return f"rel-{name}"


def former(rule: Rule) -> list[tuple[str, str]]:
    """
    Other ids and names of the same messages, in the form of pylint's former ones.

    The ids are those with the other letters: should a rule be thought graver one day, settings and comments that have its id go on to hold. Each of them
    needs a name; the first is our code, which somebody may write.
    """
    letters = [severity for severity in LETTERS if severity is not rule.severity]
    names = (rule.code, f"old-{symbol(rule.name)}")
    return [(identifier(rule.code, severity), name) for severity, name in zip(letters, names, strict=True)]
