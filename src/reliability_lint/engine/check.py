"""One file in, its report and its facts out: read → parse → model → facts → meanings → rules → locate → suppress."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import registry
from ..diagnostics import Change, Correction, Diagnostic, FileReport, Region, Related, Severity, Skip
from ..libraries.load import ModelError
from ..libraries.versions import Versions
from ..libraries.versions import read as read_versions
from ..peers import left_to
from ..text import notebooks
from ..text.source import SourceFile, Undecodable, decode, parses
from .anchors import anchored
from .roles import role
from .selection import chosen, options, severity
from .settings import Settings, below_root
from .suppress import suppress, term
from .view import DISK, View

if TYPE_CHECKING:
    import libcst as cst

    from ..facts.facts import FileFacts
    from ..finding import Finding, Fix
    from ..libraries.index import Index
    from ..meanings.match import Meanings
    from ..model.knowledge import Sources
    from ..model.places import Place
    from ..model.semantic import SemanticModel
    from ..model.values import Instance

# Python code may nest as deep as CPython lets it; LibCST's code generation then needs a few of our frames for every level.
_RECURSION = 12_000
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Checks:
    """The rules of a run, sorted by what they ask for: built once for each selection, used for every file."""

    codes: frozenset[str]
    by_place: Mapping[type, list[tuple[registry.Rule, Callable[..., Iterator[Finding]]]]]
    by_meaning: Mapping[type, list[tuple[registry.Rule, Callable[..., Iterator[Finding]]]]]
    severities: Mapping[str, Severity]
    everything: bool = False  # some see what no word in a text tells of


@lru_cache(maxsize=64)
def checks_for(settings: Settings, codes: tuple[str, ...], everywhere_only: bool) -> Checks:
    """The checks of the chosen codes; with `everywhere_only` those that also hold outside of services."""
    by_place: dict[type, list[tuple[registry.Rule, Callable[..., Iterator[Finding]]]]] = defaultdict(list)
    by_meaning: dict[type, list[tuple[registry.Rule, Callable[..., Iterator[Finding]]]]] = defaultdict(list)
    every = registry.rules()
    run = []
    for code in codes:
        rule = every[code]
        if rule.project or (everywhere_only and not rule.everywhere and rule.check is not None):
            continue
        run.append(code)
        if rule.check is None or rule.place is None:
            continue
        check = partial(rule.check, **options(settings, rule))
        if rule.origin:
            check = partial(_foreign, check)
        (by_place[rule.place] if rule.meaning is None else by_meaning[rule.meaning]).append((rule, check))
    severities = {code: told for code in run if (told := severity(settings, every[code])) is not every[code].severity}
    everything = any(rule.origin for wanted in by_place.values() for rule, _ in wanted)
    return Checks(frozenset(run), by_place, by_meaning, severities, everything)


def _foreign(check: Callable[..., Iterator[Finding]], *asked: object) -> Iterator[Finding]:
    """A rule that is not ours and may do anything: whatever goes wrong does so where its findings are asked for, and is laid to it."""
    from ..finding import Finding

    for finding in check(*asked):
        if not isinstance(finding, Finding):
            raise TypeError(f"a rule yields findings, not {type(finding).__name__}")
        yield finding


@dataclass(slots=True)
class Prepared:
    """A file that has been parsed and walked, before any other file was asked."""

    path: str
    source: SourceFile
    model: SemanticModel
    index: Index
    facts: FileFacts


def index_of(path: Path, settings: Settings, ground: str | None = None) -> Index:
    """The library models as they hold for a file's project."""
    from ..libraries.index import index_for

    versions = read_versions(Path(ground) if ground is not None else path.parent) if str(path) else Versions()
    return index_for(versions, settings.libraries)


def prepare(
    path: str, shown: str, text: str, settings: Settings, module_name: str, *, is_package: bool, ground: str | None = None
) -> Prepared:
    """Parses and walks a file and collects its facts. Raises `SyntaxProblem`. `ground` is where versions are read, if that is not the file's folder."""
    from ..syntax.tree import parse

    return understand(parse(text), path, SourceFile(shown, text), settings, module_name, is_package=is_package, ground=ground)


def understand(
    tree: cst.Module,
    path: str,
    source: SourceFile,
    settings: Settings,
    module_name: str,
    *,
    is_package: bool,
    ground: str | None = None,
    index: Index | None = None,
    assumed: Mapping[int, Instance] | None = None,
) -> Prepared:
    """Walks a tree and collects the file's facts. `assumed` are types that somebody else knows, by the `id()` of the expressions that have them."""
    from ..facts.collect import collect
    from ..model.build import build
    from ..model.semantic import SemanticModel

    if sys.getrecursionlimit() < _RECURSION:
        sys.setrecursionlimit(_RECURSION)
    if index is None:
        index = index_of(Path(path), settings, ground)
    model = build(SemanticModel(tree, index, module_name=module_name, is_package=is_package))
    if assumed:
        model.assume(assumed)
    return Prepared(path, source, model, index, collect(model, source))


