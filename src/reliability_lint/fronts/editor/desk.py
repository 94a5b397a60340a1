"""
What is found in files that are being written: a project on disk, with an editor's buffers over it.

A desk keeps between checks what files export, so that only what has changed is read again. One thread at a time may use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from ...diagnostics import Diagnostic, Region
from ...engine.afresh import forget
from ...engine.baseline import Places, new_in
from ...engine.check import parses
from ...engine.checker import Checker
from ...engine.discover import Found, is_excluded, is_generated
from ...engine.selection import chosen
from ...engine.settings import Lookup
from ...engine.sources import NAMING
from ...engine.view import View
from ...facts.facts import FileFacts
from ...text.paths import shown_path
from .positions import LINE_END

SYNTAX = "REL001"


class Look(msgspec.Struct, frozen=True):
    """
    What is found in a text. `left` are findings of the last text that could be parsed, where they stand now: there are some only while the text cannot be.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: tuple[Diagnostic, ...] = ()
    left: tuple[Diagnostic, ...] = ()


class Desk:
    """`config` names a file whose settings hold for all files; otherwise they are found as the command line finds them."""

    def __init__(self, config: str = "") -> None:
        self._config = config
        self._texts: dict[str, str] = {}
        self._good: dict[str, tuple[str, tuple[Diagnostic, ...]]] = {}
        self._lookup: Lookup | None = None
        self._checker: Checker | None = None
        self._known: dict[str, FileFacts | None] = {}  # what files export, for the next checker

    def reload(self) -> None:
        """Forgets what was read from disk: settings, versions of libraries, which files there are, and what they export."""
        forget()
        self._lookup = None
        self._checker = None
        self._known = {}

    def reload_modules(self, paths: Iterable[str]) -> None:
        """Forgets which modules there are, for these have come or gone. What the others export is still so, unless they are named otherwise now."""
        paths = set(paths)
        if self._checker is not None:
            self._known = self._checker.facts
        self._checker = None
        if any(Path(path).name in NAMING for path in paths):
            self._known = {}
        for path in paths:
            self._known.pop(path, None)

    def reload_files(self, paths: Iterable[str]) -> None:
        """Forgets what files export that were changed on disk."""
        if self._checker is not None:
            for path in paths:
                self._checker.facts.pop(path, None)

    def look(self, path: str, texts: Mapping[str, str]) -> Look:
        """What is found in the buffer at a real path. `texts` are all buffers. Raises `Mistake` where the settings have one."""
        if self._lookup is None:
            self._lookup = Lookup(self._config)
        settings = self._lookup.of_file(path)
        checker = self._over(texts)
        text = texts[path]
        if is_excluded(path, settings) or is_generated(path, text.encode("utf-8", "replace")):
            return Look(text)
        found = Found(path, shown_path(path), settings)
        checker.facts.pop(path, None)
        its = checker.check(found)
        wrong = tuple(one for one in its.diagnostics if one.code == SYNTAX)
        hidden = any(one.code == SYNTAX for one in its.suppressed)
        if SYNTAX not in chosen(settings, path):  # then it is looked for, at the price of a second parser
            hidden = not its.diagnostics and not parses(text)
        if wrong or (hidden and path in self._good):
            return Look(text, wrong[:1], (), tuple(_carried(*self._good[path], text)) if path in self._good else ())
        told = new_in(found, its, self._lookup, Places())
        self._good[path] = text, told
        return Look(text, told, its.suppressed)

    def _over(self, texts: Mapping[str, str]) -> Checker:
        """What checks with these buffers over the disk; of files whose text is another one now nothing is known any more."""
        changed = {path for path in {*texts, *self._texts} if texts.get(path) != self._texts.get(path)}
        self.reload_files(changed)
        if moved := {path for path in changed if (path in texts) != (path in self._texts) and not Path(path).exists()}:
            self.reload_modules(moved)  # they are nowhere on disk
        for path in self._texts.keys() - texts.keys():
            self._good.pop(path, None)
        self._texts = dict(texts)
        if self._checker is None:
            unwritten = {path: text.encode("utf-8", "replace") for path, text in texts.items() if not Path(path).exists()}
            self._checker = Checker(view=View(unwritten))
            self._checker.due = frozenset()  # no tree is kept from one check to the next
            self._checker.facts, self._known = self._known, {}
        self._checker.overlay = self._texts
        return self._checker


def _carried(before: str, diagnostics: Iterable[Diagnostic], after: str) -> Iterator[Diagnostic]:
    """Findings where they stand in a text that was changed in one place; those that stood in that place are left out."""
    old, new = LINE_END.split(before), LINE_END.split(after)
    shortest = min(len(old), len(new))
    head = next((number for number in range(shortest) if old[number] != new[number]), shortest)
    tail = next((number for number in range(shortest - head) if old[-1 - number] != new[-1 - number]), shortest - head)
    shift = len(new) - len(old)
    for one in diagnostics:
        if one.region.end_line <= head:
            yield one
        elif one.region.line > len(old) - tail:
            yield msgspec.structs.replace(one, region=_lower(one.region, shift))


def _lower(region: Region, lines: int) -> Region:
    return msgspec.structs.replace(region, line=region.line + lines, end_line=region.end_line + lines)
