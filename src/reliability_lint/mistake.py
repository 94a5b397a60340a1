"""The user's mistakes: what is wrong, where, and what would be right. They end a run with exit code 2, never with a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NEWLINE = re.compile(r"\r\n|\r|\n")


class Mistake(Exception):
    """
    Something that the user has to mend.

    `quote` is the line to show, with a caret of `width` under `column` (from 1); `line` is its number, or 0 where it is no line of a file.
    """

    def __init__(
        self, message: str, *, path: str = "", line: int = 0, column: int = 1, quote: str = "", width: int = 1, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.quote = quote
        self.width = width
        self.hint = hint

    def __str__(self) -> str:
        """As it is printed, without a final newline."""
        place = f"{self.path}:{self.line}:{self.column}: " if self.line else f"{self.path}: " if self.path else ""
        head = f"error: {place}{self.message}"
        if not self.quote:
            return f"{head}\n  {self.hint}" if self.hint else head
        before = self.quote[: self.column - 1].expandtabs(4)
        under = " " * len(before) + "^" * max(1, self.width) + (f" {self.hint}" if self.hint else "")
        quote = self.quote.expandtabs(4).rstrip()
        if not self.line:
            return f"{head}\n  {quote}\n  {under}"
        number = str(self.line)
        return f"{head}\n{number} | {quote}\n{' ' * len(number)} | {under}"


def in_text(message: str, path: str, text: str, span: tuple[int, int], hint: str = "") -> Mistake:
    """A mistake at a span (two offsets) of a file's text."""
    lines = _NEWLINE.split(text)
    starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]
    number = max(i for i, start in enumerate(starts) if start <= span[0])
    column = span[0] - starts[number] + 1
    width = min(span[1] - span[0], len(lines[number]) - column + 1)
    return Mistake(message, path=path, line=number + 1, column=column, quote=lines[number], width=width, hint=hint)


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or the empty string."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(word.casefold().replace("_", "-"), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint, or the empty string where nothing known is near."""
    meant = closest(word, known)
    return f"did you mean '{meant}'?" if meant else ""
