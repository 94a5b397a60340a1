"""`reliability-lint baseline`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from .running import How, run_options

if TYPE_CHECKING:
    from ...diagnostics import Diagnostic
    from ...engine.baseline import Baseline, Entry, Matching
    from ...engine.discover import Discovery
    from .running import Ran

_FILE = click.option("--baseline", "file", type=click.Path(), metavar="FILE", help="The file of the baseline.")
_REASON = "Why this is accepted; written into each entry."


@click.group(short_help="Accept what is found today, so that only what is new is told.")
def baseline() -> None:
    """
    Accept what is found today, so that only what is new is told.

    The file is committed. `check` finds it, and leaves out what it has. Nothing is ever added to it but by `create` and `accept`.
    """


@baseline.command(short_help="Accept all that is found.")
@click.argument("paths", nargs=-1, type=click.Path())
@_FILE
@click.option("--reason", metavar="TEXT", default="", help=_REASON)
@click.option("--force", is_flag=True, help="Begin anew if there is one.")
@run_options
def create(paths: tuple[str, ...], file: str | None, reason: str, force: bool, how: How) -> None:
    """Accept all that is found in PATHS, or below the working directory."""
    from ...engine.baseline import Baseline, Places, entry_of, read, refuse_read_only
    from ...engine.settings import Lookup
    from ...mistake import Mistake
    from ...reports import plural
    from ...text.paths import shown_path

    asked = list(paths) or [os.curdir]
    real = os.path.realpath(asked[0])
    lookup = Lookup(how.config or "", isolated=how.isolated)
    folder = real if os.path.isdir(real) else os.path.dirname(real)  # noqa: PTH112, PTH120
    place = Places(file or "").to_create(real, lookup.of_folder(folder))
    if os.path.lexists(place) and not force:
        number = len(read(place).entries)
        raise Mistake(
            f"there is a baseline with {_entries(number)} already",
            path=shown_path(place),
            hint="`baseline accept` adds to it, `baseline prune` takes away, --force begins anew",
        )
    refuse_read_only(place)
    one = _ran(asked, how)
    made = Baseline(os.path.realpath(place))
    paths_of = {found.shown: made.below(found.path) for found in one.found.files}
    accepted = [entry_of(found, paths_of[found.region.path], reason=reason) for found in one.report.diagnostics if found.code != "REL000"]
    _write(made, accepted, _selectors(one.found))
    severities = Counter(found.severity.value for found in one.report.diagnostics if found.code != "REL000")
    told = f" ({' · '.join(plural(number, severity) for severity, number in sorted(severities.items()))})" if severities else ""
    _say(f"{shown_path(made.path)}: {_findings(len(accepted))} accepted{told}.\nWhat is new is reported from now on. Commit the file.")


@baseline.command(short_help="Say how much is accepted, and what of it is gone.")
@click.argument("paths", nargs=-1, type=click.Path())
@_FILE
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@run_options
def status(paths: tuple[str, ...], file: str | None, output_format: str, how: How) -> None:
    """Say how much is accepted, what of it is gone, and what is new in PATHS, or below the working directory. Writes nothing."""
    from .output import write_data, write_text

    said = _said(list(paths) or [os.curdir], file, how)
    if output_format == "json":
        import msgspec

        document = {
            "schema": "reliability-lint/baseline-status/1",
            "baselines": [_status(one, matched) for one, matched in said.values()],
        }
        write_data(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
        return
    for one, matched in said.values():
        write_text(_told(one, matched))


@baseline.command(short_help="Take out what is gone.")
@click.argument("paths", nargs=-1, type=click.Path())
@_FILE
@run_options
def prune(paths: tuple[str, ...], file: str | None, how: How) -> None:
    """
    Take out the entries of which nothing is found any more, and those whose last day has passed.

    Entries whose code has moved or changed are brought up to date. Entries of files that are not in PATHS, and of rules that are not run, stay as they are.
    """
    from ...engine.baseline import refuse_read_only
    from ...text.paths import shown_path

    for one, matched in _said(list(paths) or [os.curdir], file, how).values():
        kept = _kept(one, matched)
        removed = len(one.entries) - len(kept)
        if sorted(entry.order for entry in kept) != sorted(entry.order for entry in one.entries):
            refuse_read_only(one.path)
            _write(one, kept, one.selectors)
        _say(f"{shown_path(one.path)}: {_entries(removed)} removed, {len(kept)} left.")


@baseline.command(short_help="Accept single findings, with a reason.")
@click.argument("findings", nargs=-1, required=True, metavar="FINDING...")
@_FILE
@click.option("--reason", metavar="TEXT", required=True, help=_REASON)
@click.option("--until", metavar="DATE", help="The last day on which they are accepted, as 2027-01-31.")
@run_options
def accept(findings: tuple[str, ...], file: str | None, reason: str, until: str | None, how: How) -> None:
    """
    Accept single findings.

    FINDING is a place as reports show it (`src/shop/pay.py:48`, or with a column or the code of a rule: `src/shop/pay.py:48:16`, `src/shop/pay.py:48:REL101`), or
    the beginning of a fingerprint, as the report has it.
    """
    from ...engine.baseline import entry_of, refuse_read_only
    from ...mistake import Mistake
    from ...text.paths import shown_path

    _check_words(reason, until)
    here = os.path.realpath(os.curdir).rstrip(os.sep) + os.sep
    elsewhere = {path for name in findings if (path := _place(name)[0]) and not os.path.realpath(path).startswith(here)}
    asked = [os.curdir, *sorted(elsewhere)]
    one = _ran(asked, how)
    chosen = {id(found): found for name in findings for found in _named(name, one)}
    said = _matched(one, asked, file, how, new=True)
    added = 0
    for made, matched in said.values():
        mine = [found for found in matched.new if id(found) in chosen]
        if not mine:
            continue
        paths_of = {found.shown: made.below(found.path) for found in one.found.files}
        refuse_read_only(made.path)
        entries = [entry_of(found, paths_of[found.region.path], reason=reason, until=until or "") for found in mine]
        _write(made, (*made.entries, *entries), made.selectors or _selectors(one.found))
        added += len(entries)
        _say(f"{shown_path(made.path)}: {_findings(len(entries))} accepted, {len(made.entries) + len(entries)} in all.")
    if not added:
        raise Mistake("all of these are accepted already", hint="`baseline status` tells what is new")


# -- what they share


def _ran(asked: Sequence[str], how: How) -> Ran:
    from .running import ran

    return ran(asked, how)


def _said(asked: Sequence[str], file: str | None, how: How) -> dict[str, tuple[Baseline, Matching]]:
    return _matched(_ran(asked, how), asked, file, how, new=False)


def _matched(one: Ran, asked: Sequence[str], file: str | None, how: How, *, new: bool) -> dict[str, tuple[Baseline, Matching]]:
    """What each baseline says of a run. `new`: where there is none, an empty one."""
    from ...engine.baseline import FILE, Baseline, Places, matchings
    from ...engine.settings import Lookup
    from ...mistake import Mistake
    from ...text.paths import shown_path

    lookup = Lookup(how.config or "", isolated=how.isolated)
    places = Places(file or "")
    real = os.path.realpath(asked[0])
    if new and file and not os.path.exists(file):  # noqa: PTH110
        places = Places()
    said = matchings(one.found.files, one.report, lookup, asked, places)
    without = said.pop("", None)
    if new and without is not None and without[1].new:
        folder = real if os.path.isdir(real) else os.path.dirname(real)  # noqa: PTH112, PTH120
        place = os.path.realpath(Places(file or "").to_create(real, lookup.of_folder(folder)))
        said[place] = Baseline(place), without[1]
    if not said and not new:
        raise Mistake(
            f"there is no baseline ({FILE}) here or above", path=shown_path(real), hint="make one: reliability-lint baseline create"
        )
    return said


def _named(name: str, one: Ran) -> list[Diagnostic]:
    """The findings that a place or the beginning of a fingerprint means."""
    from ...mistake import Mistake
    from ...reports.paths import fingerprint
    from .reporting import repository

    every = one.report.diagnostics
    path, line, rest = _place(name)
    if path:
        real = os.path.realpath(path)
        shown = {found.shown for found in one.found.files if found.path == real}
        here = [found for found in every if found.region.path in shown and found.region.line == line]
        if rest.isdecimal():
            here = [found for found in here if found.region.column == int(rest)]
        elif rest:
            here = [found for found in here if rest in (found.code, found.name)]
        if not here:
            raise Mistake(f"nothing is found at '{name}'", hint="take the place from the report of `reliability-lint check`")
        return here
    wanted = name.removeprefix("f:").lower()
    if len(wanted) < 4 or any(character not in "0123456789abcdef" for character in wanted):
        raise Mistake(f"'{name}' is neither a place nor a fingerprint", hint="write path:line as reports show it")
    top = repository()
    marked = {id(found): fingerprint(found, top) for found in every}
    meant = [found for found in every if marked[id(found)].startswith(wanted)]
    if not meant:
        raise Mistake(
            f"no finding has the fingerprint '{name}'",
            hint="the full report shows them at its `more` lines, the JSON report as `fingerprint`",
        )
    if len(meant) > 1:
        raise Mistake(f"{len(meant)} findings have fingerprints that begin with '{name}'", hint="write more of it")
    return meant


def _place(name: str) -> tuple[str, int, str]:
    """Path, line, and what follows them; an empty path where this is no place."""
    head, _, last = name.rpartition(":")
    path, _, line = head.rpartition(":")
    if path and line.isdecimal():
        return path, int(line), last
    return (head, int(last), "") if head and last.isdecimal() else ("", 0, "")


def _check_words(reason: str, until: str | None) -> None:
    from ...engine.days import is_date, today
    from ...engine.suppress import is_reason
    from ...mistake import Mistake

    if not is_reason(reason):
        raise Mistake(f"--reason '{reason}' is no reason", hint="say why it is right as it stands, or until when it can wait")
    if until is not None and not is_date(until):
        raise Mistake(f"--until '{until}' is no day", hint="write it as 2027-01-31")
    if until is not None and until < today():
        raise Mistake(f"--until {until} has passed", hint="nothing would be accepted")


def _kept(one: Baseline, matched: Matching) -> list[Entry]:
    """The entries that stay, with where their findings are now."""
    import msgspec

    now = {number: found for found, number in matched.old}
    gone = set(matched.gone)
    kept = []
    for number, entry in enumerate(one.entries):
        if number in gone or entry.has_ended:
            continue
        if number in now:
            found = now[number]
            path = one.below(os.path.realpath(found.region.path))
            entry = msgspec.structs.replace(entry, path=path, scope=found.anchor.scope, hash=found.anchor.gist, name=found.name)
        kept.append(entry)
    return kept


def _write(one: Baseline, entries: Iterable[Entry], selectors: Sequence[str]) -> None:
    from ...engine.baseline import text_of
    from .output import write_file

    write_file(one.path, text_of(entries, selectors))


def _selectors(found: Discovery) -> tuple[str, ...]:
    """With which selection of rules a baseline is made: readers may want to know."""
    chosen: dict[str, None] = {}
    for settings in {id(file.settings): file.settings for file in found.files}.values():
        for name in (*(settings.select or (settings.preset,)), *settings.extend_select):
            chosen[name] = None
    return tuple(chosen)


def _told(one: Baseline, matched: Matching) -> str:
    from ...reports.ink import safe
    from ...text.paths import shown_path

    ended = sum(entry.has_ended for entry in one.entries)
    parts = [f"{len(one.entries)} accepted", f"{len(matched.gone)} gone"]
    parts += [f"{ended} ended"] if ended else []
    parts += [f"{len(one.entries) - len(matched.gone) - ended} left", f"{len(matched.new)} new"]
    since = min((entry.since for entry in one.entries if entry.since), default="")
    parts += [f"the oldest of {since}"] if since else []
    lines = [f"{safe(shown_path(one.path))}: {' · '.join(parts)}"]
    rules = Counter((entry.rule, entry.name) for entry in one.entries)
    width = max((len(str(number)) for number in rules.values()), default=1)
    lines += [
        f"{number:>{width}}  {code}  {safe(name)}" for (code, name), number in sorted(rules.items(), key=lambda item: (-item[1], item[0]))
    ]
    if matched.gone or ended:
        lines.append("take out what is gone: reliability-lint baseline prune")
    return "\n".join(lines) + "\n"


def _status(one: Baseline, matched: Matching) -> dict[str, object]:
    from ...text.paths import shown_path

    gone = {*matched.gone, *(number for number, entry in enumerate(one.entries) if entry.has_ended)}
    return {
        "path": shown_path(one.path),
        "accepted": len(one.entries),
        "gone": len(matched.gone),
        "ended": sum(entry.has_ended for entry in one.entries),
        "left": len(one.entries) - len(gone),
        "new": len(matched.new),
        "oldest": min((entry.since for entry in one.entries if entry.since), default=None),
    }


def _findings(number: int) -> str:
    from ...reports import plural

    return plural(number, "finding")


def _entries(number: int) -> str:
    from ...reports import plural

    return plural(number, "entry", "entries")


def _say(line: str) -> None:
    from .fixing import say

    for one in line.splitlines():
        say(one)