def checks_of(path: str, source: SourceFile, settings: Settings) -> Checks:
    """The checks that hold for one file: what it is for is told by where it lies below the project's folder."""
    outside = (
        not settings.include_tests and role(below_root(settings.root, path) if settings.root else source.path, source.text) != "service"
    )
    return checks_for(settings, chosen(settings, path), outside)


def examine(prepared: Prepared, sources: Sources | None, settings: Settings) -> FileReport:
    """Runs the rules over a prepared file and locates what they find; `sources` answers about other files."""
    from ..meanings.match import Meanings

    source, model = prepared.source, prepared.model
    checks = checks_of(prepared.path, source, settings)
    model.sources = sources
    model.forget()
    found: list[tuple[registry.Rule, Finding]] = []
    crashes: list[Diagnostic] = []
    if checks.by_place or checks.by_meaning:
        meanings = Meanings(model, prepared.index, prepared.facts)
        for rule, findings in run_checks(checks, model, meanings):
            try:
                found += [(rule, finding) for finding in findings]
            except Exception as problem:  # a rule that raises must not stop the others
                crashes.append(crash(source.path, rule, problem))
    if settings.defer_to:
        found = _without_peers(found, model, settings)
    diagnostics = [*crashes, *_locate(found, prepared, checks)]
    return report(source, diagnostics, checks, settings)


def _without_peers(
    found: list[tuple[registry.Rule, Finding]], model: SemanticModel, settings: Settings
) -> list[tuple[registry.Rule, Finding]]:
    """The findings that the settings do not leave to another linter."""
    from ..meanings.peers import Overlap

    theirs = left_to(settings.defer_to)
    overlap = Overlap(model)
    return [(rule, finding) for rule, finding in found if not overlap.reported(finding, theirs.get(rule.code, ()))]


def report(source: SourceFile, diagnostics: Iterable[Diagnostic], checks: Checks, settings: Settings) -> FileReport:
    """A file's diagnostics, sorted, each once, with the suppressed ones apart."""
    unique = sorted({diagnostic.order: diagnostic for diagnostic in diagnostics}.values(), key=lambda d: d.order)
    kept, suppressed = anchored(source, *suppress(source.text, source.path, unique, checks.codes, settings))
    return FileReport(source.path, kept, suppressed, parsed=True, term=term(source.text))


def run_checks(checks: Checks, model: SemanticModel, meanings: Meanings) -> Iterator[tuple[registry.Rule, Iterator[Finding]]]:
    """Every check with every place it wants to see."""
    from ..concepts.base import Concept
    from ..concepts.http import Route
    from ..concepts.retry import Task
    from ..model.places import AttributeAssignment, Call, Class, Function, Handler, Loop, Try, With
    from ..model.semantic import SemanticModel as Whole

    for meaning, wanted in checks.by_meaning.items():
        assert issubclass(meaning, Concept)
        for rule, check in wanted:
            if rule.place is Function:
                table: Mapping[int, Concept] = (
                    meanings.routes if meaning is Route else meanings.tasks if meaning is Task else meanings.error_handlers
                )
                for key, concept in table.items():
                    yield rule, check(meanings.functions[key], concept)
            else:
                for call, concept in meanings.of(meaning):
                    yield rule, check(call, concept)
    places: dict[type, Iterable[object]] = {
        Call: model.calls,
        Function: model.functions,
        Class: model.classes,
        Handler: model.handlers,
        Loop: model.loops,
        With: model.withs,
        Try: model.tries,
        AttributeAssignment: model.attribute_assignments,
        Whole: (model,),
    }
    for place, wanted in checks.by_place.items():
        for rule, check in wanted:
            for subject in places[place]:
                yield rule, check(subject)


def crash(shown: str, rule: registry.Rule | None, problem: BaseException) -> Diagnostic:
    """A rule, or the engine itself, that raised: REL000 for the file, so that the run goes on and the bug is seen."""
    what = f"rule {rule.name}" if rule is not None else "the check"
    whom = f" to those who made {rule.whose}," if rule is not None and rule.origin else ""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return Diagnostic(
        region=Region(shown, 1, 1, 1, 1),
        code="REL000",
        name="internal-error",
        severity=Severity.ERROR,
        message=f"{what} failed on this file with {type(problem).__name__}: {str(problem)[:200]}{where}",
        cure=f"please report it{whom} with the file, or the smallest part of it that fails",
        lines=(1, 1),
    )


def syntax_error(shown: str, message: str, line: int = 1, column: int = 1) -> Diagnostic:
    """A file that cannot be read as Python: REL001."""
    line, column = max(line, 1), max(column, 1)
    return Diagnostic(
        region=Region(shown, line, column, line, column + 1),
        code="REL001",
        name="syntax-error",
        severity=Severity.ERROR,
        message=message,
        lines=(line, line),
    )


