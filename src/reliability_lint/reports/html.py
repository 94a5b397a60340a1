"""
One page to look around in: findings by family and by folder, filters, code, a chart.

The page is one file and asks for nothing from outside, which its own policy forbids. Everything is in it as HTML, so that it can be read and searched without
its script, which filters. Whatever comes from checked code is escaped by the template engine. The same findings give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from .. import __version__
from ..diagnostics import Diagnostic, Region, Report, Severity
from . import Rules, TextOf, lines_of, plural
from .documentation import documentation
from .ink import safe
from .markdown_report import sentence
from .paths import fingerprint

if TYPE_CHECKING:
    from jinja2 import Template

_LinesOf = Callable[[str], Sequence[str]]
_Mark = tuple[Region, str, str]  # where, as what, and what is said of it
_BEFORE, _BEHIND = 2, 1  # lines of code around a finding
_NEAR = 8  # lines between two places that still share a frame
_LONGEST_LINE = 400
_HEAD_OF_LINE = 120  # how much of a very long line stands before its first place


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a line; `mark` says as what it is underlined."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of code. `notes` is what is said of places on it; `gap`: lines before it are left out."""

    number: int
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Lines of one file; `path` is empty where it is that of the finding."""

    path: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A finding as the page shows it."""

    one: Diagnostic
    path: str
    message: str
    cure: str
    family: str
    folder: str
    why: str
    fingerprint: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A family in the chart: how many of each severity, and how wide these are, in hundredths of the widest bar."""

    family: str
    total: int
    parts: tuple[tuple[str, int, float], ...]


def html(report: Report, rules: Rules, text_of: TextOf, *, root: str = "") -> str:
    """The page."""
    files: dict[str, Sequence[str]] = {}

    def lines(path: str) -> Sequence[str]:
        if path not in files:
            text = text_of(path)
            files[path] = [] if text is None else lines_of(text)
        return files[path]

    cards = [_card(one, rules, lines, root) for one in report.diagnostics]
    severities = Counter(one.severity for one in report.diagnostics)
    return _template().render(
        version=__version__,
        sentence=sentence(report),
        hidden=_hidden(report),
        cards=cards,
        severities=[(severity.value, severities[severity]) for severity in Severity if severities[severity]],
        bars=_bars(cards),
        families=sorted(Counter(card.family for card in cards).items()),
        folders=_folders(cards),
        rules=sorted(Counter((card.one.code, card.one.name) for card in cards).items()),
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters["prose"] = _prose
    return environment.from_string(resources.files(__package__).joinpath("page.html.jinja").read_text(encoding="utf-8"))


def _prose(text: str) -> str:
    """A sentence as HTML: what stands between backquotes is code."""
    from markupsafe import Markup

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup.escape(text)
    return Markup().join(Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts))


def _card(one: Diagnostic, rules: Rules, lines: _LinesOf, root: str) -> Card:
    rule = rules.get(one.code)
    path = safe(one.region.path)
    return Card(
        one=one,
        path=path,
        message=safe(one.message),
        cure=safe(one.cure),
        family=rule.family if rule else "other",
        folder=path.rpartition("/")[0] or ".",
        why=documentation(rule).why if rule else "",
        fingerprint=fingerprint(one, root),
        frames=tuple(_frames(one, lines)),
    )


def _bars(cards: Sequence[Card]) -> list[Bar]:
    found = Counter((card.family, card.one.severity) for card in cards)
    totals = Counter(card.family for card in cards)
    widest = max(totals.values(), default=1)
    ordered = sorted(totals, key=lambda family: (-totals[family], family))
    return [
        Bar(
            family,
            totals[family],
            tuple((one.value, found[family, one], round(100 * found[family, one] / widest, 2)) for one in Severity if found[family, one]),
        )
        for family in ordered
    ]


def _folders(cards: Sequence[Card]) -> list[tuple[str, int]]:
    """Every folder in which, or below which, something is found, and how much; but none of which all is below one folder in it."""
    totals: Counter[str] = Counter()
    for card in cards:
        parts = card.folder.split("/")
        totals.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1) if parts[depth - 1])
    passed = {folder.rpartition("/")[0] for folder, number in totals.items() if totals[folder.rpartition("/")[0]] == number}
    return sorted((folder, number) for folder, number in totals.items() if folder not in passed)


def _hidden(report: Report) -> str:
    parts = [f"{len(report.suppressed)} suppressed"] if report.suppressed else []
    parts += [f"{len(report.accepted)} accepted in the baseline"] if report.accepted else []
    parts += [f"{plural(len(report.skips), 'file')} skipped"] if report.skips else []
    return " · ".join(parts)


# code ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _frames(one: Diagnostic, lines: _LinesOf) -> list[Frame]:
    near = [other for other in one.related if other.region.path == one.region.path and abs(other.region.line - one.region.line) <= _NEAR]
    marks = [(one.region, one.severity.value, ""), *((other.region, "note", other.message) for other in near)]
    frames = [Frame("", _rows(marks, lines(one.region.path)))]
    for other in one.related:
        if other not in near:
            region = other.region
            frames.append(Frame(f"{safe(region.path)}:{region.line}", _rows([(region, "note", other.message)], lines(region.path))))
    return [frame for frame in frames if frame.rows or frame.path]


def _rows(marks: Sequence[_Mark], lines: Sequence[str]) -> tuple[Row, ...]:
    marked = [mark for mark in marks if mark[0].line <= len(lines)]
    if not marked:
        return ()
    shown: set[int] = set()
    for region, _, _ in marked:
        shown.update(range(max(1, region.line - _BEFORE), min(len(lines), region.line + _BEHIND) + 1))
    first, last = min(region.line for region, _, _ in marked), max(region.line for region, _, _ in marked)
    shown = {number for number in shown if lines[number - 1].strip() or first < number < last}
    rows: list[Row] = []
    previous = 0
    for number in sorted(shown):
        on_line = [mark for mark in marked if mark[0].line == number]
        notes = tuple(safe(label) for _, _, label in on_line if label)
        rows.append(Row(number, _pieces(lines[number - 1], on_line), notes, gap=bool(previous) and number > previous + 1))
        previous = number
    return tuple(rows)


def _pieces(line: str, marks: Sequence[_Mark]) -> tuple[Piece, ...]:
    """The line in pieces, cut where marks begin and end; where one mark is inside of another it is seen."""
    spans: list[tuple[int, int, str]] = []
    for region, kind, _ in marks:
        start = min(region.column - 1, len(line))
        end = region.end_column - 1 if region.end_line == region.line else len(line.rstrip())
        spans.append((start, max(start, min(end, len(line))), kind))
    first, last = 0, len(line)
    if last > _LONGEST_LINE:
        first = max(0, min((start for start, _, _ in spans), default=0) - _HEAD_OF_LINE)
        last = min(last, first + _LONGEST_LINE)
    cuts = sorted({first, last, *(cut for start, end, _ in spans for cut in (start, end) if first < cut < last)})
    pieces = [Piece("…")] if first else []
    for start, end in pairwise(cuts):
        kind = min(((right - left, kind) for left, right, kind in spans if left <= start and end <= right), default=(0, ""))[1]
        pieces.append(Piece(_shown(line[start:end]), kind))
    return (*pieces, Piece("…")) if last < len(line) else tuple(pieces)


def _shown(text: str) -> str:
    return safe(text.replace("\t", "    ").replace("\f", " "))
