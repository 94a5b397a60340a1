"""
Findings that were accepted: a file that is committed, so that only what is new is told.

An entry says which rule, in which file, in which function, and a digest of what is written there; no line number decides. Each entry silences one finding at
most, so one more of the same is new. Where nothing is quite the same any more, an entry follows its finding: to other words in the same function, to another
function of the same file, to another file. Nothing is ever added unless somebody asks for it.
"""

# ruff: noqa: PTH110, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from .. import __version__, registry
from ..diagnostics import Diagnostic, FileReport, Report
from ..mistake import Mistake
from ..text.paths import shown_path
from .days import is_date, today
from .discover import Found, git_root
from .selection import chosen
from .settings import Lookup, Settings

FILE = ".reliability-baseline.json"
_SCHEMA = "reliability-lint/baseline/"
_VERSION = 1
_UNREADABLE = ("REL000", "REL001")  # where one of these is found, nobody knows what else would be


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One accepted finding. `path` is relative to the folder of the baseline. `line` is where it was when it was accepted, for readers; it decides nothing.
    """

    path: str
    rule: str
    name: str = ""
    scope: str = ""
    hash: str = ""
    line: int = 0
    since: str = ""
    until: str = ""
    reason: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        return (self.path, self.rule, self.scope, self.hash, self.line, self.since, self.until, self.reason)

    @property
    def has_ended(self) -> bool:
        return bool(self.until) and self.until < today()


class _Document(msgspec.Struct):
    schema: str
    findings: tuple[Entry, ...]
    tool_version: str = ""
    selectors: tuple[str, ...] = ()


class Baseline(msgspec.Struct, frozen=True):
    """A baseline, the real path of its file, and with which selection of rules it was made."""

    path: str
    entries: tuple[Entry, ...] = ()
    selectors: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)

    def below(self, path: str) -> str:
        """A file (its real path) as entries name it."""
        return os.path.relpath(path, self.folder).replace(os.sep, "/")

    def real(self, entry: Entry) -> str:
        """The real path of an entry's file."""
        return os.path.normpath(os.path.join(self.folder, *entry.path.split("/")))


class Matching(msgspec.Struct, frozen=True):
    """
    What a baseline says of a run: the findings that are new, those that were accepted with the numbers of their entries, and the numbers of the entries whose
    findings are gone. Of all other entries this run cannot say anything.
    """

    new: tuple[Diagnostic, ...]
    old: tuple[tuple[Diagnostic, int], ...]
    gone: tuple[int, ...]


# -- the file


def read(path: str) -> Baseline:
    """The baseline in a file. What is wrong with it is a mistake that says what to do."""
    shown = shown_path(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise Mistake("there is no such baseline", path=shown, hint="make one: reliability-lint baseline create") from None
    except OSError as problem:
        raise Mistake(f"the baseline cannot be read: {problem.strerror or problem}", path=shown) from None
    if any(line.startswith((b"<<<<<<<", b"=======", b">>>>>>>")) for line in data.splitlines()):
        raise Mistake(
            "the baseline holds the marks of a merge that was not finished",
            path=shown,
            hint="keep the lines of both sides (each is one finding) and run: reliability-lint baseline prune",
        )
    try:
        document = msgspec.json.decode(data, type=_Document)
    except msgspec.MsgspecError as problem:
        _refuse_newer(data, shown)
        raise Mistake(
            f"this is no baseline, or a damaged one: {str(problem)[:1].lower()}{str(problem)[1:]}",
            path=shown,
            hint="bring it back from version control, or begin anew: reliability-lint baseline create --force",
        ) from None
    if document.schema != f"{_SCHEMA}{_VERSION}":
        _refuse_newer(data, shown)
        raise Mistake(f"this is no baseline: its schema is '{document.schema[:80]}'", path=shown)
    for number, entry in enumerate(document.findings, 1):
        if entry.until and not is_date(entry.until):
            raise Mistake(f"entry {number} ends on '{entry.until}', which is no day", path=shown, hint="write it as 2027-01-31")
    return Baseline(os.path.realpath(path), document.findings, document.selectors)


def _refuse_newer(data: bytes, shown: str) -> None:
    """A newer format may hold anything: it is known by its schema alone."""
    try:
        schema = msgspec.json.decode(data)["schema"]
    except (msgspec.MsgspecError, KeyError, TypeError):
        return
    version = str(schema).removeprefix(_SCHEMA)
    if str(schema).startswith(_SCHEMA) and version.isdecimal() and int(version) > _VERSION:
        raise Mistake(
            f"this baseline was written by a newer version of reliability-lint (format {version}, and {__version__} knows {_VERSION})",
            path=shown,
            hint="use the version that wrote it, everywhere",
        )


def text_of(entries: Iterable[Entry], selectors: Sequence[str]) -> str:
    """A baseline as it is written: one line for each finding, in an order of its own, so that two branches seldom meet in one line."""
    head = {"schema": f"{_SCHEMA}{_VERSION}", "tool_version": __version__, "selectors": list(selectors)}
    lines = [f"  {_json(key)}: {_json(value)}," for key, value in head.items()]
    found = [f"    {_json(entry)}" for entry in sorted(entries, key=lambda entry: entry.order)]
    body = ['  "findings": [', ",\n".join(found), "  ]"] if found else ['  "findings": []']
    return "\n".join(["{", *lines, *body, "}"]) + "\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8")


