"""Source text and places in it: decoding a file as Python itself would, and offsets to lines and columns."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

_NEWLINE = re.compile(r"\r\n|\r|\n")


class Undecodable(Exception):
    """The bytes are no Python source; the message completes "cannot be read: …"."""


class Span(NamedTuple):
    """A half-open range of character offsets."""

    start: int
    end: int


class Position(NamedTuple):
    """Line and column, both from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True)
class SourceFile:
    """A file's text without a byte order mark. `path` is as it is to be shown, and `worked_out` what others keep of what they found in the text."""

    path: str
    text: str
    worked_out: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        # str.splitlines would also split at form feeds and Unicode separators, where Python sees no new line.
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    def line_start(self, offset: int) -> int:
        """The offset at which the line of an offset begins."""
        return self._line_starts[bisect_right(self._line_starts, offset) - 1]

    def offset(self, line: int, utf8_column: int) -> int:
        """The offset of a line (from 1) and a column in UTF-8 bytes (from 0), as Python's parser gives them."""
        start = self._line_starts[line - 1]
        if self.text.isascii():
            return start + utf8_column
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.text)
        return start + len(self.text[start:end].encode("utf-8")[:utf8_column].decode("utf-8", "ignore"))

    def at(self, line: int, column: int) -> int:
        """The offset of a line and a column as `position` gives them; the end of the text where it has no such line."""
        return min(self._line_starts[line - 1] + column - 1, len(self.text)) if line <= len(self._line_starts) else len(self.text)

    def position(self, offset: int) -> Position:
        """Where an offset stands."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)


def encode(text: str, as_in: bytes) -> bytes:
    """The bytes of a text, in the encoding and with or without the byte order mark of a file's former bytes. Raises `UnicodeEncodeError`."""
    return text.encode(_encoding(as_in))


def _encoding(data: bytes) -> str:
    if not data.startswith(codecs.BOM_UTF8) and b"coding" not in data[:400]:
        return "utf-8"
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def decode(data: bytes) -> str:
    """
    The text of a Python file, honouring a byte order mark and an encoding declaration (PEP 263).

    Raises `Undecodable` for null bytes, unknown encodings and bytes that the encoding does not allow.
    """
    if b"\0" in data:
        raise Undecodable(f"it contains a null byte at offset {data.index(0)}")
    try:
        return data.decode(_encoding(data))
    except UnicodeDecodeError as problem:
        raise Undecodable(f"byte {problem.start} is not valid {problem.encoding}") from None
    except (SyntaxError, LookupError) as problem:
        raise Undecodable(str(problem)) from None


def parses(text: str) -> bool:
    """Whether Python itself takes the text; much cheaper than building a tree. A false answer only means: look closer."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
