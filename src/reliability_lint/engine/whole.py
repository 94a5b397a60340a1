"""The rules that see all files together: run once, after the files themselves, on what these export."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import registry
from ..diagnostics import Diagnostic, FileReport, Region, Related
from ..text.notebooks import is_notebook
from ..text.source import SourceFile
from .anchors import anchored
from .check import crash, index_of, read_bytes, text_of
from .discover import Found
from .roles import role
from .selection import chosen, options, severity
from .settings import below_root
from .suppress import suppress, term
from .view import DISK, View

if TYPE_CHECKING:
    from ..facts.facts import FileFacts
    from ..libraries.index import Index
    from ..project import Finding, Project


def project_reports(
    files: Sequence[Found],
    rules: Sequence[registry.Rule],
    facts_of: Callable[[str], FileFacts | None],
    overlay: Mapping[str, str],
    view: View = DISK,
) -> list[FileReport]:
    """What project rules find, file by file; `overlay` are texts that stand for the files of these real paths."""
    texts = dict(_texts(files, overlay, view))
    by_shown = {found.shown: found for found in files}
    project = _project(files, texts, facts_of, by_shown, view)
    located: dict[str, list[Diagnostic]] = {}
    for rule in map(registry.imported, rules):
        assert rule.check is not None
        try:
            found = list(partial(rule.check, **options(files[0].settings, rule))(project))
        except Exception as problem:  # a rule that raises must not stop the others
            located.setdefault(files[0].shown, []).append(crash(files[0].shown, rule, problem))
            continue
        for finding in found:
            path = finding.at.path
            if path in by_shown and rule.code in chosen(by_shown[path].settings, by_shown[path].path):
                located.setdefault(path, []).append(_diagnostic(rule, finding, by_shown[path]))
    return [_report(path, texts.get(path, ""), diagnostics) for path, diagnostics in sorted(located.items())]


def _texts(files: Sequence[Found], overlay: Mapping[str, str], view: View) -> Iterator[tuple[str, str]]:
    for found in files:
        if found.path in overlay:
            yield found.shown, overlay[found.path]
            continue
        data = read_bytes(found.path, found.shown, view)
        text = data if isinstance(data, FileReport) else text_of(data, found.shown)
        if isinstance(text, str):
            yield found.shown, text


def _project(
    files: Sequence[Found],
    texts: Mapping[str, str],
    facts_of: Callable[[str], FileFacts | None],
    by_shown: Mapping[str, Found],
    view: View,
) -> Project:
    from ..project import Project

    known: dict[str, FileFacts] = {}
    for found in files:
        text = texts.get(found.shown, "")
        below = below_root(found.settings.root, found.path) if found.settings.root else found.shown
        if not _CALLS.search(text) or is_notebook(found.path) or (not found.settings.include_tests and role(below, text) != "service"):
            continue
        with contextlib.suppress(OSError):
            facts = facts_of(found.path)
            if facts is not None:
                known[found.shown] = facts

    def index(shown: str) -> Index:
        path = Path(by_shown[shown].path)
        return index_of(path, by_shown[shown].settings, view.ground(str(path.parent)))

    return Project(known, texts, index)


_CALLS = re.compile(r"\w\(")  # a file that calls nothing has nothing to tell


def _diagnostic(rule: registry.Rule, finding: Finding, found: Found) -> Diagnostic:
    site = finding.at
    told = severity(found.settings, rule)
    return Diagnostic(
        region=Region(site.path, site.line, site.column, site.line, site.end_column),
        code=rule.code,
        name=rule.name,
        severity=told if told is not rule.severity else finding.severity or rule.severity,
        message=finding.message,
        cure=finding.cure,
        related=tuple(
            Related(Region(note.at.path, note.at.line, note.at.column, note.at.line, note.at.end_column), note.message)
            for note in finding.notes
        ),
        lines=(site.line, site.line),
    )


def _report(path: str, text: str, diagnostics: Sequence[Diagnostic]) -> FileReport:
    ordered = sorted(diagnostics, key=lambda one: one.order)
    kept, suppressed = anchored(SourceFile(path, text), *suppress(text, path, ordered, {one.code for one in diagnostics}))
    return FileReport(path, kept, suppressed, parsed=True, term=term(text))
