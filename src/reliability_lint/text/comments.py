"""
Comments that ask for silence: `# reliability: ignore[…] reason`, `# noqa`, and those of other linters that name a check.

Comments are found by a scan for string and comment openings, which gives what `tokenize` gives (f-strings that hold strings and comments of their
own included), but never fails: text that is no Python has comments too, or none. The scan is not even begun where neither marker occurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .source import SourceFile, Span

# Possessive, so that a long string which never ends is read once, not once per place where it could have been cut.
_REST = {
    "'": re.compile(r"(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*+'"),
    '"': re.compile(r'(?:[^"\\\r\n]++|\\(?:\r\n|[\s\S]))*+"'),
    "'''": re.compile(r"(?:[^'\\]++|\\[\s\S]|'(?!''))*+'''"),
    '"""': re.compile(r'(?:[^"\\]++|\\[\s\S]|"(?!""))*+"""'),
}
_LINE_END = re.compile(r"[^\r\n]*")
_CODE = re.compile(r"""\#|'''|\"{3}|'|\"""")
_REPLACEMENT = re.compile(r"""[\#()\[\]{}:]|'''|\"{3}|'|\"""")
_LITERAL = re.compile(r"""[\\{}\r\n]|'''|\"{3}|'|\"""")
_FORMATTED = re.compile(r"(?<!\w)(?:[ft]|[ft]r|r[ft])\Z", re.IGNORECASE)


@dataclass(slots=True)
class _Formatted:
    """An f-string (or t-string) that is open: in its text, in one of its replacement fields, or in that field's format."""

    quote: str
    raw: bool
    fields: list[int]  # one entry per open field, the innermost last: its open brackets, or -1 in its format


def comments(text: str) -> Iterator[Span]:
    """Every comment, from its `#` to the end of its line."""
    position = 0
    open_: list[_Formatted] = []
    while True:
        inside = open_[-1] if open_ else None
        in_code = inside is None or bool(inside.fields and inside.fields[-1] >= 0)
        match = (_LITERAL if not in_code else _REPLACEMENT if inside else _CODE).search(text, position)
        if match is None:
            return
        found, position = match[0], match.end()
        if inside is not None and not in_code:
            position = _in_text(text, found, match.start(), open_)
        elif found == "#":
            end = _end_of_line(text, position)
            yield Span(match.start(), end)
            position = end
        elif found[0] in "'\"":
            before = _FORMATTED.search(text, max(0, match.start() - 3), match.start())
            if before:
                open_.append(_Formatted(found, "r" in before[0].lower(), []))
                continue
            rest = _REST[found].match(text, position)
            position = rest.end() if rest else len(text) if len(found) == 3 else _end_of_line(text, position)
        elif inside is not None:
            _in_field(found, inside)


def _end_of_line(text: str, position: int) -> int:
    match = _LINE_END.match(text, position)
    return match.end() if match else position


def _in_field(found: str, string: _Formatted) -> None:
    """A bracket or colon in a replacement field."""
    brackets = string.fields[-1]
    if found in "([{":
        string.fields[-1] += 1
    elif found == ":":
        if brackets == 0:
            string.fields[-1] = -1
    elif brackets > 0:
        string.fields[-1] -= 1
    elif found == "}":
        string.fields.pop()


def _in_text(text: str, found: str, at: int, open_: list[_Formatted]) -> int:
    """A character of note in the literal text, or in a format, of the innermost f-string; where to go on."""
    string = open_[-1]
    in_format = bool(string.fields)
    if found == "\\":
        if not string.raw and text.startswith("N{", at + 1):
            return max(text.find("}", at), at) + 1
        if text.startswith("\r\n", at + 1):
            return at + 3
        return at + (1 if text[at + 1 : at + 2] in ("{", "}") else 2)
    if found == "{":
        if not in_format and text.startswith("{", at + 1):
            return at + 2
        string.fields.append(0)
    elif found == "}":
        if in_format:
            string.fields.pop()
    elif found in "\r\n":
        if len(string.quote) == 1:
            open_.pop()  # never closed: what follows is code again
    elif found == string.quote or (len(string.quote) == 1 and found[0] == string.quote):
        open_.pop()
        return at + len(string.quote)
    elif len(found) == 3:
        return at + 3
    return at + 1


@dataclass(frozen=True, slots=True)
class Selector:
    """One name in the brackets; `column` is where it begins."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Directive:
    """
    A comment that asks us, or another linter, to be silent.

    `selectors` is empty where nothing is named; comments of bandit, pylint and Semgrep that name nothing are left out. `below` is the first line after a comment that has its line for itself which is not a comment of
    its own too; 0 for a comment behind code. `until` is what is written behind `until=`, whatever it is.
    """

    kind: Literal["ignore", "noqa", "nosec", "pylint", "nosemgrep"]
    line: int
    column: int
    end_column: int
    selectors: tuple[Selector, ...]
    reason: str
    below: int
    until: str = ""


_IGNORE = re.compile(r"#\s*reliability:\s*ignore\b(?:\s*\[(?P<names>[^\]\r\n]*)\]?)?(?P<reason>(?:(?!\s#)[^\r\n])*)")
_NOQA = re.compile(r"#\s*noqa\b(?:\s*:\s?(?P<names>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_NAME = re.compile(r"[^\s,]+")
_UNTIL = re.compile(r"(?<!\S)until=(\S*)[ \t]*")
# Each as its own linter reads it. What follows the names is prose to bandit, and to Semgrep after a blank.
_PEERS: tuple[tuple[Literal["nosec", "pylint", "nosemgrep"], re.Pattern[str]], ...] = (
    ("nosec", re.compile(r"#\s*nosec\b:?(?P<names>[^#\r\n]*)")),
    ("pylint", re.compile(r"#\s*pylint:\s*disable(?P<next>-next)?\s*=(?P<names>[^#;\r\n]*)")),
    ("nosemgrep", re.compile(r"#\s*nosem(?:grep)?:[ \t]*(?P<names>[\w.-]+(?:[ \t]*,[ \t]*[\w.-]+)*)")),
)
_MARKERS = re.compile(r"reliability:|[nN][oO][qQ][aA]|nosec|pylint:|nosem")
_COMMENT_LINE = re.compile(r"[ \t\f]*#[^\r\n]*(?:\r\n|\r|\n|\Z)")


def directives(text: str) -> tuple[Directive, ...]:
    """What the comments of a file ask for, in order."""
    if not _MARKERS.search(text):
        return ()
    file = SourceFile("", text)
    found: list[Directive] = []
    for comment in comments(text):
        body = text[comment.start : comment.end]
        if not _MARKERS.search(body):
            continue
        line, column = file.position(comment.start)
        below = _line_below(text, comment.start - column + 1, line)
        for match in _IGNORE.finditer(body):
            names = match["names"] or ""
            offset = column + match.start("names")
            selectors = tuple(Selector(name[0], offset + name.start()) for name in _NAME.finditer(names))
            end = match.start("reason") + len(match["reason"].rstrip())
            reason, until = _term(match["reason"].strip().lstrip(":-—– "))
            found.append(Directive("ignore", line, column + match.start(), column + end, selectors, reason, below, until))
        for match in _NOQA.finditer(body):
            offset = column + match.start("names")
            selectors = tuple(Selector(name[0].upper(), offset + name.start()) for name in _NAME.finditer(match["names"] or ""))
            found.append(Directive("noqa", line, column + match.start(), column + match.end(), selectors, "", 0))
        found += _of_peers(body, line, column, below)
    return tuple(found)


def _term(said: str) -> tuple[str, str]:
    """The reason without the date that is written in it, and the date."""
    date = _UNTIL.search(said)
    if date is None:
        return said, ""
    return (said[: date.start()] + said[date.end() :]).strip(), date[1].rstrip(",;.") or "?"


def _of_peers(body: str, line: int, column: int, below: int) -> Iterator[Directive]:
    """What a comment asks of other linters, by name. One that has its line for itself is about the next statement, or, of pylint, says so."""
    for kind, pattern in _PEERS:
        for match in pattern.finditer(body):
            offset = column + match.start("names")
            selectors = tuple(Selector(name[0], offset + name.start()) for name in _NAME.finditer(match["names"]))
            ahead = kind == "pylint" and match["next"] is not None
            if not selectors or (kind == "pylint" and bool(below) is not ahead):
                continue  # alone on its line, `disable` holds for the rest of a block, which is no triage of one statement
            holds_below = below if kind != "nosec" else 0
            yield Directive(kind, line, column + match.start(), column + match.end(), selectors, "", holds_below)


def _line_below(text: str, line_start: int, line: int) -> int:
    """The first line that is not a comment of its own, counted from one which may be; 0 where it is not."""
    below = line
    while (match := _COMMENT_LINE.match(text, line_start)) and match.end() > line_start:
        line_start, below = match.end(), below + 1
    return below if below > line else 0
