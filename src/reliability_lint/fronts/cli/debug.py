"""`reliability-lint debug`: what the linter knows, for people who model libraries and write rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ...diagnostics import Skip
    from ...engine.discover import Discovery
    from ...meanings.explain import Explained, Reason
    from ...mistake import Mistake
    from ...reports.ink import Ink

SCHEMA = "reliability-lint/meanings/1"


class _Subjects(click.Group):
    """What can be asked; a word that is none of these is told as an unknown command is."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from ...mistake import Mistake, did_you_mean

            hint = did_you_mean(args[0], self.commands) or f"there is {', '.join(self.commands)}"
            raise Mistake(f"unknown subject '{args[0]}'", quote=f"debug {args[0]}", column=len("debug ") + 1, width=len(args[0]), hint=hint)
        return super().resolve_command(ctx, args)


@click.group(cls=_Subjects, short_help="Show what is known of a file, and why.")
def debug() -> None:
    """Show what is known of code, and why, without any rule."""


@debug.command(short_help="Show what calls mean.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--at", type=click.IntRange(min=1), metavar="LINE", help="Only what stands on this line of one file, known or not.")
@click.option("--all", "everything", is_flag=True, help="Also calls that mean nothing or are not known, and why they are not.")
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--stdin-filename", metavar="PATH", help="What to take standard input ('-') for.")
@click.option("--config", type=click.Path(), metavar="FILE", help="Take the settings of this file for all files.")
@click.option("--isolated", is_flag=True, help="Read no settings files.")
def meanings(
    paths: tuple[str, ...],
    at: int | None,
    everything: bool,
    output_format: str,
    stdin_filename: str | None,
    config: str | None,
    isolated: bool,
) -> None:
    """
    Show which calls of Python files mean something, what they are called on, how long they wait at most, and where all that is told.

    Takes what 'check' takes: files, folders, '-' for standard input; the working directory if PATHS is left out. Exits with 0, or 2 after a mistake, which a
    file that cannot be read is too: the others are shown nevertheless.
    """
    from ...engine.settings import Lookup
    from . import CLEAN, MISTAKE
    from .check import find_files
    from .output import write_data, write_text

    if config and isolated:
        raise click.UsageError("--config and --isolated exclude each other")
    if stdin_filename is not None and "-" not in paths:
        raise click.UsageError("--stdin-filename needs '-' among the paths")
    overlay: dict[str, str] = {}
    found = find_files(paths or (os.curdir,), Lookup(config or "", isolated=isolated), overlay, stdin_filename)
    if at is not None:
        _check_line(at, found, overlay)
    places: list[Explained] = []
    mistakes: list[Mistake] = []
    for outcome in _explained(found, overlay):
        if isinstance(outcome, tuple):
            places += _wanted(outcome, at, everything=everything)
        else:
            mistakes.append(outcome)
    if output_format == "json":
        write_data(_json(places, found.skips, mistakes))
    else:
        from ...reports.ink import coloured, plain, wants_colour

        write_text(_text(places, at, coloured if wants_colour(sys.stdout) else plain, files=len(found.files)))
    for mistake in mistakes:
        click.echo(str(mistake), err=True)
    click.get_current_context().exit(MISTAKE if mistakes else CLEAN)


def _check_line(line: int, found: Discovery, overlay: dict[str, str]) -> None:
    """A line is one of one file, and there."""
    from ...engine.check import read
    from ...mistake import Mistake

    quote, column = f"--at {line}", len("--at ") + 1
    if len(found.files) != 1:
        said = f"{len(found.files)} files" if found.files else "no Python file"
        raise Mistake("--at needs exactly one file", quote=quote, column=column, width=len(str(line)), hint=f"the paths name {said}")
    (file,) = found.files
    text = overlay[file.path] if file.path in overlay else read(file.path, file.shown)
    if isinstance(text, str) and line > (lines := len(text.splitlines())):
        has = f"it has {lines} line{'' if lines == 1 else 's'}"
        raise Mistake(f"{file.shown} has no line {line}", quote=quote, column=column, width=len(str(line)), hint=has)


