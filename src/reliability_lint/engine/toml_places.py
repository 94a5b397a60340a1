"""
Where the keys and values of a TOML document stand, so that a mistake in settings can be shown at its place.

`tomllib` gives values without places. This reads the same text again, for its shape alone; it is to be called on text that `tomllib` accepts.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]
Place = tuple[int, int]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_STRING = re.compile(r"""\"{3}(?:[^\\]|\\[\s\S])*?\"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*'""")
_BARE = re.compile(r"[^,\]}#\r\n]+")


def places(text: str) -> tuple[dict[Path, Place], dict[Path, Place]]:
    """The spans (two offsets) of keys and of values, each by its path: `("tool", "x", "select", 0)`."""
    reader = _Reader(text)
    reader.document()
    return reader.keys, reader.values


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self._tables: dict[Path, int] = {}  # of each array of tables, how many there were

    def document(self) -> None:
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at + 1  # whatever this is, go on: no text may hold us for ever
        return match[0] if match else ""

    def _header(self) -> Path:
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        path: Path = ()
        parts = self._dotted()
        for index, (name, place) in enumerate(parts, 1):
            path += (name,)
            self.keys.setdefault(path, place)
            if path in self._tables and not (array and index == len(parts)):
                path += (self._tables[path] - 1,)
        if array:
            self._tables[path] = self._tables.get(path, 0) + 1
            path += (self._tables[path] - 1,)
        self._skip(re.compile(r"\]{0,2}"))
        return path

    def _dotted(self) -> list[tuple[str, Place]]:
        found = []
        while True:
            self._skip(_BLANK)
            start = self.at
            raw = self._skip(_KEY)
            name = next(iter(tomllib.loads(f"{raw} = 0"))) if raw else ""
            found.append((name, (start, self.at)))
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return found
            self.at += 1

    def _pair(self, table: Path) -> None:
        path = table
        for name, place in self._dotted():
            path += (name,)
            self.keys.setdefault(path, place)
        if self.text.startswith("=", self.at):
            self.at += 1
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        start = self.at
        if self.text.startswith("[", start):
            self._items("]", path)
        elif self.text.startswith("{", start):
            self._items("}", path)
        elif string := _STRING.match(self.text, start):
            self.at = string.end()
        else:
            raw = self._skip(_BARE)
            self.at -= len(raw) - len(raw.rstrip())
        self.values[path] = (start, self.at)

    def _items(self, end: str, path: Path) -> None:
        self.at += 1
        index = 0
        self._skip(_SPACE)
        while self.at < len(self.text) and not self.text.startswith(end, self.at):
            if end == "}":
                self._pair(path)
            else:
                self._value((*path, index))
                index += 1
            self._skip(_SPACE)
            if self.text.startswith(",", self.at):
                self.at += 1
            self._skip(_SPACE)
        self.at += 1