def _locate(found: list[tuple[registry.Rule, Finding]], prepared: Prepared, checks: Checks) -> Iterator[Diagnostic]:
    """Turns nodes into regions: one pass over the file for all of them."""
    from ..finding import Note
    from ..model.values import Site
    from ..syntax.edits import NoPlace, Overlap, splices, wanted
    from ..syntax.spans import STATEMENTS, spans

    if not found:
        return
    asked: list[tuple[cst.CSTNode, cst.CSTNode | None]] = []
    noted: list[cst.CSTNode] = []
    for _, finding in found:
        asked += [(finding.at, finding.statement), (finding.statement, finding.statement)]
        body = getattr(finding.statement, "body", None)
        if body is not None and _is_block(body):
            asked.append((body, finding.statement))
        asked += wanted(finding, prepared.model.tree)
        noted += [note.at for note in finding.notes if not isinstance(note.at, Site)]
    if noted:
        statements = _statements(prepared.model)
        asked += [(node, node if node.__class__ in STATEMENTS else statements.get(id(node))) for node in noted]
    source = prepared.source
    spanned = spans(prepared.model.tree, source, asked)

    def between(start: int, end: int) -> Region:
        first, last = source.position(start), source.position(end)
        return Region(source.path, first.line, first.column, last.line, last.column)

    def region(node: cst.CSTNode) -> Region:
        return between(*spanned[id(node)])

    def related(note: Note) -> Related:
        if isinstance(note.at, Site):
            site = note.at
            return Related(Region(site.path, site.line, site.column, site.line, site.end_column), note.message)
        return Related(region(note.at), note.message)

    def correction(fix: Fix) -> Correction | None:
        try:
            made = splices(fix, prepared.model.tree, source, spanned)
        except NoPlace:
            return None
        return Correction(fix.title, fix.safe, tuple(Change(between(start, end), text) for start, end, text in made))

    for rule, finding in found:
        try:
            fix = correction(finding.fix) if finding.fix is not None else None
        except Overlap as problem:  # a mistake of the rule's, which is told; what it has found is true all the same
            fix = None
            yield crash(source.path, rule, problem)
        place = region(finding.at)
        head = region(finding.statement)
        body = getattr(finding.statement, "body", None)
        last = head.end_line
        if _is_block(body) and id(body) in spanned:
            text_before = source.text[: spanned[id(body)].start].rstrip()
            last = source.position(len(text_before)).line
        yield Diagnostic(
            region=place,
            code=rule.code,
            name=rule.name,
            severity=checks.severities.get(rule.code) or finding.severity or rule.severity,
            message=finding.message,
            cure=finding.cure,
            related=tuple(related(note) for note in finding.notes),
            lines=(min(head.line, place.line), max(last, place.line)),
            fix=fix,
        )


def _statements(model: SemanticModel) -> dict[int, cst.CSTNode]:
    """The statements of the nodes that notes most often point at, so that they need not be searched for."""
    places: list[Place] = [*model.calls, *model.functions, *model.handlers, *model.loops]
    return {id(place.at): place.statement for place in places}


def _is_block(body: object) -> bool:
    return type(body).__name__ in ("IndentedBlock", "SimpleStatementSuite")


def needed(text: str, checks: Checks) -> bool:
    """
    Whether any enabled rule could have something to say about a text: it handles exceptions, loops, asserts or defines coroutines, or it calls something and
    imports what that might be. An import is enough, for a client may come from any other file. What a third party's rule looks at nobody can say.
    """
    if checks.everything:
        return True
    if checks.by_place and any(word in text for word in ("except", "finally", "suppress(", "while", "for ", "async def", "assert ")):
        return True
    if not (checks.by_place or checks.by_meaning):
        return False
    return "(" in text and ("import " in text)


def read(path: str, shown: str) -> str | FileReport:
    """A file's text, or the report that says why there is none."""
    data = read_bytes(path, shown)
    return data if isinstance(data, FileReport) else text_of(data, shown)


def read_bytes(path: str, shown: str, view: View = DISK) -> bytes | FileReport:
    """What a file holds, or the report that says why that is not known."""
    try:
        return view.read(path)
    except FileNotFoundError:
        return FileReport(shown, skip=Skip(shown, "vanished while running"))
    except IsADirectoryError:
        return FileReport(shown, skip=Skip(shown, "is a directory"))
    except OSError as problem:
        return FileReport(shown, (syntax_error(shown, f"cannot be read: {problem.strerror or problem}"),))


def text_of(data: bytes, shown: str) -> str | FileReport:
    """The text that bytes hold, of a notebook that of its cells, or the report that says why they hold none."""
    if notebooks.is_notebook(shown):
        try:
            return notebooks.read(data).text
        except notebooks.NoNotebook as problem:
            return FileReport(shown, (syntax_error(shown, problem.message, problem.line, problem.column),))
        except notebooks.Foreign as problem:
            return FileReport(shown, skip=Skip(shown, str(problem)))
    try:
        return decode(data)
    except Undecodable as problem:
        return FileReport(shown, (syntax_error(shown, f"cannot be read: {problem}"),))


__all__ = [
    "ModelError",
    "Prepared",
    "checks_for",
    "crash",
    "examine",
    "needed",
    "parses",
    "prepare",
    "read",
    "read_bytes",
    "report",
    "run_checks",
    "syntax_error",
    "text_of",
]