def _explained(found: Discovery, overlay: dict[str, str]) -> Iterator[tuple[Explained, ...] | Mistake]:
    from ...engine.insight import Insight
    from ...meanings.explain import explain
    from ...mistake import Mistake

    insight = Insight(found.files, overlay)
    for file in found.files:
        try:
            with insight.of(file) as prepared:
                yield explain(prepared.model.meanings, prepared.source)
        except Mistake as mistake:
            if len(found.files) == 1:
                raise
            yield mistake


def _wanted(places: Iterable[Explained], at: int | None, *, everything: bool) -> Iterator[Explained]:
    for one in places:
        if at is not None:
            if one.region.line <= at <= (one.region.end_line if one.kind == "call" else one.region.line):
                yield one
        elif everything or one.concepts:
            yield one


# -- for people


def _text(places: Sequence[Explained], at: int | None, ink: Ink, *, files: int) -> str:
    from ...reports import plural

    if not places:
        if not files:
            return "Nothing is known: there is no Python file.\n"
        return (
            f"Nothing is called on line {at}.\n"
            if at is not None
            else f"Nothing in {plural(files, 'file')} means anything to the models.\n"
        )
    return "\n".join(line for one in places for line in _block(one, ink)) + "\n"


def _block(one: Explained, ink: Ink) -> Iterator[str]:
    """A place: what it is on the first line, and what is known of it in columns below."""
    from ...reports.ink import safe

    place = ink("place", f"{safe(one.region.path)}:{one.region.line}:{one.region.column}")
    means = ", ".join(one.concepts) or ("means nothing" if one.name else "not known")
    yield f"{place}  {ink('name', safe(one.name or one.code))}  {means}"
    rows: list[tuple[str, str]] = []
    if one.name and one.kind == "call" and one.code != one.name:
        rows.append(("code", one.code))
    if one.receiver:
        rows.append(("on", one.receiver))
    if one.limit is not None:
        limit = one.limit
        seconds = f" ({limit.seconds:g} s)" if limit.seconds is not None else ""
        where = f", {_where(limit.at)}" if limit.at is not None else ""
        rows.append((limit.what, f"{_BOUNDS[limit.bound]}{seconds}: {limit.because}{where}"))
    width = max((len(_where(reason)) for reason in one.why), default=0)
    rows += [("why" if not index else "", f"{_where(reason):<{width}}  {reason.message}") for index, reason in enumerate(one.why)]
    if one.unknown:
        rows.append(("why not", one.unknown))
    label = max((len(head) for head, _ in rows), default=0)
    for head, told in rows:
        yield f"    {ink('quiet', f'{head:<{label}}')}  {safe(told)}".rstrip()


_BOUNDS = {"finite": "ends", "none": "never ends", "partial": "ends in part", "unknown": "unknown"}


def _where(reason: Reason) -> str:
    return f"{reason.path}:{reason.line}"


# -- for programs


def _json(places: Iterable[Explained], skips: Iterable[Skip], mistakes: Iterable[Mistake]) -> str:
    import msgspec

    from ... import __version__

    document = {
        "schema": SCHEMA,
        "tool": {"name": "reliability-lint", "version": __version__},
        "places": [_place(one) for one in places],
        "skipped": [{"path": skip.path, "reason": skip.reason} for skip in skips],
        "unreadable": [{"path": one.path, "line": one.line, "message": one.message} for one in mistakes],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _place(one: Explained) -> dict[str, Any]:
    limit = one.limit
    return {
        "kind": one.kind,
        "path": one.region.path,
        "line": one.region.line,
        "column": one.region.column,
        "end_line": one.region.end_line,
        "end_column": one.region.end_column,
        "code": one.code,
        "name": one.name,
        "receiver": one.receiver,
        "concepts": list(one.concepts),
        "limit": None
        if limit is None
        else {
            "what": limit.what,
            "bound": limit.bound,
            "seconds": limit.seconds,
            "because": limit.because,
            "at": None if limit.at is None else {"path": limit.at.path, "line": limit.at.line},
        },
        "why": [{"message": reason.message, "path": reason.path, "line": reason.line} for reason in one.why],
        "unknown": one.unknown,
    }
