"""
Comments that silence what a report tells of, put into texts. Nothing is written here, see `writing`.

A comment gets a line of its own above the statement, where no formatter moves it and no line becomes too long. Where it cannot stand there (below a backslash,
within a string that goes over lines) it stands behind the code. That the code is the same afterwards, and the finding silenced, is looked at before a text is given out.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from ..diagnostics import Diagnostic
from ..text.notebooks import is_notebook
from ..text.source import Undecodable, decode, encode
from .discover import Found
from .suppress import head, suppress

_INDENT = re.compile(r"[ \t\f]*")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Silenced(msgspec.Struct, frozen=True):
    """A file with comments put in: its bytes before and after, how many findings they silence, and what was not done, in words."""

    found: Found
    before: bytes
    after: bytes
    number: int
    said: tuple[str, ...]


def silence(found: Found, diagnostics: Iterable[Diagnostic], words: str) -> Silenced | str:
    """Silences findings of a file, each by its rule's name and with these words; or why the file is left alone."""
    if is_notebook(found.path):
        return "nothing silenced, for it is a notebook; write the comment into its cell"
    try:
        before = Path(found.path).read_bytes()
        text = decode(before)
        if encode(text, before) != before:
            return "nothing silenced, for its encoding is not certain"
    except (OSError, Undecodable, UnicodeEncodeError) as problem:
        return f"nothing silenced, for it cannot be read: {problem}"
    put = with_comments(text, found.shown, diagnostics, words)
    if isinstance(put, str):
        return put
    text, number, said = put
    after = encoded(text, before)
    return after if isinstance(after, str) else Silenced(found, before, after, number, said)


def encoded(text: str, before: bytes) -> bytes | str:
    """A text with comments put in, as the bytes of its file; or why the file is left alone."""
    try:
        after = encode(text, before)
    except UnicodeEncodeError as problem:
        return f"nothing silenced, for its encoding {problem.encoding} has no way to write the reason"
    return after if decode(after) == text else "nothing silenced, for the reason would change how the file is read"


def with_comments(text: str, shown: str, diagnostics: Iterable[Diagnostic], words: str) -> tuple[str, int, tuple[str, ...]] | str:
    """A text with comments put in, how many findings they silence, and what was not done; or why nothing is."""
    code = _code(text)
    if code is None:
        return "nothing silenced, for this Python does not read it"
    number, said = 0, []
    # From the end on, so that the lines above stay where they are.
    for group in reversed(_groups(diagnostics)):
        names = ", ".join(dict.fromkeys(one.name for one in group))
        comment = f"# reliability: ignore[{names}] {words}"
        new = next((new for new, moved in _ways(text, comment, group) if _code(new) == code and _silences(new, shown, moved)), None)
        if new is None:
            said.append(f"line {group[0].region.line}: {names} not silenced, for no comment can stand there")
            continue
        text = new
        number += len(group)
    return text, number, tuple(reversed(said))


def _groups(diagnostics: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    """Findings that one comment can silence, in order."""
    groups: dict[int, list[Diagnostic]] = {}
    for one in sorted(diagnostics, key=lambda one: one.order):
        groups.setdefault(head(one)[0], []).append(one)
    return [groups[line] for line in sorted(groups)]


def _ways(text: str, comment: str, group: Sequence[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    """The text with the comment in each place where it could stand, and the findings as they would be placed then."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    first, last = head(group[0])
    start = starts[first - 1]
    indent = _INDENT.match(text, start)
    newline = _newline(text, start)
    yield text[:start] + (indent[0] if indent else "") + comment + newline + text[start:], [_lower(one) for one in group]
    for line in range(first, last + 1):
        begin = starts[line - 1]
        end = _LINE_END.search(text, begin)
        stop = end.start() if end else len(text)
        yield f"{text[:begin]}{text[begin:stop].rstrip()}  {comment}{text[stop:]}", list(group)


def _newline(text: str, start: int) -> str:
    """How the lines around a place end."""
    end = _LINE_END.search(text, start) or _LINE_END.search(text)
    return end[0] if end else "\n"


def _lower(one: Diagnostic) -> Diagnostic:
    """A finding one line further down."""
    region = msgspec.structs.replace(one.region, line=one.region.line + 1, end_line=one.region.end_line + 1)
    first, last = head(one)
    return msgspec.structs.replace(one, region=region, lines=(first + 1, last + 1))


def _silences(text: str, path: str, diagnostics: Sequence[Diagnostic]) -> bool:
    kept, _ = suppress(text, path, diagnostics, ())
    return not kept


def _code(text: str) -> str | None:
    """What a text means to Python, without where it stands; None where Python does not take it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