def refuse_read_only(path: str) -> None:
    """A file that somebody has protected is not replaced."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise Mistake("the baseline is read-only, so it was not written", path=shown_path(path), hint=f"chmod u+w {shown_path(path)}")


# -- where it lies


class Places:
    """Where the baseline of each folder lies: where the settings or `told` say, else the closest above, up to the top of the repository."""

    def __init__(self, told: str = "") -> None:
        self.told = os.path.realpath(told) if told else ""
        self._known: dict[str, str] = {}

    def of(self, path: str, settings: Settings) -> str:
        """The baseline that holds for a file or folder (its real path), empty where there is none."""
        if self.told:
            return self.told
        if settings.baseline:
            return os.path.join(settings.root, settings.baseline)
        return self._above(path if os.path.isdir(path) else os.path.dirname(path))  # noqa: PTH112

    def _above(self, folder: str) -> str:
        if folder not in self._known:
            candidate = os.path.join(folder, FILE)
            parent = os.path.dirname(folder)
            if os.path.exists(candidate):
                self._known[folder] = candidate
            else:
                top = parent == folder or os.path.exists(os.path.join(folder, ".git"))
                self._known[folder] = "" if top else self._above(parent)
        return self._known[folder]

    def to_create(self, path: str, settings: Settings) -> str:
        """Where one is made: at the top of the repository, else at that of the project."""
        if known := self.of(path, settings):
            return known
        folder = path if os.path.isdir(path) else os.path.dirname(path)  # noqa: PTH112
        return os.path.join(git_root(folder) or settings.root or folder, FILE)


# -- matching


def entry_of(one: Diagnostic, path: str, *, reason: str = "", until: str = "") -> Entry:
    """A finding as it is accepted today; `path` as entries name files."""
    return Entry(path, one.code, one.name, one.anchor.scope, one.anchor.gist, one.region.line, today(), until, reason)


def matching(
    baseline: Baseline, diagnostics: Sequence[tuple[Diagnostic, str]], covers: Callable[[Entry], bool], exists: Callable[[Entry], bool]
) -> Matching:
    """
    Divides findings (each with its path as entries name it) by a baseline.

    `covers` says whether a run would have found an entry's finding if it were there, `exists` whether its file still is.
    """
    free = {number for number, entry in enumerate(baseline.entries) if not entry.has_ended and covers(entry)}
    waiting = [(one, path) for one, path in diagnostics if one.code != "REL000"]
    never = [one for one, _ in diagnostics if one.code == "REL000"]
    old: list[tuple[Diagnostic, int]] = []

    def pair(key_of_entry: Callable[[Entry], object], key_of_finding: Callable[[Diagnostic, str], object]) -> None:
        by_key: dict[object, list[int]] = {}
        for number in sorted(free, key=lambda number: baseline.entries[number].order, reverse=True):
            key = key_of_entry(baseline.entries[number])
            if key is not None:
                by_key.setdefault(key, []).append(number)
        left = []
        for one, path in waiting:
            numbers = by_key.get(key_of_finding(one, path))
            if numbers:
                number = numbers.pop()
                free.discard(number)
                old.append((one, number))
            else:
                left.append((one, path))
        waiting[:] = left

    pair(lambda e: (e.rule, e.path, e.scope, e.hash), lambda d, path: (d.code, path, d.anchor.scope, d.anchor.gist))
    if free and waiting:
        # Edited: what is written there has changed.
        pair(lambda e: (e.rule, e.path, e.scope), lambda d, path: (d.code, path, d.anchor.scope))
        # Moved into another function, or that function has a new name.
        pair(lambda e: (e.rule, e.path, e.hash), lambda d, path: (d.code, path, d.anchor.gist))
        # Moved into another file. At the margin of a file, words alone say little: there the old file must be gone.
        pair(
            lambda e: (e.rule, e.scope, e.hash) if e.scope or not exists(e) else None, lambda d, _: (d.code, d.anchor.scope, d.anchor.gist)
        )
    new = sorted((*never, *(one for one, _ in waiting)), key=lambda one: one.order)
    old.sort(key=lambda pair: pair[0].order)
    return Matching(tuple(new), tuple(old), tuple(sorted(free)))


class Coverage:
    """Which entries a run could have found: those of rules that were run, in files that were read, or would have been if they were still there."""

    def __init__(self, files: Sequence[Found], report: Report, lookup: Lookup, folders: Sequence[str]) -> None:
        unread = {one.region.path for one in (*report.diagnostics, *report.suppressed) if one.code in _UNREADABLE}
        unread.update(skip.path for skip in report.skips)
        self._files = {found.path: found for found in files}
        self._unread = {found.path for found in files if found.shown in unread}
        self._lookup = lookup
        self._folders = tuple(folder.rstrip(os.sep) + os.sep for folder in folders)

    def covers(self, baseline: Baseline, entry: Entry) -> bool:
        path = baseline.real(entry)
        described = registry.described().get(entry.rule)
        if described is not None and described.project and not self._folders:
            return False
        if path in self._files:
            settings = self._files[path].settings
            return entry.rule in _UNREADABLE or (path not in self._unread and entry.rule in chosen(settings, path))
        if not path.startswith(self._folders) or os.path.exists(path):
            return False
        try:
            return entry.rule in chosen(self._lookup.of_file(path), path)
        except Mistake:
            return False


def matchings(
    files: Sequence[Found], report: Report, lookup: Lookup, asked: Sequence[str], places: Places
) -> dict[str, tuple[Baseline, Matching]]:
    """What each baseline that holds for some file of a run says, by the path of its file; `""` has the findings for which there is none."""
    real = {found.shown: found for found in files}
    folders = [os.path.realpath(path) for path in asked if os.path.isdir(path)]  # noqa: PTH112
    coverage = Coverage(files, report, lookup, folders)
    by_place: dict[str, list[Diagnostic]] = {places.of(folder, lookup.of_folder(folder)): [] for folder in folders}
    for found in files:
        by_place.setdefault(places.of(found.path, found.settings), [])
    for one in report.diagnostics:
        where = real.get(one.region.path)
        by_place.setdefault(places.of(where.path, where.settings) if where is not None else "", []).append(one)
    result: dict[str, tuple[Baseline, Matching]] = {}
    for place, diagnostics in by_place.items():
        if not place:
            result[""] = Baseline(""), Matching(tuple(diagnostics), (), ())
            continue
        baseline = read(place)

        def covers(entry: Entry, baseline: Baseline = baseline) -> bool:
            return coverage.covers(baseline, entry)

        def exists(entry: Entry, baseline: Baseline = baseline) -> bool:
            return os.path.exists(baseline.real(entry))

        located = [(one, baseline.below(real[one.region.path].path)) for one in diagnostics]
        result[place] = baseline, matching(baseline, located, covers, exists)
    return result


def without_accepted(report: Report, said: Mapping[str, tuple[Baseline, Matching]]) -> Report:
    """A report of what is new, with what was accepted apart."""
    new = sorted((one for _, matched in said.values() for one in matched.new), key=lambda one: one.order)
    old = sorted((one for _, matched in said.values() for one, _ in matched.old), key=lambda one: one.order)
    gone = sum(len(matched.gone) for _, matched in said.values())
    ended = sum(entry.has_ended for baseline, _ in said.values() for entry in baseline.entries)
    return msgspec.structs.replace(report, diagnostics=tuple(new), accepted=tuple(old), gone=gone, ended=ended)


# -- one file at a time


def new_in(found: Found, its: FileReport, lookup: Lookup, places: Places) -> tuple[Diagnostic, ...]:
    """Of what is found in a file, what no baseline has. For those who check files one by one: what came from another file is new to them."""
    place = places.of(found.path, found.settings) if its.diagnostics else ""
    if not place:
        return its.diagnostics
    whole, by_path = _by_path(place, _state(place))
    name = whole.below(found.path)
    if name not in by_path:
        return its.diagnostics
    coverage = Coverage([found], Report(its.diagnostics, its.suppressed, (), 1, 0, 0.0), lookup, ())
    baseline = Baseline(whole.path, by_path[name], whole.selectors)
    return matching(baseline, [(one, name) for one in its.diagnostics], lambda entry: coverage.covers(baseline, entry), lambda _: True).new


def check_accepted(folder: str, lookup: Lookup, places: Places) -> None:
    """Reads the baseline that holds for a folder, if there is one. Raises `Mistake` where it is damaged."""
    if place := places.of(folder, lookup.of_folder(folder)):
        _by_path(place, _state(place))


def _state(path: str) -> tuple[int, int]:
    try:
        state = os.stat(path)
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=64)
def _by_path(place: str, _state: tuple[int, int]) -> tuple[Baseline, Mapping[str, tuple[Entry, ...]]]:
    """A baseline, and its entries by their files. Read once for all files, and again when it is another one."""
    whole = read(place)
    by_path: dict[str, list[Entry]] = {}
    for entry in whole.entries:
        by_path.setdefault(entry.path, []).append(entry)
    return whole, {path: tuple(entries) for path, entries in by_path.items()}
