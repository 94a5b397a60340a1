"""What is found, in the words of the language server protocol."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from lsprotocol import types

from ... import registry
from ...diagnostics import Change, Diagnostic, Region, Severity
from ...engine.check import parses
from ...engine.discover import git_root
from ...engine.selection import expand
from ...engine.silence import with_comments
from ...mistake import Mistake
from ...reports.documentation import documentation, markdown
from ...reports.paths import fingerprint
from ...text.changes import Splice, apply, clash, ordered
from ...text.comments import Selector, directives
from ...text.source import Undecodable, decode
from .desk import Look
from .positions import Positions

SOURCE = "reliability-lint"
FIX_ALL = "source.fixAll.reliability"
EXPLAIN = "reliability-lint.explain"
# Silences, and is a finding itself (REL004) until somebody has written why.
_WORDS = "TODO reason"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}

LocationOf = Callable[[Region], types.Location]


class Cell(NamedTuple):
    """A cell of a notebook: its first line, from 0, in the text of all cells, and how many it has."""

    uri: str
    version: int | None
    first: int
    lines: int

    def holds(self, region: Region) -> bool:
        return self.first < region.line and region.end_line <= self.first + self.lines


class Buffer(NamedTuple):
    """What an editor holds of a file; of a notebook, the text of its cells and where each stands in it."""

    uri: str
    version: int | None
    text: str
    cells: tuple[Cell, ...] | None = None


class Document(NamedTuple):
    """A buffer as the editor knows it, or a cell of one, with what is found in it."""

    uri: str
    version: int | None
    look: Look
    places: Positions


def documents(buffer: Buffer, look: Look, encoding: str) -> list[Document]:
    """What the editor takes for documents in a buffer."""
    if buffer.cells is None:
        return [Document(buffer.uri, buffer.version, look, Positions(buffer.text, encoding))]
    return [Document(cell.uri, cell.version, _within(look, cell), Positions(buffer.text, encoding, cell.first)) for cell in buffer.cells]


def _within(look: Look, cell: Cell) -> Look:
    """What is found in a cell. A repair that reaches into another one cannot be told of."""

    def kept(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        inside = (one for one in found if cell.holds(one.region))
        return tuple(
            one
            if one.fix is None or all(cell.holds(change.region) for change in one.fix.changes)
            else msgspec.structs.replace(one, fix=None)
            for one in inside
        )

    return Look(look.text, kept(look.diagnostics), kept(look.suppressed), kept(look.left))


def locations(buffers: Mapping[str, Buffer], encoding: str) -> LocationOf:
    """How an editor calls the regions of files, of which it holds some, by their real paths."""

    def location_of(region: Region) -> types.Location:
        path = os.path.realpath(region.path)
        buffer = buffers.get(path)
        if buffer is None:
            return types.Location(Path(path).as_uri(), range_of(region, Positions(_on_disk(path), encoding)))
        cell = next((cell for cell in buffer.cells or () if cell.holds(region)), None)
        if cell is None:
            return types.Location(buffer.uri, range_of(region, Positions(buffer.text, encoding)))
        return types.Location(cell.uri, range_of(region, Positions(buffer.text, encoding, cell.first)))

    return location_of


def _on_disk(path: str) -> str:
    try:
        return decode(Path(path).read_bytes())
    except (OSError, Undecodable):
        return ""


def diagnostics(document: Document, location_of: LocationOf) -> list[types.Diagnostic]:
    """All that is to be shown in a document."""
    return [_diagnostic(one, document.places, location_of) for one in (*document.look.diagnostics, *document.look.left)]


def _diagnostic(one: Diagnostic, places: Positions, location_of: LocationOf) -> types.Diagnostic:
    related = [types.DiagnosticRelatedInformation(location_of(note.region), note.message) for note in one.related]
    return types.Diagnostic(
        range_of(one.region, places),
        f"{one.name}: {one.message}" + (f"\n{one.cure}" if one.cure else ""),
        severity=_SEVERITIES[one.severity],
        code=one.code,
        source=SOURCE,
        related_information=related or None,
        data={"fingerprint": _name(one)},
    )


def _name(one: Diagnostic) -> str:
    """The name of a finding, the same as in reports that are made at the top of its repository."""
    path = os.path.realpath(one.region.path)
    return fingerprint(one, git_root(os.path.dirname(path)))  # noqa: PTH120


def sentence(one: Mistake) -> str:
    """A mistake in the settings in one line, as it is told where letters need not be of one width."""
    first = str(one).splitlines()[0].removeprefix("error: ")
    return f"{SOURCE}: {first} ({one.hint})" if one.hint else f"{SOURCE}: {first}"


def mistake(one: Mistake, encoding: str) -> types.Diagnostic:
    """A mistake in the settings, where it stands in their file."""
    places = Positions(_on_disk(os.path.realpath(one.path)), encoding)
    line = max(one.line, 1)
    region = Region(one.path, line, one.column, line, one.column + max(one.width, 1))
    message = f"{one.message}\n{one.hint}" if one.hint else one.message
    return types.Diagnostic(range_of(region, places), message, severity=types.DiagnosticSeverity.Error, source=SOURCE)


def range_of(region: Region, places: Positions) -> types.Range:
    """A region as an editor calls it."""
    start, end = places.of(region.line, region.column), places.of(region.end_line, region.end_column)
    return types.Range(types.Position(*start), types.Position(*end))


def actions(document: Document, asked: types.Range, location_of: LocationOf) -> Iterator[types.CodeAction]:
    """What can be done about the findings in a range, one by one."""
    for one in document.look.diagnostics:
        if not _touch(range_of(one.region, document.places), asked):
            continue
        about = [_diagnostic(one, document.places, location_of)]
        if one.fix is not None and all(change.region.path == one.region.path for change in one.fix.changes):
            title = one.fix.title if one.fix.safe else f"{one.fix.title} (look at what it does)"
            edits = [_edit(change, document.places) for change in one.fix.changes]
            yield _action(title, edits, document, about, preferred=one.fix.safe)
        if edits := _silencing(document, one):
            yield _action(f"Silence {one.name} with a comment that gives the reason", edits, document, about)
        if one.code in registry.described():
            command = types.Command("Explain", EXPLAIN, arguments=[one.code])
            yield types.CodeAction(f"Explain {one.name}", kind=types.CodeActionKind.QuickFix, diagnostics=about, command=command)


def fix_all(document: Document) -> types.CodeAction | None:
    """All safe repairs in a document at once; of those that get in each other's way the first. The others are left for the next time."""
    chosen: list[Splice] = []
    about = 0
    for one in document.look.diagnostics:
        if one.fix is None or not one.fix.safe or any(change.region.path != one.region.path for change in one.fix.changes):
            continue
        splices = [_splice(change, document.places) for change in one.fix.changes]
        if not clash(splices, chosen):
            chosen += splices
            about += 1
    # What is safe alone is so together, but a text that is no Python any more would be the worst that could come of it.
    if not chosen or not parses(apply(document.look.text, chosen)):
        return None
    edits = [types.TextEdit(_between(document.places, start, end), new) for start, end, new in ordered(chosen)]
    return _action(f"Make all safe repairs in this file ({about})", edits, document, [], kind=FIX_ALL)


