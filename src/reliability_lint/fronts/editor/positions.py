"""
Places as editors count them: lines and columns from 0, columns in the units of an encoding, by default UTF-16.

A line ends where the protocol ends it, which is where Python ends it: at no form feed, and at no Unicode separator.
"""

from __future__ import annotations

import re
from bisect import bisect_right

LINE_END = re.compile(r"\r\n|\r|\n")
_BYTES = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
ENCODINGS = tuple(_BYTES)


class Positions:
    """
    The places of one text. Those that are not in it are taken for the nearest that are, as the protocol has it.

    `first` is the number, from 0, of the line that the editor takes for the first one: that of a notebook's cell.
    """

    def __init__(self, text: str, encoding: str = "utf-16", first: int = 0) -> None:
        self.text = text
        self.first = first
        self._codec, self._size = _BYTES[encoding]
        self._starts = [0, *(match.end() for match in LINE_END.finditer(text))]
        self._plain = text.isascii()

    def of(self, line: int, column: int) -> tuple[int, int]:
        """What an editor calls a line and a column from 1, in code points."""
        if line > len(self._starts):
            return self.at(len(self.text))
        before = self._line(line - 1)[: column - 1]
        return line - 1 - self.first, len(before) if self._plain else self._width(before)

    def at(self, offset: int) -> tuple[int, int]:
        """What an editor calls an offset."""
        line = bisect_right(self._starts, offset) - 1
        return line - self.first, self._width(self.text[self._starts[line] : offset])

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both from 1, in code points."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def start(self, line: int) -> int:
        """The offset at which a line (from 1) begins."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def offset(self, line: int, character: int) -> int:
        """The offset of a place as an editor calls it."""
        line += self.first
        if line >= len(self._starts):
            return len(self.text)
        whole = self._line(line)
        if self._plain:
            return self._starts[line] + min(character, len(whole))
        units = whole.encode(self._codec, "surrogatepass")[: character * self._size]
        return self._starts[line] + len(units.decode(self._codec, "ignore"))

    def _line(self, number: int) -> str:
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.text[self._starts[number] : end].rstrip("\r\n")

    def _width(self, text: str) -> int:
        return len(text.encode(self._codec, "surrogatepass")) // self._size