def _touch(one: types.Range, other: types.Range) -> bool:
    return _place(one.start) <= _place(other.end) and _place(other.start) <= _place(one.end)


def _place(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def _edit(change: Change, places: Positions) -> types.TextEdit:
    return types.TextEdit(range_of(change.region, places), change.text)


def _splice(change: Change, places: Positions) -> Splice:
    region = change.region
    return Splice(places.start(region.line) + region.column - 1, places.start(region.end_line) + region.end_column - 1, change.text)


def _between(places: Positions, start: int, end: int) -> types.Range:
    return types.Range(types.Position(*places.at(start)), types.Position(*places.at(end)))


def _action(
    title: str,
    edits: Iterable[types.TextEdit],
    document: Document,
    about: list[types.Diagnostic],
    *,
    preferred: bool = False,
    kind: types.CodeActionKind | str = types.CodeActionKind.QuickFix,
) -> types.CodeAction:
    versioned = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(versioned, list(edits))])
    return types.CodeAction(title, kind=kind, diagnostics=about or None, edit=edit, is_preferred=preferred or None)


def _silencing(document: Document, one: Diagnostic) -> list[types.TextEdit]:
    """What puts a comment where it silences a finding; empty where none can stand."""
    before = document.look.text
    put = with_comments(before, one.region.path, [one], _WORDS)
    if isinstance(put, str) or not put[1]:
        return []
    after = put[0]
    shortest = min(len(before), len(after))
    head = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    tail = next((at for at in range(shortest - head) if before[-1 - at] != after[-1 - at]), shortest - head)
    return [types.TextEdit(_between(document.places, head, len(before) - tail), after[head : len(after) - tail])]


def hover(look: Look, line: int, column: int) -> tuple[str, Region] | None:
    """What a comment's code or name is about that stands at a place (from 1), in Markdown, and what it silences there."""
    for comment in directives(look.text):
        if comment.line != line:
            continue
        for selector in comment.selectors:
            if selector.column <= column <= selector.column + len(selector.text) and (page := _page(selector)):
                hidden = [one for one in look.suppressed if one.suppressed is not None and one.suppressed.line == line]
                said = [f"- {one.name}, line {one.region.line}: {one.message}" for one in hidden]
                text = "\n".join(["It silences here:", "", *said, "", "---", "", page]) if said else page
                return text, Region("", line, selector.column, line, selector.column + len(selector.text))
    return None


def findings_at(look: Look, line: int, column: int) -> tuple[str, Region] | None:
    """What is found at a place (from 1), with the pages of the rules that say so, in Markdown."""
    place = (line, column)
    found = [
        one for one in look.diagnostics if (one.region.line, one.region.column) <= place <= (one.region.end_line, one.region.end_column)
    ]
    if not found:
        return None
    described = registry.rules()
    pages = [
        f"{one.message}{f'. {one.cure}' if one.cure else ''}\n\n---\n\n{markdown(described[one.code])}"
        for one in found
        if one.code in described
    ]
    return ("\n\n---\n\n".join(pages), found[0].region) if pages else None


def _page(selector: Selector) -> str:
    rules = registry.rules()
    meant = [rules[code] for code in sorted(expand(selector.text)) if code in rules]
    if len(meant) == 1:
        return markdown(meant[0])
    return "\n".join(f"- {rule.name} ({rule.code}): {rule.summary}" for rule in meant)


def explanation(code: str) -> tuple[str, str] | None:
    """A rule in two sentences, and its whole page; None where there is no such rule."""
    rule = registry.rules().get(code)
    if rule is None:
        return None
    doc = documentation(rule)
    return f"{rule.name} ({rule.code}): {doc.summary} {doc.why}.", markdown(rule)
